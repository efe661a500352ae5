#include "ops/group/group.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "expr/fields.hpp"
#include "expr/labelled_operator.hpp"
#include "kernels/copy.hpp"
#include "ops/folded_axes.hpp"
#include "ops/pieces.hpp"
#include "ops/reduce/reduce_table.hpp"
#include "ops/value_origins.hpp"
#include "varve/core/walks.hpp"

namespace varve::ops {
namespace {

using Kind = GroupFunction::Kind;

// The accumulators of a tile, all groups, should take about this much.
constexpr std::int64_t kStateBytes = 16 << 20;
// What workers take at a time: columns whose accumulators stay in cache where groups come in runs.
constexpr std::int64_t kColumns = 2048;

/// Streams the rows of a box of kept elements through accumulators that stay.
class GroupReduce final : public expr::Described<GroupReduce>, public expr::LabelledOperator {
 public:
  static constexpr std::string_view kKind = "groupby_reduce";
  static constexpr expr::Reading kReading{.again = true};
  static void fields(auto& op, auto& visit) {
    visit("dtype", op.dtype_, "grid", op.grid_, "groups", op.groups_, "axis", op.axis_, "spans", op.spans_,
          "kind", op.function_.kind, "op", op.function_.op, "correction", op.function_.correction);
  }

  GroupReduce() = default;
  GroupReduce(const expr::NodePtr& input, std::shared_ptr<const Groups> groups, const RowAxes& rows,
              const GroupFunction& function)
      : dtype_(input->dtype),
        grid_(input->grid),
        groups_(std::move(groups)),
        axis_(rows.first),
        spans_(rows.count),
        function_(function) {
    prepare();
  }
  void prepare() {
    const bool lies = axis_ >= 0 && spans_ >= 1 && spans_ <= grid_.ndim() && axis_ <= grid_.ndim() - spans_;
    expr::require_parameter(lies, "rows lie along axes");
    std::int64_t rows = 1;
    for (std::int64_t axis = axis_; axis < axis_ + spans_; ++axis) rows *= grid_.shape()[axis];
    expr::require_parameter(rows == std::ssize(groups_->of_rows), "each row has the number of a group");
    const bool exists =
        function_.kind <= Kind::last && function_.op < kernels::ReduceOp(kernels::kReduceOpCount);
    kernel_ = exists && function_.kind == Kind::reduce ? kernels::find_reduce(function_.op, dtype_) : nullptr;
    expr::require_parameter(exists && (kernel_ != nullptr || function_.kind != Kind::reduce),
                            "there is no such reduction of this dtype");
  }

  [[nodiscard]] expr::ValueOrigin value_origin(int) const override {
    if (function_.kind == Kind::count) return expr::ValueOrigin::other;
    return function_.kind == Kind::reduce ? origin_of(function_.op) : expr::ValueOrigin::elements;
  }
  [[nodiscard]] expr::AxisOrigin axis_origin(int, std::int64_t axis) const override {
    if (axis == axis_) return {};
    return {axis < axis_ ? axis : axis + spans_ - 1, true};
  }
  [[nodiscard]] std::vector<Box> demand(int, const Box& box) const override {
    return {at_rows(first_row_above(box), Box(row_shape()))};
  }
  [[nodiscard]] expr::Workspace workspace(const Shape& box, int workers) const override {
    return Memory(*this, box, workers);
  }

  /// Returns the bytes of the accumulators of so many groups of kept elements.
  [[nodiscard]] std::int64_t state_bytes(std::int64_t kept, std::int64_t groups) const {
    return States(*this, saturating_multiply(kept, groups)).bytes();
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    Tile tile = tile_of(box, context);
    for_each_column(tile, [&](const Box& column, const Planes& states) {
      if (kernel_ != nullptr) kernel_->init(states.at, element_count(column.shape()) * tile.groups());
    });
    for_each_piece(row_grid(tile.pieces), Box(row_shape()), [&](const Box& rows) {
      number_rows(tile, rows);
      if (tile.earlier != nullptr) count_rows(tile, element_count(rows.shape()));
      for_each_column(tile, [&](const Box& column, const Planes& states) {
        take_rows(tile, at_rows(column, rows), states, context);
      });
    });
    for_each_column(tile,
                    [&](const Box& column, const Planes& states) { finish(tile, column, states, out); });
  }

 private:
  // The accumulators of one column: plane by plane, in a plane group by group.
  struct States : expr::Workspace {
    States(const GroupReduce& op, std::int64_t states) {
      for (int plane = 0; plane < op.planes(); ++plane)
        at[plane] = add<std::byte>(saturating_multiply(states, op.plane_bytes(plane)));
    }
    expr::Region<std::byte> at[kernels::kMaxPlanes];
  };

  struct Memory : expr::Workspace {
    Memory(const GroupReduce& op, const Shape& box, int workers) : pieces(op.pieces_for(workers)) {
      std::int64_t rows = 1;     // of a piece
      std::int64_t kept = 1;     // of a piece
      std::int64_t columns = 1;  // of pieces that a box of these extents touches at most
      for (std::int64_t axis = 0; axis < pieces.ndim(); ++axis) {
        const std::int64_t chunk = pieces.chunks()[axis];
        if (op.is_row_axis(axis)) {
          rows *= std::min(chunk, op.grid_.shape()[axis]);
          continue;
        }
        const std::int64_t extent = box[axis < op.axis_ ? axis : axis - op.spans_ + 1];
        kept = saturating_multiply(kept, std::min(chunk, extent));
        columns = saturating_multiply(columns, std::min((extent - 1) / chunk + 2, extent));
      }
      const std::int64_t all_kept = saturating_count(without_axis(box, op.axis_));
      finished = add<std::byte>(saturating_multiply(kept, 16));
      counts = add<std::int64_t>(box[op.axis_]);
      if (all_kept > 1) earlier = add<std::int64_t>(rows);
      if (op.spans_ > 1) listed = add<std::int32_t>(rows);
      Workspace of_columns = States(op, saturating_multiply(all_kept, box[op.axis_]));
      // The planes of each column begin on lines of their own.
      static_cast<void>(of_columns.add<std::byte>(saturating_multiply(op.planes() * 64, columns)));
      states = add<std::byte>(of_columns.bytes());
      piece = add(op.dtype_, saturating_multiply(kept, rows));
    }
    ChunkGrid pieces;
    expr::Region<std::byte> finished;    ///< results of one group of a column
    expr::Region<std::int64_t> counts;   ///< rows that passed by, of each group
    expr::Region<std::int64_t> earlier;  ///< of each row of a piece: rows of its group before it
    expr::Region<std::int32_t> listed;   ///< groups of the rows of a piece that do not lie side by side
    expr::Region<std::byte> states;      ///< column by column
    expr::Elements piece;
  };

  /// A box of the result while its rows pass by.
  struct Tile {
    Box box;
    std::int64_t axis;
    ChunkGrid pieces;
    std::byte* finished;
    std::int64_t* counts;
    std::int64_t* earlier;  ///< null for one kept element
    std::int32_t* listed;
    expr::WorkMemory states;
    std::byte* piece;
    const std::int32_t* numbers = nullptr;  ///< groups of the rows of the piece at hand

    [[nodiscard]] std::int64_t groups() const { return box.extent(axis); }
    [[nodiscard]] bool wants(std::int64_t group) const {
      return group >= box.lo[axis] && group < box.hi[axis];
    }
  };
  struct Planes {
    void* at[kernels::kMaxPlanes];
  };

  [[nodiscard]] Tile tile_of(const Box& box, expr::OperatorContext& context) const {
    const expr::WorkMemory room = context.memory();
    const Memory memory(*this, box.shape(), context.workers());
    const std::span<std::int64_t> counts = memory.counts.in(room);
    std::fill(counts.begin(), counts.end(), 0);
    const bool is_one = element_count(without_axis(box.shape(), axis_)) == 1;
    return {box,
            axis_,
            memory.pieces,
            memory.finished.in(room).data(),
            counts.data(),
            is_one ? nullptr : memory.earlier.in(room).data(),
            spans_ == 1 ? nullptr : memory.listed.in(room).data(),
            expr::WorkMemory(memory.states.in(room)),
            memory.piece.in(room)};
  }

  // Calls visit(box of kept elements, their accumulators) for the part of a tile in each column of pieces.
  template <class Visit>
  void for_each_column(const Tile& tile, const Visit& visit) const {
    expr::Workspace columns;
    for_each_piece(tile.pieces, first_row_above(tile.box), [&](const Box& column) {
      const States states(*this, element_count(column.shape()) * tile.groups());
      const expr::WorkMemory memory(columns.add<std::byte>(states.bytes()).in(tile.states));
      Planes planes_here{};
      for (int plane = 0; plane < planes(); ++plane)
        planes_here.at[plane] = states.at[plane].in(memory).data();
      visit(column, planes_here);
    });
  }

  [[nodiscard]] int planes() const { return kernel_ != nullptr ? kernel_->plane_count : 1; }
  [[nodiscard]] std::int64_t plane_bytes(int plane) const {
    return kernel_ != nullptr ? kernel_->plane_bytes[plane] : size_bytes(dtype_);
  }
  // The accumulators from one of a column on.
  [[nodiscard]] Planes from(Planes states, std::int64_t first) const {
    for (int plane = 0; plane < planes(); ++plane)
      states.at[plane] = static_cast<std::byte*>(states.at[plane]) + first * plane_bytes(plane);
    return states;
  }

  // Finds the groups of the rows of a piece, in C order.
  void number_rows(Tile& tile, const Box& rows) const {
    const Shape shape = rows.shape();
    const Shape all = row_shape();
    const std::int64_t run = shape.back();
    Index outer(spans_ - 1, 0);
    const Shape outer_shape = without_axis(shape, spans_ - 1);
    std::int32_t* next = tile.listed;
    do {
      std::int64_t first = 0;
      for (std::int64_t axis = 0; axis < spans_; ++axis)
        first = first * all[axis] + rows.lo[axis] + (axis + 1 < spans_ ? outer[axis] : 0);
      const std::int32_t* numbers = groups_->of_rows.data() + first;
      tile.numbers = spans_ == 1 ? numbers : tile.listed;
      if (spans_ > 1) next = std::copy_n(numbers, run, next);
    } while (next_index(outer, outer_shape));
  }

  void count_rows(const Tile& tile, std::int64_t rows) const {
    for (std::int64_t row = 0; row < rows; ++row) {
      const std::int64_t group = tile.numbers[row];
      if (tile.wants(group)) tile.earlier[row] = tile.counts[group - tile.box.lo[axis_]]++;
    }
  }

  // Reads the rows of a column of kept elements, and takes those of the wanted groups.
  void take_rows(const Tile& tile, const Box& part, const Planes& states,
                 expr::OperatorContext& context) const {
    context.read(0, part, FoldedAxes(part.shape(), kept_axes()).rows(tile.piece, dtype_, part));
    const std::int64_t rows = element_count(rows_of(part).shape());
    const std::int64_t kept = element_count(part.shape()) / rows;
    context.for_each(divide_up(kept, kColumns), [&](std::int64_t number, int) {
      const std::int64_t first = number * kColumns;
      const std::int64_t n = std::min(kColumns, kept - first);
      for (std::int64_t row = 0; row < rows;) {
        const std::int64_t run = tile.earlier != nullptr ? rows_together(tile, row, rows) : 1;
        if (tile.wants(tile.numbers[row])) {
          const std::int64_t group = tile.numbers[row] - tile.box.lo[axis_];
          const Planes here = from(states, group * kept + first);
          const std::int64_t earlier = tile.earlier != nullptr ? tile.earlier[row] : tile.counts[group]++;
          const std::byte* values = tile.piece + (row * kept + first) * size_bytes(dtype_);
          if (run > 1) {
            kernel_->accumulate_rows(here.at, values, kept * size_bytes(dtype_), run, n);
          } else {
            take(here, values, n, earlier);
          }
        }
        row += run;
      }
    });
  }

  // Rows of one group that follow each other, where they can be taken at once: their accumulators are then
  // loaded and stored less often. The additions and their order are the same.
  [[nodiscard]] std::int64_t rows_together(const Tile& tile, std::int64_t row, std::int64_t stop) const {
    if (kernel_ == nullptr || kernel_->accumulate_rows == nullptr) return 1;
    std::int64_t end = row + 1;
    while (end < stop && tile.numbers[end] == tile.numbers[row]) ++end;
    return end - row;
  }

  void take(const Planes& here, const std::byte* values, std::int64_t n, std::int64_t earlier) const {
    if (kernel_ != nullptr) {
      kernel_->accumulate_across(here.at, values, n, earlier, 0);
    } else if (function_.kind == Kind::last || (function_.kind == Kind::first && earlier == 0)) {
      std::memcpy(here.at[0], values, static_cast<std::size_t>(n * size_bytes(dtype_)));
    }
  }

  void finish(const Tile& tile, const Box& column, const Planes& states, const StridedView& out) const {
    const std::int64_t kept = element_count(column.shape());
    for (std::int64_t group = 0; group < tile.groups(); ++group) {
      const Box target = in_result(column, tile.box.lo[axis_] + group);
      const Planes here = from(states, group * kept);
      const std::int64_t size = groups_->sizes[static_cast<std::size_t>(target.lo[axis_])];
      if (size == 0 && needs_rows()) {
        fill_with_nan(tile.finished, out.dtype, kept);
      } else if (kernel_ != nullptr) {
        kernel_->finish(here.at, tile.finished, kept, size, function_.correction);
      } else if (function_.kind == Kind::count) {
        std::fill_n(reinterpret_cast<std::int64_t*>(tile.finished), kept, size);
      } else {
        std::memcpy(tile.finished, here.at[0], static_cast<std::size_t>(kept * size_bytes(dtype_)));
      }
      kernels::copy({tile.finished, out.dtype, target.shape()}, out.sub(relative_to(target, tile.box.lo)));
    }
  }

  // Whether nothing has no result: the least of nothing, or the first.
  [[nodiscard]] bool needs_rows() const {
    return function_.kind == Kind::first || function_.kind == Kind::last ||
           (kernel_ != nullptr && reduce_row(function_.op).needs_elements);
  }
  static void fill_with_nan(std::byte* out, DType dtype, std::int64_t n) {
    const Scalar nan(std::numeric_limits<double>::quiet_NaN());
    for (std::int64_t i = 0; i < n; ++i) nan.store(dtype, out + i * size_bytes(dtype));
  }

  [[nodiscard]] bool is_row_axis(std::int64_t axis) const { return axis >= axis_ && axis < axis_ + spans_; }
  [[nodiscard]] Shape row_shape() const { return rows_of(Box(grid_.shape())).shape(); }
  // The part of a box of the input along the axes of rows.
  [[nodiscard]] Box rows_of(const Box& box) const {
    Box rows;
    for (std::int64_t axis = axis_; axis < axis_ + spans_; ++axis) {
      rows.lo.push_back(box.lo[axis]);
      rows.hi.push_back(box.hi[axis]);
    }
    return rows;
  }
  [[nodiscard]] Box at_rows(Box box, const Box& rows) const {
    for (std::int64_t axis = 0; axis < spans_; ++axis) {
      box.lo[axis_ + axis] = rows.lo[axis];
      box.hi[axis_ + axis] = rows.hi[axis];
    }
    return box;
  }
  // The box of the input above a box of the result, at its first row.
  [[nodiscard]] Box first_row_above(Box box) const {
    box = between(box, axis_, 0, 1);
    for (std::int64_t axis = 1; axis < spans_; ++axis) box = with_axis(box, axis_, 0, 1);
    return box;
  }
  // Where the result of a group of a column lies.
  [[nodiscard]] Box in_result(Box column, std::int64_t group) const {
    for (std::int64_t axis = 1; axis < spans_; ++axis) column = without_axis(column, axis_);
    return between(column, axis_, group, group + 1);
  }
  [[nodiscard]] ChunkGrid row_grid(const ChunkGrid& pieces) const {
    const Box chunks = rows_of({Index(pieces.offset()), Index(pieces.chunks())});
    return {row_shape(), Shape(chunks.hi), chunks.lo};
  }

  // Rows along one axis are taken in order, however they are cut. Along several they are taken piece by
  // piece, so along these pieces are those of one worker.
  [[nodiscard]] ChunkGrid pieces_for(int workers) const {
    const std::int64_t element = size_bytes(dtype_);
    const ChunkGrid pieces = pieces_of(grid_, element, workers);
    if (spans_ == 1) return pieces;
    const ChunkGrid fixed = pieces_of(grid_, element, 1);
    Shape chunks = pieces.chunks();
    Index offset = pieces.offset();
    for (std::int64_t axis = axis_; axis < axis_ + spans_; ++axis) {
      chunks[axis] = fixed.chunks()[axis];
      offset[axis] = fixed.offset()[axis];
    }
    return {grid_.shape(), chunks, offset};
  }

  [[nodiscard]] std::vector<std::int64_t> kept_axes() const {
    std::vector<std::int64_t> axes;
    for (std::int64_t axis = 0; axis < grid_.ndim(); ++axis) {
      if (!is_row_axis(axis)) axes.push_back(axis);
    }
    return axes;
  }

  DType dtype_ = DType::float64;
  ChunkGrid grid_;
  std::shared_ptr<const Groups> groups_;
  std::int64_t axis_ = 0;   ///< of the groups in the result, and the first of the rows in the input
  std::int64_t spans_ = 1;  ///< axes of rows
  GroupFunction function_;
  const kernels::ReduceKernel* kernel_ = nullptr;  ///< null for count, first and last
};

}  // namespace

extern const expr::OperatorRow group_reduce_row = GroupReduce::row();

void Groups::prepare() {
  of_rows = held.as<std::int32_t>();
  expr::require_parameter(count >= 0 && count <= INT32_MAX, "groups have numbers of 31 bits");
  sizes.assign(static_cast<std::size_t>(count), 0);
  for (const std::int32_t number : of_rows) {
    expr::require_parameter(number < count, "rows belong to the groups that there are");
    if (number >= 0) ++sizes[static_cast<std::size_t>(number)];
  }
}

std::optional<DType> group_dtype(const GroupFunction& function, DType input) {
  if (function.kind == Kind::count) return DType::int64;
  if (function.kind != Kind::reduce) return input;
  const kernels::ReduceKernel* kernel = kernels::find_reduce(function.op, input);
  return kernel != nullptr ? std::optional(kernel->output_dtype) : std::nullopt;
}

expr::NodePtr group_reduce(const expr::NodePtr& input, std::shared_ptr<const Groups> groups,
                           const RowAxes& rows, const GroupFunction& function) {
  const std::int64_t axis = rows.first;
  const auto op = std::make_shared<GroupReduce>(input, groups, rows, function);
  Shape shape = input->shape;
  Shape chunks = input->grid.chunks();
  Index offset = input->grid.offset();
  for (std::int64_t joined = 1; joined < rows.count; ++joined) {
    shape.erase(axis);
    chunks.erase(axis);
    offset.erase(axis);
  }
  shape[axis] = static_cast<std::int64_t>(groups->sizes.size());
  chunks[axis] = std::max<std::int64_t>(shape[axis], 1);
  offset[axis] = 0;
  const auto bytes = [&] {
    return op->state_bytes(saturating_count(without_axis(chunks, axis)), chunks[axis]);
  };
  for (std::int64_t other = 0; other < shape.size(); ++other) {
    while (other != axis && bytes() > kStateBytes && chunks[other] > 1) {
      chunks[other] = (chunks[other] + 1) / 2;
      offset[other] %= chunks[other];
    }
  }
  return expr::make_operation({shape, chunks, offset}, *group_dtype(function, input->dtype), {input}, op);
}

}  // namespace varve::ops

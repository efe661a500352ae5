#include "ops/group.hpp"

#include <algorithm>
#include <cstring>

#include "kernels/copy.hpp"
#include "ops/folded_axes.hpp"
#include "ops/panels.hpp"
#include "ops/pieces.hpp"

namespace varve::ops {
namespace {

using Kind = GroupFunction::Kind;

// The accumulators of a tile, all groups, should take about this much.
constexpr std::int64_t kStateBytes = 16 << 20;
// What workers take at a time: columns whose accumulators stay in cache where groups come in runs.
constexpr std::int64_t kColumns = 2048;

/// Streams the rows of a box of kept elements through accumulators that stay.
class GroupReduce final : public expr::BoxOperator {
 public:
  GroupReduce(const expr::NodePtr& input, std::shared_ptr<const Groups> groups, std::int64_t axis,
              const GroupFunction& function)
      : dtype_(input->dtype),
        grid_(input->grid),
        groups_(std::move(groups)),
        axis_(axis),
        function_(function),
        kernel_(function.kind == Kind::reduce ? kernels::find_reduce(function.op, dtype_) : nullptr) {}

  [[nodiscard]] std::string_view name() const noexcept override { return "groupby_reduce"; }
  [[nodiscard]] std::uint64_t hash() const noexcept override {
    std::uint64_t seed =
        expr::mix_hash(static_cast<std::uint64_t>(axis_), static_cast<std::uint64_t>(function_.kind));
    seed = expr::mix_hash(seed, static_cast<std::uint64_t>(function_.op));
    std::uint64_t correction = 0;
    std::memcpy(&correction, &function_.correction, sizeof correction);
    seed = expr::mix_hash(seed, correction);
    for (const std::int32_t group : groups_->group)
      seed = expr::mix_hash(seed, static_cast<std::uint64_t>(group));
    return seed;
  }
  [[nodiscard]] bool rereads_inputs() const noexcept override { return true; }
  [[nodiscard]] std::vector<Box> demand(int, const Box& box) const override {
    Box needed = box;
    needed.lo[axis_] = 0;
    needed.hi[axis_] = rows();
    return {needed};
  }
  [[nodiscard]] std::int64_t workspace_bytes(const Shape& box, int workers) const override {
    const Shape pieces = pieces_of(grid_, size_bytes(dtype_), workers).chunks();
    Shape piece = pieces;
    std::int64_t columns = 1;
    for (std::int64_t axis = 0; axis < box.size(); ++axis) {
      if (axis == axis_) continue;
      piece[axis] = std::min(piece[axis], box[axis]);
      columns = saturating_multiply(columns, std::min((box[axis] - 1) / pieces[axis] + 2, box[axis]));
    }
    piece[axis_] = std::min(piece[axis_], rows());
    const std::int64_t kept = saturating_count(without_axis(box, axis_));
    const std::int64_t states = saturating_multiply(state_bytes(kept) + state_bytes(8) * columns, box[axis_]);
    return std::min(states, INT64_MAX / 2) + finished_bytes(saturating_count(without_axis(piece, axis_))) +
           saturating_multiply(saturating_count(piece), size_bytes(dtype_));
  }

  /// Returns the bytes of the accumulators of one group.
  [[nodiscard]] std::int64_t state_bytes(std::int64_t kept) const {
    std::int64_t bytes = 0;
    for (int plane = 0; plane < planes(); ++plane)
      bytes += saturating_multiply(padded(kept), plane_bytes(plane));
    return bytes;
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    const ChunkGrid pieces = pieces_of(grid_, size_bytes(dtype_), context.workers());
    const std::int64_t groups = box.extent(axis_);
    Box one = box;
    one.lo[axis_] = 0;
    one.hi[axis_] = 1;
    std::int64_t widest = 0;
    for_each_piece(pieces, one,
                   [&](const Box& column) { widest = std::max(widest, element_count(column.shape())); });
    std::byte* finished = context.workspace().data();
    std::byte* states = finished + finished_bytes(widest);
    // Each column of kept elements has accumulators of its own, side by side for all groups.
    std::byte* piece = states;
    const auto for_each_column = [&](const auto& visit) {
      std::byte* state = states;
      for_each_piece(pieces, one, [&](const Box& column) {
        visit(column, state);
        state += groups * state_bytes(element_count(column.shape()));
      });
      return state;
    };
    piece = for_each_column(
        [&](const Box& column, std::byte* state) { init(state, element_count(column.shape()), groups); });
    for (std::int64_t row = 0; row < rows();) {
      const std::int64_t stop = std::min(
          (pieces.chunk_of(axis_, row) + 1) * pieces.chunks()[axis_] - pieces.offset()[axis_], rows());
      for_each_column([&](Box column, std::byte* state) {
        column.lo[axis_] = row;
        column.hi[axis_] = stop;
        take_rows(column, {box.lo[axis_], box.hi[axis_]}, state, piece, context);
      });
      row = stop;
    }
    for_each_column([&](Box column, std::byte* state) {
      const std::int64_t kept = element_count(column.shape());
      for (std::int64_t group = 0; group < groups; ++group) {
        finish(state + group * state_bytes(kept), finished, kept, box.lo[axis_] + group);
        column.lo[axis_] = box.lo[axis_] + group;
        column.hi[axis_] = column.lo[axis_] + 1;
        kernels::copy({finished, out.dtype, column.shape()}, out.sub(relative_to(column, box.lo)));
      }
    });
  }

 private:
  [[nodiscard]] int planes() const { return kernel_ != nullptr ? kernel_->plane_count : 1; }
  [[nodiscard]] std::int64_t plane_bytes(int plane) const {
    return kernel_ != nullptr ? kernel_->plane_bytes[plane] : size_bytes(dtype_);
  }
  struct Planes {
    void* at[kernels::kMaxPlanes];
  };
  // The planes of one group's accumulators, from kept element `first` on.
  [[nodiscard]] Planes planes_of(std::byte* state, std::int64_t first, std::int64_t kept) const {
    Planes planes_here{};
    for (int plane = 0; plane < planes(); ++plane) {
      planes_here.at[plane] = state + first * plane_bytes(plane);
      state += padded(kept) * plane_bytes(plane);
    }
    return planes_here;
  }

  void init(std::byte* state, std::int64_t kept, std::int64_t groups) const {
    for (std::int64_t group = 0; kernel_ != nullptr && group < groups; ++group) {
      kernel_->init(planes_of(state + group * state_bytes(kept), 0, kept).at, kept);
    }
  }

  struct GroupRange {
    std::int64_t lo;
    std::int64_t hi;
  };

  // Reads the rows of a column of kept elements, and takes those of the wanted groups.
  void take_rows(const Box& part, const GroupRange& wanted, std::byte* states, std::byte* piece,
                 expr::OperatorContext& context) const {
    context.read(0, part, FoldedAxes(part.shape(), kept_axes()).rows(piece, dtype_, part));
    const std::int64_t kept = element_count(without_axis(part.shape(), axis_));
    context.for_each((kept + kColumns - 1) / kColumns, [&](std::int64_t number, int) {
      const std::int64_t first = number * kColumns;
      for (std::int64_t row = part.lo[axis_]; row < part.hi[axis_]; ++row) {
        const std::int64_t group = groups_->group[static_cast<std::size_t>(row)];
        if (group < wanted.lo || group >= wanted.hi) continue;
        const std::byte* values = piece + ((row - part.lo[axis_]) * kept + first) * size_bytes(dtype_);
        take(states + (group - wanted.lo) * state_bytes(kept), values, first,
             std::min(kColumns, kept - first), kept, row);
      }
    });
  }

  void take(std::byte* state, const std::byte* values, std::int64_t first, std::int64_t n, std::int64_t kept,
            std::int64_t row) const {
    const std::int64_t earlier = groups_->earlier[static_cast<std::size_t>(row)];
    const Planes here = planes_of(state, first, kept);
    if (kernel_ != nullptr) {
      kernel_->accumulate_across(here.at, values, n, earlier, row);
    } else if (function_.kind == Kind::last || (function_.kind == Kind::first && earlier == 0)) {
      std::memcpy(here.at[0], values, static_cast<std::size_t>(n * size_bytes(dtype_)));
    }
  }

  void finish(std::byte* state, std::byte* values, std::int64_t kept, std::int64_t group) const {
    const std::int64_t size = groups_->sizes[static_cast<std::size_t>(group)];
    if (kernel_ != nullptr) {
      kernel_->finish(planes_of(state, 0, kept).at, values, kept, size, function_.correction);
    } else if (function_.kind == Kind::count) {
      std::fill_n(reinterpret_cast<std::int64_t*>(values), kept, size);
    } else {
      std::memcpy(values, state, static_cast<std::size_t>(kept * size_bytes(dtype_)));
    }
  }

  [[nodiscard]] static std::int64_t padded(std::int64_t kept) { return (kept + 7) / 8 * 8; }
  [[nodiscard]] static std::int64_t finished_bytes(std::int64_t kept) {
    return saturating_multiply(padded(kept), 16);
  }
  [[nodiscard]] std::int64_t rows() const { return static_cast<std::int64_t>(groups_->group.size()); }
  [[nodiscard]] std::vector<std::int64_t> kept_axes() const {
    std::vector<std::int64_t> axes;
    for (std::int64_t axis = 0; axis < grid_.ndim(); ++axis) {
      if (axis != axis_) axes.push_back(axis);
    }
    return axes;
  }

  DType dtype_;
  ChunkGrid grid_;
  std::shared_ptr<const Groups> groups_;
  std::int64_t axis_;
  GroupFunction function_;
  const kernels::ReduceKernel* kernel_;  ///< null for count, first and last
};

}  // namespace

Groups::Groups(const std::vector<std::int64_t>& of_rows) : labels(of_rows) {
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  sizes.resize(labels.size());
  for (const std::int64_t label : of_rows) {
    const auto at = std::lower_bound(labels.begin(), labels.end(), label) - labels.begin();
    group.push_back(static_cast<std::int32_t>(at));
    earlier.push_back(sizes[static_cast<std::size_t>(at)]++);
  }
}

std::optional<DType> group_dtype(const GroupFunction& function, DType input) {
  if (function.kind == Kind::count) return DType::int64;
  if (function.kind != Kind::reduce) return input;
  const kernels::ReduceKernel* kernel = kernels::find_reduce(function.op, input);
  return kernel != nullptr ? std::optional(kernel->output_dtype) : std::nullopt;
}

expr::NodePtr group_reduce(const expr::NodePtr& input, std::shared_ptr<const Groups> groups,
                           std::int64_t axis, const GroupFunction& function) {
  const auto op = std::make_shared<GroupReduce>(input, groups, axis, function);
  Shape shape = input->shape;
  Shape chunks = input->grid.chunks();
  Index offset = input->grid.offset();
  shape[axis] = static_cast<std::int64_t>(groups->labels.size());
  chunks[axis] = shape[axis];
  offset[axis] = 0;
  const auto bytes = [&] {
    return saturating_multiply(op->state_bytes(saturating_count(without_axis(chunks, axis))), chunks[axis]);
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

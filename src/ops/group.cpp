#include "ops/group.hpp"

#include <algorithm>
#include <cstring>

#include "kernels/copy.hpp"
#include "ops/folded_axes.hpp"
#include "ops/panels.hpp"

namespace varve::ops {
namespace {

using Kind = GroupFunction::Kind;

// The accumulators of a tile, all groups, should take about this much.
constexpr std::int64_t kStateBytes = 16 << 20;
// Rows are read in pieces of about this size for each worker.
constexpr std::int64_t kPieceBytes = 4 << 20;
// What workers take at a time: columns whose accumulators stay in cache where groups come in runs.
constexpr std::int64_t kColumns = 2048;

/// Streams the rows of a box of kept elements through accumulators that stay.
class GroupReduce final : public expr::BoxOperator {
 public:
  GroupReduce(const expr::NodePtr& input, std::shared_ptr<const Groups> groups, std::int64_t axis,
              const GroupFunction& function)
      : dtype_(input->dtype),
        chunk_(input->grid.chunks()[axis]),
        offset_(input->grid.offset()[axis]),
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
    needed.hi[axis_] = static_cast<std::int64_t>(groups_->group.size());
    return {needed};
  }
  [[nodiscard]] std::int64_t workspace_bytes(const Shape& box, int workers) const override {
    const std::int64_t kept = saturating_count(without_axis(box, axis_));
    const std::int64_t row = saturating_multiply(kept, size_bytes(dtype_));
    const std::int64_t all = saturating_multiply(row, static_cast<std::int64_t>(groups_->group.size()));
    const std::int64_t piece = std::min(std::max(kPieceBytes * workers, row), all);
    return std::min(saturating_multiply(state_bytes(kept), box[axis_] + 1), INT64_MAX / 2) + piece;
  }

  /// Returns the bytes of the accumulators of one group; one more place of this size holds finished values.
  [[nodiscard]] std::int64_t state_bytes(std::int64_t kept) const {
    std::int64_t bytes = 0;
    for (int plane = 0; plane < planes(); ++plane)
      bytes += saturating_multiply((kept + 7) / 8 * 8, plane_bytes(plane));
    return std::max(bytes, saturating_multiply((kept + 7) / 8 * 8, 16));
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    const std::int64_t kept = element_count(without_axis(box.shape(), axis_));
    std::byte* states = context.workspace().data();
    std::byte* finished = states + box.extent(axis_) * state_bytes(kept);
    std::byte* piece = finished + state_bytes(kept);
    for (std::int64_t group = 0; group < box.extent(axis_); ++group)
      init(states + group * state_bytes(kept), kept);
    const auto rows = static_cast<std::int64_t>(groups_->group.size());
    for (std::int64_t row = 0; row < rows;) {
      const std::int64_t stop = std::min(piece_end(row, kept, context.workers()), rows);
      read_rows(box, row, stop, piece, context);
      context.for_each((kept + kColumns - 1) / kColumns, [&](std::int64_t number, int) {
        const std::int64_t first = number * kColumns;
        for (std::int64_t at = row; at < stop; ++at) {
          const std::int64_t group = groups_->group[static_cast<std::size_t>(at)] - box.lo[axis_];
          if (group < 0 || group >= box.extent(axis_)) continue;
          const std::byte* values = piece + ((at - row) * kept + first) * size_bytes(dtype_);
          take(states + group * state_bytes(kept), values, first, std::min(kColumns, kept - first), kept, at);
        }
      });
      row = stop;
    }
    for (std::int64_t group = 0; group < box.extent(axis_); ++group) {
      finish(states + group * state_bytes(kept), finished, kept, box.lo[axis_] + group);
      const StridedView values = one_row(finished, out.dtype, box.shape(), axis_);
      Box target(box.shape());
      target.lo[axis_] = group;
      target.hi[axis_] = group + 1;
      kernels::copy(as_const(values), out.sub(target));
    }
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
      state += (kept + 7) / 8 * 8 * plane_bytes(plane);
    }
    return planes_here;
  }

  void init(std::byte* state, std::int64_t kept) const {
    if (kernel_ != nullptr) kernel_->init(planes_of(state, 0, kept).at, kept);
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

  // Pieces end where chunks do, where these are small enough.
  [[nodiscard]] std::int64_t piece_end(std::int64_t row, std::int64_t kept, int workers) const {
    const std::int64_t rows = std::max<std::int64_t>(kPieceBytes * workers / (kept * size_bytes(dtype_)), 1);
    const std::int64_t aligned = (row + offset_ + rows) / chunk_ * chunk_ - offset_;
    return aligned > row ? aligned : row + rows;
  }

  // Row after row, kept elements side by side.
  void read_rows(const Box& box, std::int64_t row, std::int64_t stop, std::byte* piece,
                 expr::OperatorContext& context) const {
    Box needed = box;
    needed.lo[axis_] = row;
    needed.hi[axis_] = stop;
    std::vector<std::int64_t> others;
    for (std::int64_t axis = 0; axis < box.ndim(); ++axis) {
      if (axis != axis_) others.push_back(axis);
    }
    context.read(0, needed, FoldedAxes(needed.shape(), others).rows(piece, dtype_, needed));
  }

  DType dtype_;
  std::int64_t chunk_;
  std::int64_t offset_;
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

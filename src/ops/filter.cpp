#include <algorithm>
#include <bit>
#include <cmath>

#include "kernels/copy.hpp"
#include "kernels/window.hpp"
#include "ops/window_box.hpp"

namespace varve::ops {
namespace {

// Threads take results in stretches of about this many: a few microseconds each.
constexpr std::int64_t kStretch = 8192;

std::int64_t round_up(std::int64_t bytes) { return (bytes + 63) / 64 * 64; }

std::int64_t product(const Shape& shape, std::int64_t first, std::int64_t end) {
  std::int64_t count = 1;
  for (std::int64_t axis = first; axis < end; ++axis) count *= shape[axis];
  return count;
}

// Weights are real, so a complex element is two numbers that are filtered alike.
std::int64_t parts_of(DType dtype) { return is_complex(dtype) ? 2 : 1; }

/// Owns the lists behind kernels::Taps.
struct TapLists {
  std::vector<std::int64_t> offsets;
  std::vector<std::int64_t> partners;
  std::vector<double> weights;
  std::int64_t plain = 0;

  [[nodiscard]] kernels::Taps taps(double divisor) const {
    return {offsets.data(), partners.data(), weights.data(), static_cast<std::int64_t>(weights.size()),
            plain,          divisor};
  }
};

bool is_symmetric(const AxisFilter& filter) {
  const std::size_t n = filter.weights.size();
  if (n % 2 == 0) return false;
  for (std::size_t i = 0; i < n / 2; ++i) {
    if (std::fabs(filter.weights[i] - filter.weights[n - 1 - i]) > std::numeric_limits<double>::epsilon())
      return false;
  }
  return true;
}

// Symmetric windows: the centre, then pairs from the ends inwards, as scipy.ndimage adds them.
TapLists taps_along(const AxisFilter& filter, std::int64_t stride) {
  const auto n = static_cast<std::int64_t>(filter.weights.size());
  TapLists lists;
  const auto add = [&](std::int64_t i) {
    lists.offsets.push_back(i * stride);
    lists.weights.push_back(filter.weights[static_cast<std::size_t>(i)]);
  };
  if (!is_symmetric(filter)) {
    for (std::int64_t i = 0; i < n; ++i) add(i);
    lists.plain = n;
    return lists;
  }
  add(n / 2);
  lists.plain = 1;
  for (std::int64_t i = 0; i < n / 2; ++i) {
    add(i);
    lists.partners.push_back((n - 1 - i) * stride);
  }
  return lists;
}

Reach reach_of(const std::vector<AxisFilter>& filters, std::int64_t ndim) {
  Reach reach{Index(ndim, 0), Index(ndim, 0)};
  for (const AxisFilter& filter : filters) {
    reach.before[filter.axis] = filter.before;
    reach.after[filter.axis] = static_cast<std::int64_t>(filter.weights.size()) - 1 - filter.before;
  }
  return reach;
}

/// Reads the grown box once, then filters it axis by axis between two buffers.
class SeparableFilter final : public WindowOperator {
 public:
  SeparableFilter(Extension extension, std::vector<AxisFilter> filters, const ChunkGrid& grid, DType dtype)
      : WindowOperator(std::move(extension), reach_of(filters, grid.ndim()), grid),
        filters_(std::move(filters)),
        dtype_(dtype) {}

  [[nodiscard]] std::string_view name() const noexcept override { return "separable_filter"; }
  [[nodiscard]] std::uint64_t hash() const noexcept override {
    std::uint64_t seed = window_hash();
    for (const AxisFilter& filter : filters_) {
      seed = expr::mix_hash(seed, static_cast<std::uint64_t>(filter.axis));
      for (const double weight : filter.weights)
        seed = expr::mix_hash(seed, std::bit_cast<std::uint64_t>(weight));
      seed = expr::mix_hash(seed, std::bit_cast<std::uint64_t>(filter.divisor));
    }
    return seed;
  }
  [[nodiscard]] std::int64_t workspace_bytes(const Shape& box, int) const override {
    return first_bytes(box) + round_up(element_count(after_pass(grown(box), box, 0)) * size_bytes(dtype_));
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    const Shape shape = box.shape();
    std::byte* buffers[] = {context.workspace().data(), context.workspace().data() + first_bytes(shape)};
    Box now = grown(box);
    StridedView source(buffers[0], dtype_, now.shape());
    extension().read(now, source, context);
    for (std::size_t pass = 0; pass < filters_.size(); ++pass) {
      const std::int64_t axis = filters_[pass].axis;
      now.lo[axis] = box.lo[axis];
      now.hi[axis] = box.hi[axis];
      const bool last = pass + 1 == filters_.size();
      const bool in_place = last && out.is_c_contiguous();
      const StridedView target(in_place ? out.data : buffers[(pass + 1) % 2], dtype_, now.shape());
      filter_axis(filters_[pass], source, target, context);
      if (last && !in_place) kernels::copy(as_const(target), out);
      // Each pass sees the constant itself beyond the ends, not what the passes before made of it.
      for (std::size_t later = pass + 1; later < filters_.size(); ++later) {
        extension().fill_beyond(filters_[later].axis, now, target);
      }
      source = target;
    }
  }

 private:
  [[nodiscard]] std::int64_t first_bytes(const Shape& box) const {
    return round_up(element_count(grown(box)) * size_bytes(dtype_));
  }
  [[nodiscard]] Shape after_pass(Shape grown_shape, const Shape& box, std::size_t pass) const {
    grown_shape[filters_[pass].axis] = box[filters_[pass].axis];
    return grown_shape;
  }

  // Both sides are dense: for each index before the axis all results lie in one row, and taps are whole steps
  // along the axis.
  static void filter_axis(const AxisFilter& filter, const StridedView& source, const StridedView& target,
                          expr::OperatorContext& context) {
    const std::int64_t parts = parts_of(source.dtype);
    const DType real = real_of(source.dtype);
    const std::int64_t inner = product(source.shape, filter.axis + 1, source.ndim()) * parts;
    const std::int64_t outer = product(source.shape, 0, filter.axis);
    const std::int64_t row = target.shape[filter.axis] * inner;
    const std::int64_t source_row = source.shape[filter.axis] * inner;
    const TapLists lists = taps_along(filter, inner * size_bytes(real));
    const kernels::Taps taps = lists.taps(filter.divisor);
    const kernels::WeightedSum sum = kernels::find_weighted_sum(real);
    const std::int64_t cuts = (row + kStretch - 1) / kStretch;
    const std::int64_t rows = std::max<std::int64_t>(kStretch / std::max<std::int64_t>(row, 1), 1);
    const std::int64_t groups = (outer + rows - 1) / rows;
    context.for_each(groups * cuts, [&](std::int64_t number, int) {
      const std::int64_t first = number % cuts * kStretch;
      const std::int64_t count = std::min(kStretch, row - first);
      const std::int64_t end = std::min(outer, (number / cuts + 1) * rows);
      for (std::int64_t i = number / cuts * rows; i < end; ++i) {
        sum(taps, source.data + (i * source_row + first) * size_bytes(real), count,
            target.data + (i * row + first) * size_bytes(real));
      }
    });
  }

  std::vector<AxisFilter> filters_;
  DType dtype_;
};

Reach reach_of(const std::vector<StencilTap>& taps, std::int64_t ndim) {
  Reach reach{Index(ndim, 0), Index(ndim, 0)};
  for (const StencilTap& tap : taps) {
    for (std::int64_t axis = 0; axis < ndim; ++axis) {
      reach.before[axis] = std::max(reach.before[axis], -tap.offset[axis]);
      reach.after[axis] = std::max(reach.after[axis], tap.offset[axis]);
    }
  }
  return reach;
}

/// Adds up neighbours in any direction, row by row along the last axis.
class Stencil final : public WindowOperator {
 public:
  Stencil(Extension extension, std::vector<StencilTap> taps, const ChunkGrid& grid, DType dtype)
      : WindowOperator(std::move(extension), reach_of(taps, grid.ndim()), grid),
        taps_(std::move(taps)),
        dtype_(dtype) {}

  [[nodiscard]] std::string_view name() const noexcept override { return "stencil"; }
  [[nodiscard]] std::uint64_t hash() const noexcept override {
    std::uint64_t seed = window_hash();
    for (const StencilTap& tap : taps_) {
      for (const std::int64_t n : tap.offset) seed = expr::mix_hash(seed, static_cast<std::uint64_t>(n));
      seed = expr::mix_hash(seed, std::bit_cast<std::uint64_t>(tap.weight));
    }
    return seed;
  }
  [[nodiscard]] std::int64_t workspace_bytes(const Shape& box, int workers) const override {
    return grown_bytes(box) + workers * row_bytes(box);
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    const Shape shape = box.shape();
    const Box whole = grown(box);
    const StridedView source(context.workspace().data(), dtype_, whole.shape());
    extension().read(whole, source, context);
    const TapLists lists = lists_for(source);
    const kernels::Taps taps = lists.taps(1);
    const kernels::WeightedSum sum = kernels::find_weighted_sum(real_of(dtype_));
    const std::int64_t last = shape.size() - 1;
    const bool dense = out.byte_strides[last] == size_bytes(dtype_);
    const std::int64_t rows = product(shape, 0, last);
    const std::int64_t together = std::max<std::int64_t>(kStretch / shape[last], 1);
    context.for_each((rows + together - 1) / together, [&](std::int64_t group, int worker) {
      std::byte* buffer = context.workspace().data() + grown_bytes(shape) + worker * row_bytes(shape);
      const std::int64_t end = std::min(rows, (group + 1) * together);
      for (std::int64_t row = group * together; row < end; ++row) {
        const std::byte* from = source.data + place(row, shape, source.byte_strides);
        std::byte* to = out.data + place(row, shape, out.byte_strides);
        sum(taps, from, shape[last] * parts_of(dtype_), dense ? to : buffer);
        if (dense) continue;
        kernels::copy({buffer, dtype_, {shape[last]}}, {to, dtype_, {shape[last]}, {out.byte_strides[last]}});
      }
    });
  }

 private:
  [[nodiscard]] std::int64_t grown_bytes(const Shape& box) const {
    return round_up(element_count(grown(box)) * size_bytes(dtype_));
  }
  [[nodiscard]] std::int64_t row_bytes(const Shape& box) const {
    return round_up(box.back() * size_bytes(dtype_));
  }

  // Offsets from the first element of the grown box.
  [[nodiscard]] TapLists lists_for(const StridedView& source) const {
    TapLists lists;
    for (const StencilTap& tap : taps_) {
      std::int64_t offset = 0;
      for (std::int64_t axis = 0; axis < source.ndim(); ++axis) {
        offset += (reach().before[axis] + tap.offset[axis]) * source.byte_strides[axis];
      }
      lists.offsets.push_back(offset);
      lists.weights.push_back(tap.weight);
    }
    lists.plain = static_cast<std::int64_t>(taps_.size());
    return lists;
  }

  // The distance in bytes of a row of the box, numbered in C order.
  static std::int64_t place(std::int64_t row, const Shape& shape, const ByteStrides& strides) {
    std::int64_t bytes = 0;
    for (std::int64_t axis = shape.size() - 2; axis >= 0; --axis) {
      bytes += row % shape[axis] * strides[axis];
      row /= shape[axis];
    }
    return bytes;
  }

  std::vector<StencilTap> taps_;
  DType dtype_;
};

}  // namespace

expr::NodePtr separable_filter(const expr::NodePtr& input, std::vector<AxisFilter> filters,
                               const Extension& extension) {
  const ChunkGrid grid =
      window_grid(input->grid, reach_of(filters, input->shape.size()), size_bytes(input->dtype));
  return expr::make_operation(
      grid, input->dtype, {input},
      std::make_shared<SeparableFilter>(extension, std::move(filters), grid, input->dtype));
}

expr::NodePtr stencil(const expr::NodePtr& input, std::vector<StencilTap> taps, const Extension& extension) {
  const ChunkGrid grid =
      window_grid(input->grid, reach_of(taps, input->shape.size()), size_bytes(input->dtype));
  return expr::make_operation(grid, input->dtype, {input},
                              std::make_shared<Stencil>(extension, std::move(taps), grid, input->dtype));
}

}  // namespace varve::ops

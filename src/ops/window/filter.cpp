#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "expr/labelled_operator.hpp"
#include "kernels/copy.hpp"
#include "kernels/window.hpp"
#include "ops/window/window_box.hpp"
#include "varve/core/walks.hpp"

namespace varve::ops {
namespace {

// Threads take results in stretches of about this many: a few microseconds each.
constexpr std::int64_t kStretch = 8192;

// Weights are real, so a complex element is two numbers that are filtered alike.
std::int64_t parts_of(DType dtype) { return is_complex(dtype) ? 2 : 1; }

// Sums by whole weights are exact.
double lift_for(const std::vector<double>& weights) {
  const bool whole = std::all_of(weights.begin(), weights.end(), [](double w) { return w == std::floor(w); });
  return whole ? 1 : kernels::lift_for(static_cast<std::int64_t>(weights.size()));
}

/// Owns the lists behind kernels::Taps.
struct TapLists {
  std::vector<std::int64_t> offsets;
  std::vector<std::int64_t> partners;
  std::vector<double> weights;
  std::int64_t plain = 0;

  [[nodiscard]] kernels::Taps taps(double divisor, bool averages) const {
    return {offsets.data(), partners.data(), weights.data(),    static_cast<std::int64_t>(weights.size()),
            plain,          divisor,         lift_for(weights), averages};
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

/// Applies one filter to rows of a view: along them, if they lie along its axis, or across them.
class LineFilter {
 public:
  LineFilter(const AxisFilter& filter, const StridedView& source)
      : axis_(filter.axis),
        parts_(parts_of(source.dtype)),
        step_(source.byte_strides[filter.axis]),
        lists_(taps_along(filter, step_)),
        taps_(lists_.taps(filter.divisor, true)),
        window_{filter.weights.data(), static_cast<std::int64_t>(filter.weights.size()), is_symmetric(filter),
                filter.divisor, lift_for(filter.weights)},
        sum_(kernels::find_weighted_sum(real_of(source.dtype))),
        along_(kernels::find_filter_along(real_of(source.dtype))),
        across_(kernels::find_filter_across(real_of(source.dtype))) {
    if (size_bytes(source.dtype) == 2 && kernels::make_short_window(window_, shorts_))
      window_.shorts = &shorts_;
  }
  LineFilter(const LineFilter&) = delete;
  LineFilter& operator=(const LineFilter&) = delete;

  /// Computes the row of n numbers at `to`, or all rows that stand along the axis of the filter from there
  /// on.
  void run(const std::byte* from, std::int64_t n, std::byte* to, const StridedView& target) const {
    const bool is_along = axis_ == target.ndim() - 1;
    const std::int64_t lines = is_along ? 1 : target.shape[axis_];
    const std::int64_t out_step = target.byte_strides[axis_];
    if (window_.count > kernels::kLongestLineWindow) {
      for (std::int64_t line = 0; line < lines; ++line)
        sum_(taps_, from + line * step_, n, to + line * out_step);
    } else if (is_along) {
      along_(window_, from, parts_, n, to);
    } else {
      across_(window_, from, step_, lines, n, to, out_step);
    }
  }

 private:
  std::int64_t axis_;
  std::int64_t parts_;
  std::int64_t step_;
  TapLists lists_;
  kernels::Taps taps_;
  kernels::LineWindow window_;
  kernels::ShortWindow shorts_;
  kernels::WeightedSum sum_;
  kernels::FilterAlong along_;
  kernels::FilterAcross across_;
};

void require_sums(DType dtype) {
  expr::require_parameter(kernels::find_weighted_sum(real_of(dtype)) != nullptr, "the dtype has no sums");
}

Reach reach_of(const std::vector<AxisFilter>& filters, std::int64_t ndim) {
  Reach reach{Index(ndim, 0), Index(ndim, 0)};
  for (const AxisFilter& filter : filters) {
    reach.before[filter.axis] = filter.before;
    reach.after[filter.axis] = static_cast<std::int64_t>(filter.weights.size()) - 1 - filter.before;
  }
  return reach;
}

// Threads work on parts of the box whose intermediate results stay in their cache.
constexpr std::int64_t kPartBytes = 1 << 20;
// Parts are cut so that at most an eighth is computed twice.
constexpr std::int64_t kMinPerReach = 8;
constexpr std::int64_t kMinRow = 512;
// Reading and converting an element for the first pass takes this part of computing one.
constexpr double kReadingCost = 0.2;

/// Reads the grown box once, then filters it part by part, axis by axis.
class SeparableFilter final : public expr::Described<SeparableFilter, WindowOperator>,
                              public expr::LabelledOperator {
 public:
  static constexpr std::string_view kKind = "separable_filter";
  static void fields(auto& op, auto& visit) {
    WindowOperator::fields(op, visit);
    visit("filters", op.filters_, "dtype", op.dtype_);
  }

  SeparableFilter() = default;
  SeparableFilter(Extension extension, std::vector<AxisFilter> filters, const ChunkGrid& grid, DType dtype)
      : Described(std::move(extension), reach_of(filters, grid.ndim()), grid),
        filters_(std::move(filters)),
        dtype_(dtype) {}
  void prepare() const {
    WindowOperator::prepare();
    require_sums(dtype_);
    std::int64_t axis = -1;
    for (const AxisFilter& filter : filters_) {
      const auto count = static_cast<std::int64_t>(filter.weights.size());
      const bool fits = filter.axis > axis && filter.before >= 0 && filter.before < count;
      expr::require_parameter(fits, "filters have weights, and lie on different axes, in order");
      axis = filter.axis;
    }
    const std::int64_t ndim = extension().shape().size();
    expr::require_parameter(axis >= 0 && axis < ndim, "filters lie along axes");
    expr::require_parameter(reach() == reach_of(filters_, ndim), "filters make the reach");
  }

  [[nodiscard]] expr::ValueOrigin value_origin(int) const override { return expr::ValueOrigin::quantity; }
  [[nodiscard]] expr::Workspace workspace(const Shape& box, int workers) const override {
    return Memory(*this, box, workers);
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    const Shape shape = box.shape();
    const Memory memory(*this, shape, context.workers());
    const Box whole = grown(box);
    const StridedView source = memory.source.view(context.memory(), whole.shape());
    extension().read(whole, source, context);
    const ChunkGrid parts(shape, part_shape(shape));
    context.for_each(parts.chunk_count(), [&](std::int64_t number, int worker) {
      const Box inner = parts.box_of(index_at<ChunkIndex>(number, parts.counts()));
      const Box part = placed_at(inner, box.lo);
      filter_part(part, source.sub(relative_to(grown(part), whole.lo)), out.sub(inner),
                  [&](std::size_t pass, const Shape& passed) {
                    return memory.passes[pass % 2].view(context.memory(), passed, worker);
                  });
    });
  }

 private:
  struct Memory : expr::Workspace {
    Memory(const SeparableFilter& op, const Shape& box, int workers)
        : source(add(op.dtype_, saturating_count(op.grown(box)))),
          passes{add(op.dtype_, op.max_elements(box), workers),
                 add(op.dtype_, op.max_elements(box), workers)} {}
    expr::Elements source;
    expr::Elements passes[2];  ///< what they make of a part, by turns
  };

  // Parts are not cut below this along an axis. What the first pass reads it does not compute again.
  [[nodiscard]] std::int64_t least(std::int64_t axis, const Shape& box) const {
    const bool is_first = axis == filters_.front().axis;
    const std::int64_t extent = is_first ? 1 : kMinPerReach * (reach().before[axis] + reach().after[axis]);
    return std::min(box[axis], std::max<std::int64_t>(extent, axis == box.size() - 1 ? kMinRow : 1));
  }
  // The extents that a number of passes leave of a grown part.
  [[nodiscard]] Shape after(std::size_t passes, const Shape& part) const {
    Shape shape = grown(part);
    for (std::size_t pass = 0; pass < passes; ++pass) shape[filters_[pass].axis] = part[filters_[pass].axis];
    return shape;
  }
  [[nodiscard]] std::int64_t elements_between(const Shape& part) const {
    return saturating_count(after(1, part));
  }
  [[nodiscard]] std::int64_t elements_together() const { return kPartBytes / size_bytes(dtype_); }
  // What an element of the part costs, in results of passes: those beyond its edges count, and reading.
  [[nodiscard]] double cost(const Shape& part) const {
    double results = kReadingCost * static_cast<double>(element_count(grown(part)));
    for (std::size_t pass = 0; pass < filters_.size(); ++pass)
      results += static_cast<double>(element_count(after(pass + 1, part)));
    return results / static_cast<double>(element_count(part));
  }
  // Cuts where it costs least, and then evenly.
  [[nodiscard]] Shape part_shape(const Shape& box) const {
    Shape part = box;
    while (elements_between(part) > elements_together()) {
      std::optional<Shape> best;
      for (std::int64_t axis = 0; axis < box.size(); ++axis) {
        Shape smaller = part;
        smaller[axis] = std::max(part[axis] - (part[axis] + 3) / 4, least(axis, box));
        if (smaller[axis] < part[axis] && (!best || cost(smaller) < cost(*best))) best = smaller;
      }
      if (!best) break;
      part = *best;
    }
    for (std::int64_t axis = 0; axis < box.size(); ++axis) {
      part[axis] = divide_up(box[axis], divide_up(box[axis], part[axis]));
    }
    return part;
  }
  // At least what a pass leaves of a part; grows with the box, unlike parts themselves.
  [[nodiscard]] std::int64_t max_elements(const Shape& box) const {
    Shape smallest = box;
    for (std::int64_t axis = 0; axis < box.size(); ++axis) smallest[axis] = least(axis, box);
    return std::min(elements_between(box), std::max(elements_between(smallest), elements_together()));
  }

  // Filters from the grown part into `out`, by way of what passes leave: buffer(number of the pass, shape).
  template <class Buffer>
  void filter_part(const Box& part, StridedView source, const StridedView& out, const Buffer& buffer) const {
    Box now = grown(part);
    for (std::size_t pass = 0; pass < filters_.size(); ++pass) {
      const std::int64_t axis = filters_[pass].axis;
      now.lo[axis] = part.lo[axis];
      now.hi[axis] = part.hi[axis];
      const bool last = pass + 1 == filters_.size();
      const bool in_place = last && out.byte_strides[out.ndim() - 1] == size_bytes(dtype_);
      const StridedView target = in_place ? out : buffer(pass, now.shape());
      filter_axis(filters_[pass], source, target);
      if (last && !in_place) kernels::copy(varve::as_const(target), out);
      // Each pass sees the constant itself beyond the ends, not what the passes before made of it.
      for (std::size_t later = pass + 1; later < filters_.size(); ++later) {
        extension().fill_beyond(filters_[later].axis, now, target);
      }
      source = target;
    }
  }

  // Filters rows: a row takes in all inner axes along which both sides are dense.
  static void filter_axis(const AxisFilter& filter, const StridedView& source, const StridedView& target) {
    const std::int64_t last = target.ndim() - 1;
    std::int64_t first = last;
    while (first > filter.axis + 1 && joins(source, first) && joins(target, first)) --first;
    const std::int64_t row = count_along(target.shape, first, target.ndim()) * parts_of(source.dtype);
    const LineFilter lines(filter, source);
    Shape outer;
    for (std::int64_t axis = 0; axis < first; ++axis)
      outer.push_back(axis == filter.axis ? 1 : target.shape[axis]);
    Index index(first, 0);
    do {
      const std::byte* from = source.data;
      std::byte* to = target.data;
      for (std::int64_t axis = 0; axis < first; ++axis) {
        from += index[axis] * source.byte_strides[axis];
        to += index[axis] * target.byte_strides[axis];
      }
      lines.run(from, row, to, target);
    } while (next_index(index, outer));
  }

  // Whether an axis goes on where the next step along the one outside it begins.
  static bool joins(const StridedView& view, std::int64_t axis) {
    return view.byte_strides[axis - 1] == view.byte_strides[axis] * view.shape[axis];
  }

  std::vector<AxisFilter> filters_;
  DType dtype_ = DType::float64;
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
class Stencil final : public expr::Described<Stencil, WindowOperator> {
 public:
  static constexpr std::string_view kKind = "stencil";
  static void fields(auto& op, auto& visit) {
    WindowOperator::fields(op, visit);
    visit("taps", op.taps_, "dtype", op.dtype_);
  }

  Stencil() = default;
  Stencil(Extension extension, std::vector<StencilTap> taps, const ChunkGrid& grid, DType dtype)
      : Described(std::move(extension), reach_of(taps, grid.ndim()), grid),
        taps_(std::move(taps)),
        dtype_(dtype) {}
  void prepare() const {
    WindowOperator::prepare();
    require_sums(dtype_);
    const std::int64_t ndim = extension().shape().size();
    for (const StencilTap& tap : taps_)
      expr::require_parameter(tap.offset.size() == ndim, "neighbours lie along all axes");
    expr::require_parameter(ndim > 0 && !taps_.empty(), "windows have neighbours");
    expr::require_parameter(reach() == reach_of(taps_, ndim), "neighbours make the reach");
  }

  [[nodiscard]] expr::Workspace workspace(const Shape& box, int workers) const override {
    return Memory(*this, box, workers);
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    const Shape shape = box.shape();
    const Memory memory(*this, shape, context.workers());
    const Box whole = grown(box);
    const StridedView source = memory.source.view(context.memory(), whole.shape());
    extension().read(whole, source, context);
    const TapLists lists = lists_for(source);
    const kernels::Taps taps = lists.taps(1, averages());
    const kernels::WeightedSum sum = kernels::find_weighted_sum(real_of(dtype_));
    const std::int64_t last = shape.size() - 1;
    const bool dense = out.byte_strides[last] == size_bytes(dtype_);
    const std::int64_t rows = count_along(shape, 0, last);
    const std::int64_t together = std::max<std::int64_t>(kStretch / shape[last], 1);
    context.for_each(divide_up(rows, together), [&](std::int64_t group, int worker) {
      std::byte* buffer = memory.row.in(context.memory(), worker);
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
  struct Memory : expr::Workspace {
    Memory(const Stencil& op, const Shape& box, int workers)
        : source(add(op.dtype_, saturating_count(op.grown(box)))), row(add(op.dtype_, box.back(), workers)) {}
    expr::Elements source;
    expr::Elements row;
  };

  // Whether the weights are those of an average, as given.
  [[nodiscard]] bool averages() const {
    double sum = 0;
    for (const StencilTap& tap : taps_) {
      if (!(tap.weight >= 0)) return false;
      sum += tap.weight;
    }
    return std::fabs(sum - 1) <= 1e-12;
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
  DType dtype_ = DType::float64;
};

}  // namespace

extern const expr::OperatorRow separable_filter_row = SeparableFilter::row();
extern const expr::OperatorRow stencil_row = Stencil::row();

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

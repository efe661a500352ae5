#include "api/quantiles.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "api/axis_list.hpp"
#include "api/selection.hpp"
#include "expr/natural_chunks.hpp"
#include "ops/select/select.hpp"
#include "varve/compute.hpp"
#include "varve/core/error.hpp"
#include "varve/elementwise.hpp"
#include "varve/postponed_refusals.hpp"
#include "varve/selection.hpp"

namespace varve {
namespace {

// One of the functions, and what it was asked for.
struct Wanted {
  std::string name;
  double whole = 1;  // percentiles are quantiles times 100
  bool skips_nan = false;
  std::vector<double> q = {};
  bool is_list = false;
};
const Wanted kQuantile{"quantile"};
const Wanted kNanQuantile{"nanquantile", 1, true};
const Wanted kPercentile{"percentile", 100};
const Wanted kNanPercentile{"nanpercentile", 100, true};

// Lays the result, whose axis 0 numbers the quantiles, out as NumPy does.
expr::NodePtr laid_out(const expr::NodePtr& found, const Shape& full, const std::vector<std::int64_t>& folded,
                       bool is_list, bool keepdims) {
  Shape shape;
  std::vector<expr::AxisMap> axes(1);
  if (is_list) {
    shape.push_back(found->shape[0]);
    axes[0] = {0, 0, 1, nullptr};
  }
  for (std::int64_t axis = 0; axis < full.size(); ++axis) {
    const bool is_folded = std::binary_search(folded.begin(), folded.end(), axis);
    if (!is_folded) axes.push_back({shape.size(), 0, 1, nullptr});
    if (!is_folded || keepdims) shape.push_back(is_folded ? 1 : full[axis]);
  }
  return expr::make_view(found, expr::IndexMap(shape, std::move(axes)));
}

expr::NodePtr found_values(const expr::NodePtr& input, const ops::QuantileRequest& request,
                           const std::string& name) {
  const bool empty = std::any_of(request.axes.begin(), request.axes.end(),
                                 [&](std::int64_t axis) { return input->shape[axis] == 0; });
  if (!empty) return ops::quantiles(input, request);
  const ChunkGrid kept = expr::reduce_grid(input->grid, request.axes);
  Shape shape = kept.shape();
  shape.insert(0, static_cast<std::int64_t>(request.q.size()));
  const DType dtype = ops::quantile_dtype(input->dtype, request.method);
  if (!is_floating(dtype) && element_count(shape) > 0) {
    throw ShapeError(name + ": there is no element to choose from along axes of extent 0 of the shape " +
                     to_string(input->shape) + ", and " + std::string(name_of(dtype)) +
                     " has no NaN; use another method, or cast with astype first");
  }
  return expr::make_constant(shape, dtype, std::numeric_limits<double>::quiet_NaN(), {shape, shape});
}

// Returns q as a part of 1.
double fraction(double q, const Wanted& wanted) {
  const std::string refusal = api::refusal_of_quantile(q, wanted.whole);
  if (!refusal.empty()) throw ArgumentError(wanted.name + ": " + refusal);
  return q / wanted.whole;
}

Array find_quantiles(const Array& x, const Wanted& wanted, const QuantileOptions& options) {
  const DType computed = x.dtype() == DType::float16 ? DType::float32 : x.dtype();
  if (kernels::find_select(computed) == nullptr) {
    throw DTypeError(wanted.name + " is not defined for " + std::string(name_of(x.dtype())) +
                     ", which has no order");
  }
  ops::QuantileRequest request;
  for (const double q : wanted.q) request.q.push_back(fraction(q, wanted));
  request.axes = api::sorted_axis_list(options.axis, x, wanted.name);
  request.method = options.method;
  request.skips_nan = wanted.skips_nan;
  const expr::NodePtr found = found_values(expr::make_cast(x.node(), computed), request, wanted.name);
  const Array result(laid_out(found, x.shape(), request.axes, wanted.is_list, options.keepdims));
  return x.dtype() == DType::float16 ? astype(result, DType::float16) : result;
}

Array find_quantiles(const Array& x, double q, Wanted wanted, const QuantileOptions& options) {
  wanted.q = {q};
  return find_quantiles(x, wanted, options);
}

Array find_quantiles(const Array& x, const std::vector<double>& q, Wanted wanted,
                     const QuantileOptions& options) {
  wanted.q = q;
  wanted.is_list = true;
  return find_quantiles(x, wanted, options);
}

// Gives the axis that numbers the quantiles the axes of q.
Array find_quantiles(const Array& x, const Array& q, Wanted wanted, const QuantileOptions& options) {
  if (is_complex(q.dtype()) || q.dtype() == DType::boolean) {
    throw DTypeError(wanted.name + ": quantiles are real numbers, not " + std::string(name_of(q.dtype())));
  }
  wanted.q = numbers_to_build_with(q);
  wanted.is_list = q.ndim() > 0;
  const Array found = find_quantiles(x, wanted, options);
  return q.ndim() > 1 ? api::with_axes(found, 0, q.shape()) : found;
}

}  // namespace

std::string api::refusal_of_quantile(double q, double whole) {
  if (q >= 0 && q <= whole) return "";
  const bool is_percentile = whole == 1 && q > 1 && q <= 100;
  return fmt::format("q = {} is not between 0 and {}{}", q, whole,
                     is_percentile ? "; percentile(x, q) takes q between 0 and 100" : "");
}

Array median(const Array& x, const ReduceOptions& options) {
  return find_quantiles(x, 0.5, Wanted{"median"}, {.axis = options.axis, .keepdims = options.keepdims});
}
Array nanmedian(const Array& x, const ReduceOptions& options) {
  return find_quantiles(x, 0.5, Wanted{"nanmedian", 1, true},
                        {.axis = options.axis, .keepdims = options.keepdims});
}

Array quantile(const Array& x, double q, const QuantileOptions& options) {
  return find_quantiles(x, q, kQuantile, options);
}
Array quantile(const Array& x, const std::vector<double>& q, const QuantileOptions& options) {
  return find_quantiles(x, q, kQuantile, options);
}
Array quantile(const Array& x, const Array& q, const QuantileOptions& options) {
  return find_quantiles(x, q, kQuantile, options);
}

Array nanquantile(const Array& x, double q, const QuantileOptions& options) {
  return find_quantiles(x, q, kNanQuantile, options);
}
Array nanquantile(const Array& x, const std::vector<double>& q, const QuantileOptions& options) {
  return find_quantiles(x, q, kNanQuantile, options);
}
Array nanquantile(const Array& x, const Array& q, const QuantileOptions& options) {
  return find_quantiles(x, q, kNanQuantile, options);
}

Array percentile(const Array& x, double q, const QuantileOptions& options) {
  return find_quantiles(x, q, kPercentile, options);
}
Array percentile(const Array& x, const std::vector<double>& q, const QuantileOptions& options) {
  return find_quantiles(x, q, kPercentile, options);
}
Array percentile(const Array& x, const Array& q, const QuantileOptions& options) {
  return find_quantiles(x, q, kPercentile, options);
}

Array nanpercentile(const Array& x, double q, const QuantileOptions& options) {
  return find_quantiles(x, q, kNanPercentile, options);
}
Array nanpercentile(const Array& x, const std::vector<double>& q, const QuantileOptions& options) {
  return find_quantiles(x, q, kNanPercentile, options);
}
Array nanpercentile(const Array& x, const Array& q, const QuantileOptions& options) {
  return find_quantiles(x, q, kNanPercentile, options);
}

}  // namespace varve

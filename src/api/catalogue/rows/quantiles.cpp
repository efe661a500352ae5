#include "api/quantiles.hpp"

#include "api/catalogue/rows/rows.hpp"
#include "varve/creation.hpp"
#include "varve/postponed_refusals.hpp"
#include "varve/selection.hpp"

namespace varve::catalogue {
namespace {

template <Array (*F)(const Array&, const ReduceOptions&)>
Value middle(const Arguments& a) {
  return {F(a.array("x"), {.axis = a.axes("axis"), .keepdims = a.flag("keepdims")})};
}

// Returns q, computed, in its shape. What is wrong with it is told here, where its place is known.
Array checked_quantiles(const Arguments& a, double whole) {
  const Array given = a.array("q");
  if (given.dtype() == DType::boolean || is_complex(given.dtype()))
    a.wrong("q", "a real number, or an array of them");
  const std::vector<double> q = numbers_to_build_with(given);
  for (const double each : q) {
    const std::string refusal = api::refusal_of_quantile(each, whole);
    if (!refusal.empty()) a.refuse("q", refusal);
  }
  return from_values(q, given.shape());
}

// Elements are counted from 0 to kWhole.
template <Array (*F)(const Array&, const Array&, const QuantileOptions&), int kWhole = 1>
Value quantiles(const Arguments& a) {
  return {F(a.array("x"), checked_quantiles(a, kWhole),
            {.axis = a.axes("axis"),
             .method = a.choice<QuantileMethod>("method"),
             .keepdims = a.flag("keepdims")})};
}

}  // namespace

std::vector<Row> quantile_rows() {
  return {
      {"median(x: array, axis: axes=None, keepdims: flag=False)",
       "Middle value over axes, the mean of the two if there are two; NaN if there is one",
       middle<varve::median>},
      {"nanmedian(x: array, axis: axes=None, keepdims: flag=False)",
       "Middle value over axes of the elements that are not NaN", middle<varve::nanmedian>},
      {"quantile(x: array, q: array, axis: axes=None, method|interpolation: quantile_method='linear', "
       "keepdims: flag=False)",
       "The value below which a fraction q of the elements lie; the axes of q come first",
       quantiles<varve::quantile>},
      {"nanquantile(x: array, q: array, axis: axes=None, method|interpolation: quantile_method='linear', "
       "keepdims: flag=False)",
       "quantile of the elements that are not NaN", quantiles<varve::nanquantile>},
      {"percentile(x: array, q: array, axis: axes=None, method|interpolation: quantile_method='linear', "
       "keepdims: flag=False)",
       "quantile with q in percent", quantiles<varve::percentile, 100>},
      {"nanpercentile(x: array, q: array, axis: axes=None, method|interpolation: quantile_method='linear', "
       "keepdims: flag=False)",
       "percentile of the elements that are not NaN", quantiles<varve::nanpercentile, 100>},
  };
}

}  // namespace varve::catalogue

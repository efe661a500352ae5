#include "api/catalogue/rows/rows.hpp"
#include "varve/selection.hpp"

namespace varve::catalogue {
namespace {

template <Array (*F)(const Array&, const ReduceOptions&)>
Value middle(const Arguments& a) {
  return {F(a.array("x"), {.axis = a.axes("axis"), .keepdims = a.flag("keepdims")})};
}

template <Array (*F)(const Array&, const Array&, const QuantileOptions&)>
Value quantiles(const Arguments& a) {
  return {F(a.array("x"), a.array("q"),
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
       "quantile with q in percent", quantiles<varve::percentile>},
      {"nanpercentile(x: array, q: array, axis: axes=None, method|interpolation: quantile_method='linear', "
       "keepdims: flag=False)",
       "percentile of the elements that are not NaN", quantiles<varve::nanpercentile>},
  };
}

}  // namespace varve::catalogue

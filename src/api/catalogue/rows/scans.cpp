#include "varve/scans.hpp"

#include "api/catalogue/rows/rows.hpp"

namespace varve::catalogue {
namespace {

template <Array (*F)(const Array&, const ScanOptions&)>
Value run_along(const Arguments& a) {
  return {F(a.array("x"), {.axis = a.optional_integer("axis"),
                           .dtype = a.optional_dtype("dtype"),
                           .include_initial = a.flag("include_initial")})};
}

}  // namespace

std::vector<Row> scan_rows() {
  return {
      {"cumulative_sum|cumsum(x: array, axis: axis=None, dtype: dtype=None, include_initial: flag=False)",
       "Sums of all elements up to each one along an axis", run_along<varve::cumulative_sum>},
      {"cumulative_prod|cumprod(x: array, axis: axis=None, dtype: dtype=None, include_initial: flag=False)",
       "Products of all elements up to each one along an axis", run_along<varve::cumulative_prod>},
      {"cumulative_max(x: array, axis: axis=None, dtype: dtype=None, include_initial: flag=False)",
       "Largest of all elements up to each one along an axis", run_along<varve::cumulative_max>},
  };
}

}  // namespace varve::catalogue

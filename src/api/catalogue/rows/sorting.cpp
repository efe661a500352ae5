#include "api/catalogue/rows/rows.hpp"
#include "varve/selection.hpp"

namespace varve::catalogue {
namespace {

template <Array (*F)(const Array&, const SortOptions&)>
Value sorted(const Arguments& a) {
  return {F(a.array("x"), {.axis = a.optional_integer("axis"), .descending = a.flag("descending")})};
}

}  // namespace

std::vector<Row> sorting_rows() {
  return {
      {"sort(x: array, axis: axis=-1, descending: flag=False, ~stable: flag=True, ~kind: flag=None)",
       "Elements in ascending order along an axis (None: all); NaN last", sorted<varve::sort>},
      {"argsort(x: array, axis: axis=-1, descending: flag=False, ~stable: flag=True, ~kind: flag=None)",
       "Positions that sort an axis; equal elements keep their order", sorted<varve::argsort>},
      {"topk(x: array, k: integer, axis: axis=-1, largest: flag=True)",
       "The k largest (or least) elements along an axis, in order",
       [](const Arguments& a) -> Value {
         return {
             topk(a.array("x"), a.integer("k"), {.axis = a.integer("axis"), .largest = a.flag("largest")})};
       }},
      {"unique_values|unique(x: array)", "Each value once, in ascending order",
       [](const Arguments& a) -> Value { return {unique_values(a.array("x"))}; }},
  };
}

}  // namespace varve::catalogue

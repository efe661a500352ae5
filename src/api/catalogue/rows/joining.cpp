#include "varve/joining.hpp"

#include "api/catalogue/rows/rows.hpp"

namespace varve::catalogue {

std::vector<Row> joining_rows() {
  return {
      {"concat|concatenate(arrays: arrays, axis: axis=0)",
       "Arrays joined along an axis that they have (None: all elements)",
       [](const Arguments& a) -> Value { return {concat(a.arrays("arrays"), a.optional_integer("axis"))}; }},
      {"stack(arrays: arrays, axis: new_axis=0)", "Arrays of one shape joined along a new axis",
       [](const Arguments& a) -> Value { return {stack(a.arrays("arrays"), a.integer("axis"))}; }},
      {"hstack(arrays: arrays)", "Arrays joined along the second axis; 1-d ones along the only one",
       [](const Arguments& a) -> Value { return {hstack(a.arrays("arrays"))}; }},
      {"vstack(arrays: arrays)", "Arrays joined along the first axis; 1-d ones as rows",
       [](const Arguments& a) -> Value { return {vstack(a.arrays("arrays"))}; }},
  };
}

}  // namespace varve::catalogue

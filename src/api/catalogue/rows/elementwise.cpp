#include "varve/elementwise.hpp"

#include "api/apply.hpp"
#include "api/catalogue/rows/rows.hpp"
#include "ops/elementwise/elementwise_table.hpp"

namespace varve::catalogue {
namespace {

Row row_of(const ops::ElementwiseRow& row) {
  const kernels::ElementwiseOp op = row.op;
  if (row.arity == 1) {
    return {signature_of(row.name, row.aliases, "(x: operand)"), row.summary,
            [op](const Arguments& a) -> Value { return {api::apply(op, a.operand("x"))}; }};
  }
  return {signature_of(row.name, row.aliases, "(x1: operand, x2: operand)"), row.summary,
          [op](const Arguments& a) -> Value { return {api::apply(op, a.operand("x1"), a.operand("x2"))}; }};
}

Value closeness(const Arguments& a) {
  return {isclose(a.operand("x1"), a.operand("x2"),
                  {.rtol = a.real("rtol"), .atol = a.real("atol"), .equal_nan = a.flag("equal_nan")})};
}

Value finite_numbers(const Arguments& a) {
  return {nan_to_num(
      a.operand("x"),
      {.nan = a.real("nan"), .posinf = a.optional_real("posinf"), .neginf = a.optional_real("neginf")})};
}

}  // namespace

std::vector<Row> elementwise_rows() {
  std::vector<Row> rows = {
      {"astype(x: array, dtype: dtype, ~copy: flag=True, ~device: flag=None)",
       "Elements converted to a dtype; floats cut to integers as C does",
       [](const Arguments& a) -> Value { return {astype(a.array("x"), a.dtype("dtype"))}; }},
      {"round|rint|around(x: operand, decimals: integer=0)",
       "The nearest number with so many decimals; halves go to the even one",
       [](const Arguments& a) -> Value { return {round(a.operand("x"), a.integer("decimals"))}; }},
      {"where(condition: operand, x1: operand, x2: operand)", "x1 where the condition is true, x2 elsewhere",
       [](const Arguments& a) -> Value {
         return {where(a.operand("condition"), a.operand("x1"), a.operand("x2"))};
       }},
      {"clip(x: operand, min|a_min: operand=None, max|a_max: operand=None)",
       "Elements below min become min, those above max become max",
       [](const Arguments& a) -> Value {
         return {clip(a.operand("x"), a.optional_operand("min"), a.optional_operand("max"))};
       }},
      {"isclose(x1: operand, x2: operand, rtol: real=1e-05, atol: real=1e-08, equal_nan: flag=False)",
       "True where |x1 - x2| <= atol + rtol * |x2|", closeness},
      {"nan_to_num(x: operand, ~copy: flag=True, nan: real=0.0, posinf: real=None, neginf: real=None)",
       "NaN and infinite elements replaced by numbers", finite_numbers},
  };
  for (const ops::ElementwiseRow& row : ops::elementwise_rows()) {
    if (!row.summary.empty()) rows.push_back(row_of(row));
  }
  return rows;
}

}  // namespace varve::catalogue

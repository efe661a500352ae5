#include "api/reductions.hpp"

#include "api/catalogue/rows/rows.hpp"
#include "ops/reduce/reduce_table.hpp"
#include "varve/elementwise.hpp"

namespace varve::catalogue {
namespace {

using ops::ReduceForm;

std::string_view parameters_of(ReduceForm form) {
  switch (form) {
    case ReduceForm::total:
      return "(x: array, axis: axes=None, dtype: dtype=None, keepdims: flag=False)";
    case ReduceForm::average:
      return "(x: array, axis: axes=None, keepdims: flag=False, dtype: dtype=None)";
    case ReduceForm::spread:
      return "(x: array, axis: axes=None, correction|ddof: real=0, keepdims: flag=False, dtype: dtype=None)";
    case ReduceForm::position:
      return "(x: array, axis: axis=None, keepdims: flag=False)";
    default:
      return "(x: array, axis: axes=None, keepdims: flag=False)";
  }
}

// Returns x in the dtype that NumPy's dtype= names: that of the average, which no integer holds.
Array averaged(const Arguments& a) {
  const auto dtype = a.optional_dtype("dtype");
  if (!dtype) return a.array("x");
  if (is_floating(*dtype) || is_complex(*dtype)) return astype(a.array("x"), *dtype);
  a.wrong("dtype", "a floating or complex dtype");
}

Value reduced(kernels::ReduceOp op, ReduceForm form, const Arguments& a) {
  const bool keepdims = a.flag("keepdims");
  switch (form) {
    case ReduceForm::plain:
      return {api::reduce(op, a.array("x"), ReduceOptions{.axis = a.axes("axis"), .keepdims = keepdims})};
    case ReduceForm::total:
      return {api::reduce(
          op, a.array("x"),
          SumOptions{.axis = a.axes("axis"), .dtype = a.optional_dtype("dtype"), .keepdims = keepdims})};
    case ReduceForm::average:
      return {api::reduce(op, averaged(a), ReduceOptions{.axis = a.axes("axis"), .keepdims = keepdims})};
    case ReduceForm::spread:
      return {api::reduce(
          op, averaged(a),
          VarianceOptions{.axis = a.axes("axis"), .correction = a.real("correction"), .keepdims = keepdims})};
    case ReduceForm::position:
      return {api::reduce(op, a.array("x"),
                          ArgOptions{.axis = a.optional_integer("axis"), .keepdims = keepdims})};
  }
  throw Error("a reduction takes its arguments in a way that no row has");
}

}  // namespace

std::vector<Row> reduction_rows() {
  std::vector<Row> rows;
  for (const ops::ReduceRow& row : ops::reduce_rows()) {
    rows.push_back({signature_of(row.name, row.aliases, parameters_of(row.form)), row.summary,
                    [op = row.op, form = row.form](const Arguments& a) { return reduced(op, form, a); }});
  }
  return rows;
}

}  // namespace varve::catalogue

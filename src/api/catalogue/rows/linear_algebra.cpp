#include "api/catalogue/rows/rows.hpp"
#include "varve/factorizations.hpp"
#include "varve/products.hpp"

namespace varve::catalogue {
namespace {

Value contracted(const Arguments& a) {
  if (a.is_axis_count("axes")) return {tensordot(a.array("x1"), a.array("x2"), a.integer("axes"))};
  const auto pairs = a.integer_lists("axes");
  if (pairs.size() != 2) {
    throw ShapeError("tensordot: axes is a number or a pair of lists, got " + std::to_string(pairs.size()) +
                     " lists");
  }
  return {tensordot(a.array("x1"), a.array("x2"), pairs[0], pairs[1])};
}

Value factored(const Arguments& a) {
  const QrResult factors = qr(a.array("x"), {.mode = a.choice<QrMode>("mode")});
  if (a.word<QrMode>("mode") == "r") return {factors.r};
  return {ValueSequence{true, {{factors.q}, {factors.r}}}};
}

}  // namespace

std::vector<Row> linear_algebra_rows() {
  return {
      {"matmul(x1: array, x2: array)", "x1 @ x2: matrix product over the last two axes",
       [](const Arguments& a) -> Value { return {matmul(a.array("x1"), a.array("x2"))}; }},
      {"tensordot(x1: array, x2: array, axes: axis_pairs=2)", "Sum of products over pairs of axes",
       contracted},
      {"vecdot(x1: array, x2: array, axis: axis=-1)", "Sum of products along one axis; x1 is conjugated",
       [](const Arguments& a) -> Value { return {vecdot(a.array("x1"), a.array("x2"), a.integer("axis"))}; }},
      {"qr(x: array, mode: qr_mode='reduced')", "Q and R with Q @ R == x, Q orthonormal, R upper triangular",
       factored},
      {"lstsq(a: array, b: array)", "The x that makes the norm of a @ x - b least",
       [](const Arguments& a) -> Value { return {lstsq(a.array("a"), a.array("b"))}; }},
      {"cholesky(x: array, upper: flag=False)",
       "The lower triangular L with L @ L^H == x, or the upper U with U^H @ U == x",
       [](const Arguments& a) -> Value { return {cholesky(a.array("x"), {.upper = a.flag("upper")})}; }},
      {"solve(a: array, b: array)", "The x with a @ x == b",
       [](const Arguments& a) -> Value { return {solve(a.array("a"), a.array("b"))}; }},
      {"outer(x1: array, x2: array)", "All products of the elements of two vectors",
       [](const Arguments& a) -> Value { return {outer(a.array("x1"), a.array("x2"))}; }},
  };
}

}  // namespace varve::catalogue

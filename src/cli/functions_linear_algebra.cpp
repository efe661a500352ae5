#include "cli/functions.hpp"
#include "cli/located_error.hpp"
#include "varve/factorizations.hpp"
#include "varve/products.hpp"

namespace varve::cli {
namespace {

Value multiplied(const Arguments& a) { return {matmul(a.array("x1"), a.array("x2"))}; }

Value contracted(const Arguments& a) {
  if (a.is_number("axes")) return {tensordot(a.array("x1"), a.array("x2"), a.integer("axes"))};
  const auto pairs = a.integer_lists("axes");
  if (pairs.size() != 2) {
    throw ShapeError("tensordot: axes is a number or a pair of lists, got " + std::to_string(pairs.size()) +
                     " lists");
  }
  return {tensordot(a.array("x1"), a.array("x2"), pairs[0], pairs[1])};
}

Value factored(const Arguments& a) {
  const std::string mode = a.text("mode");
  if (mode != "reduced" && mode != "complete" && mode != "r") a.wrong("mode", "'reduced', 'complete' or 'r'");
  const QrResult factors =
      qr(a.array("x"), {.mode = mode == "complete" ? QrMode::complete : QrMode::reduced});
  if (mode == "r") return {factors.r};
  return {ValueSequence{true, {{factors.q}, {factors.r}}}};
}

constexpr Function kFunctions[] = {
    {"matmul(x1, x2)", "x1 @ x2: matrix product over the last two axes", multiplied},
    {"tensordot(x1, x2, axes=2)", "Sum of products over pairs of axes", contracted},
    {"vecdot(x1, x2, axis=-1)", "Sum of products along one axis; x1 is conjugated",
     [](const Arguments& a) -> Value { return {vecdot(a.array("x1"), a.array("x2"), a.integer("axis"))}; }},
    {"qr(x, mode='reduced')", "Q and R with Q @ R == x, Q orthonormal, R upper triangular", factored},
    {"lstsq(a, b)", "The x that makes the norm of a @ x - b least",
     [](const Arguments& a) -> Value { return {lstsq(a.array("a"), a.array("b"))}; }},
    {"cholesky(x, upper=False)", "The lower triangular L with L @ L^H == x, or the upper U with U^H @ U == x",
     [](const Arguments& a) -> Value { return {cholesky(a.array("x"), {.upper = a.flag("upper")})}; }},
    {"solve(a, b)", "The x with a @ x == b",
     [](const Arguments& a) -> Value { return {solve(a.array("a"), a.array("b"))}; }},
    {"outer(x1, x2)", "All products of the elements of two vectors",
     [](const Arguments& a) -> Value { return {outer(a.array("x1"), a.array("x2"))}; }},
};

}  // namespace

std::span<const Function> linear_algebra_functions() noexcept { return kFunctions; }

}  // namespace varve::cli

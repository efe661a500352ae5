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
  const QrResult factors = qr(a.array("x"));
  return {ValueSequence{true, {{factors.q}, {factors.r}}}};
}

constexpr Function kFunctions[] = {
    {"matmul(x1, x2)", multiplied},
    {"tensordot(x1, x2, axes=2)", contracted},
    {"vecdot(x1, x2, axis=-1)",
     [](const Arguments& a) -> Value { return {vecdot(a.array("x1"), a.array("x2"), a.integer("axis"))}; }},
    {"qr(x)", factored},
    {"lstsq(a, b)", [](const Arguments& a) -> Value { return {lstsq(a.array("a"), a.array("b"))}; }},
    {"cholesky(x)", [](const Arguments& a) -> Value { return {cholesky(a.array("x"))}; }},
    {"solve(a, b)", [](const Arguments& a) -> Value { return {solve(a.array("a"), a.array("b"))}; }},
    {"outer(x1, x2)", [](const Arguments& a) -> Value { return {outer(a.array("x1"), a.array("x2"))}; }},
};

}  // namespace

std::span<const Function> linear_algebra_functions() noexcept { return kFunctions; }

}  // namespace varve::cli

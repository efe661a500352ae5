#include "cli/functions.hpp"
#include "varve/joining.hpp"
#include "varve/rearranging.hpp"

namespace varve::cli {
namespace {

Value joined(const Arguments& a) { return {concat(a.arrays("arrays"), a.optional_integer("axis"))}; }

Order order_of(const Arguments& a) {
  const std::string order = a.text("order");
  if (order != "C" && order != "F") a.wrong("order", "'C' or 'F'");
  return order == "C" ? Order::c : Order::f;
}

Value reshaped(const Arguments& a) {
  return {reshape(a.array("x"), Shape(a.integers("shape")), order_of(a))};
}

Value flattened(const Arguments& a) { return {reshape(a.array("x"), Shape{-1}, order_of(a))}; }

Value rolled(const Arguments& a) { return {roll(a.array("x"), a.integers("shift"), a.axes("axis"))}; }

Value padded(const Arguments& a) {
  constexpr std::pair<std::string_view, PadMode> kModes[] = {{"constant", PadMode::constant},
                                                             {"edge", PadMode::edge},
                                                             {"reflect", PadMode::reflect},
                                                             {"symmetric", PadMode::symmetric},
                                                             {"wrap", PadMode::wrap}};
  for (const auto& [name, mode] : kModes) {
    if (name == a.text("mode"))
      return {pad(a.array("x"), a.pairs("pad_width"), {mode, a.scalar("constant_values")})};
  }
  a.wrong("mode", "'constant', 'edge', 'reflect', 'symmetric' or 'wrap'");
}

constexpr Function kFunctions[] = {
    {"concat(arrays, axis=0)", "Arrays joined along an axis that they have (None: all elements)", joined},
    {"stack(arrays, axis=0)", "Arrays of one shape joined along a new axis",
     [](const Arguments& a) -> Value { return {stack(a.arrays("arrays"), a.integer("axis"))}; }},
    {"hstack(arrays)", "Arrays joined along the second axis; 1-d ones along the only one",
     [](const Arguments& a) -> Value { return {hstack(a.arrays("arrays"))}; }},
    {"vstack(arrays)", "Arrays joined along the first axis; 1-d ones as rows",
     [](const Arguments& a) -> Value { return {vstack(a.arrays("arrays"))}; }},
    {"reshape(x, *shape, order='C', ~copy=None)",
     "The same elements in order, in another shape; one extent may be -1", reshaped},
    {"ravel(x, order='C')", "All elements in order, as one axis", flattened},
    {"roll(x, shift, axis=None)", "Elements moved along axes; those that leave come back at the other end",
     rolled},
    {"pad(x, pad_width, mode='constant', constant_values=0)", "Borders added around an array", padded},
};

}  // namespace

std::span<const Function> gather_functions() noexcept { return kFunctions; }

}  // namespace varve::cli

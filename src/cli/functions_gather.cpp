#include "cli/functions.hpp"
#include "varve/joining.hpp"
#include "varve/rearranging.hpp"

namespace varve::cli {
namespace {

template <Array (*F)(const std::vector<Array>&, std::int64_t)>
Value joined(const Arguments& a) {
  return {F(a.arrays("arrays"), a.integer("axis"))};
}

Value reshaped(const Arguments& a) {
  const std::string order = a.text("order");
  if (order != "C" && order != "F") a.wrong("order", "'C' or 'F'");
  return {reshape(a.array("x"), Shape(a.integers("shape")), order == "C" ? Order::c : Order::f)};
}

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
    {"concat(arrays, axis=0)", joined<varve::concat>},
    {"stack(arrays, axis=0)", joined<varve::stack>},
    {"hstack(arrays)", [](const Arguments& a) -> Value { return {hstack(a.arrays("arrays"))}; }},
    {"vstack(arrays)", [](const Arguments& a) -> Value { return {vstack(a.arrays("arrays"))}; }},
    {"reshape(x, *shape, order='C')", reshaped},
    {"ravel(x)", [](const Arguments& a) -> Value { return {ravel(a.array("x"))}; }},
    {"roll(x, shift, axis=None)", rolled},
    {"pad(x, pad_width, mode='constant', constant_values=0)", padded},
};

}  // namespace

std::span<const Function> gather_functions() noexcept { return kFunctions; }

}  // namespace varve::cli

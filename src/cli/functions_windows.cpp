#include "cli/functions.hpp"
#include "varve/windows.hpp"

namespace varve::cli {
namespace {

Boundary boundary(const Arguments& a) {
  // scipy.ndimage has two names for most.
  constexpr std::pair<std::string_view, Boundary> kModes[] = {
      {"reflect", Boundary::reflect},   {"grid-mirror", Boundary::reflect},
      {"constant", Boundary::constant}, {"nearest", Boundary::nearest},
      {"mirror", Boundary::mirror},     {"grid-constant", Boundary::constant},
      {"wrap", Boundary::wrap},         {"grid-wrap", Boundary::wrap}};
  for (const auto& [name, mode] : kModes) {
    if (name == a.text("mode")) return mode;
  }
  a.wrong("mode", "'reflect', 'constant', 'nearest', 'mirror' or 'wrap'");
}

FilterOptions filter_options(const Arguments& a) {
  return {boundary(a), a.scalar("cval"), a.integers("origin")};
}

template <Array (*F)(const Array&, const Array&, const FilterOptions&)>
Value weighted(const Arguments& a) {
  return {F(a.array("x"), a.array("weights"), filter_options(a))};
}

Value averaged(const Arguments& a) {
  return {uniform_filter(a.array("x"), a.integers("size"), filter_options(a))};
}

Value smoothed(const Arguments& a) {
  return {
      gaussian_filter(a.array("x"), a.reals("sigma"), {boundary(a), a.scalar("cval"), a.real("truncate")})};
}

Value second_differences(const Arguments& a) {
  return {laplace(a.array("x"), {boundary(a), a.scalar("cval")})};
}

constexpr Function kFunctions[] = {
    {"uniform_filter(x, size=3, mode='reflect', cval=0, origin=0)",
     "Mean of a window of so many elements around each, as in scipy.ndimage", averaged},
    {"gaussian_filter(x, sigma, mode='reflect', cval=0, truncate=4.0)",
     "Smoothed by a Gaussian of deviation sigma, as in scipy.ndimage", smoothed},
    {"correlate(x, weights, mode='reflect', cval=0, origin=0)",
     "Sum over a window of elements times weights, as in scipy.ndimage", weighted<varve::correlate>},
    {"convolve(x, weights, mode='reflect', cval=0, origin=0)",
     "correlate with the weights reversed, as in scipy.ndimage", weighted<varve::convolve>},
    {"laplace(x, mode='reflect', cval=0)", "Sum of second differences over all axes, as in scipy.ndimage",
     second_differences},
};

}  // namespace

std::span<const Function> window_functions() noexcept { return kFunctions; }

}  // namespace varve::cli

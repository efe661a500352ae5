#include "varve/windows.hpp"

#include "api/catalogue/rows/rows.hpp"

namespace varve::catalogue {
namespace {

FilterOptions filter_options(const Arguments& a) {
  return {a.choice<Boundary>("mode"), a.scalar("cval"), a.integers("origin")};
}

template <Array (*F)(const Array&, const Array&, const FilterOptions&)>
Value weighted(const Arguments& a) {
  return {F(a.array("x"), a.array("weights"), filter_options(a))};
}

Value smoothed(const Arguments& a) {
  return {gaussian_filter(a.array("x"), a.reals("sigma"),
                          {a.choice<Boundary>("mode"), a.scalar("cval"), a.real("truncate")})};
}

}  // namespace

std::vector<Row> window_rows() {
  return {
      {"uniform_filter(x: array, size: integers=3, mode: boundary='reflect', cval: scalar=0, "
       "origin: integers=0)",
       "Mean of a window of so many elements around each, as in scipy.ndimage",
       [](const Arguments& a) -> Value {
         return {uniform_filter(a.array("x"), a.integers("size"), filter_options(a))};
       }},
      {"gaussian_filter(x: array, sigma: reals, mode: boundary='reflect', cval: scalar=0, "
       "truncate: real=4.0)",
       "Smoothed by a Gaussian of deviation sigma, as in scipy.ndimage", smoothed},
      {"correlate(x: array, weights: array, mode: boundary='reflect', cval: scalar=0, origin: integers=0)",
       "Sum over a window of elements times weights, as in scipy.ndimage", weighted<varve::correlate>},
      {"convolve(x: array, weights: array, mode: boundary='reflect', cval: scalar=0, origin: integers=0)",
       "correlate with the weights reversed, as in scipy.ndimage", weighted<varve::convolve>},
      {"laplace(x: array, mode: boundary='reflect', cval: scalar=0)",
       "Sum of second differences over all axes, as in scipy.ndimage",
       [](const Arguments& a) -> Value {
         return {laplace(a.array("x"), {a.choice<Boundary>("mode"), a.scalar("cval")})};
       }},
  };
}

}  // namespace varve::catalogue

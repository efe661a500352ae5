#include "ops/reduction_cases.hpp"

#include <algorithm>
#include <cmath>

#include "varve/reductions.hpp"

namespace varve::test {
namespace {

Axes axes_of(const dense::Reduction& options) { return options.axes ? Axes(*options.axes) : Axes(); }

std::optional<std::int64_t> axis_of(const dense::Reduction& options) {
  return options.axes ? std::optional(options.axes->front()) : std::nullopt;
}

// One caller per kind of options.
#define VARVE_PLAIN(function)                                                            \
  #function, [](const Array& x, const dense::Reduction& options) {                       \
    return varve::function(x, {.axis = axes_of(options), .keepdims = options.keepdims}); \
  }
#define VARVE_SUM(function)                                                                   \
  #function, [](const Array& x, const dense::Reduction& options) {                            \
    return varve::function(                                                                   \
        x, {.axis = axes_of(options), .dtype = options.dtype, .keepdims = options.keepdims}); \
  }
#define VARVE_SPREAD(name, function)                                                                    \
  name, [](const Array& x, const dense::Reduction& options) {                                           \
    return varve::function(                                                                             \
        x, {.axis = axes_of(options), .correction = options.correction, .keepdims = options.keepdims}); \
  }
#define VARVE_ARG(function)                                                              \
  #function, [](const Array& x, const dense::Reduction& options) {                       \
    return varve::function(x, {.axis = axis_of(options), .keepdims = options.keepdims}); \
  }

const Domain kAny{.low = -100, .high = 100, .specials = true};
const Domain kFinite{.low = -100, .high = 100};
const Domain kWithNan{.low = -100, .high = 100, .nans = true};
const Domain kNearOne{.low = -2, .high = 2, .nonzero = true};
const Domain kNearOneOrNan{.low = -2, .high = 2, .nans = true, .nonzero = true};
const Domain kFew{.low = 0, .high = 2, .specials = true};  // many equal values: the first must win

// Traits of the families.
const ReductionTraits kPlain{};
const ReductionTraits kNeedsElements{.needs_elements = true};
const ReductionTraits kTakesDType{.takes_dtype = true};
const ReductionTraits kTakesCorrection{.takes_correction = true};
const ReductionTraits kPosition{.one_axis = true, .needs_elements = true};

const std::vector<ReductionCase>& rows() {
  using enum Rounding;
  static const std::vector<ReductionCase> table = {
      {VARVE_SUM(sum), "biufc", sum, kFinite, kTakesDType},
      {VARVE_SUM(prod), "biufc", product, kNearOne, kTakesDType},
      {VARVE_PLAIN(min), "biuf", none, kAny, kNeedsElements},
      {VARVE_PLAIN(max), "biuf", none, kAny, kNeedsElements},
      {VARVE_PLAIN(mean), "biufc", sum, kFinite, kPlain},
      {VARVE_SPREAD("var", var), "biufc", squares, kFinite, kTakesCorrection},
      {VARVE_SPREAD("std", stddev), "biufc", root, kFinite, kTakesCorrection},
      {VARVE_PLAIN(any), "biufc", none, kFew, kPlain},
      {VARVE_PLAIN(all), "biufc", none, kFew, kPlain},
      {VARVE_PLAIN(count_nonzero), "biufc", none, kFew, kPlain},
      {VARVE_ARG(argmin), "biuf", none, kFew, kPosition},
      {VARVE_ARG(argmax), "biuf", none, kFew, kPosition},
      {VARVE_SUM(nansum), "biufc", sum, kWithNan, kTakesDType},
      {VARVE_SUM(nanprod), "biufc", product, kNearOneOrNan, kTakesDType},
      {VARVE_PLAIN(nanmin), "biuf", none, kAny, kNeedsElements},
      {VARVE_PLAIN(nanmax), "biuf", none, kAny, kNeedsElements},
      {VARVE_PLAIN(nanmean), "biufc", sum, kWithNan, kPlain},
      {VARVE_SPREAD("nanvar", nanvar), "biuf", squares, kWithNan, kTakesCorrection},
      {VARVE_SPREAD("nanstd", nanstd), "biuf", root, kWithNan, kTakesCorrection},
      {VARVE_ARG(nanargmin), "biuf", none, kFew, kPosition},
      {VARVE_ARG(nanargmax), "biuf", none, kFew, kPosition},
      {VARVE_PLAIN(nancount), "biufc", none, kWithNan, kPlain},
  };
  return table;
}

}  // namespace

std::span<const ReductionCase> reduction_cases() { return rows(); }

double allowed_error(Rounding rounding, const dense::Dense& x) {
  if (rounding == Rounding::none) return 0;
  double largest = 0;
  for (const dense::Number& value : x.values) {
    if (!dense::is_nan(value)) largest = std::max(largest, static_cast<double>(std::abs(value)));
  }
  const double unit = std::ldexp(1.0, -53) * static_cast<double>(std::max<std::int64_t>(x.size(), 4));
  const double sum = unit * largest;
  const double squares = 4 * unit * largest * largest;
  switch (rounding) {
    case Rounding::sum:
      return sum * static_cast<double>(x.size());
    case Rounding::product:
      return 0;
    case Rounding::squares:
      return squares;
    case Rounding::root:
      return std::sqrt(squares);
    case Rounding::none:
      return 0;
  }
  return 0;
}

}  // namespace varve::test

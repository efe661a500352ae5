#pragma once

#include <span>
#include <string_view>

#include "support/dense.hpp"
#include "support/values.hpp"
#include "varve/array.hpp"

namespace varve::test {

/// Says what makes two results of a reduction differ: nothing, roundings of the sum, or those of a sum of
/// squares.
enum class Rounding { none, sum, product, squares, root };

struct ReductionTraits {
  bool one_axis = false;        ///< takes one axis or all, no list (arg*)
  bool needs_elements = false;  ///< refuses to reduce nothing
  bool takes_dtype = false;
  bool takes_correction = false;
};

/// One public reduction. The oracle finds its reference by the name.
struct ReductionCase {
  std::string_view name;
  Array (*call)(const Array& x, const dense::Reduction& options);
  std::string_view kinds;  ///< kinds of dtype that it takes, as in ElementwiseCase
  Rounding rounding;
  Domain domain;
  ReductionTraits traits;
};

[[nodiscard]] std::span<const ReductionCase> reduction_cases();

/// Returns the error that a correct result over `count` elements of those magnitudes may have: the sum
/// accumulates in float64 in any order and is rounded to the dtype once (`ulps` of the checker).
[[nodiscard]] double allowed_error(Rounding rounding, const dense::Dense& x);

}  // namespace varve::test

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "support/dense.hpp"
#include "varve/array.hpp"
#include "varve/runtime.hpp"

namespace varve::test {

/// Says how far a value may be from the oracle's: `ulps` units in the last place of the result, plus
/// `absolute`. NaN equals NaN. With both zero values must be equal, and so must the signs of zeros unless
/// `any_zero`.
struct Tolerance {
  double ulps = 0;
  double absolute = 0;
  bool any_zero = true;
};

/// Describes the first differences between two arrays: dtype, shape, values. Nothing if they match.
[[nodiscard]] std::optional<std::string> difference(const dense::Dense& actual, const dense::Dense& expected,
                                                    const Tolerance& tolerance = {});

/// Says under what a computation runs. `memory` < 0: the smallest budget that the plan accepts.
struct Variant {
  std::int64_t memory = 0;
  int threads = 0;
};

/// Lists the variants of one check: the environment's VARVE_TEST_VARIANTS ("smallest/1,64MiB/8"), else a
/// fixed three.
[[nodiscard]] std::vector<Variant> variants();

/// Returns the smallest budget, in bytes, under which the arrays can be computed together.
[[nodiscard]] std::int64_t smallest_budget(const std::vector<Array>& arrays);

/// Computes arrays together under a variant and returns their bytes in C order, which outlive the run.
[[nodiscard]] std::vector<std::vector<std::byte>> bytes_under(const Variant& variant,
                                                              const std::vector<Array>& arrays);

/// Checks a lazy array without asserting: dtype and shape, natural chunks inside the shape, values under each
/// variant, and the same bits under all of them. Returns what is wrong, or nothing.
[[nodiscard]] std::optional<std::string> mismatch(const Array& lazy, const dense::Dense& expected,
                                                  const Tolerance& tolerance = {});

/// Asserts that there is no mismatch.
void require_matches(const Array& lazy, const dense::Dense& expected, const Tolerance& tolerance = {});

}  // namespace varve::test

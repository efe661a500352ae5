#pragma once

#include <optional>
#include <string_view>

#include "support/dense.hpp"

namespace varve::test {

// Bounds of the absolute error that a correct engine may have after one more operation, where its operands
// may be off by `x_error` and `y_error` already. Zero: the result is exact or rounded in one way only.
// Nothing: no useful bound exists (a comparison of inexact values, say), and the operation must not be used
// there.

[[nodiscard]] std::optional<double> unary_error(std::string_view name, const dense::Dense& x, double x_error,
                                                const dense::Dense& result);
[[nodiscard]] std::optional<double> binary_error(std::string_view name, const dense::Dense& x, double x_error,
                                                 const dense::Dense& y, double y_error,
                                                 const dense::Dense& result);
[[nodiscard]] double cast_error(const dense::Dense& x, double x_error, const dense::Dense& result);
/// `folded` is the number of elements behind each result.
[[nodiscard]] std::optional<double> reduction_error(std::string_view name, const dense::Dense& x,
                                                    double x_error, std::int64_t folded,
                                                    const dense::Dense& result);

/// Of the mean of the two middle elements.
[[nodiscard]] std::optional<double> median_error(const dense::Dense& x, double x_error,
                                                 const dense::Dense& result);
/// Of sums of `terms` products of elements of x and y.
[[nodiscard]] std::optional<double> product_error(const dense::Dense& x, double x_error,
                                                  const dense::Dense& y, double y_error, std::int64_t terms,
                                                  const dense::Dense& result);

}  // namespace varve::test

#pragma once

#include <vector>

#include "cli/value.hpp"

namespace varve::cli {

/// Bounds the positions of one computed index; they lie in memory beside the budget.
inline constexpr std::int64_t kMaxPositions = std::int64_t{1} << 24;

/// Computes a 0-d integer array, so that it stands for the number it holds; any other value stays as it is.
/// Errors: IndexError for a number beyond 63 bits; those of `compute`.
[[nodiscard]] Value with_number(Value value);

/// Computes a 1-d array of integers that select along an axis.
/// Errors: IndexError if it is another array, or longer than `kMaxPositions`; those of `compute`.
[[nodiscard]] std::vector<std::int64_t> positions_in(const Array& indices);

/// Computes where a 1-d mask is true. Errors: those of `positions_in`.
[[nodiscard]] std::vector<std::int64_t> positions_where(const Array& mask);

}  // namespace varve::cli

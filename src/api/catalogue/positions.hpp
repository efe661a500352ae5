#pragma once

#include <vector>

#include "api/catalogue/value.hpp"

namespace varve::catalogue {

/// Computes a 0-d integer array, so that it stands for the number it holds; any other value stays as it is.
/// Errors: IndexError for a number beyond 63 bits; those of `compute`.
[[nodiscard]] Value with_number(Value value);

/// Makes an array of a list that stands in an index: nested lists of integers, or of True and False,
/// computing what stands in it. Errors: IndexError if it holds anything else, or is ragged; those of
/// `compute`.
[[nodiscard]] Array array_of_list(const Value& list);

/// Computes an array of integers that select along an axis.
/// Errors: IndexError if it is another array, or has more than `kMaxPositions` elements; those of `compute`.
[[nodiscard]] Positions positions_in(const Array& indices);

/// Computes where a mask is true: a list of positions for each of its axes, as NumPy's `nonzero`.
/// Errors: those of `positions_in`.
[[nodiscard]] std::vector<Positions> positions_where(const Array& mask);

/// Computes a 0-d mask.
[[nodiscard]] bool truth_of(const Array& mask);

}  // namespace varve::catalogue

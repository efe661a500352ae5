#pragma once

#include <string>

#include "varve/core/strided_view.hpp"

namespace varve::cli {

/// Arrays of more elements are shortened to this many at each end of each axis, as in NumPy.
inline constexpr std::int64_t kPrintWhole = 1000;
inline constexpr std::int64_t kPrintEdge = 3;

/// Returns the shape that is printed of an array: its own, or that of its edges if it is shortened.
[[nodiscard]] Shape printed_shape(const Shape& shape);

/// Formats an array as NumPy prints it. `edges` holds its values, or those of its edges: the shape is
/// printed_shape(shape).
[[nodiscard]] std::string array_text(const ConstStridedView& edges, const Shape& shape);

}  // namespace varve::cli

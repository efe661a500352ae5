#pragma once

#include <string>
#include <vector>

#include "varve/core/strided_view.hpp"

namespace varve::cli {

/// Formats one element in full: the shortest text that reads back as the same value, in Python's spelling.
[[nodiscard]] std::string element_text(const std::byte* element, DType dtype);

/// Formats all elements, in C order, for printing in columns as NumPy does by default: equal widths, decimal
/// points below each other, at most 8 digits after them.
[[nodiscard]] std::vector<std::string> aligned_elements(const ConstStridedView& view);

}  // namespace varve::cli

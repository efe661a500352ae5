#pragma once

#include <cstdio>

#include "varve/core/strided_view.hpp"

namespace varve::cli {

/// Writes {"shape": [...], "dtype": "...", "data": ...} and a newline. Data are nested lists, or one value if
/// 0-d. Floats have the shortest digits that read back exactly; "NaN", "Infinity" and "-Infinity" are
/// strings; complex numbers are pairs [real, imaginary].
void write_json(std::FILE* file, const ConstStridedView& view);

}  // namespace varve::cli

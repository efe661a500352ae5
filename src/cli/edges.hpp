#pragma once

#include <vector>

#include "varve/array.hpp"

namespace varve::cli {

/// Cuts what is printed of an array into lazy pieces: the array itself, or, if printing shortens it, its
/// corners, so that only their chunks are read. The last axes vary fastest, front before back.
[[nodiscard]] std::vector<Array> printed_pieces(const Array& array);

/// Dense memory with a shape.
struct DenseValues {
  std::vector<std::byte> bytes;
  DType dtype = DType::float64;
  Shape shape;

  [[nodiscard]] ConstStridedView view() const { return {bytes.data(), dtype, shape}; }
};

/// Joins the computed pieces of an array of that shape into what `array_text` prints.
[[nodiscard]] DenseValues join_pieces(const std::vector<Array>& pieces, const Shape& shape);

}  // namespace varve::cli

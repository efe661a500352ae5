#pragma once

#include "expr/node.hpp"
#include "expr/parameters.hpp"
#include "varve/core/walks.hpp"

namespace varve::ops {

/// Cuts the elements of a mask, in C order, into blocks of about a million elements: stretches of one axis,
/// with the axes behind it whole.
struct MaskBlocks {
  std::int64_t axis = 0;     ///< the axis that is cut
  std::int64_t stretch = 1;  ///< indices of it that a block has
  std::int64_t row = 1;      ///< elements of this axis and those behind it
  std::int64_t block = 1;    ///< elements of a block; the last of a row may have less
  std::int64_t rows = 1;

  MaskBlocks() = default;
  explicit MaskBlocks(const Shape& shape);
  [[nodiscard]] std::int64_t per_row() const noexcept { return divide_up(row, block); }
  [[nodiscard]] std::int64_t count() const noexcept { return rows * per_row(); }
  /// Returns the number of elements before a block; for the block after the last: all.
  [[nodiscard]] std::int64_t start(std::int64_t number) const noexcept {
    return number / per_row() * row + number % per_row() * block;
  }
  [[nodiscard]] std::int64_t block_of(std::int64_t element) const noexcept {
    return element / row * per_row() + element % row / block;
  }
};

/// The number of true elements before each block, and of all at the end. Where the numbers are guesses, for a
/// plan that is not run, memory is asked for that does for any number.
struct TrueCounts {
  expr::Held before;  ///< of int64
  bool guessed = false;
};

/// Takes the elements of `input` where `mask`, an array of bool with the extents of the input's leading axes,
/// is true: one row of the trailing axes each, in C order. Natural chunks: about as many rows as a row of the
/// input's chunks gives.
[[nodiscard]] expr::NodePtr take_true(const expr::NodePtr& input, const expr::NodePtr& mask,
                                      const TrueCounts& counts);

}  // namespace varve::ops

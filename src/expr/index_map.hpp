#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "varve/core/box.hpp"

namespace varve::expr {

/// Says where the coordinate of one input axis comes from:
/// constant (`offset`), affine (`offset + step * out[output_axis]`), or listed
/// (`positions[out[output_axis]]`).
struct AxisMap {
  std::int64_t output_axis = -1;  ///< -1: constant
  std::int64_t offset = 0;
  std::int64_t step = 0;
  /// Listed, if set; offset and step are then unused.
  std::shared_ptr<const std::vector<std::int64_t>> positions;

  [[nodiscard]] bool is_constant() const noexcept { return output_axis < 0; }
  [[nodiscard]] bool is_listed() const noexcept { return positions != nullptr; }
  /// Returns the input coordinate for an output coordinate.
  [[nodiscard]] std::int64_t at(std::int64_t out) const noexcept {
    if (positions) return (*positions)[static_cast<std::size_t>(out)];
    return offset + step * out;
  }
  friend bool operator==(const AxisMap& left, const AxisMap& right);
};

/// Maps coordinates of an output index space to those of an input: slices, strides, flips, transposes,
/// broadcasts, taken positions and diagonals are all of this form, and it is closed under composition.
/// Immutable value.
class IndexMap {
 public:
  IndexMap() = default;
  IndexMap(const Shape& output_shape, std::vector<AxisMap> axes)
      : output_shape_(output_shape), axes_(std::move(axes)) {}

  [[nodiscard]] static IndexMap identity(const Shape& shape);
  /// Broadcasts `input` to `output` by NumPy's rules (which must allow it).
  [[nodiscard]] static IndexMap broadcast(const Shape& input, const Shape& output);

  [[nodiscard]] const Shape& output_shape() const noexcept { return output_shape_; }
  [[nodiscard]] const std::vector<AxisMap>& axes() const noexcept { return axes_; }
  [[nodiscard]] std::int64_t input_ndim() const noexcept { return static_cast<std::int64_t>(axes_.size()); }

  /// Returns the smallest box of the input that holds all that the non-empty `output` box needs.
  [[nodiscard]] Box demand(const Box& output) const;

  /// Returns the map that first applies `outer` (new output -> our output) and then this one.
  [[nodiscard]] IndexMap after(const IndexMap& outer) const;

  /// Tells, per output axis, whether the input depends on it.
  [[nodiscard]] std::vector<bool> used_axes() const;
  [[nodiscard]] bool is_identity(const Shape& input_shape) const;
  /// Tells whether some axis picks listed positions.
  [[nodiscard]] bool has_lists() const noexcept;
  [[nodiscard]] std::uint64_t hash() const noexcept;

  friend bool operator==(const IndexMap&, const IndexMap&) = default;

 private:
  Shape output_shape_;
  std::vector<AxisMap> axes_;  ///< one per input axis
};

/// Returns the output positions i in [lo, hi) with `first <= axis.at(i) < last`, for an affine axis with step
/// != 0.
struct Interval {
  std::int64_t lo = 0;
  std::int64_t hi = 0;
};
[[nodiscard]] Interval preimage(const AxisMap& axis, std::int64_t first, std::int64_t last, Interval within);

/// Mixes a value into a hash (64-bit FNV-1a over its bytes).
[[nodiscard]] std::uint64_t mix_hash(std::uint64_t seed, std::uint64_t value) noexcept;

}  // namespace varve::expr

#include "expr/index_map.hpp"

#include <algorithm>
#include <bit>

namespace varve::expr {
namespace {

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  const std::int64_t q = a / b;
  return (a % b != 0 && ((a < 0) != (b < 0))) ? q - 1 : q;
}
std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return -floor_div(-a, b); }

AxisMap compose_axis(const AxisMap& inner, const AxisMap& outer, std::int64_t extent) {
  if (outer.is_constant()) return {-1, inner.at(outer.offset), 0, nullptr};
  if (!inner.is_listed() && !outer.is_listed()) {
    return {outer.output_axis, inner.offset + inner.step * outer.offset, inner.step * outer.step, nullptr};
  }
  auto positions = std::make_shared<std::vector<std::int64_t>>();
  positions->reserve(static_cast<std::size_t>(extent));
  for (std::int64_t i = 0; i < extent; ++i) positions->push_back(inner.at(outer.at(i)));
  return {outer.output_axis, 0, 0, std::move(positions)};
}

// Lists have millions of positions, and are hashed often: a word at a time. An odd factor keeps every step
// invertible; the rotation carries high bits, which products never reach, down again.
std::uint64_t hash_of_list(const std::vector<std::int64_t>& positions) {
  std::uint64_t seed = positions.size();
  for (const std::int64_t position : positions)
    seed = std::rotl((seed ^ static_cast<std::uint64_t>(position)) * 0x9e3779b97f4a7c15ULL, 29);
  return seed;
}

}  // namespace

bool operator==(const AxisMap& left, const AxisMap& right) {
  if (left.output_axis != right.output_axis || left.offset != right.offset || left.step != right.step)
    return false;
  if (left.positions == right.positions) return true;
  return left.positions && right.positions && *left.positions == *right.positions;
}

IndexMap IndexMap::identity(const Shape& shape) { return broadcast(shape, shape); }

IndexMap IndexMap::broadcast(const Shape& input, const Shape& output) {
  std::vector<AxisMap> axes;
  const std::int64_t added = output.size() - input.size();
  for (std::int64_t axis = 0; axis < input.size(); ++axis) {
    const bool stretched = input[axis] == 1 && output[axis + added] != 1;
    axes.push_back(stretched ? AxisMap{} : AxisMap{axis + added, 0, 1, nullptr});
  }
  return {output, std::move(axes)};
}

Box IndexMap::demand(const Box& output) const {
  Box box(Index(input_ndim(), 0), Index(input_ndim(), 0));
  for (std::int64_t axis = 0; axis < input_ndim(); ++axis) {
    const AxisMap& map = axes_[static_cast<std::size_t>(axis)];
    if (map.is_constant()) {
      box.lo[axis] = map.offset;
      box.hi[axis] = map.offset + 1;
    } else if (map.is_listed()) {
      const auto first = map.positions->begin() + output.lo[map.output_axis];
      const auto last = map.positions->begin() + output.hi[map.output_axis];
      const auto [min, max] = std::minmax_element(first, last);
      box.lo[axis] = *min;
      box.hi[axis] = *max + 1;
    } else {
      const std::int64_t a = map.at(output.lo[map.output_axis]);
      const std::int64_t b = map.at(output.hi[map.output_axis] - 1);
      box.lo[axis] = std::min(a, b);
      box.hi[axis] = std::max(a, b) + 1;
    }
  }
  return box;
}

IndexMap IndexMap::after(const IndexMap& outer) const {
  std::vector<AxisMap> axes;
  axes.reserve(axes_.size());
  for (const AxisMap& inner : axes_) {
    if (inner.is_constant()) {
      axes.push_back(inner);
      continue;
    }
    const AxisMap& via = outer.axes_[static_cast<std::size_t>(inner.output_axis)];
    axes.push_back(compose_axis(inner, via, via.is_constant() ? 1 : outer.output_shape_[via.output_axis]));
  }
  return {outer.output_shape_, std::move(axes)};
}

std::vector<bool> IndexMap::used_axes() const {
  std::vector<bool> used(static_cast<std::size_t>(output_shape_.size()), false);
  for (const AxisMap& map : axes_) {
    if (!map.is_constant()) used[static_cast<std::size_t>(map.output_axis)] = true;
  }
  return used;
}

bool IndexMap::is_identity(const Shape& input_shape) const {
  if (input_shape.size() != output_shape_.size() || !(input_shape == output_shape_)) return false;
  for (std::int64_t axis = 0; axis < input_ndim(); ++axis) {
    const AxisMap& map = axes_[static_cast<std::size_t>(axis)];
    if (input_shape[axis] == 1 && !map.is_listed() && map.at(0) == 0) continue;
    if (map.output_axis != axis || map.offset != 0 || map.step != 1 || map.is_listed()) return false;
  }
  return true;
}

bool IndexMap::has_lists() const noexcept {
  return std::any_of(axes_.begin(), axes_.end(), [](const AxisMap& map) { return map.is_listed(); });
}

std::uint64_t mix_hash(std::uint64_t seed, std::uint64_t value) noexcept {
  constexpr std::uint64_t kPrime = 0x100000001b3ULL;
  for (int byte = 0; byte < 8; ++byte) seed = (seed ^ ((value >> (8 * byte)) & 0xffU)) * kPrime;
  return seed;
}

std::uint64_t IndexMap::hash() const noexcept {
  std::uint64_t seed = 0xcbf29ce484222325ULL;
  for (const std::int64_t extent : output_shape_) seed = mix_hash(seed, static_cast<std::uint64_t>(extent));
  for (const AxisMap& map : axes_) {
    seed = mix_hash(seed, static_cast<std::uint64_t>(map.output_axis));
    seed = mix_hash(seed, static_cast<std::uint64_t>(map.offset));
    seed = mix_hash(seed, static_cast<std::uint64_t>(map.step));
    if (!map.positions) continue;
    seed = mix_hash(seed, hash_of_list(*map.positions));
  }
  return seed;
}

Interval preimage(const AxisMap& axis, std::int64_t first, std::int64_t last, Interval within) {
  std::int64_t lo = 0;
  std::int64_t hi = 0;
  if (axis.step > 0) {
    lo = ceil_div(first - axis.offset, axis.step);
    hi = ceil_div(last - axis.offset, axis.step);
  } else {
    lo = floor_div(last - axis.offset, axis.step) + 1;
    hi = floor_div(first - axis.offset, axis.step) + 1;
  }
  return {std::max(lo, within.lo), std::min(hi, within.hi)};
}

}  // namespace varve::expr

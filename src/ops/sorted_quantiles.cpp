#include "ops/sorted_quantiles.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

#include "expr/node.hpp"
#include "varve/core/scalar.hpp"

namespace varve::ops {

SortedQuantiles::SortedQuantiles(const std::vector<double>& wanted) : place(wanted.size()) {
  std::iota(place.begin(), place.end(), 0);
  std::stable_sort(place.begin(), place.end(), [&](std::int64_t a, std::int64_t b) {
    return wanted[static_cast<std::size_t>(a)] < wanted[static_cast<std::size_t>(b)];
  });
  for (const std::int64_t at : place) q.push_back(wanted[static_cast<std::size_t>(at)]);
}

std::uint64_t SortedQuantiles::hash() const noexcept {
  std::uint64_t seed = q.size();
  for (const double value : q) seed = expr::mix_hash(seed, std::bit_cast<std::uint64_t>(value));
  for (const std::int64_t at : place) seed = expr::mix_hash(seed, static_cast<std::uint64_t>(at));
  return seed;
}

void SortedQuantiles::scatter(const kernels::QuantileValue* values, std::int64_t lo, std::int64_t hi,
                              const Index& kept, const StridedView& out) const {
  std::byte* target = out.data;
  for (std::int64_t axis = 0; axis < kept.size(); ++axis) target += kept[axis] * out.byte_strides[axis + 1];
  for (std::size_t i = 0; i < q.size(); ++i) {
    if (place[i] < lo || place[i] >= hi) continue;
    const Scalar value = is_floating(out.dtype) ? Scalar(values[i].number) : Scalar(values[i].element);
    value.store(out.dtype, target + (place[i] - lo) * out.byte_strides[0]);
  }
}

}  // namespace varve::ops

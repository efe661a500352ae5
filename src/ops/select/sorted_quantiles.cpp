#include "ops/select/sorted_quantiles.hpp"

#include <algorithm>
#include <numeric>

#include "expr/parameters.hpp"
#include "varve/core/scalar.hpp"

namespace varve::ops {

SortedQuantiles::SortedQuantiles(const std::vector<double>& wanted) : place(wanted.size()) {
  std::iota(place.begin(), place.end(), 0);
  std::stable_sort(place.begin(), place.end(), [&](std::int64_t a, std::int64_t b) {
    return wanted[static_cast<std::size_t>(a)] < wanted[static_cast<std::size_t>(b)];
  });
  for (const std::int64_t at : place) q.push_back(wanted[static_cast<std::size_t>(at)]);
}

void SortedQuantiles::prepare() const {
  std::vector<std::int64_t> places = place;
  std::sort(places.begin(), places.end());
  bool fits = !q.empty() && q.size() == place.size() && std::is_sorted(q.begin(), q.end());
  for (std::size_t i = 0; fits && i < q.size(); ++i)
    fits = q[i] >= 0 && q[i] <= 1 && places[i] == static_cast<std::int64_t>(i);
  expr::require_parameter(fits, "quantiles ascend from 0 to 1, and have a place each");
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

#include <algorithm>
#include <numeric>

#include "support/dense.hpp"

namespace varve::dense {

Dense gather(const Dense& x, const Shape& shape, const std::function<Index(const Index&)>& source) {
  Dense out(x.dtype, shape);
  for_each_index(shape, [&](const Index& to) { out.at(to) = x.at(source(to)); });
  return out;
}

Dense permute(const Dense& x, const std::vector<std::int64_t>& axes) {
  Shape shape;
  for (const std::int64_t axis : axes) shape.push_back(x.shape[axis]);
  return gather(x, shape, [&](const Index& to) {
    Index from = to;
    for (std::int64_t i = 0; i < to.size(); ++i) from[axes[static_cast<std::size_t>(i)]] = to[i];
    return from;
  });
}

Dense flip(const Dense& x, const std::vector<std::int64_t>& axes) {
  return gather(x, x.shape, [&](const Index& to) {
    Index from = to;
    for (const std::int64_t axis : axes) from[axis] = x.shape[axis] - 1 - to[axis];
    return from;
  });
}

Dense rot90(const Dense& x, std::int64_t k, std::int64_t from, std::int64_t towards) {
  Dense out = x;
  std::vector<std::int64_t> swap(static_cast<std::size_t>(x.shape.size()));
  std::iota(swap.begin(), swap.end(), 0);
  std::swap(swap[static_cast<std::size_t>(from)], swap[static_cast<std::size_t>(towards)]);
  for (std::int64_t turn = 0; turn < ((k % 4) + 4) % 4; ++turn) out = permute(flip(out, {towards}), swap);
  return out;
}

Dense reshape(const Dense& x, const Shape& shape) {
  Dense out = x;
  out.shape = shape;
  return out;
}

Dense broadcast_to(const Dense& x, const Shape& shape) {
  return gather(x, shape, [&](const Index& to) {
    Index from(x.shape.size(), 0);
    const std::int64_t added = to.size() - from.size();
    for (std::int64_t axis = 0; axis < from.size(); ++axis)
      from[axis] = x.shape[axis] == 1 ? 0 : to[axis + added];
    return from;
  });
}

Dense diagonal(const Dense& x, std::int64_t offset, std::int64_t axis1, std::int64_t axis2) {
  const std::int64_t down = std::max<std::int64_t>(-offset, 0);
  const std::int64_t right = std::max<std::int64_t>(offset, 0);
  Shape shape = x.shape;
  shape.erase(std::max(axis1, axis2));
  shape.erase(std::min(axis1, axis2));
  shape.push_back(std::max<std::int64_t>(std::min(x.shape[axis1] - down, x.shape[axis2] - right), 0));
  return gather(x, shape, [&](const Index& to) {
    Index from = to;
    from.erase(from.size() - 1);
    from.insert(std::min(axis1, axis2), 0);
    from.insert(std::max(axis1, axis2), 0);
    from[axis1] = to.back() + down;
    from[axis2] = to.back() + right;
    return from;
  });
}

Dense take(const Dense& x, const std::vector<std::int64_t>& indices, std::int64_t axis) {
  Shape shape = x.shape;
  shape[axis] = static_cast<std::int64_t>(indices.size());
  return gather(x, shape, [&](const Index& to) {
    const std::int64_t picked = indices[static_cast<std::size_t>(to[axis])];
    Index from = to;
    from[axis] = picked < 0 ? picked + x.shape[axis] : picked;
    return from;
  });
}

}  // namespace varve::dense

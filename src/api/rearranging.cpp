#include "varve/rearranging.hpp"

#include <algorithm>
#include <limits>

#include "api/axis_list.hpp"
#include "ops/gather/rearrange.hpp"
#include "varve/manipulation.hpp"

namespace varve {
namespace {

constexpr std::int64_t kMaxElements = std::numeric_limits<std::int64_t>::max();

std::int64_t modulo(std::int64_t a, std::int64_t b) { return ((a % b) + b) % b; }

// Replaces an extent of -1 by what is left. Errors: ShapeError.
Shape complete(const Array& x, Shape shape) {
  const auto refuse = [&](const std::string& why) {
    throw ShapeError("reshape: the shape " + to_string(x.shape()) + " cannot become " + to_string(shape) +
                     ": " + why);
  };
  std::int64_t open = -1;
  Shape known = shape;
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] >= 0) continue;
    if (shape[axis] != -1) refuse("extents must not be negative");
    if (open >= 0) refuse("only one extent can be -1");
    open = axis;
    known[axis] = 1;
  }
  const std::int64_t count = saturating_count(known);
  if (open < 0) {
    if (count != x.size()) refuse("the numbers of elements differ");
    return shape;
  }
  if (count == 0 || x.size() % count != 0)
    refuse("no extent in place of -1 makes the numbers of elements equal");
  shape[open] = x.size() / count;
  return shape;
}

template <class T>
T reversed(const T& values) {
  return T(std::vector<std::int64_t>(std::make_reverse_iterator(values.end()),
                                     std::make_reverse_iterator(values.begin())));
}

}  // namespace

Array reshape(const Array& x, const Shape& shape, Order order) {
  const Shape wanted = complete(x, shape);
  if (order == Order::c) return Array(ops::reshape(x.node(), wanted));
  return transpose(Array(ops::reshape(transpose(x).node(), reversed(wanted))));
}

Array ravel(const Array& x, Order order) { return reshape(x, {-1}, order); }

Array roll(const Array& x, const std::vector<std::int64_t>& shift, const Axes& axis) {
  if (!axis.value()) {
    std::int64_t total = 0;
    for (const std::int64_t places : shift) total += places % std::max<std::int64_t>(x.size(), 1);
    return reshape(roll(ravel(x), {total}, 0), x.shape());
  }
  const std::vector<Axis>& axes = *axis.value();
  if (shift.size() != axes.size() && shift.size() != 1 && axes.size() != 1) {
    throw ShapeError("roll: " + std::to_string(shift.size()) + " shifts for " + std::to_string(axes.size()) +
                     " axes; give as many of each, or one of either");
  }
  Index places(x.ndim(), 0);
  for (std::size_t i = 0; i < std::max(shift.size(), axes.size()); ++i) {
    if (shift.empty() || axes.empty()) break;
    const std::int64_t along = api::axis_of(axes.size() == 1 ? axes[0] : axes[i], x, "roll");
    const std::int64_t extent = std::max<std::int64_t>(x.shape()[along], 1);
    places[along] = modulo(places[along] + (shift.size() == 1 ? shift[0] : shift[i]) % extent, extent);
  }
  if (places == Index(x.ndim(), 0) || x.size() == 0) return x;
  return Array(ops::roll(x.node(), places));
}

Array pad(const Array& x, const std::vector<std::pair<std::int64_t, std::int64_t>>& widths,
          const PadOptions& options) {
  const auto refuse = [&](const std::string& why) {
    throw ShapeError("pad: " + why + "; the array has shape " + to_string(x.shape()));
  };
  const auto given = static_cast<std::int64_t>(widths.size());
  if (given != x.ndim() && given != 1)
    refuse(std::to_string(given) + " pairs of widths; give one, or one per axis");
  if (options.mode == Boundary::constant && !representable(options.constant, x.dtype())) {
    throw DTypeError("pad: the constant " + to_string(options.constant) + " is no " +
                     std::string(name_of(x.dtype())) + "; cast the array with astype first");
  }
  Index before(x.ndim(), 0);
  Index after(x.ndim(), 0);
  for (std::int64_t axis = 0; axis < x.ndim(); ++axis) {
    const auto& [first, last] = widths[static_cast<std::size_t>(given == 1 ? 0 : axis)];
    if (first < 0 || last < 0) refuse("widths must not be negative; slice the array to make it smaller");
    if (first > kMaxElements - x.shape()[axis] || last > kMaxElements - x.shape()[axis] - first) {
      refuse("axis " + std::to_string(axis) + " would have more elements than 63 bits can count");
    }
    if (options.mode != Boundary::constant && x.shape()[axis] == 0 && first + last > 0) {
      refuse("axis " + std::to_string(axis) + " is empty and has nothing to repeat; pad it with a constant");
    }
    before[axis] = first;
    after[axis] = last;
  }
  ops::ElementBytes constant{};
  if (options.mode == Boundary::constant) options.constant.store(x.dtype(), constant.data());
  return Array(ops::pad(x.node(), before, after, options.mode, constant));
}

}  // namespace varve

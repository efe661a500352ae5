#include "varve/windows.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>

#include "api/block_task.hpp"
#include "kernels/window.hpp"
#include "ops/window/window.hpp"
#include "varve/compute.hpp"
#include "varve/core/error.hpp"
#include "varve/elementwise.hpp"
#include "varve/manipulation.hpp"
#include "varve/postponed_refusals.hpp"

namespace varve {
namespace {

// Returns one value per axis. Errors: ShapeError.
template <class T>
std::vector<T> per_axis(const std::vector<T>& values, const Array& x, const std::string& operation,
                        const std::string& what) {
  const auto ndim = static_cast<std::size_t>(x.ndim());
  if (values.size() == ndim) return values;
  if (values.size() == 1) return std::vector<T>(ndim, values[0]);
  throw ShapeError(operation + ": " + std::to_string(values.size()) + " values of " + what +
                   " for an array of shape " + to_string(x.shape()) + "; give one, or one per axis");
}

ops::Extension extension_of(const Array& x, Boundary boundary, const Scalar& constant,
                            const std::string& operation) {
  if (boundary == Boundary::constant && !representable(constant, x.dtype())) {
    throw DTypeError(operation + ": " + to_string(constant) + ", to stand beyond the ends, is no " +
                     std::string(name_of(x.dtype())) + "; cast the array with astype first");
  }
  ops::ElementBytes bytes{};
  if (boundary == Boundary::constant) constant.store(x.dtype(), bytes.data());
  return {x.shape(), boundary, bytes};
}

// Applies a filter, in float32 in place of float16. Errors: DTypeError for bool.
template <class Filter>
Array filtered(const Array& x, const std::string& operation, const Filter& filter) {
  if (x.dtype() == DType::boolean)
    throw DTypeError(operation + " is not defined for bool; cast the array with astype first");
  if (x.ndim() == 0 || x.size() == 0) return x;
  return x.dtype() == DType::float16 ? astype(filter(astype(x, DType::float32)), DType::float16) : filter(x);
}

// Returns the weights that stand before the element: half of them, moved by the origin. Errors: ShapeError.
std::int64_t before(std::int64_t size, std::int64_t origin, const std::string& operation) {
  const std::int64_t result = size / 2 + origin;
  if (result >= 0 && result < size) return result;
  throw ShapeError(operation + ": the origin " + std::to_string(origin) + " moves a window of " +
                   std::to_string(size) + " elements off its element; it must lie between " +
                   std::to_string(-(size / 2)) + " and " + std::to_string((size - 1) / 2));
}

// Each result adds up its whole window, whose weights each thread holds: longer ones are a mistake, or better
// done on a coarser array.
constexpr std::int64_t kLongestWindow = 65536;

// Adds up in NumPy's order, so that weights have the bits of scipy.ndimage's: averages of equal integers lie
// so close to an integer that the last bit decides which one is left of them.
double sum_as_numpy(std::span<const double> values) {
  constexpr std::size_t kLanes = 8;
  constexpr std::size_t kBlock = 128;
  if (values.size() > kBlock) {
    const std::size_t half = values.size() / 2 / kLanes * kLanes;
    return sum_as_numpy(values.first(half)) + sum_as_numpy(values.subspan(half));
  }
  const std::size_t whole = values.size() / kLanes * kLanes;
  std::array<double, kLanes> lanes{};
  for (std::size_t i = 0; i < whole; ++i) lanes[i % kLanes] += values[i];
  double sum =
      ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
  for (std::size_t i = whole; i < values.size(); ++i) sum += values[i];
  return sum;
}

std::vector<double> gaussian_weights(double sigma, double truncate) {
  const auto radius = static_cast<std::int64_t>(truncate * sigma + 0.5);
  std::vector<double> weights;
  for (std::int64_t i = -radius; i <= radius; ++i) {
    weights.push_back(std::exp(-0.5 / (sigma * sigma) * static_cast<double>(i * i)));
  }
  const double sum = sum_as_numpy(weights);
  for (double& weight : weights) weight /= sum;
  return weights;
}

Array separable(const Array& x, std::vector<ops::AxisFilter> filters, const ops::Extension& extension) {
  return filters.empty() ? x : Array(ops::separable_filter(x.node(), std::move(filters), extension));
}

std::vector<double> weights_of(const Array& x, const Array& weights, const std::string& operation) {
  if (weights.ndim() != x.ndim() || weights.size() == 0) {
    throw ShapeError(operation + ": weights of shape " + to_string(weights.shape()) +
                     " do not suit an array of shape " + to_string(x.shape()) +
                     "; they need as many axes, and elements");
  }
  if (is_complex(weights.dtype())) throw DTypeError(operation + ": complex weights are not supported");
  return numbers_to_build_with(weights, 1.0);
}

Array correlate_named(const Array& x, const Array& weights, const FilterOptions& options,
                      const std::string& operation) {
  const std::vector<double> values = weights_of(x, weights, operation);
  const std::vector<std::int64_t> origin = per_axis(options.origin, x, operation, "origin");
  Index centre(x.ndim(), 0);
  for (std::int64_t axis = 0; axis < x.ndim(); ++axis) {
    centre[axis] = before(weights.shape()[axis], origin[static_cast<std::size_t>(axis)], operation);
  }
  std::vector<ops::StencilTap> taps;
  Index index(x.ndim(), 0);
  for (const double weight : values) {
    // Like scipy.ndimage, elements of no weight are not looked at: a NaN there does no harm.
    if (weight != 0) {
      Index offset = index;
      for (std::int64_t axis = 0; axis < x.ndim(); ++axis) offset[axis] -= centre[axis];
      taps.push_back({offset, weight});
    }
    next_index(index, weights.shape());
  }
  return filtered(x, operation, [&](const Array& y) {
    return Array(
        ops::stencil(y.node(), std::move(taps), extension_of(y, options.mode, options.constant, operation)));
  });
}

}  // namespace

Array map_overlap(const Array& x, OverlapFunction function, const OverlapOptions& options) {
  if (!function) throw Error("map_overlap: the function is empty; give one that fills boxes");
  const std::vector<std::int64_t> depth = per_axis(options.depth, x, "map_overlap", "depth");
  for (const std::int64_t elements : depth) {
    if (elements < 0)
      throw ShapeError("map_overlap: the depth must not be negative, got " + std::to_string(elements));
  }
  const ops::Reach reach{Index(depth), Index(depth)};
  const std::uint64_t identity = api::identity_of_function("map_overlap", options.identity);
  return Array(ops::map_overlap(x.node(), options.dtype.value_or(x.dtype()), reach,
                                extension_of(x, options.mode, options.constant, "map_overlap"),
                                {std::move(function), identity, !options.identity.empty()}));
}

Array uniform_filter(const Array& x, const std::vector<std::int64_t>& size, const FilterOptions& options) {
  const std::vector<std::int64_t> sizes = per_axis(size, x, "uniform_filter", "size");
  const std::vector<std::int64_t> origin = per_axis(options.origin, x, "uniform_filter", "origin");
  std::vector<ops::AxisFilter> filters;
  for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
    const std::int64_t n = sizes[axis];
    if (n < 1) throw ShapeError("uniform_filter: the size must be 1 or more, got " + std::to_string(n));
    if (n > kLongestWindow) {
      throw ArgumentError("uniform_filter: windows of " + std::to_string(n) + " elements along axis " +
                          std::to_string(axis) + "; give up to " + std::to_string(kLongestWindow) +
                          ", or average blocks first");
    }
    const std::int64_t first = before(n, origin[axis], "uniform_filter");
    if (n == 1) continue;
    filters.push_back({static_cast<std::int64_t>(axis), std::vector<double>(static_cast<std::size_t>(n), 1.0),
                       first, static_cast<double>(n)});
  }
  return filtered(x, "uniform_filter", [&](const Array& y) {
    return separable(y, std::move(filters),
                     extension_of(y, options.mode, options.constant, "uniform_filter"));
  });
}

Array gaussian_filter(const Array& x, const std::vector<double>& sigma, const GaussianOptions& options) {
  const std::vector<double> sigmas = per_axis(sigma, x, "gaussian_filter", "sigma");
  std::vector<ops::AxisFilter> filters;
  for (std::size_t axis = 0; axis < sigmas.size(); ++axis) {
    if (!(sigmas[axis] >= 0 && options.truncate >= 0 &&
          sigmas[axis] * options.truncate < static_cast<double>(kLongestWindow / 2))) {
      throw ArgumentError(
          "gaussian_filter: sigma and truncate must not be negative, and their product below " +
          std::to_string(kLongestWindow / 2) + "; sigma is " + std::to_string(sigmas[axis]) +
          " and truncate " + std::to_string(options.truncate));
    }
    if (sigmas[axis] <= 1e-15) continue;  // as in scipy.ndimage
    std::vector<double> weights = gaussian_weights(sigmas[axis], options.truncate);
    const auto radius = static_cast<std::int64_t>(weights.size() / 2);
    filters.push_back({static_cast<std::int64_t>(axis), std::move(weights), radius});
  }
  return filtered(x, "gaussian_filter", [&](const Array& y) {
    return separable(y, std::move(filters),
                     extension_of(y, options.mode, options.constant, "gaussian_filter"));
  });
}

Array correlate(const Array& x, const Array& weights, const FilterOptions& options) {
  return correlate_named(x, weights, options, "correlate");
}

Array convolve(const Array& x, const Array& weights, const FilterOptions& options) {
  FilterOptions reversed = options;
  reversed.origin = per_axis(options.origin, x, "convolve", "origin");
  if (weights.ndim() == x.ndim()) {
    for (std::int64_t axis = 0; axis < x.ndim(); ++axis) {
      std::int64_t& origin = reversed.origin[static_cast<std::size_t>(axis)];
      origin = -origin - (weights.shape()[axis] % 2 == 0 ? 1 : 0);
    }
  }
  return correlate_named(x, flip(weights), reversed, "convolve");
}

Array laplace(const Array& x, const FilterOptions& options) {
  std::vector<ops::StencilTap> taps;
  for (std::int64_t axis = 0; axis < x.ndim(); ++axis) {
    for (const std::int64_t step : {-1, 0, 1}) {
      Index offset(x.ndim(), 0);
      offset[axis] = step;
      taps.push_back({offset, step == 0 ? -2.0 : 1.0});
    }
  }
  return filtered(x, "laplace", [&](const Array& y) {
    return Array(
        ops::stencil(y.node(), std::move(taps), extension_of(y, options.mode, options.constant, "laplace")));
  });
}

}  // namespace varve

#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "expr/node.hpp"
#include "ops/gather/extension.hpp"

namespace varve::ops {

// Builders of nodes whose elements follow from their neighbourhoods. They trust their arguments. Natural
// chunks: the input's, joined along axes with wide windows until neighbours are read seldom (about 16 MiB at
// most).

/// The reach of windows along each axis: element i depends on i - before ... i + after.
struct Reach {
  Index before;
  Index after;

  friend bool operator==(const Reach&, const Reach&) = default;
};

/// Computes a box of the result from the box grown by the reach.
using WindowFunction =
    std::function<void(const ConstStridedView& grown, const StridedView& out, const Box& location)>;

/// A function of windows, and what tells it from others.
struct WindowTask {
  WindowFunction function;
  std::uint64_t identity = 0;  ///< equal identities, equal results
  bool lasting = true;         ///< whether the identity means the same in another run of the program
};

/// Applies a function.
[[nodiscard]] expr::NodePtr map_overlap(const expr::NodePtr& input, DType dtype, const Reach& reach,
                                        const Extension& extension, WindowTask task);

/// A window along one axis, whose elements are weighted, added and divided.
struct AxisFilter {
  std::int64_t axis = 0;
  std::vector<double> weights;
  std::int64_t before = 0;  ///< weights that stand before the element itself
  double divisor = 1;

  static void fields(auto& self, auto& visit) {
    visit("axis", self.axis, "weights", self.weights, "before", self.before, "divisor", self.divisor);
  }
};

/// Applies filters one after the other, each to the result of the one before, converted to the dtype. At
/// least one; on different axes, in order. The dtype is an integer, float32, float64 or complex.
[[nodiscard]] expr::NodePtr separable_filter(const expr::NodePtr& input, std::vector<AxisFilter> filters,
                                             const Extension& extension);

/// A weighted element of a window, by its distance from the element that is computed.
struct StencilTap {
  Index offset;
  double weight = 0;

  static void fields(auto& self, auto& visit) { visit("offset", self.offset, "weight", self.weight); }
};

/// Adds up weighted neighbours, in the order given. Dtypes as above.
[[nodiscard]] expr::NodePtr stencil(const expr::NodePtr& input, std::vector<StencilTap> taps,
                                    const Extension& extension);

}  // namespace varve::ops

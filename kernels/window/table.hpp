#pragma once

#include "kernels/isa.hpp"
#include "kernels/window.hpp"

namespace varve::kernels {

/// Holds the function for each dtype; null where there is none.
struct WindowTable {
  WeightedSum weighted_sum[kDTypeCount] = {};
};

}  // namespace varve::kernels

#pragma once

#include "kernels/isa.hpp"
#include "kernels/window.hpp"

namespace varve::kernels {

/// Holds the functions for each dtype; null where there is none.
struct WindowTable {
  WeightedSum weighted_sum[kDTypeCount] = {};
  FilterAcross filter_across[kDTypeCount] = {};
  FilterAlong filter_along[kDTypeCount] = {};
};

}  // namespace varve::kernels

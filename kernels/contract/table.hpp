#pragma once

#include "kernels/contract.hpp"

namespace varve::kernels {

/// Holds the kernels of one instruction set.
struct ProductTable {
  ProductKernel float32;
  ProductKernel float64;
};

}  // namespace varve::kernels

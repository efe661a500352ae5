#pragma once

#include "kernels/column_keys.hpp"
#include "kernels/isa.hpp"

namespace varve::kernels {

struct ColumnTable {
  ColumnKernels<std::int8_t> bytes;
  ColumnKernels<std::int16_t> shorts;
  ColumnKernels<std::int32_t> ints;
  ColumnKernels<std::int64_t> longs;
  MakeKeys make_keys[kDTypeCount] = {};
};

}  // namespace varve::kernels

#include "kernels/elementwise/loops.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

struct Bytes16 {
  std::uint64_t words[2];
};

// Chooses by element size alone.
template <class Value>
void where_kernel(const void* const* inputs, void* output, std::int64_t n, unsigned scalar_mask) noexcept {
  if (n <= 0) return;
  const std::uint8_t* condition =
      static_cast<const std::uint8_t*>(inputs[0]);  // as bool it is not vectorised
  const Value* x = static_cast<const Value*>(inputs[1]);
  const Value* y = static_cast<const Value*>(inputs[2]);
  Value* out = static_cast<Value*>(output);
  const Value x0 = x[0];
  const Value y0 = y[0];
  switch (scalar_mask & 7u) {
    case 0:
      VARVE_VECTOR_LOOP
      for (std::int64_t i = 0; i < n; ++i) {
        const Value a = x[i];
        const Value b = y[i];
        out[i] = condition[i] != 0 ? a : b;
      }
      return;
    case 2:
      VARVE_VECTOR_LOOP
      for (std::int64_t i = 0; i < n; ++i) {
        const Value b = y[i];
        out[i] = condition[i] != 0 ? x0 : b;
      }
      return;
    case 4:
      VARVE_VECTOR_LOOP
      for (std::int64_t i = 0; i < n; ++i) {
        const Value a = x[i];
        out[i] = condition[i] != 0 ? a : y0;
      }
      return;
    case 6:
      VARVE_VECTOR_LOOP
      for (std::int64_t i = 0; i < n; ++i) out[i] = condition[i] != 0 ? x0 : y0;
      return;
    default: {  // one condition for all: a copy of one side
      const int side = condition[0] != 0 ? 1 : 2;
      const Value* chosen = condition[0] != 0 ? x : y;
      const std::int64_t step = (scalar_mask >> side) & 1u ? 0 : 1;
      const Value first = chosen[0];
      VARVE_VECTOR_LOOP
      for (std::int64_t i = 0; i < n; ++i) out[i] = step == 0 ? first : chosen[i];
    }
  }
}

VectorFunction where_of(std::int64_t element_bytes) noexcept {
  switch (element_bytes) {
    case 1:
      return &where_kernel<std::uint8_t>;
    case 2:
      return &where_kernel<std::uint16_t>;
    case 4:
      return &where_kernel<std::uint32_t>;
    case 8:
      return &where_kernel<std::uint64_t>;
    default:
      return &where_kernel<Bytes16>;
  }
}

}  // namespace

void fill_select(ElementwiseTable& table) noexcept {
  ElementwiseRow& row = table[ElementwiseOp::where];
  for (int dtype = 0; dtype < kDTypeCount; ++dtype) {
    row.by_dtype[dtype] = where_of(size_bytes(static_cast<DType>(dtype)));
  }
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE

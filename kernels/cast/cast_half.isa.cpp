#if defined(__F16C__)
#include <immintrin.h>
#endif

#include "kernels/cast/convert.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

#if defined(__F16C__)

// Eight at a time by the processor's instructions; the rest by bit arithmetic, which gives the same bits.
void half_to_float(const void* const* inputs, void* output, std::int64_t n, unsigned scalar_mask) noexcept {
  if (scalar_mask & 1u) return unary_kernel<Cast<float>, Float16>(inputs, output, n, scalar_mask);
  const Float16* x = static_cast<const Float16*>(inputs[0]);
  float* out = static_cast<float*>(output);
  std::int64_t i = 0;
  for (; i + 8 <= n; i += 8) {
    const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i_u*>(x + i));
    _mm256_storeu_ps(out + i, _mm256_cvtph_ps(halves));
  }
  for (; i < n; ++i) out[i] = widen_half(x[i]);
}

void float_to_half(const void* const* inputs, void* output, std::int64_t n, unsigned scalar_mask) noexcept {
  if (scalar_mask & 1u) return unary_kernel<Cast<Float16>, float>(inputs, output, n, scalar_mask);
  const float* x = static_cast<const float*>(inputs[0]);
  Float16* out = static_cast<Float16*>(output);
  std::int64_t i = 0;
  for (; i + 8 <= n; i += 8) {
    const __m128i halves = _mm256_cvtps_ph(_mm256_loadu_ps(x + i), _MM_FROUND_TO_NEAREST_INT);
    _mm_storeu_si128(reinterpret_cast<__m128i_u*>(out + i), halves);
  }
  for (; i < n; ++i) out[i] = narrow_to_half(x[i]);
}

#endif

}  // namespace

// After fill_cast_floating, whose conversion to float16 it replaces where there is an instruction.
void fill_cast_half(CastTable& table) noexcept {
  add_casts_from_inexact<Float16>(table, DType::float16);
#if defined(__F16C__)
  entry(table, DType::float16, DType::float32) = &half_to_float;
  entry(table, DType::float32, DType::float16) = &float_to_half;
#endif
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE

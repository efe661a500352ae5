#include "kernels/elementwise/loops.hpp"

// fmod, remainder and floor_divide of floats. All three begin with the exact remainder of the truncated
// division. It is x - trunc(x / y) * y, exact if the product and difference are: for float32 in float64, for
// float64 by a fused multiply-add. Where that does not hold (huge quotients, infinities, division by zero)
// std::fmod does it; both are exact, so it does not show which one did.
namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

VARVE_INLINE float exact_fmod(float x, float y) noexcept { return __builtin_fmodf(x, y); }
VARVE_INLINE double exact_fmod(double x, double y) noexcept { return __builtin_fmod(x, y); }
VARVE_INLINE float copy_sign(float x, float y) noexcept { return __builtin_copysignf(x, y); }
VARVE_INLINE double copy_sign(double x, double y) noexcept { return __builtin_copysign(x, y); }
VARVE_INLINE float magnitude(float x) noexcept { return __builtin_fabsf(x); }
VARVE_INLINE float round_down(float x) noexcept { return __builtin_floorf(x); }
VARVE_INLINE double round_down(double x) noexcept { return __builtin_floor(x); }

constexpr float kInfinity = __builtin_inff();

// Quotients below 2^24 of 24-bit numbers: no rounding reaches the next integer.
VARVE_INLINE float fast_fmod(float x, float y) noexcept {
  const double wide_x = static_cast<double>(x);
  const double wide_y = static_cast<double>(y);
  const double rest = wide_x - __builtin_trunc(wide_x / wide_y) * wide_y;
  return copy_sign(static_cast<float>(rest), x);
}

VARVE_INLINE bool is_odd(float x, float y) noexcept {
  return !(__builtin_fabs(static_cast<double>(x) / static_cast<double>(y)) < 0x1p+24) |
         !(magnitude(y) < kInfinity);
}

#if defined(__FMA__)
// The quotient may be rounded up to the next integer; the remainder then has the wrong sign, and one divisor
// mends it.
VARVE_INLINE double fast_fmod(double x, double y) noexcept {
  const double rest = __builtin_fma(-__builtin_trunc(x / y), y, x);
  const bool overshot = (rest != 0.0) & ((rest < 0.0) != (x < 0.0));
  return copy_sign(overshot ? rest + copy_sign(y, x) : rest, x);
}

VARVE_INLINE double magnitude(double x) noexcept { return __builtin_fabs(x); }

VARVE_INLINE bool is_odd(double x, double y) noexcept {
  return !(magnitude(x / y) < 0x1p+52) | !(magnitude(y) < kInfinity);
}
#else
VARVE_INLINE double fast_fmod(double x, double y) noexcept { return exact_fmod(x, y); }
VARVE_INLINE bool is_odd(double, double) noexcept { return false; }
#endif

struct Fmod {
  template <class T>
  static VARVE_INLINE T finish(T, T, T rest) noexcept {
    return rest;
  }
};

// The sign of the divisor; a zero too.
struct Remainder {
  template <class T>
  static VARVE_INLINE T finish(T, T y, T rest) noexcept {
    const bool differ = (rest < T{0}) != (y < T{0});
    const T moved = differ ? rest + y : rest;
    return rest == T{0} ? copy_sign(T{0}, y) : moved;
  }
};

// The integer q for which x = q * y + remainder(x, y), as NumPy computes it, rather than floor(x / y), whose
// quotient may already be rounded up to the next integer.
struct FloorDivide {
  template <class T>
  static VARVE_INLINE T finish(T x, T y, T rest) noexcept {
    const T truncated = (x - rest) / y;
    const bool differ = (rest != T{0}) & ((rest < T{0}) != (y < T{0}));
    const T quotient = differ ? truncated - T{1} : truncated;
    const T whole = round_down(quotient);
    const T nearest = quotient - whole > T{0.5} ? whole + T{1} : whole;
    const T plain = x / y;
    const T result = quotient == T{0} ? copy_sign(T{0}, plain) : nearest;
    return y == T{0} ? plain : result;
  }
};

constexpr std::int64_t kBlock = 256;

template <class T>
VARVE_INLINE void load(Operand<T> source, T* block, std::int64_t n) noexcept {
  if (source.step == 0) {
    for (std::int64_t i = 0; i < n; ++i) block[i] = source.values[0];
  } else {
    for (std::int64_t i = 0; i < n; ++i) block[i] = source.values[i];
  }
}

// `out` may be x or y, so both are copied first.
template <class Op, class T>
void compute_block(Operand<T> x, Operand<T> y, T* out, std::int64_t n) noexcept {
  T left[kBlock];
  T right[kBlock];
  T rest[kBlock];
  load(x, left, n);
  load(y, right, n);
  std::uint64_t odd = 0;
  VARVE_VECTOR_LOOP
  for (std::int64_t i = 0; i < n; ++i) {
    odd |= is_odd(left[i], right[i]) ? 1u : 0u;
    rest[i] = fast_fmod(left[i], right[i]);
  }
  if (odd != 0) {
    for (std::int64_t i = 0; i < n; ++i) {
      if (is_odd(left[i], right[i])) rest[i] = exact_fmod(left[i], right[i]);
    }
  }
  VARVE_VECTOR_LOOP
  for (std::int64_t i = 0; i < n; ++i) out[i] = Op::finish(left[i], right[i], rest[i]);
}

template <class Op, class T>
void modulo_kernel(const void* const* inputs, void* output, std::int64_t n, unsigned scalar_mask) noexcept {
  Operand<T> x(inputs[0], scalar_mask, 0);
  Operand<T> y(inputs[1], scalar_mask, 1);
  T* out = static_cast<T*>(output);
  // A scalar may be at the place that the first block overwrites.
  const T first_x = n > 0 ? x[0] : T{};
  const T first_y = n > 0 ? y[0] : T{};
  if (x.step == 0) x.values = &first_x;
  if (y.step == 0) y.values = &first_y;
  for (std::int64_t i = 0; i < n; i += kBlock) {
    compute_block<Op>(x, y, out + i, n - i < kBlock ? n - i : kBlock);
    x.values += kBlock * x.step;
    y.values += kBlock * y.step;
  }
}

template <class Op>
void fill_row(ElementwiseRow& row) noexcept {
  row.by_dtype[static_cast<int>(DType::float32)] = &modulo_kernel<Op, float>;
  row.by_dtype[static_cast<int>(DType::float64)] = &modulo_kernel<Op, double>;
}

}  // namespace

void fill_modulo(ElementwiseTable& table) noexcept {
  using enum ElementwiseOp;
  fill_row<Fmod>(table[fmod]);
  fill_row<Remainder>(table[remainder]);
  fill_row<FloorDivide>(table[floor_divide]);
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE

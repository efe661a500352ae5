#include <bit>
#include <cmath>

#include "kernels/elementwise/loops.hpp"

// sin, cos and tan as plain loops that the compiler vectorises, the same bits on every level. xsimd's own
// choose one argument reduction for a whole batch, so a value's bits would depend on its neighbours.
//
// x = quadrant * pi/2 + angle + tail, with |angle| <= pi/4. Polynomials in angle^2 interpolate sine and
// cosine at the Chebyshev nodes of [0, (pi/4)^2]: within 2^-55 (float64), and 2^-35 for float32, which is
// computed in float64.
namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

// pi/2 in parts: the product of one of the first two with an integer below 2^20 is exact.
constexpr double kHalfPi1 = 0x1.921fb544p+0;
constexpr double kHalfPi2 = 0x1.0b4611a6p-34;
constexpr double kHalfPi2Full = 0x1.0b4611a626331p-34;
constexpr double kHalfPi3Full = 0x1.3198a2e037073p-69;
constexpr double kTwoOverPi = 0x1.45f306dc9c883p-1;
// Adding it rounds to an integer and leaves that integer in the low bits.
constexpr double kRounder = 0x1.8p+52;

// Outside, and (float64) so close to a multiple of pi/2 that the parts above do not suffice, the standard
// library does it.
constexpr double kLargest = 0x1p+20;
constexpr double kNearest = 0x1p-40;

struct Reduced {
  double angle;
  double tail;
  std::uint64_t quadrant;
  bool is_odd;
};

VARVE_INLINE Reduced reduce(float value) noexcept {
  const double x = static_cast<double>(value);
  const double shifted = x * kTwoOverPi + kRounder;
  const double turns = shifted - kRounder;
  const double angle = (x - turns * kHalfPi1) - turns * kHalfPi2Full;
  return {angle, 0.0, std::bit_cast<std::uint64_t>(shifted), __builtin_fabs(x) > kLargest};
}

VARVE_INLINE Reduced reduce(double x) noexcept {
  const double shifted = x * kTwoOverPi + kRounder;
  const double turns = shifted - kRounder;
  const double first = x - turns * kHalfPi1;
  const double second = turns * kHalfPi2;
  const double coarse = first - second;
  const double back = coarse - first;
  const double lost = (first - (coarse - back)) - (second + back);
  const double correction = turns * kHalfPi3Full - lost;
  const double angle = coarse - correction;
  const double tail = (coarse - angle) - correction;
  const bool too_near = (__builtin_fabs(angle) < kNearest) & (turns != 0.0);
  const bool too_far = __builtin_fabs(x) > kLargest;
  return {angle, tail, std::bit_cast<std::uint64_t>(shifted), static_cast<bool>(too_far | too_near)};
}

VARVE_INLINE double sine(float, Reduced x) noexcept {
  const double z = x.angle * x.angle;
  const double p = -0x1.555555545df18p-3 +
                   z * (0x1.11110deef0ae3p-7 + z * (-0x1.a013a740c35cep-13 + z * 0x1.6dbded5452c9bp-19));
  return x.angle * (1.0 + z * p);
}

VARVE_INLINE double cosine(float, Reduced x) noexcept {
  const double z = x.angle * x.angle;
  const double q = 0x1.5555555502c6dp-5 +
                   z * (-0x1.6c16bf54be1f5p-10 + z * (0x1.a015c4462d9e2p-16 + z * -0x1.25243c2f39550p-22));
  return 1.0 - z * (0.5 - z * q);
}

VARVE_INLINE double sine(double, Reduced x) noexcept {
  const double z = x.angle * x.angle;
  const double high = 0x1.71de379654304p-19 + z * (-0x1.ae600aca92c64p-26 + z * 0x1.5e0b05bff20f2p-33);
  const double p =
      -0x1.5555555555555p-3 + z * (0x1.1111111110bb2p-7 + z * (-0x1.a01a019e83816p-13 + z * high));
  const double result = x.angle + (x.angle * z * p + x.tail * (1.0 - 0.5 * z));
  return x.angle == 0.0 ? x.angle : result;  // keeps -0
}

VARVE_INLINE double cosine(double, Reduced x) noexcept {
  const double z = x.angle * x.angle;
  const double high = -0x1.27e4fa17bf139p-22 + z * (0x1.1eeb68cd22f56p-29 + z * -0x1.907d8f29fe831p-37);
  const double q =
      0x1.5555555555555p-5 + z * (-0x1.6c16c16c16967p-10 + z * (0x1.a01a019f4e9b4p-16 + z * high));
  const double half = 0.5 * z;
  const double rough = 1.0 - half;
  return rough + (((1.0 - rough) - half) + (z * z * q - x.angle * x.tail));
}

VARVE_INLINE double negate_if(double x, std::uint64_t flag) noexcept {
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(x) ^ (flag << 63));
}

struct Sin {
  template <class T>
  static VARVE_INLINE T many(T x, Reduced reduced) noexcept {
    const double value = reduced.quadrant & 1 ? cosine(x, reduced) : sine(x, reduced);
    return static_cast<T>(negate_if(value, (reduced.quadrant >> 1) & 1));
  }
  template <class T>
  static VARVE_INLINE T one(T x) noexcept {
    return std::sin(x);
  }
};

struct Cos {
  template <class T>
  static VARVE_INLINE T many(T x, Reduced reduced) noexcept {
    const double value = reduced.quadrant & 1 ? sine(x, reduced) : cosine(x, reduced);
    return static_cast<T>(negate_if(value, ((reduced.quadrant + 1) >> 1) & 1));
  }
  template <class T>
  static VARVE_INLINE T one(T x) noexcept {
    return std::cos(x);
  }
};

struct Tan {
  template <class T>
  static VARVE_INLINE T many(T x, Reduced reduced) noexcept {
    const double s = sine(x, reduced);
    const double c = cosine(x, reduced);
    const double above = reduced.quadrant & 1 ? c : s;
    const double below = reduced.quadrant & 1 ? -s : c;
    return static_cast<T>(above / below);
  }
  template <class T>
  static VARVE_INLINE T one(T x) noexcept {
    return std::tan(x);
  }
};

constexpr std::int64_t kBlock = 256;

// `out` may be x, so a block with odd values works from a copy.
template <class Op, class T>
void compute_block(const T* x, T* out, std::int64_t n) noexcept {
  T kept[kBlock];
  std::uint64_t odd = 0;
  for (std::int64_t i = 0; i < n; ++i) kept[i] = x[i];
  VARVE_VECTOR_LOOP
  for (std::int64_t i = 0; i < n; ++i) {
    const Reduced reduced = reduce(kept[i]);
    odd |= reduced.is_odd ? 1u : 0u;
    out[i] = Op::many(kept[i], reduced);
  }
  if (odd == 0) return;
  for (std::int64_t i = 0; i < n; ++i) {
    if (reduce(kept[i]).is_odd) out[i] = Op::one(kept[i]);
  }
}

template <class Op, class T>
void trigonometric_kernel(const void* const* inputs, void* output, std::int64_t n,
                          unsigned scalar_mask) noexcept {
  if (n <= 0) return;
  const T* x = static_cast<const T*>(inputs[0]);
  T* out = static_cast<T*>(output);
  if (scalar_mask & 1u) {
    T value;
    compute_block<Op>(x, &value, 1);
    for (std::int64_t i = 0; i < n; ++i) out[i] = value;
    return;
  }
  for (std::int64_t i = 0; i < n; i += kBlock)
    compute_block<Op>(x + i, out + i, n - i < kBlock ? n - i : kBlock);
}

template <class Op>
void fill_row(ElementwiseRow& row) noexcept {
  row.by_dtype[static_cast<int>(DType::float32)] = &trigonometric_kernel<Op, float>;
  row.by_dtype[static_cast<int>(DType::float64)] = &trigonometric_kernel<Op, double>;
}

}  // namespace

void fill_trigonometric(ElementwiseTable& table) noexcept {
  using enum ElementwiseOp;
  fill_row<Sin>(table[sin]);
  fill_row<Cos>(table[cos]);
  fill_row<Tan>(table[tan]);
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE

#include <cmath>
#include <limits>

#include "kernels/elementwise/loops.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

// Integers wrap; a negative exponent gives 0, except that 1 and -1 have inverses.
struct Power {
  template <class T>
  static VARVE_INLINE T eval(T base, T exponent) noexcept {
    if constexpr (std::is_floating_point_v<T>) {
      return std::pow(base, exponent);
    } else {
      return integer_power(base, exponent);
    }
  }

 private:
  template <class T>
  static VARVE_INLINE T integer_power(T base, T exponent) noexcept {
    if constexpr (std::is_signed_v<T>) {
      if (exponent < 0) {
        if (base == T{1}) return T{1};
        if (base == T{-1}) return exponent & 1 ? T{-1} : T{1};
        return T{0};
      }
    }
    Wrapping<T> result = 1;
    Wrapping<T> square = static_cast<Wrapping<T>>(base);
    for (auto left = static_cast<Wrapping<T>>(exponent); left != 0; left >>= 1) {
      if (left & 1u) result *= square;
      square *= square;
    }
    return static_cast<T>(result);
  }
};

struct Square {
  template <class T>
  static VARVE_INLINE T eval(T x) noexcept {
    if constexpr (std::is_integral_v<T>) {
      return static_cast<T>(static_cast<Wrapping<T>>(x) * static_cast<Wrapping<T>>(x));
    } else {
      return x * x;
    }
  }
};

// pow(x, 0.5) is a root, but for two values: pow(-0, 0.5) is +0, and pow(-inf, 0.5) is +inf.
struct HalfPower {
  static VARVE_INLINE float eval(float x) noexcept {
    return x == -std::numeric_limits<float>::infinity() ? -x : __builtin_sqrtf(x + 0.0f);
  }
  static VARVE_INLINE double eval(double x) noexcept {
    return x == -std::numeric_limits<double>::infinity() ? -x : __builtin_sqrt(x + 0.0);
  }
};

// One exponent for all is the usual form, and most often it is 2 or 0.5: the correctly rounded results
// without pow.
template <class T>
void power_kernel(const void* const* inputs, void* output, std::int64_t n, unsigned scalar_mask) noexcept {
  if (n > 0 && (scalar_mask & 2u)) {
    const T exponent = *static_cast<const T*>(inputs[1]);
    if (exponent == T{2}) return unary_kernel<Square, T>(inputs, output, n, scalar_mask & 1u);
    if constexpr (std::is_floating_point_v<T>) {
      if (exponent == T{0.5}) return unary_kernel<HalfPower, T>(inputs, output, n, scalar_mask & 1u);
    }
  }
  binary_kernel<Power, T>(inputs, output, n, scalar_mask);
}

template <class... Types>
void add_power(ElementwiseRow& row) noexcept {
  ((row.by_dtype[static_cast<int>(dtype_of<Types>())] = &power_kernel<Types>), ...);
}

}  // namespace

void fill_power(ElementwiseTable& table) noexcept {
  add_power<std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t, std::uint16_t, std::uint32_t,
            std::uint64_t, float, double>(table[ElementwiseOp::pow]);
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE

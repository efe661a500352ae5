#include "kernels/elementwise/loops.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

// If either is NaN the result is NaN. `x > y ? x : y` is the processor's max instruction, which gives y if
// either is NaN; one blend does the rest.
struct Maximum {
  template <class T>
  static VARVE_INLINE T eval(T x, T y) noexcept {
    if constexpr (std::is_floating_point_v<T>) {
      const T larger = x > y ? x : y;  // y if either is NaN
      return x != x ? x : larger;
    } else {
      return x > y ? x : y;
    }
  }
};

struct Minimum {
  template <class T>
  static VARVE_INLINE T eval(T x, T y) noexcept {
    if constexpr (std::is_floating_point_v<T>) {
      const T smaller = x < y ? x : y;
      return x != x ? x : smaller;
    } else {
      return x < y ? x : y;
    }
  }
};

// NaN only if both are.
struct Fmax {
  template <class T>
  static VARVE_INLINE T eval(T x, T y) noexcept {
    if constexpr (std::is_floating_point_v<T>) {
      const T larger = x > y ? x : y;
      return y != y ? x : larger;
    } else {
      return x > y ? x : y;
    }
  }
};

struct Fmin {
  template <class T>
  static VARVE_INLINE T eval(T x, T y) noexcept {
    if constexpr (std::is_floating_point_v<T>) {
      const T smaller = x < y ? x : y;
      return y != y ? x : smaller;
    } else {
      return x < y ? x : y;
    }
  }
};

// minimum(maximum(x, low), high), with the tests for NaN put last: a chain of tests would be threaded into a
// tangle of masks. A NaN in `high` comes through by itself.
struct Clip {
  template <class T>
  static VARVE_INLINE T eval(T x, T low, T high) noexcept {
    const T above = x > low ? x : low;
    const T inside = above < high ? above : high;
    if constexpr (std::is_floating_point_v<T>) {
      const T safe = low != low ? low : inside;
      return x != x ? x : safe;
    } else {
      return inside;
    }
  }
};

template <class Op>
void fill_row(ElementwiseRow& row) noexcept {
  add_binary_integers<Op>(row);
  add_binary<Op, bool, float, double>(row);
}

}  // namespace

void fill_extrema(ElementwiseTable& table) noexcept {
  using enum ElementwiseOp;
  fill_row<Maximum>(table[maximum]);
  fill_row<Minimum>(table[minimum]);
  fill_row<Fmax>(table[fmax]);
  fill_row<Fmin>(table[fmin]);
  add_ternary<Clip, bool, std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t, std::uint16_t,
              std::uint32_t, std::uint64_t, float, double>(table[clip]);
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE

#include "kernels/scan.hpp"

#include <array>
#include <complex>
#include <limits>
#include <type_traits>

namespace varve::kernels {
namespace {

struct Sum {
  template <class S>
  static constexpr S identity() noexcept {
    return S(0);
  }
  template <class S>
  static S apply(S a, S b) noexcept {
    return static_cast<S>(a + b);
  }
};

struct Product {
  template <class S>
  static constexpr S identity() noexcept {
    return S(1);
  }
  template <class S>
  static S apply(S a, S b) noexcept {
    // Products of narrow unsigned numbers are made in int, where they may overflow.
    if constexpr (std::is_same_v<S, std::uint16_t>) return static_cast<S>(std::uint32_t{a} * b);
    return static_cast<S>(a * b);
  }
};

// NaN, once met, stays.
struct Maximum {
  template <class S>
  static constexpr S identity() noexcept {
    return std::is_floating_point_v<S> ? -std::numeric_limits<S>::infinity() : std::numeric_limits<S>::min();
  }
  template <class S>
  static S apply(S a, S b) noexcept {
    return b > a || b != b ? b : a;
  }
};

template <class Op, class S>
void init(void* state, std::int64_t n) noexcept {
  auto* states = static_cast<S*>(state);
  for (std::int64_t i = 0; i < n; ++i) states[i] = Op::template identity<S>();
}

// `Step` is the column stride where it is known when compiling, else 0.
template <class Op, class T, class S, bool kWrites, std::int64_t kStep>
void run_rows(S* states, const Panel& panel) noexcept {
  const std::int64_t step = kStep != 0 ? kStep : panel.column_stride;
  for (std::int64_t row = 0; row < panel.rows; ++row) {
    std::byte* element = panel.data + row * panel.row_stride;
    for (std::int64_t i = 0; i < panel.columns; ++i) {
      T* value = reinterpret_cast<T*>(element + i * step);
      states[i] = Op::apply(states[i], static_cast<S>(*value));
      if constexpr (kWrites) *value = static_cast<T>(states[i]);
    }
  }
}

template <class Op, class T, class S, bool kWrites>
void run_panel(void* state, const Panel& panel) noexcept {
  auto* states = static_cast<S*>(state);
  if (panel.column_stride == static_cast<std::int64_t>(sizeof(T))) {
    run_rows<Op, T, S, kWrites, static_cast<std::int64_t>(sizeof(T))>(states, panel);
  } else {
    run_rows<Op, T, S, kWrites, 0>(states, panel);
  }
}

using Rows = std::array<ScanKernel, kDTypeCount>;

template <class Op, class T, class S>
void add(Rows& rows, DType dtype, DType state) noexcept {
  rows[static_cast<std::size_t>(dtype)] = {state, init<Op, S>, run_panel<Op, T, S, false>,
                                           run_panel<Op, T, S, true>};
}

// Signed integers wrap as unsigned ones of the same width do.
template <class Op>
Rows arithmetic_rows() noexcept {
  Rows rows{};
  for (const DType dtype : {DType::int8, DType::uint8})
    add<Op, std::uint8_t, std::uint8_t>(rows, dtype, dtype);
  for (const DType dtype : {DType::int16, DType::uint16})
    add<Op, std::uint16_t, std::uint16_t>(rows, dtype, dtype);
  for (const DType dtype : {DType::int32, DType::uint32})
    add<Op, std::uint32_t, std::uint32_t>(rows, dtype, dtype);
  for (const DType dtype : {DType::int64, DType::uint64})
    add<Op, std::uint64_t, std::uint64_t>(rows, dtype, dtype);
  add<Op, float, double>(rows, DType::float32, DType::float64);
  add<Op, double, double>(rows, DType::float64, DType::float64);
  add<Op, std::complex<float>, std::complex<double>>(rows, DType::complex64, DType::complex128);
  add<Op, std::complex<double>, std::complex<double>>(rows, DType::complex128, DType::complex128);
  return rows;
}

template <class Op, class... Types>
Rows ordered_rows() noexcept {
  Rows rows{};
  (add<Op, Types, Types>(rows, dtype_of<Types>(), dtype_of<Types>()), ...);
  add<Op, std::uint8_t, std::uint8_t>(rows, DType::boolean, DType::boolean);
  return rows;
}

}  // namespace

const ScanKernel* find_scan(ScanOp op, DType dtype) noexcept {
  static const std::array<Rows, kScanOpCount> table = {
      arithmetic_rows<Sum>(), arithmetic_rows<Product>(),
      ordered_rows<Maximum, std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t,
                   std::uint16_t, std::uint32_t, std::uint64_t, float, double>()};
  const ScanKernel& row = table[static_cast<std::size_t>(op)][static_cast<std::size_t>(dtype)];
  return row.scan != nullptr ? &row : nullptr;
}

}  // namespace varve::kernels

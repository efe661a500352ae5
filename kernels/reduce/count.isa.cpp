#include "kernels/reduce/fold.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

/// Tells whether element i is not zero; NaN is not.
template <class T, int kWidth>
struct Nonzero {
  using Input = T;
  static VARVE_INLINE bool test(const T* x, std::int64_t i) noexcept {
    if constexpr (kWidth == 1) return x[i] != T(0);
    return (x[2 * i] != T(0)) | (x[2 * i + 1] != T(0));
  }
};

/// Tells whether element i is a number: neither part is NaN.
template <class T, int kWidth>
struct NotNan {
  using Input = T;
  static VARVE_INLINE bool test(const T* x, std::int64_t i) noexcept {
    if constexpr (kWidth == 1) return x[i] == x[i];
    return (x[2 * i] == x[2 * i]) & (x[2 * i + 1] == x[2 * i + 1]);
  }
};

template <class Test>
struct Count {
  using Input = typename Test::Input;
  using State = std::int64_t;
  static constexpr int kParts = 1;
  static constexpr State kIdentity = 0;
  static VARVE_INLINE State load(const Input* x, std::int64_t i) noexcept { return Test::test(x, i); }
  static VARVE_INLINE State combine(State a, State b) noexcept { return a + b; }
  static VARVE_INLINE void segment(const Input* x, std::int64_t n, State* parts) noexcept {
    parts[0] = count_where(n, [x](std::int64_t i) VARVE_LAMBDA { return Test::test(x, i); });
  }
};

template <class Test>
struct Any {
  using Input = typename Test::Input;
  using State = std::uint8_t;
  static constexpr int kParts = 1;
  static constexpr State kIdentity = 0;
  static VARVE_INLINE State load(const Input* x, std::int64_t i) noexcept { return Test::test(x, i); }
  static VARVE_INLINE State combine(State a, State b) noexcept { return a | b; }
  static VARVE_INLINE void segment(const Input* x, std::int64_t n, State* parts) noexcept {
    fold_in_order<Any>(x, n, parts);
  }
};

template <class Test>
struct All {
  using Input = typename Test::Input;
  using State = std::uint8_t;
  static constexpr int kParts = 1;
  static constexpr State kIdentity = 1;
  static VARVE_INLINE State load(const Input* x, std::int64_t i) noexcept { return Test::test(x, i); }
  static VARVE_INLINE State combine(State a, State b) noexcept { return a & b; }
  static VARVE_INLINE void segment(const Input* x, std::int64_t n, State* parts) noexcept {
    fold_in_order<All>(x, n, parts);
  }
};

template <class T, int kWidth>
void fill_nonzero(ReduceTable& table, DType dtype) noexcept {
  using Test = Nonzero<T, kWidth>;
  constexpr auto finish_bool = finish_value<std::uint8_t, std::uint8_t>;
  table.at(ReduceOp::any, dtype) = Fold<Any<Test>>::kernel(DType::boolean, finish_bool);
  table.at(ReduceOp::all, dtype) = Fold<All<Test>>::kernel(DType::boolean, finish_bool);
  table.at(ReduceOp::count_nonzero, dtype) =
      Fold<Count<Test>>::kernel(DType::int64, finish_value<std::int64_t, std::int64_t>);
}

template <class T, int kWidth>
void fill_not_nan(ReduceTable& table, DType dtype) noexcept {
  table.at(ReduceOp::nancount, dtype) =
      Fold<Count<NotNan<T, kWidth>>>::kernel(DType::int64, finish_value<std::int64_t, std::int64_t>);
}

}  // namespace

void fill_count(ReduceTable& table) noexcept {
  // Being zero does not depend on the sign: one kernel for both integers of a width.
  for_each_integer(
      [&](auto type, DType dtype) { fill_nonzero<std::make_unsigned_t<decltype(type)>, 1>(table, dtype); });
  for_each_floating([&](auto type, DType dtype) {
    fill_nonzero<decltype(type), 1>(table, dtype);
    fill_not_nan<decltype(type), 1>(table, dtype);
  });
  for_each_complex([&](auto type, DType dtype) {
    fill_nonzero<decltype(type), 2>(table, dtype);
    fill_not_nan<decltype(type), 2>(table, dtype);
  });
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE

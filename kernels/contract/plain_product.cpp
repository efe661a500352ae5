#include <type_traits>

#include "kernels/contract.hpp"

namespace varve::kernels {
namespace {

template <class T>
struct Wrapping {
  using Type = T;
  static T combine(T sum, T left, T right) noexcept {
    // Small types would be promoted to int, whose products may overflow.
    using Wide = std::conditional_t<(sizeof(T) < 4), std::uint32_t, T>;
    return static_cast<T>(static_cast<Wide>(sum) + static_cast<Wide>(left) * static_cast<Wide>(right));
  }
};

struct Truth {
  using Type = std::uint8_t;
  static std::uint8_t combine(std::uint8_t sum, std::uint8_t left, std::uint8_t right) noexcept {
    return static_cast<std::uint8_t>(sum | (left & right));
  }
};

template <class T>
T load(const std::byte* at) noexcept {
  return *reinterpret_cast<const T*>(at);
}

// Columns that stay in the first cache while a row of the product is added up.
constexpr std::int64_t kRun = 1024;

template <class Op>
void multiply_row(const PlainProduct& p, std::int64_t row, std::int64_t first, std::int64_t count) noexcept {
  using T = typename Op::Type;
  T sums[kRun];
  for (std::int64_t j = 0; j < count; ++j)
    sums[j] = p.into == Into::add ? load<T>(p.out.at(row, first + j)) : T(0);
  for (std::int64_t k = 0; k < p.depth; ++k) {
    const T left = load<T>(p.left.at(row, k));
    if (p.right.column_stride == static_cast<std::int64_t>(sizeof(T))) {
      const T* right = reinterpret_cast<const T*>(p.right.at(k, first));
      for (std::int64_t j = 0; j < count; ++j) sums[j] = Op::combine(sums[j], left, right[j]);
    } else {
      for (std::int64_t j = 0; j < count; ++j) {
        sums[j] = Op::combine(sums[j], left, load<T>(p.right.at(k, first + j)));
      }
    }
  }
  for (std::int64_t j = 0; j < count; ++j) *reinterpret_cast<T*>(p.out.at(row, first + j)) = sums[j];
}

template <class Op>
void multiply_plain(const PlainProduct& p) noexcept {
  for (std::int64_t first = 0; first < p.columns; first += kRun) {
    const std::int64_t count = p.columns - first < kRun ? p.columns - first : kRun;
    for (std::int64_t row = 0; row < p.rows; ++row) multiply_row<Op>(p, row, first, count);
  }
}

}  // namespace

PlainProductFunction plain_product(DType dtype) noexcept {
  if (dtype == DType::boolean) return multiply_plain<Truth>;
  if (!is_integer(dtype)) return nullptr;
  switch (size_bytes(dtype)) {
    case 1:
      return multiply_plain<Wrapping<std::uint8_t>>;
    case 2:
      return multiply_plain<Wrapping<std::uint16_t>>;
    case 4:
      return multiply_plain<Wrapping<std::uint32_t>>;
    default:
      return multiply_plain<Wrapping<std::uint64_t>>;
  }
}

}  // namespace varve::kernels

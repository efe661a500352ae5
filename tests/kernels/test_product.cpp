#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <vector>

#include "kernels/contract.hpp"

using namespace varve;
using namespace varve::kernels;

namespace {

// Aligned as the vectors of every instruction set ask for.
template <class T>
class Aligned {
 public:
  explicit Aligned(std::int64_t count) : memory_(static_cast<std::size_t>(count) * sizeof(T) + 64) {}
  T* data() {
    const auto address = reinterpret_cast<std::uintptr_t>(memory_.data());
    return reinterpret_cast<T*>(memory_.data() + (64 - address % 64) % 64);
  }
  std::byte* bytes() { return reinterpret_cast<std::byte*>(data()); }

 private:
  std::vector<std::byte> memory_;
};

template <class T>
std::vector<T> random_matrix(std::int64_t rows, std::int64_t columns, std::mt19937_64& random) {
  std::vector<T> values(static_cast<std::size_t>(rows * columns));
  for (T& value : values) value = static_cast<T>(static_cast<double>(random() % 2001) / 1000 - 1);
  return values;
}

template <class T>
MatrixView view_of(std::vector<T>& values, std::int64_t columns) {
  constexpr auto kSize = static_cast<std::int64_t>(sizeof(T));
  return {reinterpret_cast<std::byte*>(values.data()), columns * kSize, kSize};
}

struct Extents {
  std::int64_t rows, depth, columns;
};

template <class T>
void check_packed(InstructionSet level, const Extents& e, bool transposed) {
  std::mt19937_64 random(5);
  const ProductKernel& kernel = product_kernel(dtype_of<T>(), level);
  std::vector<T> left = random_matrix<T>(e.rows, e.depth, random);
  std::vector<T> right = random_matrix<T>(e.depth, e.columns, random);
  std::vector<T> out(static_cast<std::size_t>(e.rows * e.columns), T(1));
  const MatrixView a = view_of(left, e.depth);
  const MatrixView b = view_of(right, e.columns);
  const MatrixView c = transposed ? view_of(out, e.rows).transposed() : view_of(out, e.columns);
  Aligned<T> packed_left(kernel.packed_rows(e.rows) * e.depth);
  Aligned<T> packed_right(kernel.packed_columns(e.columns) * e.depth);
  kernel.pack_rows({a.data, a.row_stride, a.column_stride, e.rows, e.depth, packed_left.bytes()});
  kernel.pack_columns({b.data, b.column_stride, b.row_stride, e.columns, e.depth, packed_right.bytes()});
  const auto run = [&](Into into) {
    kernel.multiply({packed_left.bytes(), packed_right.bytes(), e.depth, e.rows, e.columns, c, into});
  };
  run(Into::replace);
  run(Into::add);
  run(Into::add);
  run(Into::subtract);
  double worst = 0;
  for (std::int64_t row = 0; row < e.rows; ++row) {
    for (std::int64_t column = 0; column < e.columns; ++column) {
      long double sum = 0;
      for (std::int64_t k = 0; k < e.depth; ++k) {
        sum += static_cast<long double>(left[static_cast<std::size_t>(row * e.depth + k)]) *
               right[static_cast<std::size_t>(k * e.columns + column)];
      }
      const T value = *reinterpret_cast<const T*>(c.at(row, column));
      worst = std::max(worst, static_cast<double>(std::abs(value - 2 * sum)));
    }
  }
  CHECK(worst <= static_cast<double>(std::numeric_limits<T>::epsilon()) * static_cast<double>(e.depth + 4));
}

}  // namespace

TEST_CASE("products: packed matrices of any extents, on every instruction set", "[kernels]") {
  for (const InstructionSet level :
       {InstructionSet::portable, InstructionSet::v2, InstructionSet::v3, InstructionSet::v4}) {
    if (!can_run(level)) continue;
    for (const Extents& e : {Extents{1, 1, 1}, {13, 7, 33}, {24, 256, 32}, {6, 100, 16}, {37, 5, 3}}) {
      INFO("level " << static_cast<int>(level) << ": " << e.rows << " x " << e.depth << " x " << e.columns);
      for (const bool transposed : {false, true}) {
        check_packed<float>(level, e, transposed);
        check_packed<double>(level, e, transposed);
      }
    }
  }
}

TEST_CASE("products: one thread's product of strided matrices, by blocks and slices", "[kernels]") {
  std::mt19937_64 random(6);
  const Extents e{210, 520, 530};
  std::vector<double> left = random_matrix<double>(e.depth, e.rows, random);
  std::vector<double> right = random_matrix<double>(e.depth, e.columns, random);
  std::vector<double> out(static_cast<std::size_t>(e.rows * e.columns), 3);
  Aligned<std::byte> workspace(multiply_workspace_bytes(DType::float64, e.rows, e.columns));
  PlainProduct product{view_of(left, e.rows).transposed(),
                       view_of(right, e.columns),
                       e.rows,
                       e.columns,
                       e.depth,
                       view_of(out, e.columns),
                       Into::replace};
  multiply(DType::float64, product, workspace.bytes());
  product.into = Into::subtract;
  product.rows = 100;
  multiply(DType::float64, product, workspace.bytes());
  double worst = 0;
  for (std::int64_t row = 0; row < e.rows; ++row) {
    for (std::int64_t column = 0; column < e.columns; ++column) {
      long double sum = 0;
      for (std::int64_t k = 0; k < e.depth && row >= 100; ++k) {
        sum += static_cast<long double>(left[static_cast<std::size_t>(k * e.rows + row)]) *
               right[static_cast<std::size_t>(k * e.columns + column)];
      }
      const double value = out[static_cast<std::size_t>(row * e.columns + column)];
      worst = std::max(worst, static_cast<double>(std::abs(value - sum)));
    }
  }
  CHECK(worst < 1e-12);
}

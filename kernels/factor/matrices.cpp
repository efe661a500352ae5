#include "kernels/copy.hpp"
#include "kernels/factor.hpp"

namespace varve::kernels {
namespace {

StridedView view_of(const MatrixView& a, std::int64_t rows, std::int64_t columns) {
  return {a.data, DType::float64, Shape{rows, columns}, ByteStrides{a.row_stride, a.column_stride}};
}

}  // namespace

void copy_matrix(const MatrixView& from, std::int64_t rows, std::int64_t columns,
                 const MatrixView& to) noexcept {
  copy(varve::as_const(view_of(from, rows, columns)), view_of(to, rows, columns));
}

void fill_zero(const MatrixView& a, std::int64_t rows, std::int64_t columns) noexcept {
  constexpr double kZero = 0;
  fill(reinterpret_cast<const std::byte*>(&kZero), view_of(a, rows, columns));
}

}  // namespace varve::kernels

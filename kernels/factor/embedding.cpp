#include "kernels/embedding.hpp"

#include <complex>

namespace varve::kernels {
namespace {

using Complex = std::complex<double>;

double part_of(const Complex& number, std::int64_t row, std::int64_t column) noexcept {
  if (row % 2 == column % 2) return number.real();
  return row % 2 == 1 ? number.imag() : -number.imag();
}

}  // namespace

void write_parts(const std::byte* numbers, std::int64_t row, std::int64_t column,
                 const StridedView& out) noexcept {
  const auto* from = reinterpret_cast<const Complex*>(numbers);
  for (std::int64_t j = 0; j < out.shape[0]; ++j) {
    const Complex& number = from[(column + j) / 2 - column / 2];
    *reinterpret_cast<double*>(out.data + j * out.byte_strides[0]) = part_of(number, row, column + j);
  }
}

void join_parts(const double* re, const double* im, std::int64_t step, const StridedView& out) noexcept {
  for (std::int64_t j = 0; j < out.shape[0]; ++j) {
    auto* to = reinterpret_cast<Complex*>(out.data + j * out.byte_strides[0]);
    *to = {re[j * step], im[j * step]};
  }
}

}  // namespace varve::kernels

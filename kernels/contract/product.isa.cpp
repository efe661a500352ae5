#include <xsimd/xsimd.hpp>

#include "kernels/contract/table.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

template <class T>
using Batch = xsimd::batch<T>;

// Sums of a block of rows x vectors stay in registers, of which 32 or 16 are there.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kRows = 12;
#else
constexpr int kRows = 6;
#endif
constexpr int kVectors = 2;

template <class T>
constexpr std::int64_t kWidth = static_cast<std::int64_t>(sizeof(Batch<T>) / sizeof(T));
template <class T>
constexpr std::int64_t kColumns = kVectors * kWidth<T>;

template <class T>
struct Sums {
  Batch<T> of[kRows][kVectors];
};

// One chain of multiply-adds per element, in the order of depth, from zero: the same for every element
// wherever it lies.
template <class T>
VARVE_INLINE Sums<T> multiply_slivers(std::int64_t depth, const T* __restrict left,
                                      const T* __restrict right) {
  Sums<T> sums;
  VARVE_UNROLL(12)
  for (int row = 0; row < kRows; ++row) {
    VARVE_UNROLL(2)
    for (int vector = 0; vector < kVectors; ++vector) sums.of[row][vector] = Batch<T>(T(0));
  }
  for (std::int64_t k = 0; k < depth; ++k) {
    const Batch<T> first = Batch<T>::load_aligned(right + k * kColumns<T>);
    const Batch<T> second = Batch<T>::load_aligned(right + k * kColumns<T> + kWidth<T>);
    VARVE_UNROLL(12)
    for (int row = 0; row < kRows; ++row) {
      const Batch<T> factor(left[k * kRows + row]);
      sums.of[row][0] = xsimd::fma(factor, first, sums.of[row][0]);
      sums.of[row][1] = xsimd::fma(factor, second, sums.of[row][1]);
    }
  }
  return sums;
}

template <class T>
VARVE_INLINE Batch<T> merge(Into into, Batch<T> before, Batch<T> sum) {
  return into == Into::add ? before + sum : before - sum;
}

// A whole block whose columns lie side by side.
template <class T>
VARVE_INLINE void store_whole(const Sums<T>& sums, const MatrixView& out, Into into) {
  VARVE_UNROLL(12)
  for (int row = 0; row < kRows; ++row) {
    T* target = reinterpret_cast<T*>(out.data + row * out.row_stride);
    VARVE_UNROLL(2)
    for (int vector = 0; vector < kVectors; ++vector) {
      T* at = target + vector * kWidth<T>;
      const Batch<T>& sum = sums.of[row][vector];
      if (into == Into::replace) {
        sum.store_unaligned(at);
      } else {
        merge<T>(into, Batch<T>::load_unaligned(at), sum).store_unaligned(at);
      }
    }
  }
}

template <class T>
VARVE_INLINE void store_part(const Sums<T>& sums, const MatrixView& out, std::int64_t rows,
                             std::int64_t columns, Into into) {
  alignas(64) T block[kRows * kColumns<T>];
  VARVE_UNROLL(12)
  for (int row = 0; row < kRows; ++row) {
    VARVE_UNROLL(2)
    for (int vector = 0; vector < kVectors; ++vector) {
      sums.of[row][vector].store_aligned(block + row * kColumns<T> + vector * kWidth<T>);
    }
  }
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t column = 0; column < columns; ++column) {
      T* at = reinterpret_cast<T*>(out.data + row * out.row_stride + column * out.column_stride);
      const T sum = block[row * kColumns<T> + column];
      *at = into == Into::replace ? sum : into == Into::add ? *at + sum : *at - sum;
    }
  }
}

// Slivers of columns stay in the first cache while those of rows pass by from the second.
template <class T>
void multiply(const PackedProduct& product) noexcept {
  const T* left = reinterpret_cast<const T*>(product.left);
  const T* right = reinterpret_cast<const T*>(product.right);
  const bool dense = product.out.column_stride == static_cast<std::int64_t>(sizeof(T));
  for (std::int64_t column = 0; column < product.columns; column += kColumns<T>) {
    const std::int64_t columns = product.columns - column;
    for (std::int64_t row = 0; row < product.rows; row += kRows) {
      const std::int64_t rows = product.rows - row;
      const Sums<T> sums =
          multiply_slivers<T>(product.depth, left + row * product.depth, right + column * product.depth);
      const MatrixView out{
          product.out.data + row * product.out.row_stride + column * product.out.column_stride,
          product.out.row_stride, product.out.column_stride};
      if (dense && rows >= kRows && columns >= kColumns<T>) {
        store_whole<T>(sums, out, product.into);
      } else {
        store_part<T>(sums, out, rows < kRows ? rows : kRows, columns < kColumns<T> ? columns : kColumns<T>,
                      product.into);
      }
    }
  }
}

template <class T, std::int64_t Lanes>
VARVE_INLINE void pack_whole(const Packing& packing, const std::byte* source, T* __restrict target) {
  if (packing.lane_stride == static_cast<std::int64_t>(sizeof(T))) {
    for (std::int64_t k = 0; k < packing.depth; ++k) {
      const T* from = reinterpret_cast<const T*>(source + k * packing.depth_stride);
      for (std::int64_t lane = 0; lane < Lanes; ++lane) target[k * Lanes + lane] = from[lane];
    }
    return;
  }
  for (std::int64_t k = 0; k < packing.depth; ++k) {
    const std::byte* from = source + k * packing.depth_stride;
    for (std::int64_t lane = 0; lane < Lanes; ++lane) {
      target[k * Lanes + lane] = *reinterpret_cast<const T*>(from + lane * packing.lane_stride);
    }
  }
}

template <class T, std::int64_t Lanes>
void pack(const Packing& packing) noexcept {
  T* target = reinterpret_cast<T*>(packing.target);
  for (std::int64_t first = 0; first < packing.lanes; first += Lanes, target += Lanes * packing.depth) {
    const std::byte* source = packing.source + first * packing.lane_stride;
    const std::int64_t lanes = packing.lanes - first;
    if (lanes >= Lanes) {
      pack_whole<T, Lanes>(packing, source, target);
      continue;
    }
    for (std::int64_t k = 0; k < packing.depth; ++k) {
      for (std::int64_t lane = 0; lane < Lanes; ++lane) {
        const std::byte* from = source + k * packing.depth_stride + lane * packing.lane_stride;
        target[k * Lanes + lane] = lane < lanes ? *reinterpret_cast<const T*>(from) : T(0);
      }
    }
  }
}

template <class T>
VARVE_INLINE void fill(ProductKernel& kernel) {
  kernel.element_bytes = sizeof(T);
  kernel.row_lanes = kRows;
  kernel.column_lanes = kColumns<T>;
  kernel.pack_rows = pack<T, kRows>;
  kernel.pack_columns = pack<T, kColumns<T>>;
  kernel.multiply = multiply<T>;
}

}  // namespace

void fill_products(ProductTable& table) noexcept {
  fill<float>(table.float32);
  fill<double>(table.float64);
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE

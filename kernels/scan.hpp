#pragma once

#include "varve/core/strided_view.hpp"

namespace varve::kernels {

/// Names every scan: what a running total is made with.
enum class ScanOp : std::uint8_t { sum, prod, max };

inline constexpr int kScanOpCount = static_cast<int>(ScanOp::max) + 1;

/// A block of memory seen as rows of elements; a scan runs from row to row, for each column by itself.
struct Panel {
  std::byte* data = nullptr;
  std::int64_t rows = 0;
  std::int64_t row_stride = 0;  ///< bytes
  std::int64_t columns = 0;
  std::int64_t column_stride = 0;  ///< bytes
};

/// A scan for one dtype. Its state is one value of `state_dtype` per column, dense: float32 is added up in
/// float64, complex64 in complex128, integers wrap in their own width. Row follows row, so the bits depend on
/// nothing else.
struct ScanKernel {
  DType state_dtype = DType::float64;
  /// Sets n states to the identity.
  void (*init)(void* state, std::int64_t n) noexcept = nullptr;
  /// Takes the rows of a panel into the states.
  void (*fold)(void* state, const Panel& panel) noexcept = nullptr;
  /// Does the same, and replaces each element by the state that it leads to.
  void (*scan)(void* state, const Panel& panel) noexcept = nullptr;
};

/// Returns the scan for a dtype, or null where it does not exist (sums of bool, any float16: cast first).
[[nodiscard]] const ScanKernel* find_scan(ScanOp op, DType dtype) noexcept;

}  // namespace varve::kernels

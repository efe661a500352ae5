#include <algorithm>
#include <cstring>
#include <utility>

#include "kernels/copy/block.hpp"

namespace varve::kernels {
namespace {

/// Elements of one cache line: a tile of that many rows and columns uses every line that it touches whole,
/// once, so that strides which are powers of two cannot evict a line between two uses.
template <std::int64_t kBytes>
constexpr std::int64_t kTile = 64 / kBytes;

/// Rows and columns of a panel of tiles. The pages of a panel (one per row on each side when rows are long)
/// must fit in the second-level TLB.
constexpr std::int64_t kPanel = 256;

typedef std::uint8_t Bytes16 __attribute__((vector_size(16)));

Bytes16 load(const std::byte* source) noexcept {
  Bytes16 value;
  std::memcpy(&value, source, sizeof value);
  return value;
}

/// Interleaves the elements of the low (`kHalf` 0) or high (1) halves of two vectors: a0 b0 a1 b1 ...
template <int kBytes, int kHalf, int... kByte>
Bytes16 interleave(Bytes16 a, Bytes16 b, std::integer_sequence<int, kByte...>) noexcept {
  return __builtin_shufflevector(
      a, b, (kByte / kBytes % 2 * 16 + kHalf * 8 + kByte / kBytes / 2 * kBytes + kByte % kBytes)...);
}

/// Transposes 16/kBytes x 16/kBytes elements: log2 rounds of interleaving row i with row i + n/2.
template <int kBytes>
void transpose_square(const std::byte* source, std::int64_t source_stride, std::byte* target,
                      std::int64_t target_stride) noexcept {
  constexpr int kRows = 16 / kBytes;
  constexpr auto kAll = std::make_integer_sequence<int, 16>();
  Bytes16 rows[kRows];
  for (int i = 0; i < kRows; ++i) rows[i] = load(source + i * source_stride);
  for (int span = 1; span < kRows; span *= 2) {
    Bytes16 mixed[kRows];
    for (int i = 0; i < kRows / 2; ++i) {
      mixed[2 * i] = interleave<kBytes, 0>(rows[i], rows[i + kRows / 2], kAll);
      mixed[2 * i + 1] = interleave<kBytes, 1>(rows[i], rows[i + kRows / 2], kAll);
    }
    std::copy(mixed, mixed + kRows, rows);
  }
  for (int i = 0; i < kRows; ++i) std::memcpy(target + i * target_stride, &rows[i], sizeof rows[i]);
}

/// Transposes a full tile. Its source lines are first gathered on the stack; then each target line is written
/// whole.
template <int kBytes>
void transpose_tile(const std::byte* source, std::int64_t source_stride, std::byte* target,
                    std::int64_t target_stride) noexcept {
  constexpr std::int64_t kSquare = 16 / kBytes;
  alignas(64) std::byte lines[kTile<kBytes> * 64];
  for (std::int64_t i = 0; i < kTile<kBytes>; ++i)
    std::memcpy(lines + i * 64, source + i * source_stride, 64);
  for (std::int64_t row = 0; row < kTile<kBytes>; row += kSquare) {
    for (std::int64_t column = 0; column < kTile<kBytes>; column += kSquare) {
      transpose_square<kBytes>(lines + column * 64 + row * kBytes, 64,
                               target + row * target_stride + column * kBytes, target_stride);
    }
  }
}

/// Copies the part of a block that is too small, or too strided, for whole tiles. The longer side is the
/// inner loop.
template <std::int64_t kBytes>
void copy_elements(const CopyBlock& block, const std::byte* source, std::byte* target) noexcept {
  for (std::int64_t row = 0; row < block.rows; ++row) {
    const std::byte* from = source + row * block.source_row_stride;
    std::byte* to = target + row * block.target_row_stride;
    for (std::int64_t column = 0; column < block.columns; ++column) {
      std::memcpy(to + column * block.target_column_stride, from + column * block.source_column_stride,
                  kBytes);
    }
  }
}

template <std::int64_t kBytes>
void copy_tile(const CopyBlock& tile, bool dense, const std::byte* source, std::byte* target) noexcept {
  if constexpr (kBytes < 16) {
    if (dense && tile.rows == kTile<kBytes> && tile.columns == kTile<kBytes>) {
      return transpose_tile<kBytes>(source, tile.source_column_stride, target, tile.target_row_stride);
    }
  }
  copy_elements<kBytes>(tile, source, target);
}

template <std::int64_t kBytes>
void copy_panel(const CopyBlock& panel, bool dense, const std::byte* source, std::byte* target) noexcept {
  constexpr std::int64_t kEdge = kTile<kBytes>;
  CopyBlock tile = panel;
  for (std::int64_t column = 0; column < panel.columns; column += kEdge) {
    tile.columns = std::min(kEdge, panel.columns - column);
    for (std::int64_t row = 0; row < panel.rows; row += kEdge) {
      tile.rows = std::min(kEdge, panel.rows - row);
      copy_tile<kBytes>(tile, dense,
                        source + row * panel.source_row_stride + column * panel.source_column_stride,
                        target + row * panel.target_row_stride + column * panel.target_column_stride);
    }
  }
}

template <std::int64_t kBytes>
void transpose(const CopyBlock& block, const std::byte* source, std::byte* target) noexcept {
  const bool dense = block.source_row_stride == kBytes && block.target_column_stride == kBytes;
  // A long thin block has few pages on its short side; its panels may be longer.
  const std::int64_t panel_rows = std::max(kPanel, kPanel * kPanel / std::min(block.columns, kPanel));
  CopyBlock panel = block;
  for (std::int64_t row = 0; row < block.rows; row += panel_rows) {
    panel.rows = std::min(panel_rows, block.rows - row);
    for (std::int64_t column = 0; column < block.columns; column += kPanel) {
      panel.columns = std::min(kPanel, block.columns - column);
      copy_panel<kBytes>(panel, dense,
                         source + row * block.source_row_stride + column * block.source_column_stride,
                         target + row * block.target_row_stride + column * block.target_column_stride);
    }
  }
}

}  // namespace

BlockFunction find_transpose(std::int64_t element_bytes) noexcept {
  switch (element_bytes) {
    case 1:
      return transpose<1>;
    case 2:
      return transpose<2>;
    case 4:
      return transpose<4>;
    case 8:
      return transpose<8>;
    default:
      return transpose<16>;
  }
}

}  // namespace varve::kernels

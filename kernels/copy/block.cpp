#include "kernels/copy/block.hpp"

#include <cstring>

namespace varve::kernels {
namespace {

template <std::int64_t kBytes>
void move_element(const std::byte* source, std::byte* target) noexcept {
  std::memcpy(target, source, kBytes);
}

/// Copies a run of 1 to 32 bytes by two overlapping moves: a call of memcpy costs more than such a run.
void copy_short_run(const std::byte* source, std::byte* target, std::int64_t bytes) noexcept {
  const auto ends = [&]<std::int64_t kBytes>() {
    std::byte tail[kBytes];
    std::memcpy(tail, source + bytes - kBytes, kBytes);
    move_element<kBytes>(source, target);
    std::memcpy(target + bytes - kBytes, tail, kBytes);
  };
  if (bytes >= 16) return ends.template operator()<16>();
  if (bytes >= 8) return ends.template operator()<8>();
  if (bytes >= 4) return ends.template operator()<4>();
  if (bytes >= 2) return ends.template operator()<2>();
  move_element<1>(source, target);
}

template <std::int64_t kBytes>
void copy_dense_rows(const CopyBlock& block, const std::byte* source, std::byte* target) noexcept {
  const std::int64_t run_bytes = block.columns * kBytes;
  for (std::int64_t row = 0; row < block.rows; ++row) {
    if (run_bytes <= 32) {
      copy_short_run(source, target, run_bytes);
    } else {
      std::memcpy(target, source, static_cast<std::size_t>(run_bytes));
    }
    source += block.source_row_stride;
    target += block.target_row_stride;
  }
}

template <std::int64_t kBytes>
void fill_dense_rows(const CopyBlock& block, const std::byte* source, std::byte* target) noexcept {
  for (std::int64_t row = 0; row < block.rows; ++row) {
    struct Element {
      std::byte bytes[kBytes];
    } element;
    std::memcpy(&element, source, kBytes);
    if constexpr (kBytes == 1) {
      std::memset(target, std::to_integer<int>(element.bytes[0]), static_cast<std::size_t>(block.columns));
    } else {
      for (std::int64_t i = 0; i < block.columns; ++i) std::memcpy(target + i * kBytes, &element, kBytes);
    }
    source += block.source_row_stride;
    target += block.target_row_stride;
  }
}

template <std::int64_t kBytes>
void copy_strided_rows(const CopyBlock& block, const std::byte* source, std::byte* target) noexcept {
  const std::int64_t source_step = block.source_column_stride;
  const std::int64_t target_step = block.target_column_stride;
  for (std::int64_t row = 0; row < block.rows; ++row) {
    const std::byte* from = source + row * block.source_row_stride;
    std::byte* to = target + row * block.target_row_stride;
    for (std::int64_t column = 0; column < block.columns; ++column) {
      move_element<kBytes>(from, to);
      from += source_step;
      to += target_step;
    }
  }
}

template <std::int64_t kBytes>
BlockFunction find_typed(const CopyBlock& block) noexcept {
  const bool dense_target = block.target_column_stride == kBytes;
  if (dense_target && block.source_column_stride == kBytes) return copy_dense_rows<kBytes>;
  if (dense_target && block.source_column_stride == 0) return fill_dense_rows<kBytes>;
  return copy_strided_rows<kBytes>;
}

}  // namespace

BlockFunction find_block_function(const CopyBlock& block, std::int64_t element_bytes) noexcept {
  switch (element_bytes) {
    case 1:
      return find_typed<1>(block);
    case 2:
      return find_typed<2>(block);
    case 4:
      return find_typed<4>(block);
    case 8:
      return find_typed<8>(block);
    default:
      return find_typed<16>(block);
  }
}

}  // namespace varve::kernels

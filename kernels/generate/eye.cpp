#include <algorithm>
#include <cstring>

#include "kernels/copy.hpp"
#include "kernels/generate.hpp"

namespace varve::kernels {
namespace {

/// Writes the number one in `dtype` to `out`.
void store_one(DType dtype, std::byte* out) noexcept {
  const Progression ones = {.start = 1, .step = 0, .integer_start = 1, .integer_step = 0};
  fill_progression(ones, 0, StridedView(out, dtype, Shape{1}));
}

}  // namespace

void fill_eye(std::int64_t diagonal, std::int64_t row, std::int64_t column,
              const StridedView& target) noexcept {
  constexpr std::byte kZero[16] = {};
  fill(kZero, target);
  std::byte one[16];
  store_one(target.dtype, one);
  const auto element_bytes = static_cast<std::size_t>(size_bytes(target.dtype));
  // Inside the view, ones lie where c - r == offset.
  const std::int64_t offset = diagonal - column + row;
  const std::int64_t first = std::max<std::int64_t>(0, -offset);
  const std::int64_t last = std::min(target.shape[0], target.shape[1] - offset);
  for (std::int64_t r = first; r < last; ++r) {
    std::memcpy(target.data + r * target.byte_strides[0] + (r + offset) * target.byte_strides[1], one,
                element_bytes);
  }
}

}  // namespace varve::kernels

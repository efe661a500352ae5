#pragma once

#include "varve/core/strided_view.hpp"

namespace varve::kernels {

/// Counts the true elements of n bools.
[[nodiscard]] std::int64_t count_true(const std::byte* mask, std::int64_t n) noexcept;

/// Returns the position of the true element that has `rank` true ones before it; n if there are not as many.
[[nodiscard]] std::int64_t find_true(const std::byte* mask, std::int64_t n, std::int64_t rank) noexcept;

/// Moves the rows (of `row_bytes`, dense) where the mask is true next to each other, up to `limit` of them.
/// Source and target do not overlap.
void take_true(const std::byte* mask, std::int64_t n, std::int64_t limit, const std::byte* source,
               std::int64_t row_bytes, std::byte* target) noexcept;

}  // namespace varve::kernels

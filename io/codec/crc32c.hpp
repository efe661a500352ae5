#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace varve::io {

/// Returns the CRC-32C (Castagnoli) of bytes that follow others, whose sum is `before`; 0: no others.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t before = 0);

}  // namespace varve::io

#pragma once

#include <cstdint>
#include <string>

namespace varve {

/// Parses "512MiB", "2GiB", "1.5 GB", "65536".
///
/// Errors:  Error naming the text.
[[nodiscard]] std::int64_t parse_bytes(const std::string& text);
/// Formats as "512.0 MiB".
[[nodiscard]] std::string format_bytes(std::int64_t bytes);

}  // namespace varve

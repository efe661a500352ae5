#pragma once

#include <cstdint>

namespace varve::test {

/// Returns the largest resident set of this process since it started or since the last reset, in bytes.
[[nodiscard]] std::int64_t peak_resident_bytes();

/// Makes the peak start again from what is resident now, where the system allows it.
void reset_peak_resident_bytes();

}  // namespace varve::test

#pragma once

#include <filesystem>

#include "support/dense.hpp"
#include "varve/array.hpp"

namespace varve::test {

/// Makes an array in memory that owns a copy of the values.
[[nodiscard]] Array in_memory(const dense::Dense& x);

/// Makes a lazy array with those natural chunks, whose boxes are cut from a copy of the values.
[[nodiscard]] Array chunked(const dense::Dense& x, const Shape& chunks);

/// Reads a NumPy file of format version 1, little endian, C order: enough for what numpy.save writes.
[[nodiscard]] dense::Dense read_npy(const std::filesystem::path& path);

/// Writes one.
void write_npy(const dense::Dense& x, const std::filesystem::path& path);

}  // namespace varve::test

#pragma once

#include <random>

#include "support/dense.hpp"
#include "support/temporary_directory.hpp"
#include "varve/array.hpp"

namespace varve::test {

/// Returns chunk extents for a shape: all 1, whole, or uneven.
[[nodiscard]] Shape random_chunks(const Shape& shape, std::mt19937_64& random);

/// An array made of given values in a random place: memory, a function, or a file of a random format,
/// chunking, codec.
struct Source {
  Array array;
  std::string text;  ///< says where, for messages
};
[[nodiscard]] Source random_source(const dense::Dense& x, const TemporaryDirectory& directory,
                                   std::mt19937_64& random);

/// A way to store arrays: a file ending and options.
struct Storage {
  std::string ending;
  int zarr_format = 3;
  std::string codec;
};
/// Returns a random one that can hold the dtype.
[[nodiscard]] Storage random_storage(DType dtype, std::mt19937_64& random);
[[nodiscard]] std::string to_string(const Storage& storage);

/// Tells whether files of that ending give the dtype back: NetCDF has neither bool nor float16 nor complex
/// numbers.
[[nodiscard]] bool can_hold(const std::string& ending, DType dtype);

}  // namespace varve::test

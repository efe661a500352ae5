#pragma once

#include <cstdint>
#include <span>

#include "io/format/hdf5_virtual_mappings.hpp"
#include "varve/core/dtype.hpp"

namespace varve::io::hdf5 {

/// What is known of an open source; `exists` is false for one that is missing.
struct SourceFacts {
  bool exists = false;
  Shape shape;
  Shape chunk_shape;
  bool partial_reads = false;
  bool decodes_slowly = false;
  std::int64_t chunk_bytes = 0;
  std::int64_t workspace_bytes = 0;  ///< of one read
  std::int64_t stored_bytes = 0;     ///< -1 if unknown
};

/// Returns the chunks in which a virtual dataset is best read, file by file: those of its sources, where one
/// must be decoded whole, and the mapped blocks where these chunks do not fit their borders; else dense
/// blocks of about 1 MiB. `sources` by number.
[[nodiscard]] Shape natural_chunks(const Shape& shape, DType dtype, std::span<const Mapping> blocks,
                                   std::span<const SourceFacts> sources);

}  // namespace varve::io::hdf5

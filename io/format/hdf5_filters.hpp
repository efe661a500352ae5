#pragma once

#include <cstdint>
#include <string>

#include "io/codec/codec.hpp"
#include "io/codec/codec_spec.hpp"
#include "io/format/hdf5_handle.hpp"
#include "varve/core/dtype.hpp"

namespace varve::io::hdf5 {

/// The filter pipeline of a chunked dataset.
struct FilterPipeline {
  CodecChain chain;  ///< our codecs, in the pipeline's order; empty if `by_library`
  /// A filter is not ours, but libhdf5 has it: chunks must be read through libhdf5.
  bool by_library = false;
  std::string description;
};

/// Reads the pipeline from dataset creation properties.
/// Errors: FormatError naming the filter if neither we nor libhdf5 can undo it.
[[nodiscard]] FilterPipeline read_pipeline(hid_t creation, std::int64_t element_bytes,
                                           const std::string& location);

/// Sets the filters of `spec` on dataset creation properties and returns the chain that encodes chunks
/// likewise. Errors: Error naming the codec if HDF5 has no filter for it.
[[nodiscard]] CodecChain set_pipeline(hid_t creation, const CodecSpec& spec, DType dtype,
                                      std::int64_t chunk_bytes);

}  // namespace varve::io::hdf5

#pragma once

#include "io/codec/codec.hpp"

namespace varve::io::hdf5 {

/// Says what compresses the shuffled blocks; the numbers are those of the filter's parameters.
enum class BitshuffleCompressor { none = 0, lz4 = 2, zstd = 3 };

/// Makes the codec of HDF5 filter 32008. `block_elements` 0: the filter's default.
[[nodiscard]] CodecPtr make_bitshuffle(std::int64_t element_bytes, std::int64_t block_elements,
                                       BitshuffleCompressor compressor);

}  // namespace varve::io::hdf5

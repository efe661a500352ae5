#pragma once

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "io/codec/codec.hpp"
#include "io/dataset.hpp"
#include "io/store/byte_store.hpp"

namespace varve::io {

/// Names the values of chunks: "c/0/1" (v3 default) or "0.1" (v2), with either separator.
struct ZarrKeys {
  bool with_prefix = false;  ///< the v3 default encoding
  char separator = '.';

  /// Returns the key of a chunk, below the array's own key (`array` is empty for the root).
  [[nodiscard]] std::string key_of(const std::string& array, const ChunkIndex& chunk) const;
};

/// Lists the numbers, in C order over the grid and rising, of the chunks that a store has of an array;
/// nothing if there are more than `most`.
[[nodiscard]] std::optional<std::vector<std::int64_t>> list_zarr_chunks(const ByteStore& store,
                                                                        const std::string& array,
                                                                        const ZarrKeys& keys,
                                                                        const ChunkGrid& grid,
                                                                        std::int64_t most);

/// Holds all that the metadata of one Zarr array says, of either version, checked.
struct ZarrArray {
  DatasetInfo info;
  std::array<std::byte, 16> fill{};  ///< one element in native byte order
  CodecChain codecs;                 ///< of whole chunks, byte order included
  std::int64_t swap_bytes = 0;       ///< words to reverse, if `codecs` holds nothing else; 0 for none
  ZarrKeys keys;
  std::string metadata_key;    ///< of the value in the store that describes it
  bool mostly_absent = false;  ///< of a sample of the chunks, most are not in the store
};

/// Parses `.zarray` and `.zattrs` (an object, empty if there is none). `what` names the metadata for
/// messages. Errors: FormatError for wrong or unsupported metadata, naming the field, codec or dtype.
[[nodiscard]] ZarrArray parse_zarr_v2(const nlohmann::json& zarray, const nlohmann::json& attributes,
                                      const std::string& what);

/// Parses the `zarr.json` of an array. Errors as `parse_zarr_v2`.
[[nodiscard]] ZarrArray parse_zarr_v3(const nlohmann::json& metadata, const std::string& what);

}  // namespace varve::io

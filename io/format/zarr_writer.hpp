#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "io/dataset.hpp"
#include "io/format/zarr_codecs.hpp"
#include "io/format/zarr_metadata.hpp"
#include "io/store/byte_store.hpp"

namespace varve::io {

/// Checks a spec and says what it becomes: the codecs and the JSON metadata of the array.
/// Errors: Error, ShapeError or FormatError if the version cannot hold the array.
struct ZarrPlan {
  ZarrPlan(const DatasetSpec& spec, int zarr_format);

  ChunkGrid grid;
  std::int64_t chunk_bytes = 0;
  CodecChain codecs;
  /// Bound on one encoded chunk, rounded so that what follows is aligned.
  std::int64_t encoded_bytes = 0;
  std::int64_t workspace_bytes = 0;  ///< for writing one chunk
  ZarrKeys keys;
  nlohmann::json metadata;    ///< ".zarray" or "zarr.json"
  nlohmann::json attributes;  ///< ".zattrs"; v3 has them in the metadata
};

/// Writes the chunks of one array below `key`. `resumed`: chunks may be there already.
[[nodiscard]] std::unique_ptr<DatasetWriter> make_zarr_writer(std::shared_ptr<ByteStore> store,
                                                              const std::string& key, ZarrPlan plan,
                                                              bool resumed);

}  // namespace varve::io

#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "io/codec/codec.hpp"
#include "io/codec/codec_spec.hpp"
#include "io/format/json_text.hpp"
#include "varve/core/dtype.hpp"

namespace varve::io {

/// Says how the chunks of a Zarr array are made from its elements.
struct ZarrPipeline {
  std::vector<std::int64_t> axes;  ///< the array's axes from slowest to fastest in a decoded chunk
  bool big_endian = false;
  std::vector<CodecPtr> steps;  ///< bytes to bytes, in the order of encoding
};

/// Parses "filters", "compressor" and "order" of `.zarray`. Errors: FormatError naming the codec.
[[nodiscard]] ZarrPipeline parse_zarr_v2_codecs(const JsonObject& zarray, DType dtype, std::int64_t ndim);

/// Parses "codecs" of `zarr.json`. Errors: FormatError naming the codec.
[[nodiscard]] ZarrPipeline parse_zarr_v3_codecs(const JsonObject& metadata, DType dtype, std::int64_t ndim);

/// What a codec given by the user becomes in a file.
struct ZarrCodecMetadata {
  std::vector<CodecPtr> steps;
  nlohmann::json compressor;  ///< v2: one object or null
  nlohmann::json filters;     ///< v2: an array or null
  nlohmann::json codecs;      ///< v3: an array
};

/// Translates a codec for writing. Zarr v3 has no shuffle of its own: there only blosc shuffles.
/// Errors: Error for a codec that the version does not have.
[[nodiscard]] ZarrCodecMetadata make_zarr_codecs(const CodecSpec& spec, DType dtype, int zarr_format);

}  // namespace varve::io

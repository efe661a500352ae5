#pragma once

#include <string>
#include <string_view>

namespace varve::io {

/// Says how chunks are compressed on writing, independent of the format: the `--codec` of the command line.
struct CodecSpec {
  std::string name = "none";  ///< "none", "gzip", "zstd", "lz4", "blosc"
  std::string inner;          ///< compressor inside blosc: "lz4", "lz4hc", "zstd", "zlib", "blosclz"
  int level = -1;             ///< -1: the codec's default
  bool shuffle = true;        ///< byte shuffle before gzip, zstd, lz4; shuffle mode of blosc

  friend bool operator==(const CodecSpec&, const CodecSpec&) = default;
};

/// Parses "blosc:lz4:5", "zstd:3", "gzip:1", "lz4", "none". Errors: varve::Error naming the text and what is known.
[[nodiscard]] CodecSpec parse_codec(std::string_view text);

/// Formats as `parse_codec` reads it.
[[nodiscard]] std::string to_string(const CodecSpec& codec);

}  // namespace varve::io

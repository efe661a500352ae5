#pragma once

#include <string>
#include <string_view>

namespace varve::io {

/// Says how chunks are compressed on writing, independent of the format: the `--codec` of the command line.
struct CodecSpec {
  std::string name = "none";  ///< "none", "gzip", "zstd", "lz4", "lzf", "blosc"
  std::string inner;          ///< compressor inside blosc: "lz4", "lz4hc", "zstd", "zlib", "blosclz"
  int level = -1;             ///< -1: the codec's default
  bool shuffle = true;        ///< byte shuffle before gzip, zstd, lz4; shuffle mode of blosc

  friend bool operator==(const CodecSpec&, const CodecSpec&) = default;
};

/// Parses "blosc:lz4:5", "zstd:3", "gzip:1", "lz4", "none". Errors: varve::Error naming the text and what is
/// known.
[[nodiscard]] CodecSpec parse_codec(std::string_view text);

/// Returns the level, or the default of the codec, the same in every format: gzip 1, zstd 3, blosc 5, lz4's
/// acceleration 1.
[[nodiscard]] int level_of(const CodecSpec& codec);

/// Formats as `parse_codec` reads it.
[[nodiscard]] std::string to_string(const CodecSpec& codec);

}  // namespace varve::io

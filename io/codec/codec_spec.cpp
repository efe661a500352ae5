#include "io/codec/codec_spec.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "varve/core/error.hpp"

namespace varve::io {
namespace {

constexpr const char* kKnown =
    "known are none, gzip:0-9, zstd:1-19, lz4[:acceleration], lzf (HDF5 only), blosc:<inner>:0-9 with inner "
    "lz4, lz4hc, zstd, zlib or blosclz; a last part \"noshuffle\" switches the byte shuffle off";
constexpr std::array<std::string_view, 5> kBloscCompressors = {"lz4", "lz4hc", "zstd", "zlib", "blosclz"};
constexpr std::string_view kNoShuffle = "noshuffle";

struct LevelRange {
  std::string_view name;
  int lowest;
  int highest;
};
// zstd's levels above 19 need hundreds of MiB of tables per thread.
constexpr std::array<LevelRange, 5> kLevels = {
    {{"gzip", 0, 9}, {"zstd", 1, 19}, {"lz4", 1, 65537}, {"lzf", 0, -1}, {"blosc", 0, 9}}};

[[noreturn]] void reject(std::string_view text, const std::string& problem) {
  throw ArgumentError("codec \"" + std::string(text) + "\": " + problem + "; " + kKnown);
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  for (std::size_t colon = text.find(':'); colon != std::string_view::npos; colon = text.find(':', start)) {
    parts.push_back(text.substr(start, colon - start));
    start = colon + 1;
  }
  parts.push_back(text.substr(start));
  return parts;
}

int parse_level(std::string_view part, const LevelRange& range, std::string_view text) {
  if (range.lowest > range.highest) reject(text, std::string(range.name) + " has no levels");
  int level = 0;
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), level);
  if (error != std::errc{} || end != part.data() + part.size()) {
    reject(text, "\"" + std::string(part) + "\" is not a level");
  }
  if (level < range.lowest || level > range.highest) {
    reject(text, "level " + std::to_string(level) + " is out of range");
  }
  return level;
}

}  // namespace

CodecSpec parse_codec(std::string_view text) {
  std::vector<std::string_view> parts = split(text);
  CodecSpec spec;
  spec.name = std::string(parts.front());
  if (spec.name == "none" && parts.size() == 1) return spec;
  const auto* range =
      std::find_if(kLevels.begin(), kLevels.end(), [&](const auto& r) { return r.name == spec.name; });
  if (range == kLevels.end()) reject(text, spec.name == "none" ? "none takes no options" : "unknown codec");
  if (parts.back() == kNoShuffle) {
    spec.shuffle = false;
    parts.pop_back();
  }
  std::size_t next = 1;
  if (spec.name == "blosc") {
    spec.inner = "lz4";
    if (next < parts.size() &&
        std::count(kBloscCompressors.begin(), kBloscCompressors.end(), parts[next]) > 0) {
      spec.inner = std::string(parts[next++]);
    }
  }
  if (next < parts.size()) spec.level = parse_level(parts[next++], *range, text);
  if (next < parts.size()) reject(text, "\"" + std::string(parts[next]) + "\" is one part too many");
  return spec;
}

int level_of(const CodecSpec& codec) {
  if (codec.level >= 0) return codec.level;
  if (codec.name == "zstd") return 3;
  return codec.name == "blosc" ? 5 : 1;
}

std::string to_string(const CodecSpec& codec) {
  std::string text = codec.name;
  if (codec.name == "blosc" && !codec.inner.empty()) text.append(1, ':').append(codec.inner);
  if (codec.level >= 0) text.append(1, ':').append(std::to_string(codec.level));
  if (!codec.shuffle && codec.name != "none") text.append(1, ':').append(kNoShuffle);
  return text;
}

}  // namespace varve::io

#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "io/codec/codec.hpp"

using namespace varve::io;
namespace fs = std::filesystem;

namespace {

fs::path shared_codecs() {
  const char* folder = std::getenv("VARVE_SHARED_DATA");
  return fs::path(folder != nullptr ? folder : VARVE_SHARED_DATA_DEFAULT) / "codecs";
}

std::vector<std::byte> read_file(const fs::path& path) {
  std::vector<std::byte> bytes(fs::file_size(path));
  std::ifstream(path, std::ios::binary)
      .read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

// The bytes behind the header of an npy file of version 1.
std::vector<std::byte> array_bytes(const fs::path& path) {
  std::vector<std::byte> bytes = read_file(path);
  const auto header =
      std::to_integer<std::ptrdiff_t>(bytes[8]) + 256 * std::to_integer<std::ptrdiff_t>(bytes[9]);
  bytes.erase(bytes.begin(), bytes.begin() + 10 + header);
  return bytes;
}

CodecPtr make_codec(const nlohmann::json& config) {
  const std::string id = config.at("id");
  if (id == "gzip") return make_gzip(-1);
  if (id == "zlib") return make_zlib(-1);
  if (id == "zstd") return make_zstd(-1);
  if (id == "blosc") return make_blosc("lz4", -1, 1, 1, 0);
  if (id == "shuffle") return make_shuffle(config.at("elementsize"));
  if (id == "crc32c") return make_crc32c();
  return nullptr;
}

}  // namespace

TEST_CASE("shared data: buffers that numcodecs encoded decode to its arrays", "[io][codec][.shared]") {
  if (!fs::exists(shared_codecs())) {
    WARN("no shared data at " << shared_codecs().string() << ": nothing was checked");
    return;
  }
  int checked = 0;
  for (const auto& entry : fs::recursive_directory_iterator(shared_codecs())) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("encoded.") || !name.ends_with(".dat")) continue;
    std::ifstream stream(entry.path().parent_path() / "config.json");
    const CodecPtr codec = make_codec(nlohmann::json::parse(stream));
    const fs::path array = entry.path().parent_path().parent_path() / ("array." + name.substr(8, 2) + ".npy");
    if (!codec || !fs::exists(array)) continue;
    INFO(entry.path().string());
    const std::vector<std::byte> expected = array_bytes(array);
    std::vector<std::byte> decoded(expected.size());
    REQUIRE(codec->decode(read_file(entry.path()), decoded) == static_cast<std::int64_t>(expected.size()));
    REQUIRE(decoded == expected);
    ++checked;
  }
  REQUIRE(checked > 100);
}

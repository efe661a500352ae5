#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "io/codec/codec.hpp"
#include "io/format.hpp"
#include "support/temporary_directory.hpp"
#include "varve/core/error.hpp"

using namespace varve;
using namespace varve::io;

namespace {

constexpr std::int64_t kMiB = 1 << 20;

DatasetSpec spec_of(const std::string& codec) {
  DatasetSpec spec;
  spec.shape = {1000, 512};
  spec.chunks = {512, 512};
  spec.dtype = DType::float32;
  spec.codec = parse_codec(codec);
  return spec;
}

std::vector<std::byte> sample(std::size_t bytes) {
  std::mt19937 random(3);
  std::vector<std::byte> values(bytes);
  for (std::byte& value : values) value = static_cast<std::byte>(random() % 5);
  return values;
}

}  // namespace

TEST_CASE("write workspace: is known without a file, for every format and codec", "[io]") {
  const test::TemporaryDirectory directory;
  for (const std::string name : {"a.zarr", "a.h5", "a.nc", "a.npy"}) {
    for (const std::string codec : {"none", "gzip", "zstd:1", "zstd:19", "lz4:3", "lzf", "blosc:lz4:5",
                                    "blosc:zstd:9", "blosc:zlib:3"}) {
      for (const int zarr_format : {2, 3}) {
        INFO(name << " " << codec << " " << zarr_format);
        const OutputPlace place(directory / name, zarr_format);
        const auto output = create_output(place, {});
        DatasetWriter* writer = nullptr;
        try {
          writer = &output->add_dataset("", spec_of(codec));
        } catch (const ArgumentError&) {  // a codec that the format does not have
          continue;
        }
        CHECK(place.format->write_workspace_bytes(spec_of(codec)) == writer->write_workspace_bytes());
      }
    }
  }
}

TEST_CASE("write workspace: has room for the tables of zstd, which grow with the level", "[io][codec]") {
  const Format& zarr = *format_named("zarr v3");
  const std::int64_t quick = zarr.write_workspace_bytes(spec_of("zstd:1"));
  const std::int64_t thorough = zarr.write_workspace_bytes(spec_of("zstd:19"));
  CHECK(quick < 3 * kMiB);
  CHECK(thorough > 10 * kMiB);
  CHECK(thorough < 60 * kMiB);
}

TEST_CASE("zstd: has its tables in the workspace, for any level and length", "[io][codec]") {
  for (const int level : {1, 3, 7, 13, 19}) {
    for (const std::size_t bytes :
         {std::size_t{0}, std::size_t{1}, std::size_t{1000}, std::size_t{70000}, std::size_t{300000}}) {
      INFO("level " << level << ", " << bytes << " bytes");
      const CodecChain chain({make_zstd(level)});
      const std::vector<std::byte> values = sample(bytes);
      const auto length = static_cast<std::int64_t>(bytes);
      std::vector<std::byte> encoded(static_cast<std::size_t>(chain.encoded_bound(length)));
      const auto room = static_cast<std::size_t>(chain.encode_workspace_bytes(length));
      std::vector<std::byte> workspace(room, std::byte{0x5a});
      encoded.resize(static_cast<std::size_t>(chain.encode(values, encoded, workspace)));
      CHECK(workspace != std::vector<std::byte>(room, std::byte{0x5a}));
      std::vector<std::byte> own(static_cast<std::size_t>(chain.encoded_bound(length)));
      own.resize(static_cast<std::size_t>(chain.encode(values, own, {})));
      CHECK(encoded == own);
      std::vector<std::byte> decoded(bytes);
      chain.decode(encoded, decoded, {});
      CHECK(decoded == values);
    }
  }
}

TEST_CASE("codec level: without one, gzip is the same in every format", "[io][codec]") {
  const test::TemporaryDirectory directory;
  for (const std::string name : {"a.zarr", "a.h5"}) {
    const auto output = create_output(directory / name, {});
    output->add_dataset("x", spec_of("gzip"));
    output->commit();
    CHECK_THAT(open_dataset(directory / name, "x")->info().codecs,
               Catch::EndsWith("lib:1") || Catch::EndsWith("gzip:1"));
  }
}

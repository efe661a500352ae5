#include <catch2/catch.hpp>
#include <cmath>
#include <complex>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "io/format/zarr_fill.hpp"
#include "io/format/zarr_metadata.hpp"
#include "varve/core/error.hpp"

using namespace varve;
using namespace varve::io;
using nlohmann::json;

namespace {

json v2_array() {
  return json::parse(R"({"zarr_format": 2, "shape": [10, 7], "chunks": [4, 3], "dtype": "<f4", "order": "C",
                         "compressor": {"id": "zstd", "level": 1}, "filters": null, "fill_value": 0})");
}

json v3_array() {
  return json::parse(R"({"zarr_format": 3, "node_type": "array", "shape": [10, 7], "data_type": "float32",
    "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [4, 3]}},
    "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}}, "fill_value": 0,
    "codecs": [{"name": "bytes", "configuration": {"endian": "little"}},
                {"name": "zstd", "configuration": {"level": 1}}]})");
}

ZarrArray parse(const json& metadata) {
  return metadata.value("zarr_format", json()) == 2 ? parse_zarr_v2(metadata, json::object(), "m")
                                                    : parse_zarr_v3(metadata, "m");
}

// One change of valid metadata, as a JSON patch: a path and its new value ("-" removes it).
struct Change {
  const char* path;
  const char* value;
};

json changed(json metadata, const Change& change) {
  const json::json_pointer path(change.path);
  const bool remove = std::string(change.value) == "-";
  const json patch =
      remove ? json::array({{{"op", "remove"}, {"path", change.path}}})
             : json::array({{{"op", "add"}, {"path", change.path}, {"value", json::parse(change.value)}}});
  return metadata.patch(patch);
}

template <class T>
T fill_as(const char* text, DType dtype) {
  const ZarrFill fill = parse_zarr_fill(json::parse(text), dtype, "m");
  T value;
  std::memcpy(&value, fill.bytes.data(), sizeof value);
  return value;
}

}  // namespace

TEST_CASE("zarr fill value: numbers, words, bits and pairs", "[io][zarr]") {
  REQUIRE(fill_as<float>("1.5", DType::float32) == 1.5F);
  REQUIRE(fill_as<double>("-3", DType::float64) == -3.0);
  REQUIRE(std::isnan(fill_as<float>("\"NaN\"", DType::float32)));
  REQUIRE(fill_as<double>("\"Infinity\"", DType::float64) == INFINITY);
  REQUIRE(fill_as<float>("\"-Infinity\"", DType::float32) == -INFINITY);
  REQUIRE(fill_as<std::uint32_t>("\"0x7fc00001\"", DType::float32) == 0x7fc00001U);
  REQUIRE(fill_as<std::uint64_t>("\"0x7ff8000000000123\"", DType::float64) == 0x7ff8000000000123U);
  REQUIRE(fill_as<std::uint16_t>("\"0x3c00\"", DType::float16) == 0x3c00U);
  REQUIRE(fill_as<std::int64_t>("-9223372036854775808", DType::int64) ==
          std::numeric_limits<std::int64_t>::min());
  REQUIRE(fill_as<std::uint64_t>("18446744073709551615", DType::uint64) ==
          std::numeric_limits<std::uint64_t>::max());
  REQUIRE(fill_as<std::int8_t>("7.0", DType::int8) == 7);
  REQUIRE(fill_as<bool>("true", DType::boolean));
  REQUIRE_FALSE(fill_as<bool>("0", DType::boolean));
  const auto complex = fill_as<std::complex<double>>("[1.5, \"-Infinity\"]", DType::complex128);
  REQUIRE(complex == std::complex<double>(1.5, -INFINITY));
  REQUIRE_FALSE(parse_zarr_fill(nullptr, DType::float64, "m").value.has_value());
  REQUIRE(parse_zarr_fill(2, DType::int16, "m").value == Scalar(2));
}

TEST_CASE("zarr fill value: what the dtype cannot hold is a FormatError", "[io][zarr]") {
  const std::vector<std::pair<const char*, DType>> rows = {{"300", DType::uint8},
                                                           {"-1", DType::uint16},
                                                           {"1.5", DType::int32},
                                                           {"\"NaN\"", DType::int32},
                                                           {"2", DType::boolean},
                                                           {"\"true\"", DType::boolean},
                                                           {"[1]", DType::complex64},
                                                           {"1", DType::complex64},
                                                           {"[1, \"x\"]", DType::complex64},
                                                           {"\"nan\"", DType::float32},
                                                           {"\"0x7fc\"", DType::float32},
                                                           {"\"0xzzzzzzzz\"", DType::float32},
                                                           {"\"0x-7fc0000\"", DType::float32},
                                                           {"{}", DType::float32},
                                                           {"[]", DType::int8},
                                                           {"1e300", DType::int64},
                                                           {"\"\"", DType::float64},
                                                           {"18446744073709551616", DType::uint64}};
  for (const auto& [text, dtype] : rows) {
    INFO(text << " as " << name_of(dtype));
    REQUIRE_THROWS_AS(parse_zarr_fill(json::parse(text), dtype, "m"), FormatError);
  }
}

TEST_CASE("zarr fill value: what is formatted parses to the same bytes", "[io][zarr]") {
  for (const DType dtype : kAllDTypes) {
    for (const Scalar& scalar : {Scalar(0), Scalar(1), Scalar(0.1), Scalar(NAN), Scalar(-INFINITY)}) {
      if (!is_floating(dtype) && !is_complex(dtype) && scalar.default_dtype() == DType::float64) continue;
      std::byte expected[16] = {};
      scalar.store(dtype, expected);
      const json text = json::parse(format_zarr_fill(scalar, dtype, 3).dump());
      const ZarrFill fill = parse_zarr_fill(text, dtype, "m");
      INFO(name_of(dtype) << " " << text);
      REQUIRE(std::memcmp(fill.bytes.data(), expected, static_cast<std::size_t>(size_bytes(dtype))) == 0);
    }
  }
  REQUIRE(format_zarr_fill(std::nullopt, DType::float32, 3).is_null());
}

TEST_CASE("zarr fill value: v3 keeps the bits of every NaN, v2 has one", "[io][zarr]") {
  const std::uint32_t bits[] = {0x7fc00abcU, 0xffc00000U, 0x7f800001U};
  const char* const texts[] = {"0x7fc00abc", "0xffc00000", "0x7f800001"};
  for (std::size_t i = 0; i < 3; ++i) {
    const ZarrFill fill = parse_zarr_fill(texts[i], DType::float32, "m");
    CHECK(std::memcmp(fill.bytes.data(), &bits[i], sizeof bits[i]) == 0);
    CHECK(format_zarr_fill(fill.value, DType::float32, 3) == texts[i]);
    CHECK(format_zarr_fill(fill.value, DType::float32, 2) == "NaN");
  }
  const ZarrFill wide = parse_zarr_fill("0x7ff8000000000abc", DType::float64, "m");
  CHECK(format_zarr_fill(wide.value, DType::float64, 3) == "0x7ff8000000000abc");
  CHECK(format_zarr_fill(Scalar(NAN), DType::float16, 3) == "NaN");
}

TEST_CASE("zarr metadata: valid arrays of both versions say the same", "[io][zarr]") {
  for (const json& metadata : {v2_array(), v3_array()}) {
    const ZarrArray array = parse(metadata);
    REQUIRE(array.info.shape == Shape{10, 7});
    REQUIRE(array.info.chunk_shape == Shape{4, 3});
    REQUIRE(array.info.grid.counts() == Shape{3, 3});
    REQUIRE(array.info.dtype == DType::float32);
    REQUIRE(array.info.chunk_strides == ByteStrides{12, 4});
    REQUIRE(array.info.codecs == "zstd:1");
    REQUIRE_FALSE(array.info.partial_reads);
    REQUIRE(array.info.fill_value == Scalar(0.0));
  }
}

TEST_CASE("zarr metadata: every dtype of v2 and v3", "[io][zarr]") {
  const std::vector<std::pair<const char*, DType>> v2 = {
      {"|b1", DType::boolean},   {"|i1", DType::int8},       {"<i2", DType::int16},   {">i4", DType::int32},
      {"<i8", DType::int64},     {"|u1", DType::uint8},      {">u2", DType::uint16},  {"<u4", DType::uint32},
      {"<u8", DType::uint64},    {"<f2", DType::float16},    {">f4", DType::float32}, {"<f8", DType::float64},
      {"<c8", DType::complex64}, {">c16", DType::complex128}};
  for (const auto& [text, dtype] : v2) {
    json metadata = v2_array();
    metadata["dtype"] = text;
    metadata["fill_value"] = nullptr;
    const ZarrArray array = parse(metadata);
    REQUIRE(array.info.dtype == dtype);
    REQUIRE(array.swap_bytes == (text[0] == '>' ? size_bytes(real_of(dtype)) : 0));
  }
  for (const DType dtype : kAllDTypes) {
    json metadata = v3_array();
    metadata["data_type"] = std::string(name_of(dtype));
    metadata["fill_value"] = nullptr;
    REQUIRE(parse(metadata).info.dtype == dtype);
  }
}

TEST_CASE("zarr metadata: orders are told by strides", "[io][zarr]") {
  REQUIRE(parse(changed(v2_array(), {"/order", "\"F\""})).info.chunk_strides == ByteStrides{4, 16});
  const char* transpose = R"({"name": "transpose", "configuration": {"order": [1, 0]}})";
  json v3 = changed(v3_array(), {"/codecs/0", transpose});
  REQUIRE(parse(v3).info.chunk_strides == ByteStrides{4, 16});
  v3 = changed(v3, {"/codecs/0", transpose});  // twice is none
  REQUIRE(parse(v3).info.chunk_strides == ByteStrides{12, 4});

  json cube = v3_array();
  cube["shape"] = {10, 10, 10};
  cube["chunk_grid"]["configuration"]["chunk_shape"] = {2, 3, 5};
  // The stored array has the axes (1, 2, 0): axis 0 is the fastest.
  cube["codecs"].insert(cube["codecs"].begin(),
                        json::parse(R"({"name": "transpose", "configuration": {"order": [1, 2, 0]}})"));
  REQUIRE(parse(cube).info.chunk_strides == ByteStrides{4, 40, 8});
}

TEST_CASE("zarr metadata: chunk keys of each encoding", "[io][zarr]") {
  REQUIRE(ZarrKeys{false, '.'}.key_of("", ChunkIndex{1, 2}) == "1.2");
  REQUIRE(ZarrKeys{false, '/'}.key_of("a/b", ChunkIndex{1, 2}) == "a/b/1/2");
  REQUIRE(ZarrKeys{false, '.'}.key_of("", ChunkIndex{}) == "0");
  REQUIRE(ZarrKeys{true, '/'}.key_of("", ChunkIndex{1, 2}) == "c/1/2");
  REQUIRE(ZarrKeys{true, '.'}.key_of("a", ChunkIndex{1, 2}) == "a/c.1.2");
  REQUIRE(ZarrKeys{true, '/'}.key_of("a", ChunkIndex{}) == "a/c");
}

TEST_CASE("zarr metadata: extensions that may be ignored are ignored", "[io][zarr]") {
  REQUIRE_NOTHROW(parse(changed(v3_array(), {"/extra", R"({"must_understand": false})"})));
  REQUIRE_NOTHROW(parse(changed(v3_array(), {"/consolidated_metadata", "null"})));
  REQUIRE_NOTHROW(parse(changed(v3_array(), {"/storage_transformers", "[]"})));
  REQUIRE_NOTHROW(parse(changed(v3_array(), {"/codecs/1", "\"crc32c\""})));
  REQUIRE_NOTHROW(parse(changed(v2_array(), {"/extra", "1"})));
}

TEST_CASE("zarr metadata: lies about v2 arrays are FormatErrors", "[io][zarr][damage]") {
  const Change changes[] = {{"/zarr_format", "3"},
                            {"/zarr_format", "\"2\""},
                            {"/shape", "-"},
                            {"/shape", "[10]"},
                            {"/shape", "[10, -7]"},
                            {"/shape", "[10, 7.0]"},
                            {"/shape", "[4611686018427387904, 4]"},
                            {"/shape", "[18446744073709551615, 1]"},
                            {"/shape", "\"10\""},
                            {"/shape", "[10, null]"},
                            {"/chunks", "[4, 0]"},
                            {"/chunks", "[4, -3]"},
                            {"/chunks", "[4]"},
                            {"/chunks", "[4, 3, 1]"},
                            {"/chunks", "[9223372036854775807, 3]"},
                            {"/chunks", "[1099511627776, 1]"},
                            {"/chunks", "true"},
                            {"/dtype", "\"<f3\""},
                            {"/dtype", "\"f4\""},
                            {"/dtype", "\"|f4\""},
                            {"/dtype", "\"|S7\""},
                            {"/dtype", "\"<U7\""},
                            {"/dtype", "\"|O\""},
                            {"/dtype", "\"<M8[ns]\""},
                            {"/dtype", "[[\"a\", \"<f4\"]]"},
                            {"/dtype", "\"<f16\""},
                            {"/dtype", "\"<double\""},
                            {"/dtype", "4"},
                            {"/dtype", "-"},
                            {"/order", "\"K\""},
                            {"/order", "1"},
                            {"/compressor", "{\"id\": \"bz2\"}"},
                            {"/compressor", "{\"level\": 1}"},
                            {"/compressor", "\"gzip\""},
                            {"/compressor", "[]"},
                            {"/compressor", "{\"id\": \"gzip\", \"level\": \"high\"}"},
                            {"/compressor", "{\"id\": 3}"},
                            {"/compressor", "{\"id\": \"blosc\", \"cname\": \"foo\"}"},
                            {"/compressor", "{\"id\": \"blosc\", \"shuffle\": 9}"},
                            {"/filters", "[{\"id\": \"delta\", \"dtype\": \"<f4\"}]"},
                            {"/filters", "[1]"},
                            {"/filters", "{}"},
                            {"/filters", "[{\"id\": \"shuffle\", \"elementsize\": -4}]"},
                            {"/filters", "[{\"id\": \"vlen-utf8\"}]"},
                            {"/filters", "[{\"id\": \"crc32c\", \"location\": \"start\"}]"},
                            {"/fill_value", "-"},
                            {"/fill_value", "\"x\""},
                            {"/dimension_separator", "\"-\""},
                            {"/dimension_separator", "3"}};
  for (const Change& change : changes) {
    INFO(change.path << " = " << change.value);
    REQUIRE_THROWS_AS(parse(changed(v2_array(), change)), FormatError);
  }
  REQUIRE_THROWS_AS(parse_zarr_v2(json::array(), json::object(), "m"), FormatError);
  REQUIRE_THROWS_AS(parse_zarr_v2(v2_array(), json::array(), "m"), FormatError);
  REQUIRE_THROWS_WITH(parse(changed(v2_array(), {"/compressor", "{\"id\": \"bz2\"}"})),
                      Catch::Contains("\"bz2\""));
  REQUIRE_THROWS_WITH(parse(changed(v2_array(), {"/dtype", "\"<U7\""})), Catch::Contains("\"<U7\""));
}

TEST_CASE("zarr metadata: lies about v3 arrays are FormatErrors", "[io][zarr][damage]") {
  const Change changes[] = {
      {"/zarr_format", "4"},
      {"/node_type", "\"group\""},
      {"/node_type", "-"},
      {"/shape", "[10]"},
      {"/shape", "{}"},
      {"/data_type", "\"<f4\""},
      {"/data_type", "\"r16\""},
      {"/data_type", "{\"name\": \"numpy.datetime64\"}"},
      {"/data_type", "{}"},
      {"/data_type", "7"},
      {"/chunk_grid/name", "\"rectangular\""},
      {"/chunk_grid", "[]"},
      {"/chunk_grid/configuration/chunk_shape", "[0, 3]"},
      {"/chunk_grid/configuration", "-"},
      {"/chunk_key_encoding/name", "\"v1\""},
      {"/chunk_key_encoding/configuration/separator", "\"..\""},
      {"/chunk_key_encoding", "-"},
      {"/fill_value", "-"},
      {"/codecs", "[]"},
      {"/codecs", "-"},
      {"/codecs", "[\"zstd\"]"},
      {"/codecs/0", "{\"name\": \"gzip\"}"},
      {"/codecs/0/configuration/endian", "\"middle\""},
      {"/codecs/0/configuration", "{}"},
      {"/codecs/1", "{\"name\": \"bytes\"}"},
      {"/codecs/1/name", "\"numcodecs.bz2\""},
      {"/codecs/0", "{\"name\": \"sharding_indexed\", \"configuration\": {}}"},
      {"/codecs/1", "3"},
      {"/codecs/1/configuration", "[]"},
      {"/codecs/0", "{\"name\": \"transpose\", \"configuration\": {\"order\": [0, 0]}}"},
      {"/codecs/0", "{\"name\": \"transpose\", \"configuration\": {\"order\": [1]}}"},
      {"/codecs/0", "{\"name\": \"transpose\", \"configuration\": {\"order\": \"K\"}}"},
      {"/codecs/0", "{\"name\": \"transpose\"}"},
      {"/extra", "{\"must_understand\": true}"},
      {"/extra", "1"},
      {"/storage_transformers", "[{\"name\": \"x\"}]"},
      {"/attributes", "[]"},
      {"/dimension_names", "[\"x\"]"},
      {"/dimension_names", "[1, 2]"},
      {"/dimension_names", "\"xy\""}};
  for (const Change& change : changes) {
    INFO(change.path << " = " << change.value);
    REQUIRE_THROWS_AS(parse(changed(v3_array(), change)), FormatError);
  }
  REQUIRE_THROWS_WITH(parse(changed(v3_array(), {"/codecs/0", "{\"name\": \"sharding_indexed\"}"})),
                      Catch::Contains("\"sharding_indexed\""));
}

// What Blosc takes while it decodes follows from its blocks, and these from the size of elements. A bound
// that is too low makes threads decode one after the other.
TEST_CASE("zarr blosc: version 2 bounds blocks by the elements of the array", "[io][zarr]") {
  const char* blosc = R"({"id": "blosc", "cname": "lz4", "clevel": 5, "shuffle": 1, "blocksize": 0})";
  const ZarrArray array = parse(changed(v2_array(), {"/compressor", blosc}));
  constexpr std::int64_t kChunk = 1 << 24;
  constexpr std::int64_t kBlock = 512 << 10;  // of elements of 4 bytes, as Blosc 1.21 chooses it
  CHECK(array.codecs.decode_workspace_bytes(kChunk) - array.codecs.workspace_bytes(kChunk) >= 2 * kBlock);
}

TEST_CASE("zarr metadata: dimension names of v2 come from xarray's attribute, of v3 from the metadata",
          "[io][zarr]") {
  const json attributes = {{"_ARRAY_DIMENSIONS", {"y", "x"}}, {"units", "K"}};
  const ZarrArray v2 = parse_zarr_v2(v2_array(), attributes, "m");
  REQUIRE(v2.info.dimension_names == std::vector<std::string>{"y", "x"});
  REQUIRE(v2.info.attributes.values == json{{"units", "K"}});
  const ZarrArray odd = parse_zarr_v2(v2_array(), {{"_ARRAY_DIMENSIONS", {"y"}}}, "m");
  REQUIRE(odd.info.dimension_names.empty());
  REQUIRE(odd.info.attributes.contains("_ARRAY_DIMENSIONS"));
  const ZarrArray v3 = parse(changed(v3_array(), {"/dimension_names", "[\"y\", null]"}));
  REQUIRE(v3.info.dimension_names == std::vector<std::string>{"y", ""});
}

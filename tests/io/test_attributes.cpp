#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

#include "hdf5_library.hpp"
#include "io/format.hpp"
#include "io/format/hdf5.hpp"
#include "io/format/zarr_attributes.hpp"
#include "io/json_numbers.hpp"
#include "io/read_dataset.hpp"
#include "support/temporary_directory.hpp"

using namespace varve;
using namespace varve::io;
using nlohmann::json;

namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

Attributes typed_attributes() {
  Attributes attributes;
  attributes.set("tenth", double{0.1F}, DType::float32);
  attributes.set("small", -3, DType::int8);
  attributes.set("large", 18446744073709551615U, DType::uint64);
  attributes.set("range", {-kInfinity, 1.5, kInfinity}, DType::float32);
  attributes.set("nothing", kNan, DType::float64);
  attributes.set("flag_values", {1, 2}, DType::int16);
  attributes.set("none", json::array(), DType::float32);
  attributes.set("text", "NaN");
  attributes.set("texts", {"a", ""});
  return attributes;
}

void require_same(const Attributes& actual, const Attributes& expected) {
  CHECK(actual.dtypes == expected.dtypes);
  // A NaN equals nothing; its text does.
  CHECK(to_json_text(actual) == to_json_text(expected));
}

void write_text(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

std::string with_attributes(const std::string& path, const Attributes& attributes) {
  OutputOptions options;
  options.attributes = attributes;
  options.group_attributes["empty/below"] = attributes;
  const auto output = create_output(path, options);
  DatasetSpec spec;
  spec.shape = {2};
  spec.dtype = DType::int16;
  spec.chunks = {2};
  spec.attributes = attributes;
  DatasetWriter& writer = output->add_dataset("x", spec);
  std::array<std::byte, 4> bytes = {};
  std::vector<std::byte> workspace(static_cast<std::size_t>(writer.write_workspace_bytes()));
  writer.write_chunk({0}, bytes, workspace);
  output->commit();
  return path;
}

/// Returns the size and class of an attribute's type, as libhdf5 tells them.
std::pair<H5T_class_t, std::size_t> type_of(const std::string& path, const char* object, const char* name) {
  const hdf5::Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  const hdf5::Handle attribute(H5Aopen_by_name(file.get(), object, name, H5P_DEFAULT, H5P_DEFAULT));
  REQUIRE(attribute);
  const hdf5::Handle type(H5Aget_type(attribute.get()));
  return {H5Tget_class(type.get()), H5Tget_size(type.get())};
}

}  // namespace

TEST_CASE("attributes: numbers that JSON lacks are spelled, and read again by their dtype",
          "[io][attributes]") {
  const Attributes attributes = typed_attributes();
  const json text = json::parse(to_json_text(attributes));
  CHECK(text["range"] == json({"-Infinity", 1.5, "Infinity"}));
  CHECK(text["nothing"] == "NaN");
  require_same(with_dtypes(text, attributes.dtypes), attributes);
  CHECK(with_dtypes(text, attributes.dtypes).values["text"] ==
        "NaN");  // it is a text: no dtype says otherwise
  CHECK(with_dtypes({{"a", "word"}}, {{"a", DType::float32}, {"b", DType::int8}}).dtypes.empty());
  CHECK(with_dtypes({{"a", 300}}, {{"a", DType::int8}}).dtypes.empty());
  CHECK(with_dtypes({{"a", 0.1}}, {{"a", DType::float32}}).values["a"] == double{0.1F});
  Attributes payload;
  payload.set("fill", *read_number("0x7fc00abc", DType::float32), DType::float32);
  CHECK(json::parse(to_json_text(payload))["fill"] == "0x7fc00abc");
}

TEST_CASE("attributes: CF wants some in the dtype of the variable", "[io][attributes]") {
  const Attributes attributes = {{"valid_range", {0, 100}},
                                 {"flag_values", {1, 300}},
                                 {"missing_value", "NaN"},
                                 {"level", 5},
                                 {"valid_min", 0.5}};
  CHECK(stored_dtype(attributes, "valid_range", DType::int8) == DType::int8);
  CHECK(stored_dtype(attributes, "flag_values", DType::int8) == std::nullopt);
  CHECK(stored_dtype(attributes, "missing_value", DType::float32) == DType::float32);
  CHECK(stored_dtype(attributes, "missing_value", DType::int8) == std::nullopt);
  CHECK(stored_dtype(attributes, "level", DType::int8) == std::nullopt);
  CHECK(stored_dtype(attributes, "valid_min", DType::int8) == std::nullopt);
  CHECK(stored_dtype(attributes, "valid_range", std::nullopt) == std::nullopt);
}

TEST_CASE("attributes: Zarr keeps their dtypes beside them", "[io][attributes][zarr]") {
  const Attributes attributes = typed_attributes();
  for (const int version : {2, 3}) {
    INFO("v" << version);
    const json stored = make_zarr_attributes(attributes, version, DType::int16);
    CHECK(stored["range"] == json({"-Infinity", 1.5, "Infinity"}));
    CHECK(stored["tenth"] == double{0.1F});
    require_same(read_zarr_attributes(stored, DType::int16), [&] {
      Attributes expected = attributes;
      expected.dtypes.erase("flag_values");  // the variable's, as CF says
      return expected;
    }());
  }
  const json v2 = make_zarr_attributes(attributes, 2, DType::int16);
  CHECK(v2["_nczarr_attr"]["types"]["tenth"] == "<f4");
  CHECK(v2["_nczarr_attr"]["types"]["small"] == "|i1");
  CHECK_FALSE(v2["_nczarr_attr"]["types"].contains("flag_values"));
  const json v3 = make_zarr_attributes(attributes, 3);
  CHECK(json::parse(v3["varve_attribute_dtypes"].get<std::string>())["flag_values"] == "int16");
  CHECK(make_zarr_attributes({{"a", 1}, {"b", "x"}, {"c", 0.5}}, 3) ==
        json{{"a", 1}, {"b", "x"}, {"c", 0.5}});
}

TEST_CASE("attributes: what netCDF-C writes into a Zarr has its dtypes and hides its own",
          "[io][attributes][zarr]") {
  const json stored =
      json::parse(R"({"a": 0.1, "n": "NaN", "l": [1, "Infinity"], "b": 3, "s": "text", "e": "",
      "_nczarr_array": {"storage": "chunked"}, "_nczarr_attr": {"types": {"a": "<f4", "n": "<f8", "l": "<f4",
      "b": "<i1", "s": ">S1", "e": ">S1", "_nczarr_array": "|J0", "_nczarr_attr": "|J0"}}})");
  const Attributes attributes = read_zarr_attributes(stored);
  CHECK(attributes.values["a"] == double{0.1F});
  CHECK(std::isnan(attributes.values["n"].get<double>()));
  CHECK(attributes.values["l"] == json({1.0, kInfinity}));
  CHECK(attributes.dtypes ==
        AttributeDTypes{
            {"a", DType::float32}, {"b", DType::int8}, {"l", DType::float32}, {"n", DType::float64}});
  CHECK_FALSE(attributes.contains("_nczarr_array"));
  CHECK_FALSE(attributes.contains("_nczarr_attr"));
  for (const char* odd :
       {R"({"_nczarr_attr": 3})", R"({"_nczarr_attr": {"types": [1]}})", R"({"_nczarr_attr": {}})",
        R"({"varve_attribute_dtypes": "{"})", R"({"varve_attribute_dtypes": "[[[[]]]]"})",
        R"({"a": 1, "varve_attribute_dtypes": "{\"a\": \"float33\", \"b\": 7}"})"}) {
    CHECK(read_zarr_attributes(json::parse(odd)).dtypes.empty());
  }
}

TEST_CASE("attributes: fill values of Zarr v3 have xarray's form", "[io][attributes][zarr]") {
  Attributes attributes;
  attributes.set("_FillValue", kNan, DType::float32);
  const json stored = make_zarr_attributes(attributes, 3, DType::float32);
  CHECK(stored["_FillValue"] == "AAAAAAAA+H8=");
  CHECK(stored.size() == 1);
  CHECK(std::isnan(read_zarr_attributes(stored, DType::float32).values["_FillValue"].get<double>()));
  CHECK(read_zarr_attributes({{"_FillValue", "AAAAAACI00A="}}, DType::float64).values["_FillValue"] ==
        20000.0);
  CHECK(make_zarr_attributes({{"_FillValue", "Infinity"}}, 3, DType::float64)["_FillValue"] ==
        to_base64(kInfinity));
  CHECK(make_zarr_attributes({{"_FillValue", -999}}, 3, DType::int16)["_FillValue"] == -999);
  CHECK(make_zarr_attributes({{"_FillValue", kNan}}, 2, DType::float32)["_FillValue"] == "NaN");
  for (const std::uint64_t bits : {0x7ff8000000000abcULL, 0x3ff0000000000000ULL, 0xfff8000000000001ULL}) {
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    const double back = from_base64(to_base64(value)).value();
    CHECK(std::memcmp(&back, &value, sizeof value) == 0);
  }
}

TEST_CASE("attributes: files of every format keep values and dtypes of arrays, file and groups",
          "[io][attributes]") {
  const test::TemporaryDirectory folder;
  Attributes attributes = typed_attributes();
  for (const char* name : {"a.h5", "a.nc", "a.zarr"}) {
    INFO(name);
    const std::string path = with_attributes(folder / name, attributes);
    const Attributes of_array = open_dataset(path, "x")->info().attributes;
    Attributes expected = attributes;
    if (std::string(name) == "a.zarr") expected.dtypes.erase("flag_values");  // of the variable's dtype
    require_same(of_array, expected);
    const FileSummary summary = summarize_file(path);
    require_same(summary.attributes, attributes);
    require_same(summary.group_attributes.at("empty/below"), attributes);
    CHECK(summary.group_attributes.contains("empty"));
    CHECK(summary.variables.size() == 1);
  }
  CHECK(type_of(folder / "a.nc", "x", "tenth") == std::pair(H5T_FLOAT, std::size_t{4}));
  CHECK(type_of(folder / "a.nc", "/", "small") == std::pair(H5T_INTEGER, std::size_t{1}));
  CHECK(type_of(folder / "a.nc", "empty/below", "nothing") == std::pair(H5T_FLOAT, std::size_t{8}));
  CHECK(type_of(folder / "a.h5", "x", "range") == std::pair(H5T_FLOAT, std::size_t{4}));
}

TEST_CASE("attributes: HDF5 holds those of more than 64 KiB", "[io][attributes][hdf5]") {
  const test::TemporaryDirectory folder;
  Attributes attributes = {{"text", std::string(200000, 'x')}, {"units", "m"}};
  attributes.set("numbers", json(std::vector<double>(30000, 0.5)), DType::float64);
  attributes.set("names", json(std::vector<std::string>(9000, "name")));
  for (const char* name : {"a.h5", "a.nc"}) {
    INFO(name);
    const std::string path = with_attributes(folder / name, attributes);
    require_same(open_dataset(path, "x")->info().attributes, attributes);
    require_same(summarize_file(path).attributes, attributes);
    require_same(summarize_file(path).group_attributes.at("empty/below"), attributes);
  }
}

TEST_CASE("attributes: a fill value that is none of the variable is not given to NetCDF",
          "[io][attributes][hdf5]") {
  const test::TemporaryDirectory folder;
  const std::string path = with_attributes(folder / "a.nc", {{"_FillValue", kNan}, {"missing_value", -1}});
  const Attributes attributes = open_dataset(path, "x")->info().attributes;
  CHECK_FALSE(attributes.contains("_FillValue"));
  CHECK(attributes.dtypes.at("missing_value") == DType::int16);
}

TEST_CASE("zarr shuffle: an elementsize of 0 is the size of the dtype, none is 4", "[io][zarr][codec]") {
  const test::TemporaryDirectory folder;
  const std::string start =
      R"({"zarr_format": 2, "shape": [4], "chunks": [4], "order": "C", "compressor": null,
                                "fill_value": 0, "dtype": ")";
  // Elements 1, 2, 3, 4: their first bytes, then the zeros of the others.
  struct Row {
    const char* dtype;
    const char* element_size;
    std::size_t size;
    std::size_t shuffled_by;
  };
  for (const Row& row : {Row{"|u1", ", \"elementsize\": 0", 1, 1}, Row{"<u2", ", \"elementsize\": 0", 2, 2},
                         Row{"<u4", ", \"elementsize\": 0", 4, 4}, Row{"<u8", ", \"elementsize\": 0", 8, 8},
                         Row{"<u8", ", \"elementsize\": 4", 8, 4}, Row{"<u8", "", 8, 4}}) {
    INFO(row.dtype << row.element_size);
    std::string plain(4 * row.size, '\0');
    for (std::size_t i = 0; i < 4; ++i) plain[i * row.size] = static_cast<char>(i + 1);
    std::string shuffled(plain.size(), '\0');
    const std::size_t count = plain.size() / row.shuffled_by;
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t j = 0; j < row.shuffled_by; ++j)
        shuffled[j * count + i] = plain[i * row.shuffled_by + j];
    }
    const std::string root = folder / "s.zarr";
    write_text(root + "/.zarray",
               start + row.dtype + R"(", "filters": [{"id": "shuffle")" + row.element_size + "}]}");
    write_text(root + "/0", shuffled);
    const std::vector<std::byte> read = test::read_whole(*open_dataset(root));
    CHECK(std::memcmp(read.data(), plain.data(), plain.size()) == 0);
  }
}

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "io/format/hdf5.hpp"
#include "support/chunk_reading.hpp"
#include "support/sha256.hpp"

// Real files, written by many other programs, against answers made by h5py and netCDF4.
using namespace varve;
using namespace varve::io;
using nlohmann::json;

namespace {

std::filesystem::path shared_data() {
  const char* folder = std::getenv("VARVE_SHARED_DATA");
  return folder != nullptr ? folder : VARVE_SHARED_DATA_DEFAULT;
}

/// Formats a dtype as the answers do, always little-endian: "<f4", "|i1".
std::string numpy_name(DType dtype) {
  constexpr char kKinds[] = {'b', 'i', 'u', 'f', 'c'};
  std::string name(1, size_bytes(dtype) == 1 ? '|' : '<');
  name += kKinds[static_cast<int>(kind_of(dtype))];
  return name.append(std::to_string(size_bytes(dtype)));
}

std::string little(std::string dtype) {
  if (dtype.front() == '>') dtype.front() = '<';
  return dtype;
}

/// Files whose readable arrays nobody could hash (no plugin on that machine), with what we must make of them.
const std::map<std::string, std::string> kUnhashed = {
    {"hdf5_compression_zstd.h5", "readable"},
    {"hdf5_mali_chunk.h5", "readable"},
    {"hdf5_mini_shuffle_zstd.h5", "readable"},
};

std::string check_array(const std::string& path, const std::string& name, const json& answer) {
  const auto dataset = open_hdf5(path, name);
  const DatasetInfo& info = dataset->info();
  if (numpy_name(info.dtype) != little(answer.at("dtype").get<std::string>())) return "dtype differs";
  if (std::vector<std::int64_t>(info.shape.begin(), info.shape.end()) !=
      answer.at("shape").get<std::vector<std::int64_t>>()) {
    return "shape differs";
  }
  const std::vector<std::byte> bytes = test::read_all(*dataset);
  test::Sha256 hash;
  hash.update(bytes);
  if (hash.hex_digest() != answer.at("sha256_le").get<std::string>()) return "values differ";
  if (!info.partial_reads) return "";
  return test::read_by_parts(*dataset) == bytes ? "" : "values read by parts differ";
}

void check_refused(const std::string& path, const std::string& name) {
  INFO(path << ":" << name);
  CHECK_THROWS_AS(open_hdf5(path, name), Error);
}

void check_file(const std::string& path, const json& answers) {
  std::map<std::string, std::string> problems;
  const FileSummary summary = summarize_hdf5(path);
  for (const VariableSummary& variable : summary.variables) problems[variable.name] = variable.problem;
  for (const auto& [name, answer] : answers.items()) {
    if (name.front() == '_') continue;
    INFO(path << ":" << name);
    REQUIRE(problems.count(name) == 1);
    if (answer.contains("sha256_le")) {
      CHECK(problems[name].empty());
      CHECK(check_array(path, name, answer) == "");
    } else if (kUnhashed.count(std::filesystem::path(path).filename()) > 0) {
      CHECK_FALSE(test::read_all(*open_hdf5(path, name)).empty());
    } else {  // strings, compounds, null dataspaces, bitshuffle
      CHECK_FALSE(problems[name].empty());
      check_refused(path, name);
    }
  }
}

}  // namespace

TEST_CASE("shared data: every HDF5 and NetCDF-4 array has exactly the recorded values", "[io][shared]") {
  for (const char* set : {"hdf5-features", "netcdf-climate", "netcdf-features"}) {
    const std::filesystem::path folder = shared_data() / set;
    if (!std::filesystem::exists(folder / "answers.json")) {
      WARN("no shared data at " << folder << "; set VARVE_SHARED_DATA");
      continue;
    }
    const json answers = json::parse(std::ifstream(folder / "answers.json"));
    for (const auto& [file, arrays] : answers.items()) {
      const std::string path = folder / file;
      DYNAMIC_SECTION(set << "/" << file) {
        const std::string model = arrays.value("_model", "");
        // Classic NetCDF is another format; a file still open for writing is refused by libhdf5.
        if (model.starts_with("NETCDF3") || arrays.contains("_error")) {
          CHECK_THROWS_AS(summarize_hdf5(path), Error);
          CHECK(looks_like_hdf5(path) == arrays.contains("_error"));
        } else {
          CHECK(looks_like_hdf5(path));
          check_file(path, arrays);
        }
      }
    }
  }
}

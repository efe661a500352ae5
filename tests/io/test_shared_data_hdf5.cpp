#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

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

/// Gives the last value of arrays that no hash was taken of, for want of a filter there. All of them count up
/// from 0.
std::optional<double> last_of_unhashed(const std::string& file) {
  if (file == "bitshuffle_datasets.hdf5") return 19;
  if (file == "hdf5_compression_bitshuffle.h5" || file == "hdf5_compression_zstd.h5") return 99;
  if (file == "hdf5_mali_chunk.h5") return 7;
  if (file == "hdf5_mini_shuffle_zstd.h5") return 5;
  return std::nullopt;
}

bool counts_up_to(const Dataset& dataset, double last) {
  const DType dtype = dataset.info().dtype;
  const std::vector<std::byte> bytes = test::read_all(dataset);
  std::vector<std::byte> expected(bytes.size());
  for (int i = 0; i <= static_cast<int>(last); ++i)
    Scalar(i).store(dtype, expected.data() + i * size_bytes(dtype));
  return bytes == expected && element_count(dataset.info().shape) == static_cast<std::int64_t>(last) + 1;
}

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
    } else if (const auto last = last_of_unhashed(std::filesystem::path(path).filename())) {
      CHECK(counts_up_to(*open_hdf5(path, name), *last));
    } else {  // strings, compounds, null dataspaces
      CHECK_FALSE(problems[name].empty());
      check_refused(path, name);
    }
  }
}

}  // namespace

TEST_CASE("shared data: every HDF5 and NetCDF-4 array has exactly the recorded values", "[io][.shared]") {
  for (const char* set : {"hdf5-features", "netcdf-climate", "netcdf-features"}) {
    const std::filesystem::path folder = shared_data() / set;
    if (!std::filesystem::exists(folder / "answers.json")) {
      WARN("no shared data at " << folder.string() << ": nothing was checked");
      continue;
    }
    const json answers = json::parse(std::ifstream(folder / "answers.json"));
    for (const auto& [file, arrays] : answers.items()) {
      const std::string path = folder / file;
      DYNAMIC_SECTION(set << "/" << file) {
        const std::string model = arrays.value("_model", "");
        // Classic NetCDF is another format; the other file says that it is still open for writing.
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

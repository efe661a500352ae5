#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "io/format.hpp"
#include "io/read_dataset.hpp"
#include "support/sha256.hpp"
#include "varve/core/error.hpp"

using namespace varve;
using namespace varve::io;
namespace fs = std::filesystem;

namespace {

fs::path shared_data() {
  const char* folder = std::getenv("VARVE_SHARED_DATA");
  return folder != nullptr ? folder : VARVE_SHARED_DATA_DEFAULT;
}

std::string digest(const Dataset& dataset) {
  test::Sha256 hash;
  hash.update(test::read_whole(dataset));
  return hash.hex_digest();
}

// A folder with metadata of both versions is listed twice; we read its v3 metadata.
std::string strip_version(std::string name) {
  for (const char* suffix : {" (v2)", " (v3)"}) {
    if (name.ends_with(suffix)) name.resize(name.size() - 5);
  }
  return name;
}

bool has_known_codecs(const nlohmann::json& answer, bool v3) {
  static const std::set<std::string> known = {"bytes",   "gzip",       "zlib",    "zstd",
                                              "blosc",   "lz4",        "crc32c",  "transpose",
                                              "shuffle", "fletcher32", "bitround"};
  const auto is_known = [&](std::string name) {
    if (name.starts_with("numcodecs.")) name.erase(0, 10);
    return known.count(name) > 0;
  };
  if (v3) {
    for (const auto& codec : answer.at("codecs")) {
      if (!is_known(codec.get<std::string>())) return false;
    }
    return true;
  }
  if (answer.at("compressor").is_object() && !is_known(answer["compressor"]["id"])) return false;
  if (answer.at("filters").is_array()) {
    for (const auto& filter : answer["filters"]) {
      if (!is_known(filter["id"])) return false;
    }
  }
  return true;
}

void check_array(const fs::path& path, const std::string& variable, const nlohmann::json& answer) {
  const auto dataset = open_dataset(path.string(), variable);
  const std::vector<std::int64_t> shape = answer.at("shape");
  REQUIRE(dataset->info().shape == Shape(shape));
  std::string dtype = answer.at("dtype");
  if (dtype[0] == '>') dtype[0] = '<';
  REQUIRE(dataset->info().dtype == parse_dtype(dtype));
  REQUIRE(digest(*dataset) == answer.at("sha256_le").get<std::string>());
}

// Returns the number of arrays read, and counts those refused.
int check_set(const std::string& set, int& refused) {
  std::ifstream stream(shared_data() / set / "answers.json");
  const nlohmann::json answers = nlohmann::json::parse(stream);
  int read = 0;
  for (const auto& [file, arrays] : answers.items()) {
    const std::string model = arrays.value("_model", "");
    const fs::path path = shared_data() / set / strip_version(file);
    const bool shadowed = file.ends_with(" (v2)") && fs::exists(path / "zarr.json");
    for (const auto& [name, answer] : arrays.items()) {
      if (name.starts_with("_") || shadowed) continue;
      INFO(path.string() << " : " << name);
      const std::string variable = name == "." ? "" : name;
      const bool npy = set == "npy";
      const bool covered = answer.contains("sha256_le") && !path.string().ends_with(".zip") &&
                           (npy || has_known_codecs(answer, model == "Zarr v3"));
      if (covered) {
        check_array(path, variable, answer);
        ++read;
      } else if (answer.contains("error")) {
        // The recorded reader could not say what is inside: reading and refusing are both right.
        try {
          (void)test::read_whole(*open_dataset(path.string(), variable));
        } catch (const Error&) {
          ++refused;
        }
      } else {
        REQUIRE_THROWS_AS(test::read_whole(*open_dataset(path.string(), variable)), Error);
        ++refused;
      }
    }
  }
  return read;
}

}  // namespace

TEST_CASE("shared data: Zarr and npy files of other writers have the recorded values",
          "[io][zarr][npy][.shared]") {
  for (const std::string set : {"zarr-v2", "zarr-v3", "npy"}) {
    DYNAMIC_SECTION(set) {
      if (!fs::exists(shared_data() / set / "answers.json")) {
        WARN("no shared data at " << shared_data().string() << ": nothing was checked");
        return;
      }
      int refused = 0;
      const int read = check_set(set, refused);
      INFO(read << " read, " << refused << " refused");
      REQUIRE(read >= 9);
    }
  }
}

TEST_CASE("shared data: every folder can be summarized or is refused", "[io][.shared]") {
  for (const std::string set : {"zarr-v2", "zarr-v3", "ome-zarr", "npy"}) {
    if (!fs::exists(shared_data() / set)) {
      WARN("no shared data at " << shared_data().string() << ": nothing was checked");
      return;
    }
    for (const auto& entry : fs::recursive_directory_iterator(shared_data() / set)) {
      try {
        const FileSummary summary = summarize_file(entry.path().string());
        for (const VariableSummary& variable : summary.variables) {
          if (variable.problem.empty()) REQUIRE_NOTHROW(open_dataset(entry.path().string(), variable.name));
        }
      } catch (const Error&) {  // chunk files, metadata, READMEs
      }
    }
  }
}

#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <vector>

#include "io/format.hpp"
#include "io/read_dataset.hpp"

// Committed files by zarr-python and h5py (tests/data/make_foreign_fixtures.py).
using namespace varve;
using namespace varve::io;

namespace {

constexpr std::int64_t kRows = 7;
constexpr std::int64_t kColumns = 10;

std::vector<std::byte> expected_bytes(DType dtype) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(kRows * kColumns * size_bytes(dtype)));
  for (std::int64_t i = 0; i < kRows; ++i) {
    for (std::int64_t j = 0; j < kColumns; ++j) {
      const std::int64_t value = i >= 4 && j >= 6 ? -1 : 100 * i + j;
      Scalar(value).store(dtype, bytes.data() + (i * kColumns + j) * size_bytes(dtype));
    }
  }
  return bytes;
}

void check_file(const std::string& name, std::size_t arrays) {
  const std::string path = VARVE_TEST_DATA "/foreign/" + name;
  const FileSummary summary = summarize_file(path);
  CHECK(summary.variables.size() == arrays);
  for (const VariableSummary& variable : summary.variables) {
    INFO(path << ":" << variable.name << " " << variable.problem);
    const auto dataset = open_dataset(path, variable.name);
    REQUIRE(dataset->info().shape == Shape{kRows, kColumns});
    REQUIRE(dataset->info().grid.chunks() == Shape{4, 6});
    CHECK(test::read_whole(*dataset) == expected_bytes(dataset->info().dtype));
  }
}

}  // namespace

TEST_CASE("foreign files: arrays of zarr-python and h5py hold what these wrote", "[io][foreign]") {
  check_file("v2.zarr", 6);
  check_file("earliest.h5", 5);
  check_file("latest.h5", 5);
}

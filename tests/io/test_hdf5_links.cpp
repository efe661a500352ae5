#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "io/format/hdf5.hpp"
#include "io/hdf5_library.hpp"
#include "io/read_dataset.hpp"
#include "support/temporary_directory.hpp"
#include "varve/core/error.hpp"

using namespace varve;
using namespace varve::io;

namespace {

// Writes a file whose one dataset has its four int8 elements in a raw file of that name.
void write_external(const std::string& path, const std::string& raw) {
  const hdf5::LibraryLock lock;
  const test::LibraryFile file(path, false);
  const hsize_t extent = 4;
  const test::Handle space(H5Screate_simple(1, &extent, nullptr));
  const test::Handle properties(H5Pcreate(H5P_DATASET_CREATE));
  REQUIRE(H5Pset_external(properties.get(), raw.c_str(), 0, 4) >= 0);
  const test::Handle dataset(
      H5Dcreate2(file.id(), "x", H5T_STD_I8LE, space.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT));
  REQUIRE(dataset);
}

// Writes source files of two elements each, and a file whose one dataset joins them.
void write_virtual(const std::string& folder, const std::string& path) {
  const hdf5::LibraryLock lock;
  const hsize_t part = 2;
  const hsize_t whole = 4;
  const test::Handle from(H5Screate_simple(1, &part, nullptr));
  const test::Handle to(H5Screate_simple(1, &whole, nullptr));
  const test::Handle properties(H5Pcreate(H5P_DATASET_CREATE));
  const std::vector<std::int32_t> values = {1, 2, 3, 4};
  test::LibraryLayout layout;
  layout.shape = {part};
  for (hsize_t start = 0; start < whole; start += part) {
    const std::string name = "source" + std::to_string(start) + ".h5";
    test::LibraryFile source(folder + "/" + name, false);
    source.add("x", layout, values.data() + start);
    H5Sselect_hyperslab(to.get(), H5S_SELECT_SET, &start, nullptr, &part, nullptr);
    REQUIRE(H5Pset_virtual(properties.get(), to.get(), name.c_str(), "x", from.get()) >= 0);
  }
  const test::LibraryFile file(path, true);
  H5Sselect_all(to.get());
  const test::Handle dataset(
      H5Dcreate2(file.id(), "x", H5T_STD_I32LE, to.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT));
  REQUIRE(dataset);
}

}  // namespace

TEST_CASE("hdf5: what names other files can be opened and described while it is open", "[io][hdf5]") {
  const test::TemporaryDirectory directory;
  std::filesystem::create_directory(directory / "sub");
  std::ofstream(directory / "sub/raw") << "abcd";
  write_external(directory / "sub/external.h5", "raw");
  write_virtual(directory / "sub", directory / "sub/virtual.h5");
  for (const char* name : {"sub/external.h5", "sub/virtual.h5"}) {
    INFO(name);
    const std::string path = directory / name;
    const auto first = open_hdf5(path, "x");
    const auto second = open_hdf5(path, "x");
    const FileSummary summary = summarize_hdf5(path);
    REQUIRE(summary.variables.size() == 1);
    CHECK(summary.variables.front().problem.empty());
    CHECK(test::read_whole(*first) == test::read_whole(*second));
  }
  const auto joined = test::read_whole(*open_hdf5(directory / "sub/virtual.h5", ""));
  const std::vector<std::int32_t> expected = {1, 2, 3, 4};
  REQUIRE(joined.size() == 16);
  CHECK(std::memcmp(joined.data(), expected.data(), 16) == 0);
}

TEST_CASE("hdf5: raw files are read from the folder of the HDF5 file and nowhere else", "[io][hdf5]") {
  const test::TemporaryDirectory directory;
  std::filesystem::create_directory(directory / "sub");
  const std::string path = directory / "sub/file.h5";
  for (const char* raw : {"sub/raw", "raw"}) std::ofstream(directory / raw) << "abcd";
  write_external(path, "raw");
  const std::vector<std::byte> expected = {std::byte{'a'}, std::byte{'b'}, std::byte{'c'}, std::byte{'d'}};
  CHECK(test::read_whole(*open_hdf5(path, "x")) == expected);
  for (const std::string& raw : {std::string("../raw"), directory / "sub/raw", std::string("a/../../raw")}) {
    write_external(path, raw);
    CHECK_THROWS_WITH(open_hdf5(path, "x"), Catch::Contains(raw));
  }
}

TEST_CASE("hdf5: a FIFO behind a link or as raw file is refused without waiting", "[io][hdf5]") {
  const test::TemporaryDirectory directory;
  REQUIRE(::mkfifo((directory / "fifo").c_str(), 0600) == 0);
  write_external(directory / "external.h5", "fifo");
  CHECK_THROWS_AS(open_hdf5(directory / "external.h5", "x"), StorageError);
  {
    const hdf5::LibraryLock lock;
    const test::LibraryFile file(directory / "link.h5", false);
    H5Lcreate_external("fifo", "x", file.id(), "far", H5P_DEFAULT, H5P_DEFAULT);
  }
  CHECK_THROWS_AS(open_hdf5(directory / "link.h5", "far"), Error);
}

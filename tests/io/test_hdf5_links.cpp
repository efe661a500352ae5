#include <sys/stat.h>

#include <catch2/catch.hpp>
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

}  // namespace

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

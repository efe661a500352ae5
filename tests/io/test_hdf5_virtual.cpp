#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "io/format/hdf5.hpp"
#include "io/hdf5_library.hpp"
#include "io/read_dataset.hpp"
#include "support/temporary_directory.hpp"
#include "varve/core/error.hpp"

// Values are compared with those that h5py reads in tests/interop/virtual_datasets.py.

using namespace varve;
using namespace varve::io;
namespace fs = std::filesystem;

namespace {

using Extents = std::vector<hsize_t>;

std::string name_of(std::size_t file) { return std::to_string(file) + ".h5"; }

// Writes a file whose one dataset counts from 1,000 times the number of the file.
void write_source(const std::string& folder, std::size_t number, const test::LibraryLayout& layout) {
  std::size_t count = 1;
  for (const hsize_t extent : layout.shape) count *= extent;
  std::vector<std::int32_t> values = test::counting(count);
  for (std::int32_t& value : values) value += static_cast<std::int32_t>(1000 * number);
  test::LibraryFile file(folder + "/" + name_of(number), true);
  file.add("x", layout, values.data());
}

// Writes files of a shape, and one whose dataset joins them along the first axis.
std::string write_joined(const std::string& folder, std::size_t count, const test::LibraryLayout& layout) {
  const hdf5::LibraryLock lock;
  Extents whole = layout.shape;
  whole[0] *= count;
  const auto ndim = static_cast<int>(whole.size());
  const test::Handle from(H5Screate_simple(ndim, layout.shape.data(), nullptr));
  const test::Handle to(H5Screate_simple(ndim, whole.data(), nullptr));
  const test::Handle properties(H5Pcreate(H5P_DATASET_CREATE));
  Extents start(whole.size(), 0);
  for (std::size_t i = 0; i < count; ++i, start[0] += layout.shape[0]) {
    write_source(folder, i, layout);
    H5Sselect_hyperslab(to.get(), H5S_SELECT_SET, start.data(), nullptr, layout.shape.data(), nullptr);
    REQUIRE(H5Pset_virtual(properties.get(), to.get(), name_of(i).c_str(), "x", from.get()) >= 0);
  }
  const std::string path = folder + "/virtual.h5";
  const test::LibraryFile file(path, true);
  H5Sselect_all(to.get());
  const test::Handle dataset(
      H5Dcreate2(file.id(), "v", H5T_STD_I32LE, to.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT));
  REQUIRE(dataset);
  return path;
}

std::vector<std::int32_t> joined_values(std::size_t count, std::size_t each) {
  std::vector<std::int32_t> values;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < each; ++j) values.push_back(static_cast<std::int32_t>(1000 * i + j));
  }
  return values;
}

bool equal(const std::vector<std::byte>& bytes, const std::vector<std::int32_t>& values) {
  return bytes.size() == values.size() * sizeof(std::int32_t) &&
         std::memcmp(bytes.data(), values.data(), bytes.size()) == 0;
}

std::int64_t open_descriptors() {
  return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
}

test::LibraryLayout compressed(Extents shape, Extents chunks) {
  test::LibraryLayout layout;
  layout.shape = std::move(shape);
  layout.chunks = std::move(chunks);
  layout.deflate = 1;
  return layout;
}

}  // namespace

TEST_CASE("hdf5 virtual: chunks are those of the sources", "[io][hdf5]") {
  const test::TemporaryDirectory directory;
  const auto dataset = open_hdf5(write_joined(directory.path(), 5, compressed({6, 20}, {3, 10})), "v");
  const DatasetInfo& info = dataset->info();
  CHECK(info.layout == "virtual");
  CHECK(info.chunk_shape == Shape{3, 10});
  CHECK_FALSE(info.partial_reads);
  CHECK(info.stored_bytes > 0);
  CHECK(equal(test::read_whole(*dataset), joined_values(5, 120)));
}

TEST_CASE("hdf5 virtual: where files end within chunks, small blocks are chunks", "[io][hdf5]") {
  const test::TemporaryDirectory directory;
  const auto dataset = open_hdf5(write_joined(directory.path(), 5, compressed({7, 20}, {3, 20})), "v");
  CHECK(dataset->info().chunk_shape == Shape{7, 20});
  CHECK(equal(test::read_whole(*dataset), joined_values(5, 140)));
}

TEST_CASE("hdf5 virtual: where files end within chunks, large blocks are not decoded at once", "[io][hdf5]") {
  const test::TemporaryDirectory directory;
  const auto dataset =
      open_hdf5(write_joined(directory.path(), 2, compressed({1100000, 1}, {300000, 1})), "v");
  CHECK(dataset->info().chunk_shape == Shape{300000, 1});
  CHECK(equal(test::read_whole(*dataset), joined_values(2, 1100000)));
}

TEST_CASE("hdf5 virtual: uncompressed sources are read in parts, in blocks of about a MiB", "[io][hdf5]") {
  const test::TemporaryDirectory directory;
  for (const bool chunked : {false, true}) {
    test::LibraryLayout layout;
    layout.shape = {40, 25};
    if (chunked) layout.chunks = {16, 25};
    const auto dataset = open_hdf5(write_joined(directory.path(), 3, layout), "v");
    CHECK(dataset->info().partial_reads);
    CHECK(dataset->info().chunk_shape == Shape{120, 25});
    CHECK(equal(test::read_parts(*dataset, Box(Shape{120, 25})), joined_values(3, 1000)));
    const std::vector<std::byte> part = test::read_parts(*dataset, {{39, 24}, {41, 25}});
    CHECK(equal(part, {999, 1024}));
  }
}

TEST_CASE("hdf5 virtual: however many sources, few files are open", "[io][hdf5]") {
  const test::TemporaryDirectory directory;
  constexpr std::size_t kCount = 700;
  const std::string path = write_joined(directory.path(), kCount, compressed({2, 30}, {1, 30}));
  const std::int64_t before = open_descriptors();
  const auto dataset = open_hdf5(path, "v");
  CHECK(equal(test::read_whole(*dataset), joined_values(kCount, 60)));
  CHECK(open_descriptors() < before + 560);
  // A second reading, when most have been closed, from several threads.
  std::vector<std::vector<std::byte>> read(4);
  std::vector<std::thread> threads;
  threads.reserve(read.size());
  for (auto& bytes : read) threads.emplace_back([&] { bytes = test::read_whole(*dataset); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& bytes : read) CHECK(equal(bytes, joined_values(kCount, 60)));
}

TEST_CASE("hdf5 virtual: a source that changes, comes or goes changes the identity", "[io][hdf5]") {
  const test::TemporaryDirectory directory;
  const std::string folder = directory.path();
  const test::LibraryLayout layout = compressed({2, 30}, {1, 30});
  const auto dataset = open_hdf5(write_joined(folder, 3, layout), "v");
  CHECK(dataset->current_identity() == dataset->info().identity);
  fs::rename(directory / "1.h5", directory / "away.h5");
  CHECK(dataset->current_identity() != dataset->info().identity);
  const auto without = open_hdf5(folder + "/virtual.h5", "v");
  CHECK(without->current_identity() == without->info().identity);
  fs::rename(directory / "away.h5", directory / "1.h5");
  CHECK(without->current_identity() != without->info().identity);
  CHECK(dataset->current_identity() == dataset->info().identity);
}

TEST_CASE("hdf5 virtual: a source that was replaced while it was closed is refused, not read", "[io][hdf5]") {
  const test::TemporaryDirectory directory;
  const std::string folder = directory.path();
  constexpr std::size_t kCount = 1100;  // more than are kept described
  const auto dataset = open_hdf5(write_joined(folder, kCount, compressed({2, 30}, {2, 30})), "v");
  test::LibraryLayout other = compressed({2, 30}, {1, 15});
  write_source(folder, 0, other);
  CHECK_THROWS_WITH(test::read_whole(*dataset), Catch::Contains("changed while it was in use"));
}

TEST_CASE("hdf5 virtual: a chain longer than the stack would bear is refused", "[io][hdf5]") {
  const test::TemporaryDirectory directory;
  const std::string path = directory / "chain.h5";
  constexpr int kCount = 2000;
  {
    const hdf5::LibraryLock lock;
    const test::LibraryFile file(path, true);
    const hsize_t extent = 3;
    const test::Handle space(H5Screate_simple(1, &extent, nullptr));
    for (int i = 0; i < kCount; ++i) {
      const test::Handle properties(H5Pcreate(H5P_DATASET_CREATE));
      const std::string next = "v" + std::to_string(i + 1);
      REQUIRE(H5Pset_virtual(properties.get(), space.get(), ".", next.c_str(), space.get()) >= 0);
      const std::string name = "v" + std::to_string(i);
      REQUIRE(test::Handle(H5Dcreate2(file.id(), name.c_str(), H5T_STD_I32LE, space.get(), H5P_DEFAULT,
                                      properties.get(), H5P_DEFAULT)));
    }
  }
  CHECK_THROWS_WITH(open_hdf5(path, "v0"), Catch::Contains("more than 1000 virtual datasets"));
  CHECK_THROWS_AS(open_hdf5(path, "v0"), FormatError);
  CHECK(files_behind_hdf5(path, "v0") == std::vector<std::string>{path});
  CHECK(test::read_whole(*open_hdf5(path, "v" + std::to_string(kCount - 100))).size() == 12);
}

TEST_CASE("hdf5 virtual: the files behind are the sources", "[io][hdf5]") {
  const test::TemporaryDirectory directory;
  const std::string folder = directory.path();
  const std::string path = write_joined(folder, 3, compressed({2, 30}, {1, 30}));
  fs::remove(directory / "2.h5");
  const std::vector<std::string> files = files_behind_hdf5(path, "v");
  for (const char* name : {"virtual.h5", "0.h5", "1.h5", "2.h5"})
    CHECK(std::find(files.begin(), files.end(), directory / name) != files.end());
}

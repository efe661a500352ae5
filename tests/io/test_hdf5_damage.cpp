#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "hdf5_library.hpp"
#include "io/format/hdf5.hpp"
#include "support/chunk_reading.hpp"
#include "support/temporary_directory.hpp"

// Damaged copies of a small file with every layout: an Error or wrong values are right, anything else is not.
using namespace varve;
using namespace varve::io;
using test::LibraryFile;
using test::LibraryLayout;

namespace {

std::string make_file(const std::string& path, bool latest) {
  const auto values = test::counting(200);
  LibraryFile file(path, latest);
  LibraryLayout layout;
  layout.shape = {20, 10};
  file.add("contiguous", layout, values.data());
  layout.chunks = {6, 4};
  file.add("raw", layout, values.data());
  layout.maximum = {H5S_UNLIMITED, 10};
  layout.shuffle = true;
  layout.deflate = 2;
  layout.fletcher32 = true;
  const auto dataset = file.add("filtered", layout, values.data());
  const hdf5::LibraryLock lock;
  const hdf5::Handle space(H5Screate(H5S_SCALAR));
  const hdf5::Handle text(H5Tcopy(H5T_C_S1));
  H5Tset_size(text.get(), H5T_VARIABLE);
  const hdf5::Handle attribute(
      H5Acreate2(dataset.get(), "note", text.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT));
  const char* note = "some text";
  H5Awrite(attribute.get(), text.get(), &note);
  return path;
}

std::vector<char> load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void store(const std::string& path, const std::vector<char>& bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// Keeps libhdf5 from searching plugins while it lives: a flipped filter number must not load foreign code.
class WithoutPlugins {
 public:
  WithoutPlugins() { set(0); }
  WithoutPlugins(const WithoutPlugins&) = delete;
  WithoutPlugins& operator=(const WithoutPlugins&) = delete;
  ~WithoutPlugins() { set(H5PL_ALL_PLUGIN); }

 private:
  static void set(unsigned kinds) {
    const hdf5::LibraryLock lock;
    H5PLset_loading_state(kinds);
  }
};

/// Reads all that the file offers; returns whether something was refused.
bool is_refused(const std::string& path) {
  bool refused = false;
  try {
    static_cast<void>(summarize_hdf5(path));
  } catch (const Error&) {
    refused = true;
  }
  for (const char* name : {"contiguous", "raw", "filtered"}) {
    try {
      const auto dataset = open_hdf5(path, name);
      // A damaged shape may be huge: what is allocated is the reader's choice, made from the chunk size.
      const DatasetInfo& info = dataset->info();
      if (info.chunk_bytes() > (1 << 20) || info.grid.chunk_count() > 1000) continue;
      if (element_count(info.shape) > (1 << 20)) continue;
      static_cast<void>(test::read_all(*dataset));
    } catch (const Error&) {
      refused = true;
    }
  }
  return refused;
}

}  // namespace

TEST_CASE("hdf5: a truncated file is refused, wherever it was cut", "[io][hdf5]") {
  const test::TemporaryDirectory folder;
  for (const bool latest : {false, true}) {
    const std::vector<char> whole = load(make_file(folder / "whole.h5", latest));
    for (std::size_t size = 0; size < whole.size(); size += 97) {
      INFO("latest " << latest << ", cut to " << size << " of " << whole.size());
      store(folder / "cut.h5", {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
      CHECK(is_refused(folder / "cut.h5"));
    }
  }
}

TEST_CASE("hdf5: flipped bytes lead to an Error or to other values, never further", "[io][hdf5]") {
  const test::TemporaryDirectory folder;
  const WithoutPlugins without_plugins;
  std::mt19937 random(11);
  for (const bool latest : {false, true}) {
    const std::vector<char> whole = load(make_file(folder / "whole.h5", latest));
    CHECK_FALSE(is_refused(folder / "whole.h5"));
    for (int round = 0; round < 150; ++round) {
      std::vector<char> damaged = whole;
      for (int flips = 0; flips < 3; ++flips) {
        damaged[random() % damaged.size()] = static_cast<char>(random());
      }
      store(folder / "damaged.h5", damaged);
      static_cast<void>(is_refused(folder / "damaged.h5"));
    }
  }
  SUCCEED();
}

TEST_CASE("hdf5: data cut off behind intact metadata is an Error that names the file", "[io][hdf5]") {
  const test::TemporaryDirectory folder;
  const std::string path = folder / "short.h5";
  const auto values = test::counting(1 << 16);
  LibraryLayout layout;
  layout.shape = {1 << 16};
  layout.chunks = {1 << 12};
  { LibraryFile(path, false).add("a", layout, values.data()); }
  const auto dataset = open_hdf5(path, "a");
  std::filesystem::resize_file(path, 40000);  // behind the reader's back
  std::vector<std::byte> chunk(static_cast<std::size_t>(dataset->info().chunk_bytes()));
  std::vector<std::byte> workspace(static_cast<std::size_t>(dataset->info().read_workspace_bytes));
  CHECK_THROWS_AS(dataset->read_chunk({15}, chunk, workspace), FormatError);
  CHECK_THROWS_WITH(dataset->read_chunk({15}, chunk, workspace), Catch::Contains(path));
}

#include <catch2/catch.hpp>
#include <complex>
#include <fstream>
#include <thread>

#include "hdf5_library.hpp"
#include "io/format/hdf5.hpp"
#include "io/format/hdf5_chunk_locator.hpp"
#include "io/format/hdf5_file.hpp"
#include "support/chunk_reading.hpp"
#include "support/temporary_directory.hpp"

// Files written by libhdf5 itself (H5Dwrite), read by us.
using namespace varve;
using namespace varve::io;
using test::LibraryFile;
using test::LibraryLayout;

namespace {

constexpr hsize_t kUnlimited = H5S_UNLIMITED;

struct NamedLayout {
  const char* name;
  LibraryLayout layout;
};

LibraryLayout chunked(std::vector<hsize_t> maximum, std::vector<hsize_t> chunks = {7, 9}) {
  LibraryLayout layout;
  layout.maximum = std::move(maximum);
  layout.chunks = std::move(chunks);
  return layout;
}

/// Returns layouts that, in new files, use every kind of chunk index; and the other layouts.
std::vector<NamedLayout> every_layout() {
  std::vector<NamedLayout> layouts = {{"fixed_array", chunked({60, 50})},
                                      {"extensible_array", chunked({kUnlimited, 50})},
                                      {"btree", chunked({kUnlimited, kUnlimited})},
                                      {"single", chunked({60, 50}, {60, 50})},
                                      {"larger_than_array", chunked({kUnlimited, 50}, {100, 20})},
                                      {"implicit", chunked({60, 50})},
                                      {"contiguous", {}}};
  layouts[5].layout.early = true;
  const std::size_t count = layouts.size() - 1;
  for (std::size_t i = 0; i < count; ++i) {
    NamedLayout filtered = layouts[i];
    filtered.layout.shuffle = true;
    filtered.layout.deflate = 4;
    filtered.layout.fletcher32 = i % 2 == 0;
    layouts.push_back(filtered);
  }
  return layouts;
}

std::vector<std::int32_t> read_int32(const Dataset& dataset) {
  const std::vector<std::byte> bytes = test::read_all(dataset);
  std::vector<std::int32_t> values(bytes.size() / sizeof(std::int32_t));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

// What the filters shuffle and deflate make of a chunk, without those that the mask leaves out.
std::vector<std::byte> filtered_chunk(const std::vector<std::int32_t>& values, unsigned mask) {
  std::vector<std::byte> plain(values.size() * 4);
  std::memcpy(plain.data(), values.data(), plain.size());
  std::vector<std::byte> shuffled = plain;
  for (std::size_t i = 0; i < plain.size() && (mask & 1U) == 0; ++i)
    shuffled[i % 4 * values.size() + i / 4] = plain[i];
  if ((mask & 2U) != 0) return shuffled;
  // A zlib stream of one stored block (RFC 1950, RFC 1951).
  std::uint32_t low = 1;
  std::uint32_t high = 0;
  for (const std::byte byte : shuffled) {
    low = (low + std::to_integer<std::uint32_t>(byte)) % 65521;
    high = (high + low) % 65521;
  }
  const auto size = static_cast<std::uint32_t>(shuffled.size());
  std::vector<std::byte> stream;
  for (const std::uint32_t byte : {0x78U, 0x01U, 0x01U, size, size >> 8U, ~size, ~size >> 8U})
    stream.push_back(static_cast<std::byte>(byte & 0xffU));
  stream.insert(stream.end(), shuffled.begin(), shuffled.end());
  for (const std::uint32_t byte : {high >> 8U, high, low >> 8U, low})
    stream.push_back(static_cast<std::byte>(byte & 0xffU));
  return stream;
}

}  // namespace

TEST_CASE("hdf5: every layout and chunk index reads back what libhdf5 wrote", "[io][hdf5]") {
  const test::TemporaryDirectory folder;
  const auto values = test::counting(3000);
  for (const bool latest : {false, true}) {
    for (const hsize_t user_block : {hsize_t{0}, hsize_t{2048}}) {
      const std::string path = folder / "layouts.h5";
      const auto layouts = every_layout();
      {
        LibraryFile file(path, latest, user_block);
        for (std::size_t i = 0; i < layouts.size(); ++i) {
          file.add("d" + std::to_string(i), layouts[i].layout, values.data());
        }
      }
      CHECK(looks_like_hdf5(path));
      for (std::size_t i = 0; i < layouts.size(); ++i) {
        DYNAMIC_SECTION(layouts[i].name << " " << i << " latest " << latest << " user block " << user_block) {
          const auto dataset = open_hdf5(path, "d" + std::to_string(i));
          CHECK(read_int32(*dataset) == values);
          CHECK(dataset->info().partial_reads == (layouts[i].layout.deflate < 0));
          if (dataset->info().partial_reads) CHECK(test::read_by_parts(*dataset) == test::read_all(*dataset));
        }
      }
    }
  }
}

TEST_CASE("hdf5: a chunk is located where libhdf5 says that it lies", "[io][hdf5]") {
  const test::TemporaryDirectory folder;
  const auto values = test::counting(3000);
  for (const bool latest : {false, true}) {
    const std::string path = folder / "located.h5";
    const auto layouts = every_layout();
    {
      LibraryFile file(path, latest);
      for (std::size_t i = 0; i < layouts.size(); ++i) {
        file.add("d" + std::to_string(i), layouts[i].layout, values.data());
      }
    }
    for (std::size_t i = 0; i < layouts.size(); ++i) {
      if (layouts[i].layout.chunks.empty()) continue;
      DYNAMIC_SECTION(layouts[i].name << " " << i << " latest " << latest) {
        const hdf5::OpenArray array = hdf5::open_array(path, "d" + std::to_string(i));
        const hdf5::ChunkLocator locator(array.handles, array.info, 1 << 20, array.file_bytes);
        test::for_each_chunk(array.info.grid, [&](const ChunkIndex& chunk) {
          const hdf5::LibraryLock lock;
          const hsize_t offset[] = {static_cast<hsize_t>(chunk[0] * array.info.chunk_shape[0]),
                                    static_cast<hsize_t>(chunk[1] * array.info.chunk_shape[1])};
          unsigned mask = 0;
          haddr_t address = 0;
          hsize_t size = 0;
          const auto handles = array.handles->lease();
          REQUIRE(H5Dget_chunk_info_by_coord(handles->dataset.get(), offset, &mask, &address, &size) >= 0);
          const auto found = locator.locate(chunk);
          REQUIRE(found);
          CHECK(found->offset == static_cast<std::int64_t>(address));
          CHECK(found->size == static_cast<std::int64_t>(size));
          CHECK(found->skip_mask == mask);
        });
      }
    }
  }
}

TEST_CASE("hdf5: chunks and blocks that were never written hold the fill value", "[io][hdf5]") {
  const test::TemporaryDirectory folder;
  const std::string path = folder / "sparse.h5";
  {
    LibraryFile file(path, false);
    const hdf5::LibraryLock lock;
    const hdf5::Handle properties(H5Pcreate(H5P_DATASET_CREATE));
    const std::int32_t fill = -7;
    H5Pset_fill_value(properties.get(), H5T_NATIVE_INT32, &fill);
    const hsize_t shape[] = {10, 10};
    const hsize_t chunks[] = {4, 4};
    const hdf5::Handle space(H5Screate_simple(2, shape, nullptr));
    const hdf5::Handle contiguous(H5Dcreate2(file.id(), "contiguous", H5T_STD_I32BE, space.get(), H5P_DEFAULT,
                                             properties.get(), H5P_DEFAULT));
    H5Pset_chunk(properties.get(), 2, chunks);
    H5Pset_deflate(properties.get(), 1);
    const hdf5::Handle sparse(H5Dcreate2(file.id(), "sparse", H5T_STD_I32BE, space.get(), H5P_DEFAULT,
                                         properties.get(), H5P_DEFAULT));
    const hsize_t start[] = {4, 4};
    const hsize_t one[] = {1, 1};
    const std::int32_t value = 5;
    const hdf5::Handle memory(H5Screate(H5S_SCALAR));
    H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start, nullptr, one, nullptr);
    H5Dwrite(sparse.get(), H5T_NATIVE_INT32, memory.get(), space.get(), H5P_DEFAULT, &value);
  }
  std::vector<std::int32_t> expected(100, -7);
  CHECK(read_int32(*open_hdf5(path, "contiguous")) == expected);
  CHECK(open_hdf5(path, "contiguous")->info().fill_value == Scalar(-7));
  expected[44] = 5;
  CHECK(read_int32(*open_hdf5(path, "sparse")) == expected);
}

TEST_CASE("hdf5: where most chunks were never written, those that were are listed", "[io][hdf5]") {
  const test::TemporaryDirectory folder;
  const std::string path = folder / "sparse.h5";
  for (const bool latest : {false, true}) {  // two kinds of index
    INFO("latest " << latest);
    {
      LibraryFile file(path, latest);
      const hdf5::LibraryLock lock;
      const hdf5::Handle properties(H5Pcreate(H5P_DATASET_CREATE));
      const hsize_t shape[] = {1000000, 1000000000};
      const hsize_t limits[] = {H5S_UNLIMITED, 1000000000};
      const hsize_t chunks[] = {1, 1000};
      H5Pset_chunk(properties.get(), 2, chunks);
      const hdf5::Handle space(H5Screate_simple(2, shape, limits));
      const hdf5::Handle sparse(H5Dcreate2(file.id(), "sparse", H5T_STD_I32LE, space.get(), H5P_DEFAULT,
                                           properties.get(), H5P_DEFAULT));
      const std::int32_t value = 5;
      const hdf5::Handle memory(H5Screate(H5S_SCALAR));
      const hsize_t one[] = {1, 1};
      for (const hsize_t row : {70, 3}) {
        const hsize_t start[] = {row, 2500};
        H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start, nullptr, one, nullptr);
        H5Dwrite(sparse.get(), H5T_NATIVE_INT32, memory.get(), space.get(), H5P_DEFAULT, &value);
      }
      file.add("whole", every_layout()[0].layout, test::counting(3000).data());
    }
    const auto listed = open_hdf5(path, "sparse")->stored_chunks();
    REQUIRE(listed);
    CHECK(*listed == std::vector<std::int64_t>{3'000'002, 70'000'002});
    CHECK_FALSE(open_hdf5(path, "whole")->stored_chunks());
  }
}

TEST_CASE("hdf5: chunks at the edge may lack the filters of the others", "[io][hdf5]") {
  const test::TemporaryDirectory folder;
  const std::string path = folder / "edges.h5";
  const auto values = test::counting(3000);
  LibraryLayout layout = chunked({60, 50});
  layout.deflate = 3;
  layout.chunk_options = H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS;
  { LibraryFile(path, true).add("a", layout, values.data()); }
  CHECK(read_int32(*open_hdf5(path, "a")) == values);
}

// Chunks written one by one (H5Dwrite_chunk) may each leave out filters of their own, also at the edge, where
// they are whole: readers that apply every filter, or cut edge chunks first, see other values.
TEST_CASE("hdf5: every chunk may leave out filters of its own, those at the edge too", "[io][hdf5]") {
  const test::TemporaryDirectory folder;
  for (const bool latest : {false, true}) {
    const std::string path = folder / (latest ? "masks_latest.h5" : "masks.h5");
    LibraryLayout layout = chunked({16, 11}, {7, 9});
    layout.shape = {16, 11};
    layout.shuffle = true;
    layout.deflate = 3;
    std::vector<std::int32_t> expected(16 * 11);
    {
      LibraryFile file(path, latest);
      const test::Handle dataset = file.add("a", layout, nullptr);
      const hdf5::LibraryLock lock;
      unsigned mask = 0;
      for (hsize_t row = 0; row < 16; row += 7) {
        for (hsize_t column = 0; column < 11; column += 9, mask = (mask + 1) % 4) {
          std::vector<std::int32_t> chunk(63);
          for (std::size_t i = 0; i < chunk.size(); ++i) {
            const std::size_t at[] = {row + i / 9, column + i % 9};
            const bool inside = at[0] < 16 && at[1] < 11;
            chunk[i] = inside ? static_cast<std::int32_t>(1000 * at[0] + at[1]) : -77;
            if (inside) expected[at[0] * 11 + at[1]] = chunk[i];
          }
          const std::vector<std::byte> bytes = filtered_chunk(chunk, mask);
          const hsize_t offset[] = {row, column};
          REQUIRE(H5Dwrite_chunk(dataset.get(), H5P_DEFAULT, mask, offset, bytes.size(), bytes.data()) >= 0);
        }
      }
      std::vector<std::int32_t> seen(expected.size());
      REQUIRE(H5Dread(dataset.get(), H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, seen.data()) >= 0);
      CHECK(seen == expected);
    }
    CHECK(read_int32(*open_hdf5(path, "a")) == expected);
  }
}

TEST_CASE("hdf5: compact, scalar and big-endian arrays read like others", "[io][hdf5]") {
  const test::TemporaryDirectory folder;
  const std::string path = folder / "kinds.h5";
  const auto values = test::counting(3000);
  {
    LibraryFile file(path, false);
    LibraryLayout compact;
    compact.compact = true;
    compact.type = H5T_STD_I32BE;
    file.add("compact", compact, values.data());
    LibraryLayout big = chunked({60, 50});
    big.type = H5T_STD_I32BE;
    file.add("raw", big, values.data());
    big.deflate = 1;
    file.add("deflated", big, values.data());
    LibraryLayout scalar;
    scalar.shape = {};
    file.add("scalar", scalar, &values[42]);
    LibraryLayout none;
    none.shape = {3, 0, 2};
    file.add("empty", none, nullptr);
  }
  for (const char* name : {"compact", "raw", "deflated"}) {
    INFO(name);
    const auto dataset = open_hdf5(path, name);
    CHECK(dataset->info().byte_order == "big");
    CHECK(read_int32(*dataset) == values);
    if (dataset->info().partial_reads) CHECK(test::read_by_parts(*dataset) == test::read_all(*dataset));
  }
  CHECK(open_hdf5(path, "compact")->info().layout == "compact");
  CHECK(read_int32(*open_hdf5(path, "scalar")) == std::vector<std::int32_t>{42});
  CHECK(open_hdf5(path, "empty")->info().grid.chunk_count() == 0);
  CHECK_THROWS_WITH(open_hdf5(path, ""), Catch::Contains("several arrays") && Catch::Contains("deflated"));
  CHECK_THROWS_WITH(open_hdf5(path, "nothing"), Catch::Contains("no array \"nothing\""));
}

TEST_CASE("hdf5: eight threads read the same chunks at once", "[io][hdf5]") {
  const test::TemporaryDirectory folder;
  const std::string path = folder / "threads.h5";
  const auto values = test::counting(3000);
  LibraryLayout layout = chunked({kUnlimited, kUnlimited});
  layout.shuffle = true;
  layout.deflate = 1;
  { LibraryFile(path, true).add("a", layout, values.data()); }
  const auto dataset = open_hdf5(path, "a");
  std::vector<int> right(8, 0);
  std::vector<std::thread> threads;
  for (int& result : right) {
    threads.emplace_back([&] {
      for (int round = 0; round < 10; ++round) result += read_int32(*dataset) == values ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(right == std::vector<int>(8, 10));
}

TEST_CASE("hdf5: what we cannot read is refused by name", "[io][hdf5]") {
  const test::TemporaryDirectory folder;
  const std::string path = folder / "odd.h5";
  {
    LibraryFile file(path, false);
    const hdf5::LibraryLock lock;
    const hdf5::Handle text(H5Tcopy(H5T_C_S1));
    H5Tset_size(text.get(), 12);
    LibraryLayout layout;
    layout.shape = {4};
    layout.type = text.get();
    file.add("text", layout, nullptr);
    layout.type = H5T_STD_REF_OBJ;
    file.add("reference", layout, nullptr);
    layout.type = H5T_STD_B16LE;
    file.add("bits", layout, nullptr);
    layout.type = H5T_NATIVE_LDOUBLE;
    file.add("long_double", layout, nullptr);
    const hdf5::Handle null(H5Screate(H5S_NULL));
    const hdf5::Handle empty(
        H5Dcreate2(file.id(), "null", H5T_STD_I8LE, null.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  }
  const std::pair<const char*, const char*> cases[] = {{"text", "fixed-length string"},
                                                       {"reference", "reference"},
                                                       {"bits", "bit field"},
                                                       {"long_double", "128-bit float"},
                                                       {"null", "has no data"}};
  for (const auto& [name, problem] : cases) {
    INFO(name);
    CHECK_THROWS_AS(open_hdf5(path, name), FormatError);
    CHECK_THROWS_WITH(open_hdf5(path, name), Catch::Contains(problem) && Catch::Contains(path));
  }
  CHECK(summarize_hdf5(path).variables.size() == 5);
  CHECK_THROWS_AS(open_hdf5(folder / "absent.h5", ""), StorageError);
  std::ofstream(folder / "text.h5") << "no HDF5 at all";
  CHECK_THROWS_AS(open_hdf5(folder / "text.h5", ""), FormatError);
  CHECK_FALSE(looks_like_hdf5(folder / "text.h5"));
}

TEST_CASE("hdf5: links are followed and cycles end", "[io][hdf5]") {
  const test::TemporaryDirectory folder;
  const std::string path = folder / "links.h5";
  const auto values = test::counting(3000);
  {
    LibraryFile other(folder / "other.h5", false, 512);
    other.add("far", {}, values.data());
    LibraryFile file(path, false);
    const hdf5::LibraryLock lock;
    const hdf5::Handle group(H5Gcreate2(file.id(), "g", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    file.add("g/here", chunked({60, 50}), values.data());
    H5Lcreate_soft("/g", file.id(), "g/again", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/g/here", file.id(), "soft", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_hard(file.id(), "/", file.id(), "g/root", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external("other.h5", "far", file.id(), "external", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/nowhere", file.id(), "broken", H5P_DEFAULT, H5P_DEFAULT);
  }
  std::vector<std::string> readable;
  for (const VariableSummary& variable : summarize_hdf5(path).variables) {
    if (variable.problem.empty()) readable.push_back(variable.name);
  }
  CHECK(readable == std::vector<std::string>{"external", "g/here", "soft"});
  for (const std::string& name : readable) CHECK(read_int32(*open_hdf5(path, name)) == values);
  CHECK(read_int32(*open_hdf5(path, "g/again/root/soft")) == values);
}

#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>
#include <vector>

#include "io/format.hpp"
#include "io/read_dataset.hpp"
#include "support/temporary_directory.hpp"
#include "varve/core/error.hpp"

using namespace varve;
using namespace varve::io;
using varve::test::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

using Bytes = std::vector<std::byte>;

std::string header_of(const std::string& dictionary, int version = 1) {
  std::string text = std::string("\x93NUMPY") + static_cast<char>(version) + '\0';
  const auto length = static_cast<std::uint32_t>(dictionary.size());
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) text += static_cast<char>(length >> (8 * i) & 0xffU);
  return text + dictionary;
}

std::string dictionary_of(const std::string& descr, bool fortran, const std::string& shape) {
  return "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") +
         ", 'shape': " + shape + ", }\n";
}

// Numbers 0, 1, 2 ... as they lie in the file, in either byte order.
std::string numbers(int count, bool big_endian) {
  std::string bytes;
  for (std::uint32_t value = 0; value < static_cast<std::uint32_t>(count); ++value) {
    for (int i = 0; i < 4; ++i)
      bytes += static_cast<char>(value >> (big_endian ? 24 - 8 * i : 8 * i) & 0xffU);
  }
  return bytes;
}

std::string write_file(const TemporaryDirectory& directory, const std::string& bytes) {
  const std::string path = directory / "a.npy";
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  return path;
}

std::vector<std::uint32_t> as_numbers(const Bytes& bytes) {
  std::vector<std::uint32_t> result(bytes.size() / 4);
  std::memcpy(result.data(), bytes.data(), bytes.size());
  return result;
}

}  // namespace

TEST_CASE("npy: header versions, byte orders and Fortran order are read", "[io][npy]") {
  const TemporaryDirectory directory;
  for (const int version : {1, 2, 3}) {
    for (const bool big : {false, true}) {
      for (const bool fortran : {false, true}) {
        INFO("version " << version << ", big " << big << ", fortran " << fortran);
        const std::string dictionary = dictionary_of(big ? ">u4" : "<u4", fortran, "(3, 4)");
        const std::string path = write_file(directory, header_of(dictionary, version) + numbers(12, big));
        const auto dataset = open_dataset(path);
        REQUIRE(dataset->info().shape == Shape{3, 4});
        const auto values = as_numbers(test::read_whole(*dataset));
        for (std::uint32_t i = 0; i < 12; ++i) REQUIRE(values[i] == (fortran ? i / 4 + i % 4 * 3 : i));
        const auto part = as_numbers(test::read_parts(*dataset, Box({1, 1}, {3, 4})));
        for (std::uint32_t i = 0; i < 6; ++i) REQUIRE(part[i] == values[(1 + i / 3) * 4 + 1 + i % 3]);
      }
    }
  }
}

TEST_CASE("npy: scalars, empty arrays and one axis", "[io][npy]") {
  const TemporaryDirectory directory;
  REQUIRE(test::read_whole(
              *open_dataset(write_file(directory, header_of(dictionary_of("<f8", false, "()")) + "12345678")))
              .size() == 8);
  REQUIRE(
      open_dataset(write_file(directory, header_of(dictionary_of("<f8", false, "(0, 3)"))))->info().shape ==
      Shape{0, 3});
  REQUIRE(open_dataset(write_file(directory, header_of(dictionary_of("|b1", true, "(2L,)")) + "ab"))
              ->info()
              .shape == Shape{2});
}

TEST_CASE("npy: large arrays are cut into blocks of about a MiB that cover them", "[io][npy]") {
  const TemporaryDirectory directory;
  const std::string path = directory / "big.npy";
  std::ofstream(path, std::ios::binary)
      << header_of(dictionary_of("<u4", false, "(500, 3000)")) << numbers(500 * 3000, false);
  const auto dataset = open_dataset(path);
  REQUIRE(dataset->info().chunk_bytes() <= 1 << 20);
  REQUIRE(dataset->info().chunk_bytes() >= 1 << 19);
  const auto values = as_numbers(test::read_whole(*dataset));
  for (std::uint32_t i = 0; i < values.size(); ++i) {
    if (values[i] != i) FAIL("element " << i);
  }
}

TEST_CASE("npy: an empty array may have extents whose product does not fit in 63 bits", "[io][npy][damage]") {
  const TemporaryDirectory directory;
  for (const bool fortran : {false, true}) {
    for (const char* shape :
         {"(0, 4611686018427387904, 4611686018427387904)", "(4611686018427387904, 4611686018427387904, 0)"}) {
      const auto dataset =
          open_dataset(write_file(directory, header_of(dictionary_of("<u4", fortran, shape))));
      CHECK(dataset->info().grid.chunk_count() == 0);
      CHECK(element_count(dataset->info().shape) == 0);
    }
  }
}

TEST_CASE("npy: damaged headers are FormatErrors", "[io][npy][damage]") {
  const TemporaryDirectory directory;
  const std::string good = dictionary_of("<u4", false, "(3, 4)");
  const std::vector<std::string> files = {"",
                                          "\x93NUMPY",
                                          header_of(good).substr(0, 30),
                                          header_of(good),
                                          header_of(good) + numbers(11, false),
                                          header_of(good, 4) + numbers(12, false),
                                          "\x93NUMPX" + header_of(good).substr(6) + numbers(12, false)};
  for (const std::string& file : files) {
    INFO(file.substr(0, 40));
    REQUIRE_THROWS_AS(open_dataset(write_file(directory, file)), Error);
  }
  const std::string dictionaries[] = {
      "",
      "{}",
      "{'descr': '<u4'}",
      "{'descr': '<u4', 'fortran_order': False, 'shape': (3, 4), 'more': 1}",
      dictionary_of("<U5", false, "(3,)"),
      dictionary_of("|O", false, "(3,)"),
      dictionary_of("<u3", false, "(3,)"),
      dictionary_of("|u4", false, "(3,)"),
      dictionary_of("u4", false, "(3,)"),
      dictionary_of("<M8[ns]", false, "(3,)"),
      dictionary_of("<u4", false, "(-3,)"),
      dictionary_of("<u4", false, "(3, x)"),
      dictionary_of("<u4", false, "3"),
      dictionary_of("<u4", false, "(3 4)"),
      dictionary_of("<u4", false, "(99999999999999999999,)"),
      dictionary_of("<u4", false, "(4294967296, 4294967296)"),
      dictionary_of("<u4", false, "(1000000000,)"),
      "{'descr': [('a', '<u4')], 'fortran_order': False, 'shape': (3,)}",
      "{'descr': '<u4",
      "{'descr': '<u4', 'fortran_order': 0, 'shape': (3,)}",
      "{'descr': '<u4' 'fortran_order': False, 'shape': (3,)}",
      dictionary_of("<u4", false, "(" + std::string(100, '1') + ")"),
      "{'descr': '<u4', 'descr': '<u4', 'shape': (3, 4)}",
      "{'descr': '<u4', 'fortran_order': False, 'shape': (3, 4), 'shape': (3, 4)}",
      dictionary_of("<u4", false, "(3, 4)") + "x",
      dictionary_of("<u4", false, "(3, 4)") + std::string(1, '\0'),
      dictionary_of("<u4", false,
                    "(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, "
                    "1, 1, 1, 1)")};
  for (const std::string& dictionary : dictionaries) {
    INFO(dictionary);
    REQUIRE_THROWS_AS(open_dataset(write_file(directory, header_of(dictionary) + numbers(12, false))),
                      FormatError);
  }
  const std::string huge = header_of(good, 2).replace(8, 4, "\xff\xff\xff\x7f") + numbers(12, false);
  REQUIRE_THROWS_AS(open_dataset(write_file(directory, huge)), FormatError);
}

TEST_CASE("npy: what is written is read back, atomically and for any chunking", "[io][npy]") {
  const Shape shape{7, 6, 5};
  for (const Shape& chunks :
       {Shape{7, 6, 5}, Shape{1, 6, 5}, Shape{2, 4, 3}, Shape{3, 6, 5}, Shape{7, 1, 1}}) {
    INFO(to_string(chunks));
    const TemporaryDirectory directory;
    const std::string path = directory / "a.npy";
    DatasetSpec spec;
    spec.shape = shape;
    spec.chunks = chunks;
    spec.dtype = DType::uint32;
    {
      const auto output = create_output(path, {});
      DatasetWriter& writer = output->add_dataset("", spec);
      Bytes bytes(static_cast<std::size_t>(element_count(writer.grid().chunks()) * 4));
      ChunkIndex chunk(3, 0);
      do {
        const Box box = writer.grid().box_of(chunk);
        Index inside(3, 0);
        do {
          Index global = inside;
          for (std::int64_t axis = 0; axis < 3; ++axis) global[axis] += box.lo[axis];
          const auto value = static_cast<std::uint32_t>(test::c_order_offset(global, shape, 1));
          std::memcpy(bytes.data() + test::c_order_offset(inside, writer.grid().chunks(), 4), &value, 4);
        } while (next_index(inside, box.shape()));
        writer.write_chunk(chunk, bytes, {});
      } while (next_index(chunk, writer.grid().counts()));
      REQUIRE_FALSE(fs::exists(path));
      output->commit();
    }
    const auto values = as_numbers(test::read_whole(*open_dataset(path)));
    std::vector<std::uint32_t> expected(static_cast<std::size_t>(element_count(shape)));
    std::iota(expected.begin(), expected.end(), 0U);
    REQUIRE(values == expected);
    REQUIRE(std::distance(fs::directory_iterator(directory.path()), {}) == 1);
    REQUIRE_THROWS_AS(create_output(path, {}), StorageError);
  }
}

TEST_CASE("npy: an output keeps one file open", "[io][npy]") {
  const auto open_files = [] {
    return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
  };
  const TemporaryDirectory directory;
  const auto before = open_files();
  std::vector<std::unique_ptr<OutputFile>> outputs;
  for (int i = 0; i < 5; ++i) {
    outputs.push_back(create_output(directory / (std::to_string(i) + ".npy"), {}));
    DatasetSpec spec;
    spec.shape = spec.chunks = {4};
    outputs.back()->add_dataset("", spec);
  }
  REQUIRE(open_files() - before == 5);
}

TEST_CASE("npy: codecs, second arrays and abandoned files are handled", "[io][npy]") {
  const TemporaryDirectory directory;
  DatasetSpec spec;
  spec.shape = {4};
  spec.chunks = {2};
  {
    const auto output = create_output(directory / "a.npy", {});
    REQUIRE_THROWS_AS(output->commit(), Error);
    spec.codec.name = "gzip";
    REQUIRE_THROWS_AS(output->add_dataset("", spec), Error);
    spec.codec.name = "none";
    output->add_dataset("", spec);
    REQUIRE_THROWS_AS(output->add_dataset("b", spec), Error);
  }
  REQUIRE(fs::is_empty(directory.path()));
}

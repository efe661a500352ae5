#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "io/codec/codec_spec.hpp"
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

// Values with structure, so that codecs compress; bools are 0 or 1.
Bytes sample(const Shape& shape, DType dtype) {
  Bytes bytes(static_cast<std::size_t>(element_count(shape) * size_bytes(dtype)));
  std::mt19937 random(5);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const unsigned value = i % 4 == 3   ? 0
                           : i % 7 == 0 ? static_cast<unsigned>(random())
                                        : static_cast<unsigned>(i / 8);
    bytes[i] = static_cast<std::byte>(dtype == DType::boolean ? value & 1U : value & 0xffU);
  }
  return bytes;
}

void write_chunk_of(DatasetWriter& writer, const DatasetSpec& spec, const Bytes& values,
                    const ChunkIndex& chunk) {
  const std::int64_t size = size_bytes(spec.dtype);
  const Shape& extents = writer.grid().chunks();
  Bytes bytes(static_cast<std::size_t>(element_count(extents) * size));
  Bytes workspace(static_cast<std::size_t>(writer.write_workspace_bytes()));
  const Box box = writer.grid().box_of(chunk);
  Index inside(box.ndim(), 0);
  do {
    Index global = inside;
    for (std::int64_t axis = 0; axis < box.ndim(); ++axis) global[axis] += box.lo[axis];
    std::memcpy(bytes.data() + test::c_order_offset(inside, extents, size),
                values.data() + test::c_order_offset(global, spec.shape, size),
                static_cast<std::size_t>(size));
  } while (next_index(inside, box.shape()));
  REQUIRE(writer.write_chunk(chunk, bytes, workspace) > 0);
}

void write_all(DatasetWriter& writer, const DatasetSpec& spec, const Bytes& values) {
  if (element_count(spec.shape) == 0) return;
  ChunkIndex chunk(spec.shape.size(), 0);
  do {
    write_chunk_of(writer, spec, values, chunk);
  } while (next_index(chunk, writer.grid().counts()));
}

DatasetSpec spec_of(const Shape& shape, const Shape& chunks, DType dtype, const std::string& codec = "none") {
  DatasetSpec spec;
  spec.shape = shape;
  spec.chunks = chunks;
  spec.dtype = dtype;
  spec.codec = parse_codec(codec);
  return spec;
}

struct VersionedOptions : OutputOptions {
  int version = 3;
};

std::unique_ptr<OutputFile> create(const std::string& path, const VersionedOptions& options) {
  return create_output({path, options.version}, options);
}

VersionedOptions options_of(int version, ExistingOutput existing = ExistingOutput::fail,
                            std::string hash = "") {
  VersionedOptions options;
  options.version = version;
  options.existing = existing;
  options.plan_hash = std::move(hash);
  return options;
}

void save(const std::string& path, const DatasetSpec& spec, const Bytes& values,
          const VersionedOptions& options) {
  const auto output = create(path, options);
  write_all(output->add_dataset("", spec), spec, values);
  output->commit();
}

bool is_empty_but_for(const TemporaryDirectory& directory, const std::string& name) {
  for (const auto& entry : fs::directory_iterator(directory.path())) {
    if (entry.path().filename() != name) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("zarr: what is written is read back, for any version, codec, dtype and chunking", "[io][zarr]") {
  const std::vector<std::pair<int, std::vector<const char*>>> codecs = {
      {2, {"none", "gzip:1", "zstd:3", "lz4", "blosc:lz4:5", "blosc:zstd:1:noshuffle", "gzip:1:noshuffle"}},
      {3, {"none", "gzip:1", "zstd:3", "blosc:lz4:5", "blosc:zlib:1:noshuffle"}}};
  const std::vector<std::pair<Shape, Shape>> geometries = {
      {{17, 9}, {5, 4}}, {{}, {}}, {{3, 4, 5}, {3, 4, 5}}, {{6}, {100}}, {{20}, {1}}, {{0, 5}, {1, 5}}};
  for (const auto& [version, names] : codecs) {
    for (const char* codec : names) {
      DYNAMIC_SECTION("v" << version << " " << codec) {
        const TemporaryDirectory directory;
        int number = 0;
        for (const DType dtype : kAllDTypes) {
          const bool seen = std::string(codec) != "none" && dtype != DType::boolean &&
                            dtype != DType::int16 && dtype != DType::float32 && dtype != DType::complex128;
          if (seen) continue;  // each element size once
          for (const auto& [shape, chunks] : geometries) {
            INFO(name_of(dtype) << " " << to_string(shape));
            const DatasetSpec spec = spec_of(shape, chunks, dtype, codec);
            const Bytes values = sample(shape, dtype);
            const std::string path = directory / (std::to_string(number++) + ".zarr");
            save(path, spec, values, options_of(version));
            const auto dataset = open_dataset(path);
            REQUIRE(dataset->info().dtype == dtype);
            REQUIRE(dataset->info().shape == shape);
            REQUIRE(dataset->info().format == (version == 2 ? "zarr v2" : "zarr v3"));
            REQUIRE(test::read_whole(*dataset) == values);
          }
        }
      }
    }
  }
}

TEST_CASE("zarr: parts of uncompressed arrays equal the same part of the whole", "[io][zarr]") {
  const TemporaryDirectory directory;
  const Shape shape{20, 30, 4};
  const DatasetSpec spec = spec_of(shape, {7, 8, 4}, DType::int32);
  const Bytes values = sample(shape, DType::int32);
  save(directory / "a.zarr", spec, values, options_of(3));
  const auto dataset = open_dataset(directory / "a.zarr");
  REQUIRE(dataset->info().partial_reads);
  for (const Box& box :
       {Box(shape), Box({3, 5, 1}, {19, 6, 2}), Box({0, 0, 0}, {1, 30, 4}), Box({6, 7, 3}, {8, 9, 4})}) {
    const Bytes part = test::read_parts(*dataset, box);
    Index inside(3, 0);
    std::size_t at = 0;
    do {
      Index global = inside;
      for (std::int64_t axis = 0; axis < 3; ++axis) global[axis] += box.lo[axis];
      REQUIRE(std::memcmp(part.data() + at, values.data() + test::c_order_offset(global, shape, 4), 4) == 0);
      at += 4;
    } while (next_index(inside, box.shape()));
  }
}

TEST_CASE("zarr: attributes, dimension names, fill values and groups are kept", "[io][zarr]") {
  for (const int version : {2, 3}) {
    const TemporaryDirectory directory;
    const std::string path = directory / "a.zarr";
    VersionedOptions options = options_of(version);
    options.attributes = {{"title", "test"}};
    DatasetSpec spec = spec_of({4, 6}, {2, 3}, DType::float32, "zstd:1");
    spec.attributes = {{"units", "K"}, {"levels", {1, 2}}};
    spec.dimension_names = {"y", "x"};
    spec.fill_value = Scalar(std::nan(""));
    const auto output = create(path, options);
    write_all(output->add_dataset("forecast/q", spec), spec, sample(spec.shape, spec.dtype));
    output->add_dataset("t", spec_of({2}, {2}, DType::int8));
    REQUIRE_FALSE(fs::exists(path));
    output->commit();

    const FileSummary summary = summarize_file(path);
    REQUIRE(summary.attributes.values == options.attributes.values);
    REQUIRE(summary.variables.size() == 2);
    REQUIRE(summary.variables[0].name == "forecast/q");
    REQUIRE(summary.variables[1].name == "t");
    const auto q = open_dataset(path, "forecast/q");
    REQUIRE(q->info().attributes.values == spec.attributes.values);
    REQUIRE(q->info().dimension_names == spec.dimension_names);
    REQUIRE(std::isnan(std::get<double>(q->info().fill_value->value())));
    // No chunk of "t" was written: it is all fill value.
    REQUIRE(test::read_whole(*open_dataset(path, "t")) == Bytes(2));
    REQUIRE_THROWS_WITH(open_dataset(path), Catch::Contains("forecast/q, t"));
    REQUIRE_THROWS_WITH(open_dataset(path, "nope"), Catch::Contains("forecast/q, t"));
  }
}

TEST_CASE("zarr: an abandoned output leaves nothing, a kept one is not visible", "[io][zarr]") {
  const TemporaryDirectory directory;
  const DatasetSpec spec = spec_of({4}, {2}, DType::int32);
  {
    const auto output = create(directory / "a.zarr", options_of(3));
    write_all(output->add_dataset("", spec), spec, sample({4}, DType::int32));
  }
  REQUIRE(fs::is_empty(directory.path()));
  {
    const auto output = create(directory / "a.zarr", options_of(3));
    output->add_dataset("", spec);
    output->keep_partial();
  }
  REQUIRE_FALSE(fs::exists(directory / "a.zarr"));
  REQUIRE(fs::exists(directory / ".a.zarr.varve-partial"));
}

TEST_CASE("zarr: a killed run resumes with the chunks that it wrote, another plan is refused", "[io][zarr]") {
  for (const int version : {2, 3}) {
    const TemporaryDirectory directory;
    const std::string path = directory / "a.zarr";
    const DatasetSpec spec = spec_of({4, 4}, {2, 2}, DType::int32, "zstd:1");
    const Bytes values = sample(spec.shape, spec.dtype);
    const auto resume = options_of(version, ExistingOutput::resume, "plan 1");
    {
      const auto output = create(path, resume);
      DatasetWriter& writer = output->add_dataset("", spec);
      REQUIRE_FALSE(writer.has_chunk({1, 0}));
      write_chunk_of(writer, spec, values, {1, 0});
      output->keep_partial();
    }
    std::ofstream(directory / ".a.zarr.varve-partial/.varve-tmp-1-1") << "left by a killed writer";
    REQUIRE_THROWS_WITH(create(path, options_of(version, ExistingOutput::resume, "plan 2")),
                        Catch::Contains("another plan"));
    {
      const auto output = create(path, resume);
      DatasetWriter& writer = output->add_dataset("", spec);
      REQUIRE(writer.has_chunk({1, 0}));
      for (const ChunkIndex& chunk : {ChunkIndex{0, 0}, ChunkIndex{0, 1}, ChunkIndex{1, 1}}) {
        REQUIRE_FALSE(writer.has_chunk(chunk));
        write_chunk_of(writer, spec, values, chunk);
      }
      output->commit();
    }
    REQUIRE(test::read_whole(*open_dataset(path)) == values);
    REQUIRE(is_empty_but_for(directory, "a.zarr"));
    for (const auto& entry : fs::directory_iterator(path)) {
      REQUIRE_FALSE(entry.path().filename().string().starts_with(".varve"));
    }
    REQUIRE_THROWS_AS(create(path, resume), StorageError);
  }
}

TEST_CASE("zarr: a run that would store chunks in another way does not resume", "[io][zarr]") {
  const TemporaryDirectory directory;
  const std::string path = directory / "a.zarr";
  DatasetSpec spec = spec_of({4, 4}, {2, 2}, DType::int32, "zstd:1");
  spec.fill_value = Scalar(std::int64_t{1});
  const auto resume = [](int version) { return options_of(version, ExistingOutput::resume, "plan"); };
  const auto refuses = [&](int version, const std::string& name, const DatasetSpec& other) {
    REQUIRE_THROWS_WITH(
        [&] {
          const auto output = create(path, resume(version));
          output->add_dataset(name, other);
          output->commit();
        }(),
        Catch::Contains("cannot be resumed"));
    REQUIRE(fs::exists(directory / ".a.zarr.varve-partial/x/c/1/0"));
  };
  {
    const auto output = create(path, resume(3));
    write_chunk_of(output->add_dataset("x", spec), spec, sample({4, 4}, DType::int32), {1, 0});
    output->keep_partial();
  }
  refuses(2, "x", spec);
  refuses(3, "y", spec);
  DatasetSpec other = spec;
  other.fill_value = Scalar(std::int64_t{2});
  refuses(3, "x", other);
  other = spec;
  other.codec = parse_codec("zstd:2");
  refuses(3, "x", other);
  other = spec;
  other.dtype = DType::float32;
  refuses(3, "x", other);
  other = spec;
  other.attributes = {{"units", "K"}};
  const auto output = create(path, resume(3));
  REQUIRE(output->add_dataset("x", other).has_chunk({1, 0}));
}

TEST_CASE("zarr: a run that was killed while it added an array resumes", "[io][zarr]") {
  const DatasetSpec spec = spec_of({4, 4}, {2, 2}, DType::int32, "zstd:1");
  for (const std::uintmax_t missing : {1, 7, 100}) {
    const TemporaryDirectory directory;
    const std::string path = directory / "a.zarr";
    const std::string journal = directory / ".a.zarr.varve-partial/.varve-journal";
    const auto resume = options_of(3, ExistingOutput::resume, "plan");
    const auto add_and_keep = [&](const std::vector<std::string>& names) {
      const auto output = create(path, resume);
      for (const std::string& name : names) output->add_dataset(name, spec);
      output->keep_partial();
    };
    {
      const auto output = create(path, resume);
      write_chunk_of(output->add_dataset("x", spec), spec, sample({4, 4}, DType::int32), {1, 0});
      output->add_dataset("y", spec);
      output->keep_partial();
    }
    fs::resize_file(journal, fs::file_size(journal) - missing);
    fs::remove_all(directory / ".a.zarr.varve-partial/y");  // comes after the journal
    add_and_keep({"x"});
    add_and_keep({"x", "z"});
    {
      const auto output = create(path, resume);
      DatasetWriter& writer = output->add_dataset("x", spec);
      REQUIRE(writer.has_chunk({1, 0}));
      REQUIRE_FALSE(writer.has_chunk({1, 1}));
      DatasetSpec other = spec;
      other.dtype = DType::float32;
      REQUIRE_THROWS_WITH(output->add_dataset("z", other), Catch::Contains("in another way"));
    }
    const auto output = create(path, resume);
    output->add_dataset("x", spec);
    output->add_dataset("z", spec);
    output->commit();
    REQUIRE(is_empty_but_for(directory, "a.zarr"));
  }
}

TEST_CASE("zarr: adding an array writes nothing again that is there", "[io][zarr]") {
  for (const int version : {2, 3}) {
    const TemporaryDirectory directory;
    const auto output = create(directory / "a.zarr", options_of(version));
    const fs::path partial = directory / ".a.zarr.varve-partial";
    const std::string group = version == 3 ? "zarr.json" : ".zgroup";
    const DatasetSpec spec = spec_of({4}, {2}, DType::int32);
    output->add_dataset("a/x", spec);
    // Files that are replaced or added to would lose or change these bytes.
    for (const fs::path& file : {partial / group, partial / "a" / group}) std::ofstream(file) << "mark";
    const auto bytes_before = fs::file_size(partial / ".varve-journal");
    std::ofstream(partial / ".varve-journal") << std::string(bytes_before, ' ');
    output->add_dataset("a/y", spec);
    for (const fs::path& file : {partial / group, partial / "a" / group}) REQUIRE(fs::file_size(file) == 4);
    std::ifstream journal(partial / ".varve-journal");
    const std::string text((std::istreambuf_iterator<char>(journal)), {});
    REQUIRE(text.substr(0, bytes_before) == std::string(bytes_before, ' '));
    REQUIRE_THAT(text, Catch::Contains("a/y"));
  }
}

TEST_CASE("zarr: arrays do not lie at, above or below others", "[io][zarr]") {
  const TemporaryDirectory directory;
  const auto output = create(directory / "a.zarr", options_of(3));
  const DatasetSpec spec = spec_of({4}, {2}, DType::int32);
  output->add_dataset("a/b", spec);
  output->add_dataset("a/b-c/d", spec);
  output->add_dataset("a/bc", spec);
  for (const std::string name : {"", "a", "a/b", "a/b/c/d", "a/b-c", "a/b-c/d/e", "a/bc/x"})
    REQUIRE_THROWS_WITH(output->add_dataset(name, spec), Catch::Contains("at, above or below"));
  for (const std::string name : {"a/b-", "ab", "a/b-c/e", "b"}) output->add_dataset(name, spec);
}

TEST_CASE("zarr: an existing output is kept until the new one is complete", "[io][zarr]") {
  const TemporaryDirectory directory;
  const std::string path = directory / "a.zarr";
  const DatasetSpec spec = spec_of({4}, {2}, DType::int32);
  const Bytes first = sample({4}, DType::int32);
  const Bytes second(16, std::byte{9});
  save(path, spec, first, options_of(2));
  REQUIRE_THROWS_AS(create(path, options_of(2)), StorageError);
  {
    const auto output = create(path, options_of(3, ExistingOutput::overwrite));
    write_all(output->add_dataset("", spec), spec, second);
    REQUIRE(test::read_whole(*open_dataset(path)) == first);
    output->commit();
  }
  REQUIRE(test::read_whole(*open_dataset(path)) == second);
  REQUIRE_FALSE(fs::exists(path + "/.zarray"));
  REQUIRE(is_empty_but_for(directory, "a.zarr"));
}

TEST_CASE("zarr: a directory that is no Zarr is not overwritten", "[io][zarr]") {
  const TemporaryDirectory directory;
  fs::create_directory(directory / "a.zarr");
  std::ofstream(directory / "a.zarr/thesis.txt") << "precious";
  REQUIRE_THROWS_AS(create(directory / "a.zarr", options_of(3, ExistingOutput::overwrite)), StorageError);
  REQUIRE(fs::exists(directory / "a.zarr/thesis.txt"));
}

TEST_CASE("zarr: what cannot be written is refused with a reason", "[io][zarr]") {
  const TemporaryDirectory directory;
  const auto output = create(directory / "a.zarr", options_of(3));
  const DatasetSpec spec = spec_of({4}, {2}, DType::int32);
  REQUIRE_THROWS_WITH(output->add_dataset("x", spec_of({4}, {2}, DType::int32, "lz4")),
                      Catch::Contains("blosc:lz4"));
  for (const char* name :
       {"..", "../x", "/x", "x/", "x//y", ".zarray", "zarr.json", "a/.b", "__x", "a/../../b"}) {
    INFO(name);
    REQUIRE_THROWS_AS(output->add_dataset(name, spec), Error);
  }
  output->add_dataset("x/y", spec);
  for (const char* name : {"x/y", "x", "x/y/z", ""})
    REQUIRE_THROWS_AS(output->add_dataset(name, spec), Error);
  DatasetSpec wrong = spec;
  wrong.dimension_names = {"x", "y"};
  REQUIRE_THROWS_AS(output->add_dataset("z", wrong), ShapeError);
  REQUIRE_THROWS_AS(create(directory / "b.zarr", options_of(4)), Error);
  REQUIRE_THROWS_AS(create(directory / "b.txt", options_of(3)), Error);
  REQUIRE_THROWS_AS(create(directory / "missing/b.zarr", options_of(3)), StorageError);
}

TEST_CASE("zarr: damaged chunk files give FormatError, never wrong lengths or a crash",
          "[io][zarr][damage]") {
  std::mt19937 random(11);
  for (const char* codec : {"none", "gzip:1", "zstd:1", "lz4", "blosc:lz4:5", "blosc:zstd:5"}) {
    const TemporaryDirectory directory;
    const std::string path = directory / "a.zarr";
    save(path, spec_of({64, 64}, {64, 64}, DType::float32, codec), sample({64, 64}, DType::float32),
         options_of(2));
    const std::string chunk = path + "/0.0";
    std::ifstream stream(chunk, std::ios::binary);
    const std::string good((std::istreambuf_iterator<char>(stream)), {});
    const auto dataset = open_dataset(path);
    const auto read_damaged = [&](const std::string& bytes) {
      std::ofstream(chunk, std::ios::binary | std::ios::trunc) << bytes;
      return test::read_whole(*dataset);
    };
    INFO(codec);
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, good.size() / 2, good.size() - 1}) {
      REQUIRE_THROWS_AS(read_damaged(good.substr(0, size)), FormatError);
    }
    REQUIRE_THROWS_AS(read_damaged(good + std::string(100000, 'x')), FormatError);
    for (int trial = 0; trial < 100; ++trial) {
      std::string flipped = good;
      flipped[random() % (trial % 2 == 0 ? 32 : good.size())] ^= static_cast<char>(1U << (random() % 8));
      try {
        (void)read_damaged(flipped);
      } catch (const FormatError& error) {
        REQUIRE(std::string(error.what()).find("chunk (0, 0)") != std::string::npos);
      }
    }
  }
}

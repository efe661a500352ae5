#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <random>

#include "exec/run_plan.hpp"
#include "io/codec/crc32c.hpp"
#include "io/scratch/scratch_array.hpp"
#include "support/temporary_directory.hpp"
#include "varve/varve.hpp"

using namespace varve;
using io::ScratchArray;
using io::ScratchCodec;
using io::ScratchLayout;

namespace {

const Shape kShape = {6, 300, 200};

ScratchLayout layout() { return {ChunkGrid(kShape, {6, 70, 200}), ChunkGrid(kShape, {4, 300, 200})}; }

// Rows that shrink, and rows that do not.
std::vector<double> values() {
  std::mt19937_64 random(31);
  std::vector<double> all(static_cast<std::size_t>(element_count(kShape)));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::uint64_t bits = random();
    all[i] = static_cast<double>(i / 64);
    if (i / 20'000 % 2 == 1) std::memcpy(&all[i], &bits, sizeof bits);
  }
  return all;
}

std::vector<std::byte> workspace() {
  return std::vector<std::byte>(
      static_cast<std::size_t>(io::ScratchCoding::workspace_bytes(element_count(kShape) * 8)));
}

// Writes one tile: whole maps, which are dense in the whole array.
void write_tile(ScratchArray& array, std::int64_t number) {
  static const std::vector<double> all = values();
  const ChunkGrid writers(kShape, {4, 300, 200});
  const Box box = writers.box_of(ChunkIndex{number, 0, 0});
  std::vector<std::byte> room = workspace();
  array.write_box(box, reinterpret_cast<const std::byte*>(all.data() + box.lo[0] * 300 * 200), room);
}

void write_all(const std::string& name, ScratchCodec codec, int writers, const std::vector<int>& tiles) {
  ScratchArray array("", kShape, DType::float64, layout(), {codec, writers, name});
  for (const int tile : tiles) write_tile(array, tile);
  array.finish();
}

// Whether all elements come back.
bool is_right(const ScratchArray& array) {
  const std::vector<double> expected = values();
  std::vector<double> found(expected.size());
  std::vector<std::byte> room = workspace();
  const StridedView view(reinterpret_cast<std::byte*>(found.data()), DType::float64, kShape);
  array.read_part(ChunkIndex(3, 0), Box(kShape), view, room);
  return std::memcmp(found.data(), expected.data(), expected.size() * sizeof(double)) == 0;
}

// Runs in a process of its own; returns whether it came to its end.
bool in_child(const std::function<void()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    try {
      work();
    } catch (...) {
      _exit(1);
    }
    _exit(0);
  }
  int status = 1;
  return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

std::vector<char> bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_bytes(const std::filesystem::path& path, const std::vector<char>& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::map<std::string, std::vector<char>> files_in(const std::filesystem::path& directory) {
  std::map<std::string, std::vector<char>> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    files[entry.path().filename().string()] = bytes_of(entry.path());
  return files;
}

// Opens and reads: true if all is as it was, false if it is refused.
bool opens(const std::string& name) {
  try {
    return is_right(ScratchArray(name));
  } catch (const FormatError&) {
    return false;
  }
}

const Shape kMaps = {64, 300, 420};

// Takes chunks of columns, and forgets them.
class ForgettingWriter final : public io::DatasetWriter {
 public:
  [[nodiscard]] const ChunkGrid& grid() const noexcept override { return grid_; }
  [[nodiscard]] std::int64_t write_workspace_bytes() const noexcept override { return 0; }
  std::int64_t write_chunk(const ChunkIndex&, std::span<std::byte> bytes, std::span<std::byte>) override {
    return static_cast<std::int64_t>(bytes.size());
  }

 private:
  ChunkGrid grid_{kMaps, {64, 5, 7}};
};

// Plans to write maps as columns in a small budget: by way of scratch.
plan::Plan rechunk_plan(const std::string& directory, ScratchCodec codec) {
  const Runtime runtime({.memory = 128_MiB, .threads = 2});
  const std::string path = directory + "/maps.zarr";
  if (!std::filesystem::exists(path))
    save(reshape(arange(element_count(kMaps), {.dtype = DType::float32}), kMaps), path,
         {.chunks = Shape{1, 300, 420}, .codec = "zstd:1"});
  return plan::make_plan({{open(path).node(), ForgettingWriter().grid(), 0}}, {8_MiB, 1, codec});
}

exec::EngineOptions engine_options(const std::string& named) {
  return {.memory_bytes = 8_MiB, .threads = 1, .scratch_directory = "/proc", .named_scratch = named};
}

void run_with_names(const plan::Plan& plan, const std::string& directory) {
  exec::Engine engine(engine_options(directory));
  exec::RunContext context;
  exec::RunMeasure measure;
  ForgettingWriter writer;
  (void)exec::run_plan(plan, exec::Bindings(plan), {&writer}, engine, context, measure);
}

// How many elements of the store are not the number of their place.
std::int64_t wrong_elements(const exec::ValueStore& store) {
  const Shape& shape = store.value().shape;
  std::vector<float> found(static_cast<std::size_t>(element_count(shape)));
  std::vector<std::byte> room(1 << 24);
  const StridedView view(reinterpret_cast<std::byte*>(found.data()), DType::float32, shape);
  store.scratch()->read_part(ChunkIndex(shape.size(), 0), Box(shape), view, room);
  std::int64_t wrong = 0;
  for (std::size_t i = 0; i < found.size(); ++i) wrong += found[i] == static_cast<float>(i) ? 0 : 1;
  return wrong;
}

}  // namespace

TEST_CASE("named scratch: what one process wrote, another reads, plain and compressed", "[exec]") {
  for (const ScratchCodec codec : {ScratchCodec::none, ScratchCodec::lz4}) {
    for (const int writers : {1, 3}) {
      INFO("codec " << name_of(codec) << ", writers " << writers);
      const test::TemporaryDirectory directory;
      const std::string name = directory / "value";
      REQUIRE(in_child([&] { write_all(name, codec, writers, {1, 0}); }));
      const ScratchArray array(name);
      CHECK(array.info().shape == kShape);
      CHECK(array.info().dtype == DType::float64);
      CHECK(is_right(array));
    }
  }
}

TEST_CASE("named scratch: tiles that are written twice, in any order, leave the same bytes", "[exec]") {
  for (const ScratchCodec codec : {ScratchCodec::none, ScratchCodec::lz4}) {
    const test::TemporaryDirectory once;
    const test::TemporaryDirectory twice;
    write_all(once / "value", codec, 2, {0, 1});
    write_all(twice / "value", codec, 2, {1, 0, 0, 1});
    CHECK(files_in(once.path()) == files_in(twice.path()));
  }
}

TEST_CASE("named scratch: an array that is not finished cannot be opened", "[exec]") {
  const test::TemporaryDirectory directory;
  ScratchArray array("", kShape, DType::float64, layout(), {ScratchCodec::lz4, 1, directory / "value"});
  write_tile(array, 0);
  CHECK_THROWS_AS(ScratchArray(directory / "value"), StorageError);
  CHECK_THROWS_AS(ScratchArray(directory / "other"), StorageError);
  array.finish();  // too early: a tile is missing
  CHECK_THROWS_AS(ScratchArray(directory / "value"), FormatError);
  write_tile(array, 1);
  array.finish();
  CHECK(opens(directory / "value"));
}

TEST_CASE("named scratch: a name that is there already is refused, and left alone", "[exec]") {
  const test::TemporaryDirectory directory;
  write_all(directory / "value", ScratchCodec::none, 1, {0, 1});
  CHECK_THROWS_WITH(write_all(directory / "value", ScratchCodec::none, 1, {0, 1}),
                    Catch::Contains("directory of its own"));
  CHECK(opens(directory / "value"));
}

TEST_CASE("named scratch: a table that is damaged anywhere is refused", "[exec]") {
  for (const ScratchCodec codec : {ScratchCodec::none, ScratchCodec::lz4}) {
    const test::TemporaryDirectory directory;
    const std::string name = directory / "value";
    write_all(name, codec, 1, {0, 1});
    const std::vector<char> table = bytes_of(name + ".table");
    for (std::size_t at = 0; at < table.size(); ++at) {
      INFO("byte " << at);
      std::vector<char> damaged = table;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << at % 8));
      write_bytes(name + ".table", damaged);
      CHECK_THROWS_AS(ScratchArray(name), FormatError);
      damaged.resize(at);
      write_bytes(name + ".table", damaged);
      CHECK_THROWS_AS(ScratchArray(name), FormatError);
    }
    std::vector<char> longer = table;
    longer.resize(table.size() + 4);
    write_bytes(name + ".table", longer);
    CHECK_THROWS_AS(ScratchArray(name), FormatError);
    write_bytes(name + ".table", table);
    CHECK(opens(name));
  }
}

TEST_CASE("named scratch: a forged table is refused, or what it says is not there", "[exec]") {
  const test::TemporaryDirectory directory;
  const std::string name = directory / "value";
  write_all(name, ScratchCodec::lz4, 1, {0, 1});
  const std::vector<char> table = bytes_of(name + ".table");
  constexpr std::size_t kWords = 7 + 5 * 3;
  std::int64_t words[kWords + 1];
  for (std::size_t word = 0; word < kWords; ++word) {
    for (const std::int64_t value :
         {std::int64_t{-1}, std::int64_t{0}, std::int64_t{1}, std::int64_t{2}, std::int64_t{33},
          std::int64_t{1} << 31, std::int64_t{1} << 61, std::int64_t{1} << 62, INT64_MAX, INT64_MIN}) {
      INFO("word " << word << ", value " << value);
      std::memcpy(words, table.data(), sizeof words);
      if (words[word] == value) continue;
      words[word] = value;
      words[kWords] = io::crc32c(std::as_bytes(std::span(words).first(kWords)));
      std::vector<char> forged = table;
      std::memcpy(forged.data(), words, sizeof words);
      write_bytes(name + ".table", forged);
      try {
        const ScratchArray array(name);
        CHECK(element_count(array.info().shape) == 0);
      } catch (const FormatError&) {
      } catch (const StorageError&) {  // more files than there are
      }
    }
  }
}

TEST_CASE("named scratch: forged lengths of blocks are refused", "[exec]") {
  const test::TemporaryDirectory directory;
  const std::string name = directory / "value";
  write_all(name, ScratchCodec::lz4, 1, {0, 1});
  const std::vector<char> table = bytes_of(name + ".table");
  constexpr std::size_t kHeaderWords = 7 + 5 * 3 + 1;
  const std::size_t count = (table.size() - kHeaderWords * 8) / 4;
  std::int64_t words[kHeaderWords];
  std::memcpy(words, table.data(), sizeof words);
  for (std::size_t at = 0; at < count; ++at) {
    for (const std::uint32_t length : {0U, 1U, 65'536U, 65'537U, 0xffff'ffffU}) {
      std::vector<std::uint32_t> lengths(count);
      std::memcpy(lengths.data(), table.data() + sizeof words, count * 4);
      if (lengths[at] == length) continue;
      lengths[at] = length;
      words[6] = io::crc32c(std::as_bytes(std::span(lengths)));
      words[kHeaderWords - 1] = io::crc32c(std::as_bytes(std::span(words).first(kHeaderWords - 1)));
      std::vector<char> forged = table;
      std::memcpy(forged.data(), words, sizeof words);
      std::memcpy(forged.data() + sizeof words, lengths.data(), count * 4);
      write_bytes(name + ".table", forged);
      CHECK_FALSE(opens(name));
    }
  }
}

TEST_CASE("named scratch: the intermediates of a run in one process are read in another", "[exec]") {
  const test::TemporaryDirectory directory;
  for (const ScratchCodec codec : {ScratchCodec::none, ScratchCodec::lz4}) {
    INFO("codec " << name_of(codec));
    const plan::Plan plan = rechunk_plan(directory.path().string(), codec);
    const test::TemporaryDirectory scratch;
    REQUIRE(in_child([&] { run_with_names(plan, scratch.path().string()); }));
    exec::Engine engine(engine_options(scratch.path().string()));
    int opened = 0;
    bool compressed = false;
    for (std::size_t id = 0; id < plan.values.size(); ++id) {
      if (plan.values[id].placement != plan::Placement::scratch) continue;
      const std::string name = exec::ValueStore::scratch_name(engine.options(), static_cast<int>(id));
      const auto store = exec::ValueStore::open_scratch(plan.values[id], engine, name);
      CHECK(wrong_elements(*store) == 0);
      compressed = compressed || plan.values[id].scratch_codec == codec;
      ++opened;
    }
    CHECK(opened > 0);
    CHECK(compressed);
  }
}

TEST_CASE("named scratch: a value is not opened as another, and a run does not take another's names",
          "[exec]") {
  const test::TemporaryDirectory directory;
  const test::TemporaryDirectory scratch;
  const plan::Plan plan = rechunk_plan(directory.path().string(), ScratchCodec::none);
  run_with_names(plan, scratch.path().string());
  CHECK_THROWS_AS(run_with_names(plan, scratch.path().string()), StorageError);
  exec::Engine engine(engine_options(scratch.path().string()));
  for (std::size_t id = 0; id < plan.values.size(); ++id) {
    const std::string name = exec::ValueStore::scratch_name(engine.options(), static_cast<int>(id));
    plan::Value value = plan.values[id];
    if (value.placement != plan::Placement::scratch) {
      CHECK_THROWS_AS(exec::ValueStore::open_scratch(value, engine, name), Error);
      continue;
    }
    value.dtype = DType::int32;
    CHECK_THROWS_AS(exec::ValueStore::open_scratch(value, engine, name), FormatError);
  }
}

#include <atomic>
#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "exec/run_plan.hpp"
#include "support/temporary_directory.hpp"
#include "varve/varve.hpp"

using namespace varve;

namespace {

const Shape kShape = {64, 300, 420};

float value_at(std::int64_t i, std::int64_t j, std::int64_t k) {
  return static_cast<float>(i * 130'000 + j * 430 + k);
}

Array maps_in(const std::string& path) {
  const Runtime large({.memory = 512_MiB, .threads = 2});
  std::vector<float> values;
  for (std::int64_t i = 0; i < kShape[0]; ++i) {
    for (std::int64_t j = 0; j < kShape[1]; ++j) {
      for (std::int64_t k = 0; k < kShape[2]; ++k) values.push_back(value_at(i, j, k));
    }
  }
  save(from_values(values, kShape), path, {.chunks = {1, kShape[1], kShape[2]}, .codec = "zstd:1"});
  return open(path);
}

// Counts the elements of chunks that are not what value_at says, and those that are.
class CheckingWriter final : public io::DatasetWriter {
 public:
  explicit CheckingWriter(const Shape& chunks) : grid_(kShape, chunks) {}
  [[nodiscard]] const ChunkGrid& grid() const noexcept override { return grid_; }
  [[nodiscard]] std::int64_t write_workspace_bytes() const noexcept override { return 0; }

  std::int64_t write_chunk(const ChunkIndex& chunk, std::span<std::byte> bytes,
                           std::span<std::byte>) override {
    const Box box = grid_.box_of(chunk);
    const Shape& full = grid_.chunks();
    for (std::int64_t i = box.lo[0]; i < box.hi[0]; ++i) {
      for (std::int64_t j = box.lo[1]; j < box.hi[1]; ++j) {
        for (std::int64_t k = box.lo[2]; k < box.hi[2]; ++k) {
          const std::int64_t at = ((i - box.lo[0]) * full[1] + j - box.lo[1]) * full[2] + k - box.lo[2];
          float value = 0;
          std::memcpy(&value, bytes.data() + at * 4, 4);
          ++(value == value_at(i, j, k) ? right : wrong);
        }
      }
    }
    return static_cast<std::int64_t>(bytes.size());
  }

  std::atomic<std::int64_t> right{0};
  std::atomic<std::int64_t> wrong{0};

 private:
  ChunkGrid grid_;
};

struct Ran {
  int copies = 0;  ///< values in scratch
  bool encoded = false;
  exec::RunMeasure measure;
};

// Writes x in other chunks, under those limits.
Ran run_under(const plan::Limits& limits, const Array& x, CheckingWriter& writer,
              const std::string& directory) {
  const plan::Plan plan = plan::make_plan({{x.node(), writer.grid(), 0}}, limits);
  exec::Engine engine({limits.memory_bytes, limits.threads, directory});
  exec::RunContext context;
  Ran ran;
  static_cast<void>(exec::run_plan(plan, exec::Bindings(plan), {&writer}, engine, context, ran.measure));
  for (const plan::Value& value : plan.values) {
    ran.copies += value.placement == plan::Placement::scratch ? 1 : 0;
    ran.encoded = ran.encoded || value.scratch_codec != io::ScratchCodec::none;
  }
  CHECK(ran.measure.peak_leased_bytes <= limits.memory_bytes);
  return ran;
}

}  // namespace

TEST_CASE("rechunk: a source is copied twice where pieces would be short, and every element arrives",
          "[exec]") {
  const test::TemporaryDirectory directory;
  const Array x = maps_in(directory / "maps.zarr");
  const test::TemporaryDirectory scratch;
  for (const auto& [short_piece_bytes, copies] : {std::pair<std::int64_t, int>{1, 1}, {32 << 10, 2}}) {
    INFO("pieces of at least " << short_piece_bytes << " bytes");
    CheckingWriter writer({64, 5, 7});
    const Ran ran =
        run_under({4_MiB, 2, io::ScratchCodec::none, short_piece_bytes}, x, writer, scratch.path().string());
    CHECK(ran.copies == copies);
    CHECK(ran.measure.scratch_stored_bytes == copies * element_count(kShape) * 4);
    CHECK(writer.wrong == 0);
    CHECK(writer.right == element_count(kShape));
  }
  CHECK(std::filesystem::is_empty(scratch.path()));
}

TEST_CASE("rechunk: compressed scratch takes less room and gives the same elements", "[exec]") {
  const test::TemporaryDirectory directory;
  const Array x = maps_in(directory / "maps.zarr");
  const test::TemporaryDirectory scratch;
  for (const io::ScratchCodec codec : {io::ScratchCodec::none, io::ScratchCodec::lz4}) {
    CheckingWriter writer({64, 5, 7});
    const Ran ran = run_under({8_MiB, 1, codec}, x, writer, scratch.path().string());
    const std::int64_t raw = element_count(kShape) * 4;
    CHECK(ran.encoded == (codec != io::ScratchCodec::none));
    CHECK(ran.copies == 1);
    if (ran.encoded) {
      CHECK(ran.measure.scratch_stored_bytes < raw / 2);
    } else {
      CHECK(ran.measure.scratch_stored_bytes == raw);
    }
    CHECK(writer.wrong == 0);
    CHECK(writer.right == element_count(kShape));
  }
  CHECK(std::filesystem::is_empty(scratch.path()));
}

TEST_CASE("rechunk: a source that breaks while it is copied leaves nothing in the scratch directory",
          "[exec]") {
  const test::TemporaryDirectory directory;
  const test::TemporaryDirectory scratch;
  static_cast<void>(maps_in(directory / "maps.zarr"));
  const std::string broken = directory / "maps.zarr/c/40/0/0";
  REQUIRE(std::filesystem::exists(broken));
  std::filesystem::resize_file(broken, 100);
  const Runtime runtime({.memory = 4_MiB, .threads = 2, .scratch = scratch.path().string()});
  const std::vector<Output> outputs = {
      {open(directory / "maps.zarr"), directory / "columns.zarr", "", {.chunks = {64, 5, 7}}}};
  CHECK(nlohmann::json::parse(explain(outputs).json)["scratch_bytes"] > 0);
  CHECK_THROWS_AS(run(outputs), FormatError);
  CHECK(std::filesystem::is_empty(scratch.path()));
  CHECK_FALSE(std::filesystem::exists(directory / "columns.zarr"));
}

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <numeric>
#include <random>

#include "exec/stage_runner.hpp"
#include "exec/state_coding.hpp"
#include "support/temporary_directory.hpp"
#include "varve/varve.hpp"

using namespace varve;

namespace {

using Bytes = std::vector<std::byte>;

// Keeps chunks as they come; counts those that come again with other bytes.
class RecordingWriter final : public io::DatasetWriter {
 public:
  RecordingWriter(const Shape& shape, const Shape& chunks) : grid_(shape, chunks) {}
  [[nodiscard]] const ChunkGrid& grid() const noexcept override { return grid_; }
  [[nodiscard]] std::int64_t write_workspace_bytes() const noexcept override { return 0; }
  std::int64_t write_chunk(const ChunkIndex& chunk, std::span<std::byte> bytes,
                           std::span<std::byte>) override {
    const std::lock_guard lock(mutex_);
    const Bytes copy(bytes.begin(), bytes.end());
    const auto [at, is_new] = chunks_.emplace(std::vector<std::int64_t>(chunk.begin(), chunk.end()), copy);
    again += is_new ? 0 : 1;
    changed += at->second == copy ? 0 : 1;
    return static_cast<std::int64_t>(bytes.size());
  }
  [[nodiscard]] Bytes all() const {
    Bytes bytes;
    for (const auto& [chunk, part] : chunks_) bytes.insert(bytes.end(), part.begin(), part.end());
    return bytes;
  }

  int again = 0;
  int changed = 0;

 private:
  ChunkGrid grid_;
  std::mutex mutex_;
  std::map<std::vector<std::int64_t>, Bytes> chunks_;
};

// Hands out every number several times, in random order.
class RepeatingDispenser final : public exec::Dispenser {
 public:
  RepeatingDispenser(std::int64_t count, int times, std::mt19937& random) {
    for (int time = 0; time < times; ++time) {
      for (std::int64_t number = 0; number < count; ++number) numbers_.push_back(number);
    }
    std::shuffle(numbers_.begin(), numbers_.end(), random);
  }
  [[nodiscard]] std::optional<std::int64_t> next() override {
    if (numbers_.empty()) return std::nullopt;
    const std::int64_t number = numbers_.back();
    numbers_.pop_back();
    return number;
  }

 private:
  std::vector<std::int64_t> numbers_;
};

// What is computed, and how.
struct Case {
  std::string name;
  std::vector<Array> arrays;
  std::int64_t memory_bytes = 64_MiB;
  std::optional<ChunkGrid> output_chunks = {};  ///< of the only array, if it is written
  io::ScratchCodec codec = io::ScratchCodec::none;
};

plan::Plan plan_of(const Case& wanted) {
  std::vector<plan::Request> requests;
  for (const Array& array : wanted.arrays) requests.push_back({array.node(), wanted.output_chunks, 0});
  return plan::make_plan(requests, {wanted.memory_bytes, 1, wanted.codec});
}

// Runs a plan stage by stage, as the test says; all its values stay.
class Run {
 public:
  using RunStage = std::function<void(Run&, const plan::Stage&, const exec::SparseTiles*)>;

  Run(const Case& wanted, const plan::Plan& plan, const std::string& scratch, const RunStage& run_stage)
      : plan_(plan),
        bindings_(plan),
        engine_({.memory_bytes = 1024_MiB, .threads = 1, .scratch_directory = scratch}),
        stores_(plan.values.size()) {
    if (wanted.output_chunks)
      writer_ =
          std::make_unique<RecordingWriter>(wanted.output_chunks->shape(), wanted.output_chunks->chunks());
    for (std::size_t at = 0; at < plan.stages.size(); ++at) run(static_cast<int>(at), run_stage);
  }

  [[nodiscard]] exec::RunResources resources() { return {plan_, bindings_, stores_, engine_, context_}; }
  [[nodiscard]] exec::Engine& engine() { return engine_; }
  [[nodiscard]] const RecordingWriter* writer() const { return writer_.get(); }

  void run_tiles(const plan::Stage& stage, const exec::SparseTiles* sparse, exec::Dispenser& dispenser) {
    exec::StageRunner(stage, sparse, resources(), dispenser).run();
    context_.rethrow();
  }

  // The bytes of all values in memory and of the output.
  [[nodiscard]] std::vector<Bytes> results() const {
    std::vector<Bytes> all;
    for (const auto& store : stores_) {
      if (store->value().placement != plan::Placement::memory) continue;
      const std::byte* data = store->memory().data;
      all.emplace_back(data, data + store->value().bytes());
    }
    if (writer_) all.push_back(writer_->all());
    return all;
  }

 private:
  void run(int at, const RunStage& run_stage) {
    for (std::size_t id = 0; id < plan_.values.size(); ++id) {
      const plan::Value& value = plan_.values[id];
      if (value.made_by == at)
        stores_[id] =
            std::make_unique<exec::ValueStore>(value, engine_, value.output >= 0 ? writer_.get() : nullptr);
    }
    plan::Stage stage = plan_.stages[static_cast<std::size_t>(at)];
    const auto sparse = exec::find_sparse_tiles(stage, bindings_);
    if (sparse) stage.tiling.tiles = sparse->tiles;
    run_stage(*this, stage, sparse ? &*sparse : nullptr);
  }

  const plan::Plan& plan_;
  exec::Bindings bindings_;
  exec::Engine engine_;
  exec::RunContext context_;
  std::unique_ptr<RecordingWriter> writer_;
  std::vector<std::unique_ptr<exec::ValueStore>> stores_;
};

void run_once(Run& run, const plan::Stage& stage, const exec::SparseTiles* sparse) {
  exec::CountingDispenser dispenser(exec::StageRunner::item_count(stage, sparse));
  run.run_tiles(stage, sparse, dispenser);
}

// All that a tile gave: its accumulators as bytes, and which boxes it stored with how many bytes.
std::vector<Bytes> record(const plan::Stage& stage, const exec::TileResult& result) {
  std::vector<Bytes> all;
  REQUIRE(result.is_whole);
  for (std::size_t i = 0; i < result.reductions.size(); ++i) {
    for (const exec::BlockState& block : result.reductions[i].blocks) {
      const plan::ReduceSink& sink = stage.reduces[i];
      const exec::StateKind kind{sink.op, sink.input_dtype, block.state.elements(), INT64_MAX,
                                 static_cast<std::uint64_t>(block.block)};
      all.emplace_back(static_cast<std::size_t>(exec::encoded_state_bytes(kind)));
      exec::encode_state(block.state, kind, all.back());
    }
  }
  for (const exec::StoredPiece& piece : result.stored) {
    const std::string text =
        std::to_string(piece.value) + to_string(piece.box) + std::to_string(piece.bytes_written);
    const auto* begin = reinterpret_cast<const std::byte*>(text.data());
    all.emplace_back(begin, begin + text.size());
  }
  return all;
}

// Runs the stage, then every tile three times more, by two runners at random.
void run_again(Run& run, const plan::Stage& stage, const exec::SparseTiles* sparse, std::mt19937& random) {
  run_once(run, stage, sparse);
  const exec::Lease lease =
      run.engine().memory()->budget.acquire(4 * stage.tiling.slot_bytes + stage.tiling.state_bytes + 8_MiB);
  exec::TileRunner first(stage, run.resources());
  exec::TileRunner second(stage, run.resources());
  std::map<std::int64_t, std::vector<Bytes>> records;
  RepeatingDispenser dispenser(stage.tiling.tiles.chunk_count(), 3, random);
  int different = 0;
  while (const std::optional<std::int64_t> tile = dispenser.next()) {
    exec::TileRunner& runner = random() % 2 == 0 ? first : second;
    const std::vector<Bytes> found = record(stage, runner.run(*tile));
    different += records.emplace(*tile, found).first->second == found ? 0 : 1;
  }
  CHECK(different == 0);
}

Array waves(const Shape& shape, const Shape& chunks) {
  const Array x = reshape(arange(static_cast<double>(element_count(shape))), shape);
  return rechunk(sin(x * 0.37) * exp(cos(x)), chunks);
}

// A store most of whose chunks are missing.
Array sparse_array(const std::string& path) {
  save(waves({650, 2100}, {90, 400}), path, {.chunks = Shape{90, 400}, .codec = "none"});
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (!entry.is_regular_file() || entry.path().filename() == "zarr.json") continue;
    const std::string key = entry.path().string();
    if (!key.ends_with("c/0/0") && !key.ends_with("c/3/2") && !key.ends_with("c/7/5"))
      std::filesystem::remove(entry.path());
  }
  return open(path);
}

std::vector<Array> reductions(const Array& x, const Axes& axes) {
  return {sum(x, {.axis = axes}),   mean(x, {.axis = axes}),      var(x, {.axis = axes}),
          max(x, {.axis = axes}),   any(x > 2.0, {.axis = axes}), prod(x, {.axis = axes}),
          nanmin(x, {.axis = axes})};
}

std::vector<Case> cases(const std::string& directory) {
  save(waves({900, 1000}, {40, 70}), directory + "/x.zarr", {.chunks = Shape{40, 70}, .codec = "zstd:1"});
  const Array x = open(directory + "/x.zarr");
  const Array small = waves({30, 50, 20}, {7, 50, 9});
  const Shape maps{64, 300, 420};
  save(astype(waves(maps, {1, 300, 420}), DType::float32), directory + "/maps.zarr",
       {.chunks = Shape{1, 300, 420}, .codec = "zstd:1"});
  const Array columns = open(directory + "/maps.zarr");
  const ChunkGrid column_chunks(maps, {64, 5, 7});
  const Array sparse = sparse_array(directory + "/sparse.zarr");
  return {{"reductions of all", reductions(x, {}), 4_MiB},
          {"reductions of an axis", reductions(x, Axes(0)), 4_MiB},
          {"positions", {argmax(x, {.axis = 1}), argmin(x, {.axis = 0})}, 4_MiB},
          {"two stages", {(x - mean(x, {.axis = Axes(0)})) / stddev(x)}, 64_MiB},
          {"operations",
           {sort(small, {.axis = 0}), cumulative_sum(small, {.axis = 1}), median(small, {.axis = Axes(0)})},
           64_MiB},
          {"a product", {matmul(x, permute_dims(x, {1, 0}))}, 64_MiB},
          {"an output", {x * 2.0}, 4_MiB, ChunkGrid({900, 1000}, {64, 64})},
          {"an output of an operation", {sort(x, {.axis = 1})}, 4_MiB, ChunkGrid({900, 1000}, {64, 64})},
          {"plain scratch", {columns}, 4_MiB, column_chunks},
          {"compressed scratch", {columns}, 8_MiB, column_chunks, io::ScratchCodec::lz4},
          {"constants", reductions(full({1'500'017}, 0.1, {.chunks = Shape{40'000}}), {}), 64_MiB},
          {"a sparse store", reductions(sparse, Axes(1)), 64_MiB},
          {"nothing", reductions(zeros({0, 5}), Axes(1)), 4_MiB}};
}

// Compares a run with one that takes each tile once.
void require_same(const Run::RunStage& run_stage) {
  const test::TemporaryDirectory directory;
  std::vector<Case> all;
  {
    const Runtime runtime({.memory = 256_MiB, .threads = 2});
    all = cases(directory.path().string());
  }
  for (const Case& wanted : all) {
    INFO(wanted.name);
    const plan::Plan plan = plan_of(wanted);
    const Run once(wanted, plan, directory.path().string(), run_once);
    const Run other(wanted, plan, directory.path().string(), run_stage);
    CHECK(once.results() == other.results());
    CHECK_FALSE(once.results().empty());
    if (other.writer() != nullptr) {
      CHECK(other.writer()->again > 0);
      CHECK(other.writer()->changed == 0);
    }
  }
}

}  // namespace

TEST_CASE("tiles: a stage that is handed each of them twice, in any order, gives the same bits",
          "[exec][one_thread]") {
  std::mt19937 random(41);
  require_same([&](Run& run, const plan::Stage& stage, const exec::SparseTiles* sparse) {
    RepeatingDispenser dispenser(exec::StageRunner::item_count(stage, sparse), 2, random);
    run.run_tiles(stage, sparse, dispenser);
  });
}

TEST_CASE("tiles: two runners that run each of them again over the same stores store and give the same bits",
          "[exec][one_thread]") {
  std::mt19937 random(42);
  require_same([&](Run& run, const plan::Stage& stage, const exec::SparseTiles* sparse) {
    run_again(run, stage, sparse, random);
  });
}

TEST_CASE("reductions: accumulators of another size, and for what there is not, are refused", "[exec]") {
  const test::TemporaryDirectory directory;
  const Case wanted{"a sum", {sum(waves({90, 100}, {40, 70}), {.axis = Axes(0)})}};
  const plan::Plan plan = plan_of(wanted);
  const auto require_refused = [](Run& run, const plan::Stage& stage, const exec::SparseTiles*) {
    const exec::Lease lease = run.engine().memory()->budget.acquire(1_MiB);
    exec::Reductions reductions(stage, run.resources());
    const std::int64_t elements = reductions.kind_of(0, 0).elements;
    CHECK(elements * stage.tiling.tiles.count(1) >= 100);
    CHECK(reductions.kind_of(0, 0).max_count == 90);
    const auto state = [&](std::int64_t size) {
      return exec::State(exec::kernel_of(stage.reduces[0]), size, run.engine().memory()->pool);
    };
    CHECK_THROWS_AS(reductions.add(0, 0, 0, state(elements + 1)), Error);
    CHECK_THROWS_AS(reductions.add(1, 0, 0, state(elements)), Error);
    CHECK_THROWS_AS(reductions.add(0, -1, 0, state(elements)), Error);
    CHECK_THROWS_AS(reductions.add(0, 1000, 0, state(elements)), Error);
    CHECK_THROWS_AS(reductions.add(0, 0, 1000, state(elements)), Error);
    CHECK_NOTHROW(reductions.add(0, 0, 0, state(elements)));
  };
  const Run run(wanted, plan, directory.path().string(), require_refused);
}

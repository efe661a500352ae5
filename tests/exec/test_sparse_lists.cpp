#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <numeric>

#include "exec/constant_blocks.hpp"
#include "expr/node.hpp"
#include "plan/plan.hpp"
#include "varve/varve.hpp"

// Which tiles of a sparse stage are computed, by datasets that only say which chunks they have.

using namespace varve;

namespace {

constexpr std::int64_t kChunk = 64;

// A million million chunks of zeros, but for those that are stored, which hold ones.
class SparseDataset final : public io::Dataset {
 public:
  explicit SparseDataset(std::vector<std::int64_t> stored) : stored_(std::move(stored)) {
    const Shape shape{kChunk * 1'000'000'000'000};
    info_.location = "sparse";
    info_.identity = std::to_string(reinterpret_cast<std::uintptr_t>(this));
    info_.shape = shape;
    info_.dtype = DType::float64;
    info_.grid = ChunkGrid(shape, {kChunk});
    info_.chunk_shape = {kChunk};
    info_.chunk_strides = {8};
  }
  [[nodiscard]] const io::DatasetInfo& info() const noexcept override { return info_; }
  [[nodiscard]] std::string current_identity() const override { return info_.identity; }
  [[nodiscard]] std::optional<std::vector<std::int64_t>> stored_chunks() const override { return stored_; }

  std::int64_t read_chunk(const ChunkIndex& chunk, std::span<std::byte> out,
                          std::span<std::byte>) const override {
    const double value = std::binary_search(stored_.begin(), stored_.end(), chunk[0]) ? 1 : 0;
    for (std::int64_t i = 0; i < kChunk; ++i) std::memcpy(out.data() + 8 * i, &value, sizeof value);
    return info_.chunk_bytes();
  }

 private:
  io::DatasetInfo info_;
  std::vector<std::int64_t> stored_;
};

Array sparse(std::int64_t count, std::int64_t step) {
  std::vector<std::int64_t> stored(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) stored[static_cast<std::size_t>(i)] = i * step;
  return Array(expr::make_dataset(std::make_shared<SparseDataset>(std::move(stored))));
}

std::optional<exec::SparseTiles> tiles_of(const Array& x) {
  const plan::Plan plan = plan::make_plan({{x.node()}}, {64_MiB, 2});
  return exec::find_sparse_tiles(plan.stages.front(), exec::Bindings(plan));
}

}  // namespace

// A visit of each tile would take days.
TEST_CASE("sparse stages: tiles that many chunks touch count once", "[exec]") {
  constexpr std::int64_t kCount = 300'000;
  const Array x = sparse(kCount, 1);
  const Array summed = sum(x(Slice{0, -64}) * x(Slice{64}));
  const std::optional<exec::SparseTiles> tiles = tiles_of(summed);
  REQUIRE(tiles.has_value());
  CHECK(tiles->computed.size() < 1000);
  CHECK(tiles->computed.capacity() == tiles->computed.size());
  CHECK(std::is_sorted(tiles->computed.begin(), tiles->computed.end()));

  const Runtime runtime({.memory = 64_MiB, .threads = 2});
  std::int64_t told = 0;
  const RunResult result = run({{summed}}, {.on_progress = [&](const Progress& now) { told = now.tiles; }});
  CHECK(item<double>(result.arrays[0]) == (kCount - 1) * kChunk);
  const StageReport& stage = result.report.stages.at(0);
  CHECK(stage.tiles == told);
  CHECK(stage.tiles == tiles->tiles.chunk_count());
  CHECK(stage.what.find(std::to_string(tiles->computed.size()) + " tiles computed") != std::string::npos);
}

TEST_CASE("sparse stages: where too many tiles are computed no list of them is held", "[exec]") {
  constexpr std::int64_t kMax = 1 << 18;
  CHECK(tiles_of(sum(sparse(kMax, 1'000'000))).has_value());
  CHECK_FALSE(tiles_of(sum(sparse(kMax + 1, 1'000'000))).has_value());
  CHECK_FALSE(tiles_of(sum(sparse(3 * kMax, 1'000'000))).has_value());
}

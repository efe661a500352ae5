#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>
#include <thread>

#include "exec/fetch_ahead.hpp"
#include "expr/node.hpp"
#include "io/codec/codec.hpp"
#include "io/format/zarr_dataset.hpp"
#include "io/store/memory_store.hpp"
#include "plan/memory_model.hpp"
#include "plan/plan.hpp"
#include "varve/varve.hpp"

// Arrays in a store that takes long to answer: what is fetched before it is needed, and in what memory.

using namespace varve;

namespace {

constexpr std::int64_t kChunks = 60;
constexpr std::int64_t kChunkRows = 1000;

// Answers late, and is not helped by hints.
class SlowStore final : public io::ByteStore {
 public:
  mutable std::atomic<std::int64_t> fetched{0};
  mutable std::atomic<std::int64_t> read_at_once{0};
  std::string broken_key;

  [[nodiscard]] std::string location() const override { return "slow"; }
  [[nodiscard]] io::ReadAhead read_ahead() const noexcept override { return io::ReadAhead::fetched; }
  [[nodiscard]] std::vector<io::FetchedBytes> fetch(std::vector<io::FetchRequest> requests) const override {
    fetched += std::ssize(requests);
    read_at_once -= std::ssize(requests);
    return ByteStore::fetch(std::move(requests));
  }
  std::optional<std::int64_t> read(const std::string& key, std::span<std::byte> out) const override {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ++read_at_once;
    if (key == broken_key) throw StorageError("slow: read \"" + key + "\": the line is down");
    return values_.read(key, out);
  }
  [[nodiscard]] std::optional<std::int64_t> size(const std::string& key) const override {
    return values_.size(key);
  }
  [[nodiscard]] std::unique_ptr<io::ValueReader> open(const std::string& key) const override {
    return values_.open(key);
  }
  void write(const std::string& key, std::span<const std::byte> bytes) override { values_.write(key, bytes); }
  [[nodiscard]] std::vector<std::string> list(const std::string& prefix) const override {
    return values_.list(prefix);
  }
  void remove(const std::string& key) override { values_.remove(key); }
  [[nodiscard]] std::string version(const std::string& key) const override { return values_.version(key); }
  [[nodiscard]] std::string version_below(const std::string& prefix) const override {
    return values_.version_below(prefix);
  }

 private:
  io::MemoryStore values_;
};

double value_at(std::int64_t row) { return static_cast<double>(row * 7919 % 1013) - 500; }

void write_chunk(SlowStore& store, std::int64_t chunk) {
  std::vector<double> values(kChunkRows);
  for (std::int64_t i = 0; i < kChunkRows; ++i)
    values[static_cast<std::size_t>(i)] = value_at(chunk * kChunkRows + i);
  const std::span<const std::byte> raw = std::as_bytes(std::span(values));
  const io::CodecPtr gzip = io::make_gzip(1);
  std::vector<std::byte> encoded(
      static_cast<std::size_t>(gzip->encoded_bound(static_cast<std::int64_t>(raw.size()))));
  const std::int64_t bytes = gzip->encode(raw, encoded);
  store.write("x/c/" + std::to_string(chunk), std::span(encoded).first(static_cast<std::size_t>(bytes)));
}

// A gzip array of 60 chunks, of which one was never written.
constexpr std::int64_t kAbsent = 17;
std::shared_ptr<SlowStore> slow_store() {
  auto store = std::make_shared<SlowStore>();
  for (std::int64_t chunk = 0; chunk < kChunks; ++chunk) {
    if (chunk != kAbsent) write_chunk(*store, chunk);
  }
  return store;
}

Array array_in(const std::shared_ptr<SlowStore>& store) {
  const auto metadata = nlohmann::json::parse(R"({
    "zarr_format": 3, "node_type": "array", "shape": [60000], "data_type": "float64", "fill_value": 0.25,
    "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [1000]}},
    "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
    "codecs": [{"name": "bytes", "configuration": {"endian": "little"}},
               {"name": "gzip", "configuration": {"level": 1}}]})");
  io::ZarrArray array = io::parse_zarr_v3(metadata, "x");
  array.info.location = "slow:x";
  array.metadata_key = "x/zarr.json";
  array.info.identity = io::zarr_identity(*store, "x", array);
  return Array(expr::make_dataset(io::make_zarr_dataset(store, "x", std::move(array))));
}

double expected_sum() {
  double total = 0.25 * kChunkRows;
  for (std::int64_t row = 0; row < kChunks * kChunkRows; ++row)
    total += row / kChunkRows == kAbsent ? 0 : value_at(row);
  return total;
}

RunResult run_in(const Array& x, std::int64_t memory) {
  const Runtime runtime({.memory = memory, .threads = 2});
  return run({{x}}, {});
}

plan::Tiling tiling_of(const Array& x, std::int64_t memory) {
  return plan::make_plan({{x.node()}}, {memory, 2}).stages.front().tiling;
}

}  // namespace

TEST_CASE("fetching: chunks of a store that takes long are asked for before they are needed", "[exec]") {
  const auto store = slow_store();
  const RunResult result = run_in(sum(array_in(store)), 64_MiB);
  CHECK(item<double>(result.arrays[0]) == expected_sum());
  CHECK(store->fetched + store->read_at_once == kChunks);  // each once
  CHECK(store->fetched >= kChunks / 2);
}

TEST_CASE("fetching: operations that read whole rows ask ahead too", "[exec]") {
  const auto store = slow_store();
  const RunResult result = run_in(sort(array_in(store)), 64_MiB);
  std::vector<double> expected(kChunks * kChunkRows);
  for (std::int64_t row = 0; row < kChunks * kChunkRows; ++row)
    expected[static_cast<std::size_t>(row)] = row / kChunkRows == kAbsent ? 0.25 : value_at(row);
  std::sort(expected.begin(), expected.end());
  const auto* sorted = reinterpret_cast<const double*>(result.arrays[0].view().data);
  CHECK(std::equal(expected.begin(), expected.end(), sorted));
  CHECK(store->fetched > 0);
}

TEST_CASE("fetching: bytes on their way are part of what a stage leases", "[exec]") {
  const auto store = slow_store();
  const Array x = sum(array_in(store));
  const plan::Tiling roomy = tiling_of(x, 64_MiB);
  CHECK(roomy.fetch_bytes > 8 * kChunkRows);
  CHECK(roomy.bytes() == roomy.slots * roomy.slot_bytes + roomy.state_bytes + roomy.fetch_bytes);
  const RunResult result = run_in(x, 64_MiB);
  CHECK(result.report.peak_leased_bytes >= roomy.bytes());
  CHECK(result.report.peak_leased_bytes <= 64_MiB);
}

TEST_CASE("fetching: a budget without room for it is enough, with the same result", "[exec]") {
  const auto store = slow_store();
  const Array x = sum(array_in(store));
  const plan::Tiling roomy = tiling_of(x, 64_MiB);
  const std::int64_t tight = roomy.state_bytes + roomy.slot_bytes + 256;
  CHECK(tiling_of(x, tight).fetch_bytes == 0);
  const RunResult result = run_in(x, tight);
  CHECK(item<double>(result.arrays[0]) == expected_sum());
  CHECK(store->fetched == 0);
}

TEST_CASE("fetching: what goes wrong in the store reaches the caller", "[exec]") {
  const auto store = slow_store();
  store->broken_key = "x/c/40";
  CHECK_THROWS_WITH(run_in(sum(array_in(store)), 64_MiB), Catch::Contains("the line is down"));
}

TEST_CASE("fetching: chunks that are found damaged are named", "[exec]") {
  const auto store = slow_store();
  const std::string text = "no gzip";
  store->write("x/c/40", std::as_bytes(std::span(text)));
  CHECK_THROWS_WITH(run_in(sum(array_in(store)), 64_MiB), Catch::Contains("slow:x: chunk (40,)"));
}

// A chunk that a cache has already is announced in vain.
TEST_CASE("fetching: chunks that nobody takes make room for others", "[exec]") {
  const auto store = slow_store();
  const Array x = array_in(store);
  const io::Dataset& dataset = *x.node()->as<expr::DatasetSource>()->dataset;
  exec::Budget budget(1 << 20);
  exec::BufferPool pool(budget);
  const exec::Lease lease = budget.acquire(1 << 20);
  exec::FetchAhead ahead(plan::pooled_bytes(dataset.info().encoded_bytes), pool);
  REQUIRE(ahead.announce(dataset, {0}));
  CHECK_FALSE(ahead.announce(dataset, {1}));
  bool is_announced = false;
  for (int wanted = 0; wanted < 1000 && !is_announced; ++wanted) {
    CHECK_FALSE(ahead.take(dataset, {2}).has_value());
    is_announced = ahead.announce(dataset, {1});
    if (wanted % 100 == 99) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  REQUIRE(is_announced);
  std::optional<exec::FetchAhead::Fetched> fetched = ahead.take(dataset, {1});
  REQUIRE(fetched.has_value());
  CHECK(fetched->bytes.get().value_or(0) > 0);
  CHECK_FALSE(ahead.take(dataset, {0}).has_value());
}

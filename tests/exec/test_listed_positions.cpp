#include <atomic>
#include <catch2/catch.hpp>
#include <cstring>
#include <numeric>
#include <random>

#include "expr/node.hpp"
#include "varve/varve.hpp"

using namespace varve;

namespace {

// An array of float64 in memory, as a dataset of compressed chunks would show it; counts the chunks decoded.
class CountedDataset final : public io::Dataset {
 public:
  CountedDataset(const Shape& shape, const Shape& chunks, bool partial_reads) {
    info_.location = "counted";
    info_.identity = std::to_string(reinterpret_cast<std::uintptr_t>(this));
    info_.shape = shape;
    info_.dtype = DType::float64;
    info_.grid = ChunkGrid(shape, chunks);
    info_.chunk_shape = chunks;
    info_.chunk_strides = c_order_strides(chunks, 8);
    info_.partial_reads = partial_reads;
    values.resize(static_cast<std::size_t>(element_count(shape)));
    std::iota(values.begin(), values.end(), 0.0);
  }
  [[nodiscard]] const io::DatasetInfo& info() const noexcept override { return info_; }

  std::int64_t read_chunk(const ChunkIndex& chunk, std::span<std::byte> out,
                          std::span<std::byte>) const override {
    ++decoded;
    const StridedView target(out.data(), DType::float64, info_.chunk_shape);
    const Box box = info_.grid.box_of(chunk);
    copy(box, target.sub(Box(box.shape())));
    return info_.chunk_bytes();
  }
  std::int64_t read_part(const ChunkIndex&, const Box& part, const StridedView& out,
                         std::span<std::byte>) const override {
    copy(part, out);
    return element_count(part.shape()) * 8;
  }

  std::vector<double> values;
  mutable std::atomic<std::int64_t> decoded{0};

 private:
  void copy(const Box& box, const StridedView& out) const {
    const auto* all = reinterpret_cast<const std::byte*>(values.data());
    const ConstStridedView whole(all, DType::float64, info_.shape);
    for_each_element([](const std::byte* from, std::byte* to) { std::memcpy(to, from, 8); }, whole.sub(box),
                     out);
  }

  io::DatasetInfo info_;
};

std::vector<std::int64_t> random_positions(std::int64_t count, std::int64_t extent) {
  std::mt19937_64 random(7);
  std::vector<std::int64_t> positions(static_cast<std::size_t>(count));
  for (std::int64_t& position : positions)
    position = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(extent));
  return positions;
}

}  // namespace

// A visit of each position for each chunk would be 10^12 visits.
TEST_CASE("listed positions: a million of them over a million chunks take the work of their sum",
          "[exec][one_thread]") {
  constexpr std::int64_t kCount = 1'000'000;
  const auto dataset = std::make_shared<CountedDataset>(Shape{kCount}, Shape{1}, false);
  const std::vector<std::int64_t> positions = random_positions(kCount, kCount);
  const double expected =
      static_cast<double>(std::accumulate(positions.begin(), positions.end(), std::int64_t{0}));
  const Runtime runtime({.memory = 256_MiB, .threads = 1});
  CHECK(item<double>(sum(take(Array(expr::make_dataset(dataset)), positions, 0))) == expected);
  CHECK(dataset->decoded < kCount);
}

TEST_CASE("listed positions: the elements in their order, each chunk decoded once", "[exec]") {
  for (const bool partial : {false, true}) {
    const auto dataset = std::make_shared<CountedDataset>(Shape{60, 7}, Shape{8, 3}, partial);
    const Array x(expr::make_dataset(dataset));
    const std::vector<std::int64_t> rows = random_positions(200, 60);
    const std::vector<std::int64_t> columns = {6, 0, 0, 5, 1};
    const Runtime runtime({.memory = 64_MiB, .threads = 1});
    const Array taken = take(take(x, rows, 0), columns, 1);
    std::vector<double> expected;
    for (const std::int64_t row : rows) {
      for (const std::int64_t column : columns) expected.push_back(static_cast<double>(row * 7 + column));
    }
    CHECK(to_vector<double>(taken) == expected);
    if (!partial) CHECK(dataset->decoded <= 8 * 3);
  }
}

TEST_CASE("listed positions: a diagonal of taken rows and columns", "[exec]") {
  for (const bool partial : {false, true}) {
    const auto dataset = std::make_shared<CountedDataset>(Shape{30, 30}, Shape{4, 7}, partial);
    const std::vector<std::int64_t> rows = random_positions(50, 30);
    std::vector<std::int64_t> columns(rows.rbegin(), rows.rend());
    const Array x = take(take(Array(expr::make_dataset(dataset)), rows, 0), columns, 1);
    std::vector<double> expected;
    for (std::size_t i = 0; i < rows.size(); ++i)
      expected.push_back(static_cast<double>(rows[i] * 30 + columns[i]));
    CHECK(to_vector<double>(diagonal(x)) == expected);
  }
}

#include <algorithm>
#include <catch2/catch.hpp>

#include "support/sources.hpp"
#include "support/temporary_directory.hpp"
#include "support/values.hpp"
#include "varve/varve.hpp"

using namespace varve;
using namespace varve::test;

namespace {

// Arrays that one operation makes at one time where both are wanted.
struct Twins {
  std::string name;
  Array first;
  Array second;
};

Array numbers(const Shape& shape, const Shape& chunks, DType dtype = DType::float64) {
  std::mt19937_64 random(5);
  dense::Dense values = random_values(dtype, shape, {.low = -3, .high = 3}, random);
  // Some are met more than once.
  for (dense::Number& value : values.values) value = std::round(4 * value.real());
  return chunked(values, chunks);
}

std::vector<Twins> twins() {
  std::vector<Twins> all;
  const auto add_qr = [&all](const std::string& name, const Array& x, QrMode mode = QrMode::reduced) {
    const QrResult factors = qr(x, {mode});
    all.push_back({name, factors.q, factors.r});
  };
  const Array stack = numbers({70, 12, 5}, {9, 5, 2});
  add_qr("qr of a stack", stack);
  add_qr("complete qr of a stack", stack, QrMode::complete);
  add_qr("qr of a stack of wide matrices", matrix_transpose(stack));
  add_qr("qr of a stack of float32", astype(stack, DType::float32));
  add_qr("qr of a complex matrix",
         numbers({30, 7}, {4, 7}) + sqrt(astype(full({30, 7}, -1.0), DType::complex128)));
  add_qr("qr of a tall matrix", numbers({20000, 9}, {700, 4}));
  for (const std::int64_t axis : {0, 1, 2}) {
    const Array x = numbers({31, 17, 23}, {10, 6, 7}, DType::float32);
    const SortOptions options{axis, axis == 1};
    all.push_back({"sort along axis " + std::to_string(axis), sort(x, options), argsort(x, options)});
  }
  return all;
}

std::vector<std::byte> bytes_of(const Array& computed) {
  const auto width = static_cast<std::size_t>(size_bytes(computed.dtype()));
  std::vector<std::byte> bytes;
  for_each_element([&](const std::byte* element) { bytes.insert(bytes.end(), element, element + width); },
                   computed.view());
  return bytes;
}

// Releases the arrays, which hold a part of the budget.
std::vector<std::vector<std::byte>> bytes_of(std::vector<Array> computed) {
  std::vector<std::vector<std::byte>> all;
  for (const Array& array : computed) all.push_back(bytes_of(array));
  return all;
}

}  // namespace

TEST_CASE("several outputs: made together they have the bits that each has alone", "[exec]") {
  for (const std::int64_t memory : {6_MiB, 256_MiB}) {
    Runtime runtime({.memory = memory, .threads = 3});
    for (const Twins& pair : twins()) {
      INFO(pair.name << " in " << memory << " bytes");
      const auto together = bytes_of(compute(runtime, {pair.first, pair.second}));
      CHECK(together[0] == bytes_of(compute(runtime, pair.first)));
      CHECK(together[1] == bytes_of(compute(runtime, pair.second)));
    }
  }
}

TEST_CASE("several outputs: the input is read once for all", "[exec]") {
  const TemporaryDirectory folder;
  const std::string path = folder / "x.zarr";
  save(numbers({70, 12, 5}, {9, 12, 5}), path);
  const Array x = open(path);
  const auto read_for = [](const std::vector<Output>& outputs) { return run(outputs).report.bytes_read; };
  const std::int64_t once = read_for({{sum(x)}});
  const QrResult factors = qr(x);
  CHECK(read_for({{factors.q}, {factors.r}}) == once);
  CHECK(read_for({{sort(x)}, {argsort(x)}}) == once);
  CHECK(read_for({{factors.q}, {factors.r}, {factors.q}}) == once);
}

TEST_CASE("several outputs: what streams from one of them goes through no scratch for the other", "[exec]") {
  const Array x = numbers({300, 2000}, {20, 500});
  Runtime runtime({.memory = 12_MiB, .threads = 2});
  const std::vector<std::vector<Output>> streamed = {{{sum(sort(x) * argsort(x))}},
                                                     {{sum(sort(x))}, {sum(argsort(x))}},
                                                     {{sum(sort(x))}, {max(argsort(x))}, {sum(x)}}};
  for (const std::vector<Output>& outputs : streamed) CHECK(run(runtime, outputs).report.scratch_bytes == 0);
}

TEST_CASE("several outputs: each is written to a file of its own, in chunks of its own", "[exec]") {
  const TemporaryDirectory folder;
  Runtime runtime({.memory = 8_MiB, .threads = 2});
  int number = 0;
  for (const Twins& pair : twins()) {
    INFO(pair.name);
    const auto chunks_of = [](const Array& x, std::int64_t size) {
      Shape chunks = x.shape();
      for (std::int64_t& extent : chunks) extent = std::min(extent, size);
      return chunks;
    };
    const std::string stem = folder / std::to_string(number++);
    const std::vector<std::string> paths = {stem + "first.zarr", stem + "second.h5", stem + "again.npy"};
    run(runtime, {{pair.first, paths[0], "", {.chunks = chunks_of(pair.first, 4)}},
                  {pair.second, paths[1], "x", {.chunks = chunks_of(pair.second, 7)}},
                  {pair.second, paths[2]}});
    CHECK(bytes_of(compute(open(paths[0]))) == bytes_of(compute(pair.first)));
    CHECK(bytes_of(compute(open(paths[1], "x"))) == bytes_of(compute(pair.second)));
    CHECK(bytes_of(compute(open(paths[2]))) == bytes_of(compute(pair.second)));
  }
}

TEST_CASE("several outputs: what uses one of them, and a result of the other, agree", "[exec]") {
  for (const Twins& pair : twins()) {
    INFO(pair.name);
    const Array doubled = pair.first + pair.first;
    const std::vector<Array> together = compute({doubled, pair.second, max(real(pair.second)), pair.first});
    CHECK(bytes_of(together[0]) == bytes_of(compute(doubled)));
    CHECK(bytes_of(together[1]) == bytes_of(compute(pair.second)));
    CHECK(bytes_of(together[2]) == bytes_of(compute(max(real(pair.second)))));
    CHECK(bytes_of(together[3]) == bytes_of(compute(pair.first)));
  }
}

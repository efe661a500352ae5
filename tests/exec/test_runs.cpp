#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/temporary_directory.hpp"
#include "varve/varve.hpp"

using namespace varve;

namespace {

// Counts how many elements it was asked for, and can fail or cancel at a given call.
struct Source {
  std::atomic<std::int64_t> elements{0};
  std::atomic<int> calls{0};
  int fail_at = -1;
  CancelToken* cancel_at_fifth = nullptr;

  Array array(const Shape& shape, const Shape& chunks) {
    const auto fill = [this](const Box& box, const StridedView& out) {
      const int call = calls.fetch_add(1);
      if (call == fail_at) throw StorageError("the source broke");
      if (call == 5 && cancel_at_fifth != nullptr) cancel_at_fifth->cancel();
      elements += element_count(box.shape());
      auto* values = reinterpret_cast<float*>(out.data);
      for (std::int64_t i = 0; i < element_count(box.shape()); ++i) values[i] = static_cast<float>(box.lo[0]);
    };
    return from_function(shape, DType::float32, fill, {.chunks = chunks});
  }
};

}  // namespace

TEST_CASE("run: an exception in a source stops the run and leaves no output", "[exec]") {
  const test::TemporaryDirectory directory;
  const Runtime runtime({.memory = 64_MiB, .threads = 2});
  Source source;
  source.fail_at = 3;
  const std::string path = directory / "broken.zarr";
  const Array x = source.array({64, 512, 512}, {1, 512, 512});
  CHECK_THROWS_AS(save(x, path), StorageError);
  CHECK(std::filesystem::is_empty(directory.path()));
}

TEST_CASE("run: cancelling stops the run and leaves no output", "[exec]") {
  const test::TemporaryDirectory directory;
  const Runtime runtime({.memory = 64_MiB, .threads = 1});
  CancelToken token;
  Source source;
  source.cancel_at_fifth = &token;
  const Array x = source.array({64, 512, 512}, {1, 512, 512});
  CHECK_THROWS_AS(run({{x, directory / "cancelled.zarr"}}, {.cancel = &token}), CancelledError);
  CHECK(std::filesystem::is_empty(directory.path()));
  CHECK(source.calls < 64);
}

TEST_CASE("run: an interrupted run resumes where it stopped", "[exec]") {
  const test::TemporaryDirectory directory;
  const Runtime runtime({.memory = 64_MiB, .threads = 1});
  const std::string input = directory / "input.zarr";
  Source made;
  save(made.array({64, 256, 256}, {1, 256, 256}), input, {.chunks = {1, 256, 256}});
  const std::string path = directory / "output.zarr";
  const SaveOptions options{.chunks = {1, 256, 256}, .existing = Existing::resume};
  const Array x = open(input) * 2.0F;
  CancelToken token;
  const auto stop_midway = [&](const Progress& progress) {
    if (progress.tiles_done > 0) token.cancel();
  };
  CHECK_THROWS_AS(run({{x, path, "", options}}, {.on_progress = stop_midway, .cancel = &token}),
                  CancelledError);
  CHECK_FALSE(std::filesystem::exists(path));
  const RunResult whole = run({{x, path, "", options}});
  CHECK(to_vector<float>(whole.arrays[0]) == to_vector<float>(compute(x)));
  CHECK(whole.report.bytes_written < 64 * 256 * 256 * 4);
}

TEST_CASE("run: a source is read once for several results", "[exec]") {
  const Runtime runtime({.memory = 64_MiB, .threads = 2});
  Source source;
  const Array x = source.array({40, 300, 300}, {4, 300, 300});
  const auto [average, largest] = compute(mean(x), max(x));
  CHECK(source.elements == x.size());
  CHECK(item<float>(largest) >= item<float>(average));
}

TEST_CASE("run: results give their memory back", "[exec]") {
  const Runtime runtime({.memory = 64_MiB, .threads = 2});
  {
    const Array result = compute(arange(1'000'000) + 1);
    CHECK(runtime.leased_bytes() >= result.size_bytes());
  }
  CHECK(runtime.leased_bytes() == 0);
}

TEST_CASE("run: the trace is JSON with one event per tile", "[exec]") {
  const test::TemporaryDirectory directory;
  const Runtime runtime({.memory = 64_MiB, .threads = 2});
  const std::string path = directory / "trace.json";
  const RunResult result = run({{sum(arange(20'000'000))}}, {.trace_path = path});
  std::ifstream file(path);
  const nlohmann::json events = nlohmann::json::parse(file);
  CHECK(static_cast<std::int64_t>(events.size()) >= result.report.stages[0].tiles);
}

TEST_CASE("run: positions picked from an array of one compressed chunk are those asked for", "[exec]") {
  const test::TemporaryDirectory directory;
  const std::string path = directory / "one_chunk.zarr";
  save(astype(arange(12), DType::int64)(Slice{}, newaxis) + zeros({12, 3}, {.dtype = DType::int64}), path,
       {.chunks = {12, 3}, .codec = "zstd:3"});
  const std::vector<std::int64_t> picked = to_vector<std::int64_t>(take(open(path), {7, 2, 2, 11}, 0));
  CHECK(picked == std::vector<std::int64_t>{7, 7, 7, 2, 2, 2, 2, 2, 2, 11, 11, 11});
}

TEST_CASE("open: a variable can be opened twice and described while it is open", "[io]") {
  const test::TemporaryDirectory directory;
  const std::string path = directory / "twice.h5";
  save(arange(100), path);
  const FileInfo closed = describe(path);
  const std::string name = closed.variables.at(0).name;
  const Array first = open(path, name);
  const Array second = open(path, name);
  CHECK(describe(path).variables.at(0).problem.empty());
  CHECK(to_vector<std::int64_t>(first) == to_vector<std::int64_t>(second));
}

TEST_CASE("run: tiles that hold reduction blocks of several rows, but not whole rows, fit their lease",
          "[exec][one_thread]") {
  const test::TemporaryDirectory directory;
  const Runtime runtime({.memory = 64_MiB, .threads = 1});
  save(ones({128, 128, 600}), directory / "x.zarr", {.chunks = {4, 1, 600}, .codec = "none"});
  const Array x = open(directory / "x.zarr");
  const RunResult result =
      run({{x + 1, directory / "y.zarr", "", {.chunks = {64, 1, 600}}}, {sum(x, {.axis = {0, 1}})}});
  CHECK(to_vector<double>(result.arrays[1]) == std::vector<double>(600, 128.0 * 128.0));
}

TEST_CASE("plan: two arrays cut across each other are decoded about once where the memory allows it",
          "[plan]") {
  const test::TemporaryDirectory directory;
  const Runtime runtime({.memory = 256_MiB, .threads = 2});
  save(ones({64, 96, 80}), directory / "a.zarr", {.chunks = {1, 96, 80}, .codec = "zstd:1"});
  save(ones({64, 96, 80}), directory / "b.zarr", {.chunks = {64, 96, 1}, .codec = "zstd:1"});
  const Array product = open(directory / "a.zarr") * open(directory / "b.zarr");
  CHECK(nlohmann::json::parse(explain(mean(product)).json)["ratio_to_lower_bound"] < 2.0);
  CHECK(to_vector<double>(mean(product)) == std::vector<double>{1.0});
}

TEST_CASE("run: a reversed slice with a step reads the right chunks, however thin the tiles", "[exec]") {
  const test::TemporaryDirectory directory;
  std::vector<std::int16_t> values;
  for (int i = 0; i < 156; ++i) values.push_back(static_cast<std::int16_t>((i * 7919) % 23));
  {
    const Runtime runtime({.memory = 64_MiB, .threads = 1});
    save(from_values(values, {6, 26}), directory / "x.zarr", {.chunks = {4, 3}, .codec = "gzip:1"});
  }
  const Runtime runtime({.memory = 212992, .threads = 1});
  const Array part = open(directory / "x.zarr")(Slice{4, {}, -2}, Slice{23, {}, -1});
  const std::vector<std::int16_t> found = to_vector<std::int16_t>(part - min(part, {.axis = 0}));
  std::size_t at = 0;
  std::int64_t wrong = 0;
  for (const std::size_t row : {4U, 2U, 0U}) {
    for (std::size_t column = 24; column-- > 0;) {
      const auto least = std::min({values[column], values[52 + column], values[104 + column]});
      wrong += found[at++] == values[row * 26 + column] - least ? 0 : 1;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("run: reductions of slices off the chunks' grid miss no row and count none twice", "[exec]") {
  const test::TemporaryDirectory directory;
  const Runtime runtime({.memory = 64_MiB, .threads = 2});
  for (const std::int64_t columns : {3, 16384}) {
    for (const auto& [rows, chunk, lo, hi] : std::vector<std::array<std::int64_t, 4>>{{150, 100, 60, 150},
                                                                                      {72, 24, 22, 40},
                                                                                      {480, 100, 50, 430},
                                                                                      {150, 100, 99, 101},
                                                                                      {500, 7, 3, 497}}) {
      DYNAMIC_SECTION(columns << " columns, rows " << lo << " to " << hi << " in chunks of " << chunk) {
        const Array row = expand_dims(arange(rows, {.dtype = DType::float32}), 1);
        const Array x =
            row + zeros({rows, columns}, {.dtype = DType::float32, .chunks = Shape{chunk, columns}});
        save(x, directory / "x.zarr", {.chunks = Shape{chunk, columns}, .existing = Existing::overwrite});
        const Array chunked = open(directory / "x.zarr")(Slice{lo, hi});
        const auto expected = static_cast<double>(columns * (hi * (hi - 1) - lo * (lo - 1)) / 2);
        CHECK(to_vector<double>(astype(sum(chunked, {.dtype = DType::float64}), DType::float64))[0] ==
              expected);
        CHECK(to_vector<std::int64_t>(count_nonzero(chunked >= 0.0F))[0] == (hi - lo) * columns);
      }
    }
  }
}

TEST_CASE("run: arrays whose chunks do not line up share a scan without losing rows", "[exec]") {
  const Runtime runtime({.memory = 64_MiB, .threads = 2});
  const test::TemporaryDirectory directory;
  save(ones({480, 64}), directory / "y.zarr", {.chunks = Shape{100, 64}});
  save(ones({380, 64}), directory / "w.zarr", {.chunks = Shape{70, 64}});
  const Array y = open(directory / "y.zarr")(Slice{50, 430});
  const Array w = open(directory / "w.zarr");
  const auto results = compute(sum(w + y, {.axis = {0}}), sum(y, {.axis = {0}}), max(w, {.axis = {0}}));
  CHECK(to_vector<double>(results[0]) == std::vector<double>(64, 760.0));
  CHECK(to_vector<double>(results[1]) == std::vector<double>(64, 380.0));
}

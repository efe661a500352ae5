#include <catch2/catch.hpp>
#include <filesystem>
#include <map>

#include "support/temporary_directory.hpp"
#include "varve/varve.hpp"

using namespace varve;

namespace {

const Shape kShape{64, 256, 256};

std::vector<float> numbers(float first) {
  std::vector<float> values(static_cast<std::size_t>(element_count(kShape)));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = first + static_cast<float>(i % 1000);
  return values;
}

RunResult save_resuming(const Array& x, const std::string& path, const RunOptions& options = {}) {
  return run({{x, path, "", {.chunks = {1, 256, 256}, .existing = Existing::resume}}}, options);
}

void save_a_part(const Array& x, const std::string& path) {
  CancelToken token;
  const auto stop_midway = [&](const Progress& progress) {
    if (progress.tiles_done > 0) token.cancel();
  };
  REQUIRE_THROWS_AS(save_resuming(x, path, {.on_progress = stop_midway, .cancel = &token}), CancelledError);
  REQUIRE_FALSE(std::filesystem::exists(path));
}

void check_is_resumed(const Array& x, const std::string& path) {
  const RunResult whole = save_resuming(x, path);
  CHECK(to_vector<float>(whole.arrays[0]) == to_vector<float>(x));
  CHECK(whole.report.bytes_written < x.size_bytes());
}

Array filled(float value, const std::string& identity) {
  const auto fill = [value](const Box&, const StridedView& out) {
    const auto put = [value](std::byte* element) { *reinterpret_cast<float*>(element) = value; };
    for_each_element(put, out);
  };
  return from_function(kShape, DType::float32, fill, {.chunks = Shape{1, 256, 256}}, identity);
}

}  // namespace

TEST_CASE("resume: equal values at another address are the same array", "[api]") {
  const test::TemporaryDirectory directory;
  const Runtime runtime({.memory = 64_MiB, .threads = 1});
  const std::string path = directory / "output.zarr";
  const Array first = from_values(numbers(0), kShape);
  save_a_part(first * 2.0F, path);
  const Array second = from_values(numbers(0), kShape);
  REQUIRE(first.view().data != second.view().data);
  check_is_resumed(second * 2.0F, path);
}

TEST_CASE("resume: memory whose values have changed is another array", "[api]") {
  const test::TemporaryDirectory directory;
  const Runtime runtime({.memory = 64_MiB, .threads = 1});
  const std::string path = directory / "output.zarr";
  std::vector<float> values = numbers(0);
  const Array x = from_memory({reinterpret_cast<const std::byte*>(values.data()), DType::float32, kShape});
  save_a_part(x * 2.0F, path);
  values.back() += 1;
  CHECK_THROWS_WITH(save_resuming(x * 2.0F, path), Catch::Contains("another plan"));
  values.back() -= 1;
  check_is_resumed(x * 2.0F, path);
}

TEST_CASE("resume: values count, not how they lie in memory", "[api]") {
  const test::TemporaryDirectory directory;
  const Runtime runtime({.memory = 64_MiB, .threads = 1});
  const std::string path = directory / "output.zarr";
  const std::vector<float> values = numbers(0);
  const auto* first = reinterpret_cast<const std::byte*>(values.data());
  save_a_part(from_memory({first, DType::float32, kShape}) * 2.0F, path);
  std::vector<float> spread(2 * values.size());
  for (std::size_t i = 0; i < values.size(); ++i) spread[2 * i] = values[i];
  const auto* apart = reinterpret_cast<const std::byte*>(spread.data());
  check_is_resumed(from_memory({apart, DType::float32, kShape, {524288, 2048, 8}}) * 2.0F, path);
}

TEST_CASE("resume: values of a nameless function are refused before a file is made", "[api]") {
  const test::TemporaryDirectory directory;
  const Runtime runtime({.memory = 64_MiB, .threads = 1});
  CHECK_THROWS_WITH(save_resuming(filled(1, "") + 1.0F, directory / "output.zarr"),
                    Catch::Contains("from_function") && Catch::Contains("identity"));
  CHECK(std::filesystem::is_empty(directory.path()));
  save(filled(1, ""), directory / "output.zarr");
  CHECK(to_vector<float>(open(directory / "output.zarr")(0, 0, Slice{0, 2})) == std::vector<float>{1, 1});
}

TEST_CASE("resume: functions of blocks and windows are refused without an identity", "[api]") {
  const test::TemporaryDirectory directory;
  const Runtime runtime({.memory = 64_MiB, .threads = 1});
  const Array x = ones({4, 6});
  const BlockFunction first = [](const auto& inputs, const StridedView& out, const Block&) {
    out.data[0] = inputs[0].data[0];
  };
  const OverlapFunction copy = [](const ConstStridedView&, const StridedView&, const Box&) {};
  BlockReduction fold;
  fold.chunk = [](const ConstStridedView&, const StridedView&, const Block&) {};
  fold.combine = [](const ConstStridedView&, const StridedView&) {};
  const auto made = [&](const std::string& identity) {
    return std::map<std::string, Array>{
        {"map_overlap", map_overlap(x, copy, {.identity = identity})},
        {"map_blocks", map_blocks({x}, first, {.identity = identity})},
        {"apply_gufunc", apply_gufunc("(i)->()", {x}, first, {.identity = identity})},
        {"reduction", reduction(x, fold, {.axis = 0, .identity = identity})},
    };
  };
  const auto resume = [&](const std::string& name, const Array& array) {
    return run({{array, directory / (name + ".zarr"), "", {.existing = Existing::resume}}});
  };
  for (const auto& [name, nameless] : made("")) {
    CHECK_THROWS_WITH(resume(name, nameless * 2), Catch::Contains(name) && Catch::Contains("identity"));
    CHECK(std::filesystem::is_empty(directory.path()));
  }
  for (const auto& [name, named] : made("v1")) CHECK_NOTHROW(resume(name, named));
}

TEST_CASE("resume: a function goes by the identity that it was given", "[api]") {
  const test::TemporaryDirectory directory;
  const Runtime runtime({.memory = 64_MiB, .threads = 1});
  const std::string path = directory / "output.zarr";
  save_a_part(filled(1, "ones"), path);
  CHECK_THROWS_WITH(save_resuming(filled(2, "twos"), path), Catch::Contains("another plan"));
  check_is_resumed(filled(1, "ones"), path);
}

TEST_CASE("resume: generators of the library go by their parameters", "[api]") {
  const test::TemporaryDirectory directory;
  const Runtime runtime({.memory = 64_MiB, .threads = 1});
  const std::string path = directory / "output.zarr";
  const auto ramp = [](double step) {
    return astype(arange(0.0, 64 * step, step), DType::float32)(Slice{}, newaxis, newaxis) +
           zeros(kShape, {.dtype = DType::float32});
  };
  save_a_part(ramp(1.0), path);
  CHECK_THROWS_WITH(save_resuming(ramp(0.5), path), Catch::Contains("another plan"));
  check_is_resumed(ramp(1.0), path);
}

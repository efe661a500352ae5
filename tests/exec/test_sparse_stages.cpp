#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>

#include "support/dense.hpp"
#include "support/require_matches.hpp"
#include "support/temporary_directory.hpp"
#include "varve/varve.hpp"

using namespace varve;

namespace {

using Values = std::function<double(const Index&)>;

// The same values and chunks as what is constant, made by a function, so that every tile is computed.
Array computed(const Shape& shape, const Shape& chunks, const Values& value) {
  const auto fill = [value](const Box& box, const StridedView& out) {
    Index index(box.ndim(), 0);
    const Shape extents = box.shape();
    do {
      Index at = index;
      std::byte* to = out.data;
      for (std::int64_t axis = 0; axis < at.size(); ++axis) {
        at[axis] += box.lo[axis];
        to += index[axis] * out.byte_strides[axis];
      }
      const double element = value(at);
      std::memcpy(to, &element, sizeof element);
    } while (next_index(index, extents));
  };
  return from_function(shape, DType::float64, fill, {.chunks = chunks});
}

// Every reduction, over an axis or all.
std::vector<Array> reductions(const Array& x, const std::optional<std::int64_t>& axis) {
  const Axes axes = axis ? Axes(*axis) : Axes();
  const ReduceOptions plain{.axis = axes};
  const SumOptions summed{.axis = axes};
  const VarianceOptions spread{.axis = axes, .correction = 1};
  const ArgOptions position{.axis = axis};
  return {sum(x, summed),      prod(x, summed),
          min(x, plain),       max(x, plain),
          mean(x, plain),      var(x, spread),
          stddev(x, spread),   any(x, plain),
          all(x, plain),       count_nonzero(x, plain),
          argmin(x, position), argmax(x, position),
          nansum(x, summed),   nanprod(x, summed),
          nanmean(x, plain),   nanvar(x, spread),
          nanmax(x, plain),    nanargmin(nan_to_num(x), position),
          nancount(x, plain),  sum(sqrt(x * x) + 0.1, summed)};
}

void require_same_bits(const Array& sparse, const Array& dense, const std::optional<std::int64_t>& axis) {
  const Runtime runtime({.memory = 256_MiB, .threads = 2});
  const std::vector<Array> found = compute(reductions(sparse, axis));
  const std::vector<Array> expected = compute(reductions(dense, axis));
  for (std::size_t i = 0; i < found.size(); ++i) {
    INFO("reduction " << i << " of " << to_string(sparse.shape()));
    REQUIRE(found[i].size_bytes() == expected[i].size_bytes());
    const auto bytes = static_cast<std::size_t>(found[i].size_bytes());
    CHECK(std::memcmp(found[i].view().data, expected[i].view().data, bytes) == 0);
  }
}

// An array of float64 without codecs whose chunks are added by hand.
class Store {
 public:
  Store(const std::string& path, const Shape& shape, const Shape& chunks, const nlohmann::json& fill,
        const std::string& separator)
      : path_(path), separator_(separator), chunk_(chunks) {
    std::filesystem::create_directory(path);
    nlohmann::json metadata = {{"zarr_format", 2},   {"dtype", "<f8"}, {"compressor", nullptr},
                               {"filters", nullptr}, {"order", "C"},   {"dimension_separator", separator}};
    metadata["shape"] = std::vector<std::int64_t>(shape.begin(), shape.end());
    metadata["chunks"] = std::vector<std::int64_t>(chunks.begin(), chunks.end());
    metadata["fill_value"] = fill;
    std::ofstream(path + "/.zarray") << metadata;
  }
  void add(const ChunkIndex& chunk, double value) {
    std::string key = path_ + "/";
    for (std::int64_t axis = 0; axis < chunk.size(); ++axis)
      key += (axis > 0 ? separator_ : "") + std::to_string(chunk[axis]);
    std::filesystem::create_directories(std::filesystem::path(key).parent_path());
    const std::vector<double> values(static_cast<std::size_t>(element_count(chunk_)), value);
    std::ofstream(key, std::ios::binary)
        .write(reinterpret_cast<const char*>(values.data()),
               static_cast<std::streamsize>(values.size() * sizeof(double)));
  }

 private:
  std::string path_;
  std::string separator_;
  Shape chunk_;
};

}  // namespace

TEST_CASE("sparse stages: reductions of a constant have the bits of those that visit each element",
          "[exec]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double value : {0.1, -0.0, nan, -std::numeric_limits<double>::infinity()}) {
    const auto same = [value](const Index&) { return value; };
    const Shape flat{1'500'017};
    require_same_bits(full(flat, value, {.chunks = Shape{40'000}}), computed(flat, {40'000}, same), {});
    const Shape plane{650, 2100};
    const Array dense = computed(plane, {90, 400}, same);
    const Array constant = full(plane, value, {.chunks = Shape{90, 400}});
    for (const std::optional<std::int64_t> axis : {std::optional<std::int64_t>(), {0}, {1}})
      require_same_bits(constant, dense, axis);
    require_same_bits(constant(Slice{13}, Slice{55}), dense(Slice{13}, Slice{55}), {});
  }
}

TEST_CASE("sparse stages: chunks that a store lacks are constants, those that it has are read", "[exec]") {
  const test::TemporaryDirectory directory;
  const Shape shape{650, 2100};
  int stores = 0;
  for (const std::string separator : {".", "/"}) {
    for (const double fill : {0.1, 0.0}) {
      const std::string path = directory / ("x" + std::to_string(stores++));
      Store store(path, shape, {90, 400}, fill, separator);
      const std::vector<ChunkIndex> present = {{0, 0}, {3, 2}, {7, 5}};
      for (const ChunkIndex& chunk : present) store.add(chunk, 7.3);
      const auto value = [&](const Index& at) {
        const ChunkIndex chunk{at[0] / 90, at[1] / 400};
        return std::find(present.begin(), present.end(), chunk) != present.end() ? 7.3 : fill;
      };
      const Array x = open(path);
      const Array dense = computed(shape, {90, 400}, value);
      for (const std::optional<std::int64_t> axis : {std::optional<std::int64_t>(), {0}, {1}})
        require_same_bits(x, dense, axis);
      require_same_bits(x(Slice{13}, Slice{55}), dense(Slice{13}, Slice{55}), {});
      require_same_bits(flip(x, {0}), flip(dense, {0}), 0);
      require_same_bits(permute_dims(x, {1, 0}), permute_dims(dense, {1, 0}), {});
    }
  }
}

TEST_CASE("sparse stages: reductions are those of plain loops", "[exec]") {
  const test::TemporaryDirectory directory;
  const Shape shape{700, 900};
  const std::string path = directory / "x.zarr";
  Store store(path, shape, {70, 300}, 0.75, ".");
  const std::vector<ChunkIndex> present = {{1, 0}, {9, 2}};
  store.add(present[0], -2.5);
  store.add(present[1], 1.25);
  dense::Dense values(DType::float64, shape);
  dense::for_each_index(shape, [&](const Index& at) {
    const ChunkIndex chunk{at[0] / 70, at[1] / 300};
    values.at(at) = dense::Number(chunk == present[0] ? -2.5 : chunk == present[1] ? 1.25 : 0.75);
  });
  const Array x = open(path);
  const std::vector<std::string> names = {"sum", "min",    "max",    "mean",
                                          "var", "argmin", "argmax", "count_nonzero"};
  for (const bool all : {true, false}) {
    const Axes axes = all ? Axes() : Axes(1);
    const auto axis = all ? std::optional<std::int64_t>() : 1;
    const RunResult result = run({{sum(x, {.axis = axes})},
                                  {min(x, {.axis = axes})},
                                  {max(x, {.axis = axes})},
                                  {mean(x, {.axis = axes})},
                                  {var(x, {.axis = axes})},
                                  {argmin(x, {.axis = axis})},
                                  {argmax(x, {.axis = axis})},
                                  {count_nonzero(x, {.axis = axes})}});
    CHECK(result.report.stages.at(0).what.find("the rest constant") != std::string::npos);
    for (std::size_t i = 0; i < names.size(); ++i) {
      INFO(names[i]);
      dense::Reduction options;
      if (!all) options.axes = {1};
      const dense::Dense expected = dense::reduce(names[i], values, options);
      CHECK(test::difference(dense::from_view(result.arrays[i].view()), expected,
                             {.ulps = 4, .absolute = 1e-13})
                .value_or("") == "");
    }
  }
}

// A visit of each tile would take years.
TEST_CASE("sparse stages: constants of any extent reduce at once", "[exec]") {
  const Runtime runtime({.memory = 64_MiB, .threads = 2});
  constexpr std::int64_t kMany = 1'000'000'000'000'000'000;
  CHECK(item<double>(sum(zeros({kMany}))) == 0);
  CHECK(item<double>(mean(full({kMany}, 3.0))) == 3);
  CHECK(item<std::int64_t>(sum(ones({kMany}, {.dtype = DType::int8}))) == kMany);
  CHECK(item<std::int64_t>(argmax(zeros({kMany}))) == 0);
  CHECK(item<double>(var(full({kMany}, 0.25))) == 0);
  CHECK(item<std::int64_t>(count_nonzero(zeros({kMany}) + 1)) == kMany);
  CHECK(to_vector<double>(max(full({2, kMany / 2}, -1.5), {.axis = 1})) == std::vector<double>{-1.5, -1.5});
}

TEST_CASE("sparse stages: of a million million chunks only those that exist are visited", "[exec]") {
  const test::TemporaryDirectory directory;
  const std::string path = directory / "x.zarr";
  Store store(path, {900'000'001, 900'000'000}, {900, 900}, 2.0, ".");
  store.add({70'000, 500'000}, 5.0);
  store.add({1'000'000, 999'999}, 1.0);  // one row of the array
  const Array x = open(path);
  const Runtime runtime({.memory = 64_MiB, .threads = 2});
  const auto results = compute({max(x), min(x), argmax(x), count_nonzero(equal(x, 5.0)), mean(x)});
  CHECK(item<double>(results[0]) == 5);
  CHECK(item<double>(results[1]) == 1);
  CHECK(item<std::int64_t>(results[2]) == 70'000LL * 900 * 900'000'000 + 500'000LL * 900);
  CHECK(item<std::int64_t>(results[3]) == 900 * 900);
  CHECK(item<double>(results[4]) == Approx(2.0).epsilon(1e-9));
}

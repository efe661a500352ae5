#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "support/dense_operations.hpp"
#include "support/require_matches.hpp"
#include "support/sources.hpp"
#include "support/temporary_directory.hpp"
#include "support/values.hpp"
#include "varve/varve.hpp"

using namespace varve;
using namespace varve::test;

namespace {

// A mask in which one element in `sparsity` is true.
dense::Dense random_mask(const Shape& shape, std::int64_t sparsity, std::mt19937_64& random) {
  dense::Dense mask{DType::boolean, shape};
  for (auto& value : mask.values) value = pick(random, 1, sparsity) == 1 ? 1 : 0;
  return mask;
}

}  // namespace

TEST_CASE("extract: the elements where the mask is true, in C order, for any chunks", "[ops]") {
  std::mt19937_64 random(31);
  const std::vector<DType> dtypes = {DType::boolean, DType::int16, DType::float32, DType::float64,
                                     DType::complex128};
  for (int round = 0; round < 40; ++round) {
    Shape shape, chunks, mask_chunks;
    const std::int64_t ndim = pick(random, 1, 3);
    for (std::int64_t axis = 0; axis < ndim; ++axis) {
      shape.push_back(pick(random, 1, 13));
      chunks.push_back(pick(random, 1, 5));
    }
    const std::int64_t mask_ndim = pick(random, 1, ndim);
    Shape mask_shape;
    for (std::int64_t axis = 0; axis < mask_ndim; ++axis) {
      mask_shape.push_back(shape[axis]);
      mask_chunks.push_back(pick(random, 1, 5));
    }
    const dense::Dense x = random_values(pick_one(random, dtypes), shape, {}, random);
    const dense::Dense mask = random_mask(mask_shape, pick_one<std::int64_t>(random, {1, 2, 5, 100}), random);
    INFO("round " << round << ", " << to_string(shape) << " by " << to_string(mask_shape));
    require_matches(extract(chunked(x, chunks), chunked(mask, mask_chunks)), dense::extract(x, mask));
  }
}

TEST_CASE("extract: masks of several blocks, and long rows", "[ops]") {
  std::mt19937_64 random(32);
  const std::int64_t n = (1 << 20) + 300001;
  dense::Dense mask{DType::boolean, {2, n}};
  std::vector<std::int64_t> where;
  for (std::int64_t i = 0; i < 500; ++i)
    mask.values[static_cast<std::size_t>(pick(random, 0, 2 * n - 1))] = 1;
  for (std::int64_t i = 0; i < 2 * n; ++i) {
    if (dense::truth(mask.values[static_cast<std::size_t>(i)])) where.push_back(i);
  }
  const Array numbers = reshape(arange(2 * n), {2, n});
  CHECK(to_vector<std::int64_t>(extract(numbers, in_memory(mask))) == where);

  const dense::Dense x = random_values(DType::float64, {11, 3, 700}, {}, random);
  const dense::Dense rows = random_mask({11, 3}, 2, random);
  require_matches(extract(chunked(x, {4, 2, 200}), in_memory(rows)), dense::extract(x, rows));
}

TEST_CASE("extract: masks computed from the array itself; parts and sums of what was taken", "[ops]") {
  std::mt19937_64 random(33);
  const dense::Dense x = random_values(DType::float32, {9, 8, 7}, {.quarters = true}, random);
  const Array lazy = chunked(x, {4, 3, 5});
  const dense::Dense zero = dense::scalar(DType::float32, 0);
  const dense::Dense positive = dense::extract(x, dense::elementwise("greater", {x, zero}));
  require_matches(extract(lazy, lazy > 0), positive);
  require_matches(extract(lazy, lazy > 0)(Slice{{}, {}, -3}), dense::index(positive, {Slice{{}, {}, -3}}));
  require_matches(sum(extract(lazy, lazy > 0)), dense::reduce("sum", positive));
  CHECK(extract(lazy, lazy > 1000).shape() == Shape{0});
  CHECK(extract(zeros({0, 3}), zeros({0}) > 0).shape() == Shape{0, 3});
}

TEST_CASE("extract: chunks of a file that are taken piece by piece", "[ops]") {
  const TemporaryDirectory directory;
  std::mt19937_64 random(34);
  const dense::Dense x = random_values(DType::float64, {7, 90, 300}, {.quarters = true}, random);
  const dense::Dense zero = dense::scalar(DType::float64, 0);
  const dense::Dense expected = dense::extract(x, dense::elementwise("greater", {x, zero}));
  for (const Shape& chunks : {Shape{3, 90, 300}, Shape{7, 40, 70}}) {
    const std::string path = directory / (to_string(chunks) + ".zarr");
    save(chunked(x, chunks), path, {.chunks = chunks});
    const Array file = open(path);
    require_matches(extract(file, file > 0), expected);
    const Array part = extract(file, file > 0)(Slice{50001, 60001, 7});
    require_matches(part, dense::index(expected, {Slice{50001, 60001, 7}}));
    CHECK(bytes_under({256 << 20, 1}, {part}) == bytes_under({256 << 20, 2}, {part}));
  }
}

TEST_CASE("extract: filtered values are made once per slab, as the plan says", "[ops]") {
  const TemporaryDirectory directory;
  const std::string path = directory / "x.zarr";
  save(random::uniform({32, 128, 128}, 0, 1, {.seed = 5, .dtype = DType::float32}), path,
       {.chunks = Shape{8, 128, 128}, .codec = "gzip:1"});
  const Array smooth = gaussian_filter(open(path), {1.0});
  const Array taken = extract(smooth, smooth > 0.5F);
  const Runtime runtime({.memory = 64_MiB, .threads = 1});
  const std::int64_t planned = nlohmann::json::parse(explain(taken).json)["bytes_read"];
  CHECK(std::abs(run({{taken}}).report.bytes_read - planned) <= planned / 20);
}

TEST_CASE("extract: refuses masks that do not fit", "[ops]") {
  const Array x = zeros({3, 4});
  CHECK_THROWS_AS(extract(x, x), DTypeError);
  CHECK_THROWS_AS(extract(x, zeros({4}) > 0), IndexError);
  CHECK_THROWS_AS(extract(x, zeros({3, 4, 1}) > 0), IndexError);
  CHECK_THROWS_AS(extract(x, zeros({}) > 0), IndexError);
}

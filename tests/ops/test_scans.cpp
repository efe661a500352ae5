#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>

#include "support/require_matches.hpp"
#include "support/sources.hpp"
#include "support/values.hpp"
#include "varve/varve.hpp"

using namespace varve;
using namespace varve::test;

namespace {

bool is_max(const std::string& name) { return name == "cumulative_max"; }
bool is_sum(const std::string& name) { return name == "cumulative_sum"; }

dense::Number combined(const std::string& name, DType dtype, const dense::Number& a, const dense::Number& b) {
  if (is_max(name)) return dense::is_nan(a) || a.real() >= b.real() ? a : b;
  if (is_integer(dtype)) {
    const auto x = static_cast<dense::Wide>(a.real());
    const auto y = static_cast<dense::Wide>(b.real());
    return dense::wrapped(dtype, is_sum(name) ? x + y : x * y);
  }
  return is_sum(name) ? a + b : a * b;
}

// Runs along an axis in long double; integers wrap.
dense::Dense scanned(const std::string& name, const dense::Dense& x, std::int64_t axis, DType dtype,
                     bool initial) {
  Shape shape = x.shape;
  shape[axis] = x.shape[axis] + (initial ? 1 : 0);
  dense::Dense out(dtype, shape);
  std::vector<dense::Number> wide(out.values.size());
  dense::for_each_index(shape, [&](const Index& index) {
    Index source = index;
    source[axis] = index[axis] - (initial ? 1 : 0);
    Index before = index;
    before[axis] = index[axis] - 1;
    const dense::Number identity =
        is_max(name) ? -std::numeric_limits<dense::Real>::infinity() : (is_sum(name) ? 0 : 1);
    const dense::Number so_far = index[axis] > 0 ? wide[out.flat(before)] : identity;
    const bool takes = source[axis] >= 0;
    const dense::Number total =
        takes ? combined(name, dtype, so_far, dense::cast(x.at(source), x.dtype, dtype)) : so_far;
    wide[out.flat(index)] = total;
    out.at(index) = is_integer(dtype) ? total : dense::rounded(dtype, total);
  });
  return out;
}

Array scan_of(const std::string& name, const Array& x, const ScanOptions& options) {
  if (is_max(name)) return cumulative_max(x, options);
  return is_sum(name) ? cumulative_sum(x, options) : cumulative_prod(x, options);
}

DType total_dtype(DType dtype) {
  const auto kind = kind_of(dtype);
  if (kind == DTypeKind::boolean || kind == DTypeKind::signed_integer) return DType::int64;
  return kind == DTypeKind::unsigned_integer ? DType::uint64 : dtype;
}

Shape random_shape(std::mt19937_64& random, std::int64_t ndim, std::int64_t most) {
  Shape shape;
  for (std::int64_t axis = 0; axis < ndim; ++axis) shape.push_back(pick(random, 1, most));
  return shape;
}

}  // namespace

TEST_CASE("scans: every dtype, along any axis, however the array is cut", "[ops]") {
  std::mt19937_64 random(7);
  for (const std::string name : {"cumulative_sum", "cumulative_prod", "cumulative_max"}) {
    for (const DType dtype : kAllDTypes) {
      if (is_max(name) && is_complex(dtype)) continue;
      const Shape shape = random_shape(random, pick(random, 1, 3), 13);
      const Shape chunks = random_shape(random, shape.size(), 6);
      const std::int64_t axis = pick(random, 0, shape.size() - 1);
      const bool initial = pick(random, 0, 1) == 1 && !is_max(name);
      const Domain domain = is_max(name)   ? Domain{.nans = true}
                            : is_sum(name) ? Domain{.quarters = true}
                                           : Domain{.low = -2, .high = 2};
      const DType result = is_max(name) ? dtype : total_dtype(dtype);
      const dense::Dense x = random_values(dtype, shape, domain, random);
      DYNAMIC_SECTION(name << " " << name_of(dtype) << to_string(shape) << " cut " << to_string(chunks)
                           << " axis " << axis << (initial ? " with initial" : "")) {
        require_matches(scan_of(name, chunked(x, chunks), {.axis = axis, .include_initial = initial}),
                        scanned(name, x, axis, result, initial),
                        {.ulps = dtype == DType::float16 ? 1.0 : 8.0});
      }
    }
  }
}

TEST_CASE("scans: blocks of the axis carry their totals on", "[ops]") {
  std::mt19937_64 random(8);
  const dense::Dense x = random_values(DType::float32, {300, 5}, {}, random);
  const dense::Dense expected = scanned("cumulative_sum", x, 0, DType::float32, false);
  const Array sum = cumulative_sum(chunked(x, {7, 2}), {.axis = 0});
  CHECK(sum.chunks().chunks() == Shape{70, 2});
  require_matches(sum, expected, {.ulps = 1, .absolute = 1e-5});
  require_matches(sum(Slice{130, 260, 3}), dense::index(expected, {Slice{130, 260, 3}}),
                  {.ulps = 1, .absolute = 1e-5});
  require_matches(
      cumulative_sum(flip(chunked(x, {7, 2})(Slice{2, 299}), Axes{0}), {.axis = 0, .include_initial = true}),
      scanned("cumulative_sum", dense::flip(dense::index(x, {Slice{2, 299}}), {0}), 0, DType::float32, true),
      {.ulps = 1, .absolute = 1e-5});
}

// Each piece of rows before a box made the inner scan begin again: the cube of the extent.
TEST_CASE("scans: a part of a scan of a scan reads its input a few times at most", "[ops]") {
  const std::int64_t kCount = GENERATE(400'000, 2'000'000);
  const auto read = std::make_shared<std::atomic<std::int64_t>>(0);
  const auto fill = [read](const Box& box, const StridedView& out) {
    *read += element_count(box.shape());
    std::fill_n(reinterpret_cast<double*>(out.data), element_count(box.shape()), 1.0);
  };
  const Runtime runtime({.memory = 64_MiB, .threads = 1});
  for (const std::int64_t chunk : {std::int64_t{100'000}, kCount}) {
    *read = 0;
    const Array x = from_function({kCount}, DType::float64, fill, {.chunks = Shape{chunk}});
    const Array twice = cumulative_sum(cumulative_sum(x), {.include_initial = true});
    const double last = 0.5 * static_cast<double>(kCount) * static_cast<double>(kCount + 1);
    CHECK(to_vector<double>(twice(Slice{-2})) == std::vector<double>{last - kCount, last});
    CHECK(*read <= 6 * kCount);
  }
}

TEST_CASE("scans: along rows of a wide array", "[ops]") {
  std::mt19937_64 random(9);
  const dense::Dense x = random_values(DType::int32, {3, 1500}, {}, random);
  const Array lazy = chunked(x, {2, 100});
  require_matches(cumulative_sum(lazy, {.axis = 1}), scanned("cumulative_sum", x, 1, DType::int64, false));
  require_matches(cumulative_sum(lazy, {.axis = 0, .dtype = DType::int8}),
                  scanned("cumulative_sum", dense::astype(x, DType::int8), 0, DType::int8, false));
  require_matches(max(cumulative_sum(lazy, {.axis = -1})),
                  dense::reduce("max", scanned("cumulative_sum", x, 1, DType::int64, false)));
}

TEST_CASE("scans: nothing gives nothing, or the identity", "[ops]") {
  const dense::Dense nothing(DType::float64, {2, 0});
  require_matches(cumulative_sum(zeros({2, 0}), {.axis = 1}), nothing);
  dense::Dense ones_column(DType::float64, {2, 1});
  for (dense::Number& value : ones_column.values) value = 1;
  require_matches(cumulative_prod(zeros({2, 0}), {.axis = 1, .include_initial = true}), ones_column);
}

TEST_CASE("scans: refuse a missing axis", "[ops]") {
  CHECK_THROWS_AS(cumulative_sum(zeros({2, 3})), ShapeError);
  CHECK_THROWS_AS(cumulative_sum(zeros({2, 3}), {.axis = 2}), ShapeError);
  CHECK_THROWS_AS(cumulative_sum(zeros({3}), {.dtype = DType::boolean}), DTypeError);
  CHECK_THROWS_AS(cumulative_max(zeros({3}, {.dtype = DType::complex64})), DTypeError);
}

#include <catch2/catch.hpp>
#include <cmath>

#include "ops/declared_functions.hpp"
#include "support/require_matches.hpp"
#include "support/sources.hpp"
#include "varve/compute.hpp"
#include "varve/creation.hpp"
#include "varve/elementwise.hpp"

namespace varve::test {
namespace {

using dense::Dense;
using dense::Real;

Dense of(DType dtype, const Shape& shape, const std::function<Real(const Index&)>& value) {
  Dense out(dtype, shape);
  dense::for_each_index(
      shape, [&](const Index& index) { out.at(index) = dense::cast(value(index), DType::float64, dtype); });
  return out;
}

TEST_CASE("creation: every declared function has a test in this file", "[ops]") {
  // from_values is a template; its name stands here all the same.
  const std::set<std::string> tested = {
      "full",       "zeros",  "ones",     "empty", "full_like",     "zeros_like",  "ones_like",
      "empty_like", "arange", "linspace", "eye",   "from_function", "from_memory", "from_values"};
  CHECK(missing_names(declared_functions("creation.hpp"), tested).empty());
}

TEST_CASE("full, zeros, ones: one value, any dtype and chunks", "[ops]") {
  for (const DType dtype : kAllDTypes) {
    INFO(name_of(dtype));
    require_matches(full({3, 5}, 7, {.dtype = dtype, .chunks = Shape{2, 2}}),
                    of(dtype, {3, 5}, [](const Index&) { return Real{7}; }));
    require_matches(zeros({4}, {.dtype = dtype}), Dense(dtype, {4}));
    require_matches(ones({2, 0, 3}, {.dtype = dtype}), Dense(dtype, {2, 0, 3}));
    require_matches(ones({}, {.dtype = dtype}), dense::scalar(dtype, 1));
  }
}

TEST_CASE("full_like and its kin: shape, dtype and chunks of another array, unless given", "[ops]") {
  const Array x = arange(15, {.dtype = DType::float32, .chunks = Shape{4}});
  require_matches(full_like(x, 7), of(DType::float32, {15}, [](const Index&) { return Real{7}; }));
  require_matches(zeros_like(x), Dense(DType::float32, {15}));
  require_matches(empty_like(x), Dense(DType::float32, {15}));
  require_matches(empty({3}), Dense(DType::float64, {3}));
  require_matches(ones_like(x, {.dtype = DType::int8}),
                  of(DType::int8, {15}, [](const Index&) { return Real{1}; }));
  CHECK(zeros_like(x).chunks().chunks() == Shape{4});
  CHECK(zeros_like(x, {.chunks = Shape{5}}).chunks().chunks() == Shape{5});
  CHECK(zeros_like(x(Slice{1})).chunks() == x(Slice{1}).chunks());
  CHECK_THROWS_AS(full_like(ones_like(x, {.dtype = DType::uint8}), 300), DTypeError);
}

TEST_CASE("full: the dtype follows from the value", "[ops]") {
  CHECK(full({2}, true).dtype() == DType::boolean);
  CHECK(full({2}, 3).dtype() == DType::int64);
  CHECK(full({2}, 3.0).dtype() == DType::float64);
  CHECK(full({2}, std::complex<double>(1, 2)).dtype() == DType::complex128);
  CHECK(zeros({2}).dtype() == DType::float64);
  CHECK(ones({2}).dtype() == DType::float64);
}

TEST_CASE("full: the chunks are those asked for; without any they hold about 4 MiB", "[ops]") {
  CHECK(zeros({100, 100}, {.dtype = {}, .chunks = Shape{30, 100}}).chunks().chunks() == Shape{30, 100});
  const Array large = zeros({1 << 20, 1 << 10});
  const std::int64_t bytes = element_count(large.chunks().chunks()) * 8;
  CHECK(bytes >= 1 << 20);
  CHECK(bytes <= 16 << 20);
}

TEST_CASE("arange: NumPy's count and values", "[ops]") {
  struct Case {
    Scalar start, stop, step;
    DType dtype;
    std::int64_t count;
  };
  const Case cases[] = {{0, 10, 1, DType::int64, 10},        {5, -6, -3, DType::int64, 4},
                        {2, 2, 1, DType::int64, 0},          {3, 1, 1, DType::int64, 0},
                        {0.0, 1.0, 0.1, DType::float64, 10}, {1, 2.5, 0.5, DType::float64, 3},
                        {10.0, 0.0, -2.5, DType::float64, 4}};
  for (const Case& item : cases) {
    const Array x = arange(item.start, item.stop, item.step, {.dtype = {}, .chunks = Shape{3}});
    const auto number = [](const Scalar& scalar) {
      std::byte bytes[8];
      scalar.store(DType::float64, bytes);
      return dense::load(DType::float64, bytes).real();
    };
    const Real start = number(item.start), step = number(item.step);
    INFO(to_string(item.start) << " " << to_string(item.stop) << " " << to_string(item.step));
    require_matches(
        x,
        of(item.dtype, {item.count}, [&](const Index& i) { return start + static_cast<Real>(i[0]) * step; }),
        {.ulps = 2});
  }
  require_matches(arange(4, {.dtype = DType::uint8}),
                  of(DType::uint8, {4}, [](const Index& i) { return Real(i[0]); }));
}

TEST_CASE("linspace: ends are exact", "[ops]") {
  const Array x = linspace(-1.0, 2.0, 13, true, {.dtype = {}, .chunks = Shape{4}});
  require_matches(x,
                  of(DType::float64, {13}, [](const Index& i) { return -1 + static_cast<Real>(i[0]) / 4; }),
                  {.ulps = 2});
  CHECK(to_vector<double>(x).back() == 2.0);
  require_matches(linspace(0, 1, 4, false),
                  of(DType::float64, {4}, [](const Index& i) { return Real(i[0]) / 4; }));
  require_matches(linspace(3, 9, 1), of(DType::float64, {1}, [](const Index&) { return Real{3}; }));
  require_matches(linspace(3, 9, 0), Dense(DType::float64, {0}));
  CHECK(linspace(0, 1, 3, true, {.dtype = DType::float32}).dtype() == DType::float32);
}

TEST_CASE("linspace: complex ends give complex values, part by part", "[ops]") {
  using Complex = std::complex<double>;
  const Array x = linspace(0, Complex(1, -2), 5, true, {.dtype = {}, .chunks = Shape{2}});
  CHECK(x.dtype() == DType::complex128);
  CHECK(to_vector<Complex>(x) ==
        std::vector<Complex>{{0, 0}, {0.25, -0.5}, {0.5, -1}, {0.75, -1.5}, {1, -2}});
  const Array narrow = linspace(Complex(0, 1), Complex(3, 1), 3, false, {.dtype = DType::complex64});
  CHECK(to_vector<std::complex<float>>(narrow) == std::vector<std::complex<float>>{{0, 1}, {1, 1}, {2, 1}});
  CHECK_THROWS_AS(linspace(0, Complex(0, 1), 3, true, {.dtype = DType::float64}), DTypeError);
}

TEST_CASE("eye: ones on one diagonal", "[ops]") {
  for (const std::int64_t k : {-7, -2, 0, 1, 4, 9}) {
    const auto value = [k](const Index& i) { return Real(i[1] - i[0] == k ? 1 : 0); };
    INFO("k " << k);
    require_matches(eye(5, 6, k, {.dtype = {}, .chunks = Shape{2, 4}}), of(DType::float64, {5, 6}, value));
    require_matches(eye(4, {}, k, {.dtype = DType::int8}), of(DType::int8, {4, 4}, value));
  }
  require_matches(eye(3, 3, 0, {.dtype = DType::boolean}),
                  of(DType::boolean, {3, 3}, [](const Index& i) { return Real(i[0] == i[1] ? 1 : 0); }));
}

TEST_CASE("from_function: each box of the natural chunks, or part of one, lies inside the array", "[ops]") {
  const auto fill = [](const Box& box, const StridedView& out) {
    Index index(box.ndim(), 0);
    do {
      const auto value = static_cast<std::int32_t>((box.lo[0] + index[0]) * 100 + box.lo[1] + index[1]);
      std::byte* to = out.data + index[0] * out.byte_strides[0] + index[1] * out.byte_strides[1];
      *reinterpret_cast<std::int32_t*>(to) = value;
    } while (next_index(index, box.shape()));
  };
  const Array x = from_function({7, 9}, DType::int32, fill, {.dtype = {}, .chunks = Shape{3, 4}});
  CHECK(x.chunks().chunks() == Shape{3, 4});
  const Dense expected = of(DType::int32, {7, 9}, [](const Index& i) { return Real(i[0] * 100 + i[1]); });
  require_matches(x, expected);
  require_matches(x(Slice{{}, {}, -2}, 3), dense::index(expected, {Slice{{}, {}, -2}, 3}));
}

TEST_CASE("from_memory: views any strides without a copy", "[ops]") {
  std::vector<double> values(24);
  for (std::size_t i = 0; i < 24; ++i) values[i] = static_cast<double>(i);
  const auto* first = reinterpret_cast<const std::byte*>(values.data());
  const ConstStridedView columns(first, DType::float64, {6, 4}, {8, 48});
  const Array x = from_memory(columns);
  CHECK(x.in_memory());
  CHECK(x.view().data == first);
  require_matches(x, of(DType::float64, {6, 4}, [](const Index& i) { return Real(i[0] + 6 * i[1]); }));
  const ConstStridedView backwards(first + 23 * 8, DType::float64, {24}, {-8});
  require_matches(from_memory(backwards),
                  of(DType::float64, {24}, [](const Index& i) { return Real(23 - i[0]); }));
  values[0] = -5;
  CHECK(to_vector<double>(x)[0] == -5);
}

TEST_CASE("from_memory: the owner lives as long as the array", "[ops]") {
  auto owner = std::make_shared<std::vector<float>>(10, 2.0F);
  const std::weak_ptr<std::vector<float>> watch = owner;
  Array doubled;
  {
    const Array x =
        from_memory({reinterpret_cast<const std::byte*>(owner->data()), DType::float32, {10}}, owner);
    owner.reset();
    doubled = x * 2;
  }
  CHECK_FALSE(watch.expired());
  CHECK(to_vector<float>(doubled) == std::vector<float>(10, 4.0F));
  doubled = Array();
  CHECK(watch.expired());
}

TEST_CASE("from_values, to_vector, item: values go in and out", "[ops]") {
  const Array x = from_values<std::int16_t>({1, 2, 3, 4, 5, 6}, {2, 3});
  CHECK(x.dtype() == DType::int16);
  CHECK(to_vector<std::int16_t>(x) == std::vector<std::int16_t>{1, 2, 3, 4, 5, 6});
  CHECK(item<std::int16_t>(x(1, 1)) == 5);
  CHECK_THROWS_AS(from_values<float>({1, 2}, {3}), ShapeError);
  CHECK_THROWS_AS(to_vector<float>(x), DTypeError);
  CHECK_THROWS_AS(item<std::int16_t>(x), ShapeError);
}

TEST_CASE("creation: absurd extents are refused", "[ops]") {
  CHECK_THROWS_AS(zeros({-1}), ShapeError);
  CHECK_THROWS_AS(zeros({1LL << 40, 1LL << 40}), ShapeError);
  CHECK_THROWS_AS(linspace(0, 1, -3), ShapeError);
  CHECK_THROWS_AS(eye(-2), ShapeError);
  CHECK_THROWS_AS(arange(0, 10, 0), Error);
}

}  // namespace
}  // namespace varve::test

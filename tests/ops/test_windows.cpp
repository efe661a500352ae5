#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "support/dense_operations.hpp"
#include "support/require_matches.hpp"
#include "support/sources.hpp"
#include "support/values.hpp"
#include "varve/core/error.hpp"
#include "varve/varve.hpp"

using namespace varve;
using namespace varve::test;

namespace {

const std::vector<DType> kTypes = {DType::int16, DType::uint8, DType::int64, DType::float32, DType::float64};

struct Source {
  dense::Dense values;
  Array array;
};

Source random_source(DType dtype, std::int64_t min_ndim, std::mt19937_64& random) {
  Shape shape;
  Shape chunks;
  const std::int64_t ndim = pick(random, min_ndim, 3);
  for (std::int64_t axis = 0; axis < ndim; ++axis) {
    shape.push_back(pick(random, 1, axis == ndim - 1 ? 40 : 9));
    chunks.push_back(pick(random, 1, 12));
  }
  // Sums of a few small quarters are exact, whatever their order.
  const dense::Dense values = random_values(dtype, shape, {.quarters = true}, random);
  return {values, chunked(values, chunks)};
}

double beyond(const dense::Dense& x, Index at, Boundary boundary, double constant) {
  for (std::int64_t axis = 0; axis < at.size(); ++axis) {
    at[axis] = dense::continued(at[axis], x.shape[axis], boundary);
    if (at[axis] < 0) return constant;
  }
  return static_cast<double>(x.at(at).real());
}

dense::Number converted(double value, DType dtype) {
  return dense::cast(dense::Number(value), DType::float64, dtype);
}

// The sum of weights.at(k) * x.at(i + k - centre), in C order of k.
dense::Dense dense_correlate(const dense::Dense& x, const dense::Dense& weights, const Index& centre,
                             Boundary boundary, double constant, double divisor = 1) {
  dense::Dense result{x.dtype, x.shape};
  dense::for_each_index(x.shape, [&](const Index& i) {
    double sum = 0;
    dense::for_each_index(weights.shape, [&](const Index& k) {
      Index at = i;
      for (std::int64_t axis = 0; axis < at.size(); ++axis) at[axis] += k[axis] - centre[axis];
      sum += beyond(x, at, boundary, constant) * static_cast<double>(weights.at(k).real());
    });
    result.at(i) = converted(sum / divisor, x.dtype);
  });
  return result;
}

dense::Dense along(std::int64_t axis, std::int64_t ndim, const std::vector<double>& weights) {
  Shape shape(ndim, 1);
  shape[axis] = static_cast<std::int64_t>(weights.size());
  dense::Dense result{DType::float64, shape};
  for (std::size_t i = 0; i < weights.size(); ++i) result.values[i] = dense::Number(weights[i]);
  return result;
}

std::vector<double> gaussian(double sigma, double truncate) {
  std::vector<double> weights;
  double sum = 0;
  const int radius = static_cast<int>(truncate * sigma + 0.5);
  for (int i = -radius; i <= radius; ++i) weights.push_back(std::exp(-0.5 * i * i / (sigma * sigma)));
  for (const double weight : weights) sum += weight;
  for (double& weight : weights) weight /= sum;
  return weights;
}

}  // namespace

TEST_CASE("map_overlap: a function sees its neighbourhood for any depth, boundary and chunks", "[ops]") {
  std::mt19937_64 random(21);
  for (int round = 0; round < 40; ++round) {
    const Source x = random_source(DType::float64, 1, random);
    const auto boundary = static_cast<Boundary>(round % 5);
    std::vector<std::int64_t> depth;
    for (std::int64_t axis = 0; axis < x.values.shape.size(); ++axis)
      depth.push_back(pick(random, 0, round % 4 == 0 ? 15 : 3));
    // Takes the first and the last corner of each window.
    const auto corners = [depth](const ConstStridedView& grown, const StridedView& out, const Box& location) {
      Index index(out.ndim(), 0);
      do {
        Index far = index;
        for (std::int64_t axis = 0; axis < out.ndim(); ++axis)
          far[axis] += 2 * depth[static_cast<std::size_t>(axis)];
        const double near_value = *reinterpret_cast<const double*>(element_at(grown, index));
        const double far_value = *reinterpret_cast<const double*>(element_at(grown, far));
        *reinterpret_cast<double*>(element_at(out, index)) = near_value + 2 * far_value;
      } while (next_index(index, location.shape()));
    };
    dense::Dense expected{DType::float64, x.values.shape};
    dense::for_each_index(expected.shape, [&](const Index& index) {
      Index near = index;
      Index far = index;
      for (std::int64_t axis = 0; axis < index.size(); ++axis) {
        near[axis] -= depth[static_cast<std::size_t>(axis)];
        far[axis] += depth[static_cast<std::size_t>(axis)];
      }
      expected.at(index) =
          dense::Number(beyond(x.values, near, boundary, 7) + 2 * beyond(x.values, far, boundary, 7));
    });
    INFO("round " << round << ", shape " << to_string(x.values.shape));
    require_matches(map_overlap(x.array, corners, {.depth = depth, .mode = boundary, .constant = 7}),
                    expected);
  }
}

TEST_CASE("correlate: neighbours of weight 0 do not count, infinite ones neither", "[ops]") {
  const double inf = std::numeric_limits<double>::infinity();
  const Array x = from_values(std::vector<double>{0, 0, inf, 0, 0}, {5});
  const Array weights = from_values(std::vector<double>{1, 0, 2}, {3});
  // scipy.ndimage 1.17.1.
  CHECK(to_vector<double>(correlate(x, weights)) == std::vector<double>{0, inf, 0, inf, 0});
}

// scipy.ndimage 1.17.1 drops weights of at most 2.2e-16; its correlate1d, and scipy.signal, do not.
TEST_CASE("correlate: small weights count like others", "[ops]") {
  const Array sums = correlate(ones({5}), full({3}, 1e-16));
  for (const double sum : to_vector<double>(sums)) CHECK(sum == Approx(3e-16).epsilon(1e-12));
  CHECK(to_vector<double>(convolve(ones({3}), full({1}, 1e-300))) == std::vector<double>(3, 1e-300));
}

TEST_CASE("correlate: weighted neighbours, any window, origin and boundary", "[ops]") {
  std::mt19937_64 random(22);
  for (int round = 0; round < 40; ++round) {
    const Source x = random_source(pick_one(random, kTypes), 1, random);
    const auto boundary = static_cast<Boundary>(round % 5);
    Shape extents;
    FilterOptions options{.mode = boundary, .constant = 3, .origin = {}};
    Index centre;
    for (std::int64_t axis = 0; axis < x.values.shape.size(); ++axis) {
      extents.push_back(pick(random, 1, 4));
      options.origin.push_back(pick(random, -(extents[axis] / 2), (extents[axis] - 1) / 2));
      centre.push_back(extents[axis] / 2 + options.origin.back());
    }
    const dense::Dense weights = random_values(DType::float64, extents, {.quarters = true}, random);
    const dense::Dense expected = dense_correlate(x.values, weights, centre, boundary, 3);
    INFO("round " << round << ", " << name_of(x.values.dtype) << " " << to_string(x.values.shape));
    require_matches(correlate(x.array, in_memory(weights), options), expected);
    // A convolution is a correlation with everything reversed.
    std::vector<std::int64_t> all;
    for (std::int64_t axis = 0; axis < extents.size(); ++axis) {
      all.push_back(axis);
      options.origin[static_cast<std::size_t>(axis)] = -options.origin[static_cast<std::size_t>(axis)];
      if (extents[axis] % 2 == 0) options.origin[static_cast<std::size_t>(axis)] -= 1;
    }
    require_matches(convolve(x.array, in_memory(dense::flip(weights, all)), options), expected);
  }
}

TEST_CASE("uniform_filter: averages axis by axis, converted in between", "[ops]") {
  std::mt19937_64 random(23);
  for (int round = 0; round < 40; ++round) {
    const Source x = random_source(pick_one(random, kTypes), 1, random);
    const auto boundary = static_cast<Boundary>(round % 5);
    std::vector<std::int64_t> sizes;
    FilterOptions options{.mode = boundary, .constant = 5, .origin = {}};
    dense::Dense expected = x.values;
    for (std::int64_t axis = 0; axis < x.values.shape.size(); ++axis) {
      sizes.push_back(pick(random, 1, round % 4 == 0 ? 25 : 5));
      options.origin.push_back(pick(random, -(sizes.back() / 2), (sizes.back() - 1) / 2));
      Index centre(x.values.shape.size(), 0);
      centre[axis] = sizes.back() / 2 + options.origin.back();
      if (sizes.back() == 1) continue;
      const std::vector<double> ones(static_cast<std::size_t>(sizes.back()), 1.0);
      expected = dense_correlate(expected, along(axis, expected.shape.size(), ones), centre, boundary, 5,
                                 static_cast<double>(sizes.back()));
    }
    INFO("round " << round << ", " << name_of(x.values.dtype) << " " << to_string(x.values.shape));
    const bool floating = is_floating(x.values.dtype);
    require_matches(uniform_filter(x.array, sizes, options), expected,
                    {.ulps = floating ? 4.0 : 0, .absolute = floating ? 1e-6 : 0});
  }
}

TEST_CASE("gaussian_filter: smooths axis by axis; no sigma, no change", "[ops]") {
  std::mt19937_64 random(24);
  for (int round = 0; round < 30; ++round) {
    const Source x = random_source(round % 2 == 0 ? DType::float32 : DType::float64, 1, random);
    const auto boundary = static_cast<Boundary>(round % 5);
    std::vector<double> sigmas;
    dense::Dense expected = x.values;
    for (std::int64_t axis = 0; axis < x.values.shape.size(); ++axis) {
      sigmas.push_back(static_cast<double>(pick(random, 0, 6)) / 3);
      if (sigmas.back() == 0) continue;
      const std::vector<double> weights = gaussian(sigmas.back(), 3);
      Index centre(x.values.shape.size(), 0);
      centre[axis] = static_cast<std::int64_t>(weights.size() / 2);
      expected = dense_correlate(expected, along(axis, expected.shape.size(), weights), centre, boundary, -2);
    }
    INFO("round " << round << ", " << name_of(x.values.dtype) << " " << to_string(x.values.shape));
    require_matches(gaussian_filter(x.array, sigmas, {.mode = boundary, .constant = -2, .truncate = 3}),
                    expected, {.ulps = 8, .absolute = x.values.dtype == DType::float32 ? 4e-6 : 1e-13});
  }
}

namespace {

const std::vector<DType> kIntegers = {DType::int8,  DType::int16,  DType::int32,  DType::int64,
                                      DType::uint8, DType::uint16, DType::uint32, DType::uint64};

// Numbers of all sizes that a dtype has, the smallest and the greatest among them.
std::vector<Scalar> sizes_of(DType dtype) {
  const int bits = static_cast<int>(8 * size_bytes(dtype));
  const bool is_signed = dtype < DType::uint8;
  std::vector<Scalar> result;
  for (int bit = 1; bit < (is_signed ? bits : bits + 1); ++bit) {
    const std::uint64_t ones = bit == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bit) - 1;
    result.emplace_back(ones);
    result.emplace_back(ones - ones / 3);
    if (is_signed) result.emplace_back(-static_cast<std::int64_t>(ones) - 1);
  }
  return result;
}

// Whether the array is that value everywhere.
bool is_all(const Array& array, const Scalar& value) {
  const Array expected = full(array.shape(), value, {.dtype = array.dtype()});
  return item<bool>(all(array == expected));
}

}  // namespace

// scipy.ndimage.gaussian_filter of SciPy 1.18.1 (https://pypi.org/project/scipy) gives 253 for a uint8 image
// of 255 at sigma 2.5: sums of weights like 0.15957691 come to 254.99999999999997 and truncate at each axis.
TEST_CASE("gaussian_filter, uniform_filter: equal integers stay what they are, whatever their size",
          "[ops]") {
  for (const DType dtype : kIntegers) {
    for (const Scalar& value : sizes_of(dtype)) {
      INFO(name_of(dtype) << " " << to_string(value));
      const Array x = full({40, 37}, value, {.dtype = dtype, .chunks = Shape{16, 37}});
      for (const double sigma : {0.7, 2.5, 3.3, 8.0}) {
        INFO("sigma " << sigma);
        CHECK(is_all(gaussian_filter(x, {sigma}), value));
      }
      CHECK(is_all(uniform_filter(x, {6, 11}), value));
      // More than 64 weights.
      CHECK(is_all(gaussian_filter(x, {0, 20}), value));
      CHECK(is_all(correlate(x, full({10, 1}, 0.1)), value));
    }
  }
}

TEST_CASE("gaussian_filter: averages that are whole numbers are these", "[ops]") {
  // On a ramp the average is the middle, which rounding errors made one less.
  for (const DType dtype : kIntegers) {
    for (const std::int64_t offset : {-60, 0, 60}) {
      if (offset < 60 && dtype >= DType::uint8) continue;
      INFO(name_of(dtype) << " from " << offset);
      const Array ramp = astype(arange(64) - 32 + offset, dtype);
      for (const double sigma : {1.0, 2.5, 3.7}) {
        INFO("sigma " << sigma);
        CHECK(item<bool>(all(gaussian_filter(ramp, {sigma})(Slice{16, 48}) == ramp(Slice{16, 48}))));
      }
    }
  }
  const Array far = arange(64) + 9007199254740993;  // 2^53 + 1
  CHECK(item<bool>(all(gaussian_filter(far, {2.0})(Slice{10, 54}) == far(Slice{10, 54}))));
  CHECK(item<bool>(all(uniform_filter(far, {5})(Slice{10, 54}) == far(Slice{10, 54}))));
}

TEST_CASE("gaussian_filter: what is not whole truncates towards zero", "[ops]") {
  const Array steps = astype(floor(arange(60) / 30), DType::int64);  // 0 ... 0 1 ... 1
  const std::int64_t wide = std::int64_t{1} << 60;
  const Array smooth = gaussian_filter(steps, {2.0});
  CHECK(item<std::int64_t>(max(smooth(Slice{0, 36}))) == 0);  // less than 1
  CHECK(item<bool>(all(gaussian_filter(steps + wide, {2.0}) == smooth + wide)));
  const Array down = gaussian_filter(-(steps + wide), {2.0});
  CHECK(item<bool>(all(down(Slice{0, 22}) == -wide)));
  CHECK(item<bool>(all(down == -(smooth + wide))));
}

TEST_CASE("laplace: second differences along all axes", "[ops]") {
  std::mt19937_64 random(25);
  for (int round = 0; round < 10; ++round) {
    const Source x = random_source(pick_one(random, kTypes), 1, random);
    const std::int64_t ndim = x.values.shape.size();
    dense::Dense weights{DType::float64, Shape(ndim, 3)};
    for (auto& value : weights.values) value = 0;
    weights.at(Index(ndim, 1)) = dense::Number(-2.0 * static_cast<double>(ndim));
    for (std::int64_t axis = 0; axis < ndim; ++axis) {
      for (const std::int64_t place : {0, 2}) {
        Index index(ndim, 1);
        index[axis] = place;
        weights.at(index) = 1;
      }
    }
    require_matches(laplace(x.array),
                    dense_correlate(x.values, weights, Index(ndim, 1), Boundary::reflect, 0));
  }
}

TEST_CASE("filters: complex numbers by their parts, float16 by way of float32", "[ops]") {
  std::mt19937_64 random(26);
  const dense::Dense x = random_values(DType::complex64, {7, 40}, {.quarters = true}, random);
  dense::Dense parts[2] = {{DType::float32, x.shape}, {DType::float32, x.shape}};
  for (std::size_t i = 0; i < x.values.size(); ++i) {
    parts[0].values[i] = x.values[i].real();
    parts[1].values[i] = x.values[i].imag();
  }
  const dense::Dense three = along(0, 2, {1, 1, 1});
  dense::Dense expected = x;
  const dense::Dense re = dense_correlate(parts[0], three, {1, 0}, Boundary::wrap, 0);
  const dense::Dense im = dense_correlate(parts[1], three, {1, 0}, Boundary::wrap, 0);
  for (std::size_t i = 0; i < x.values.size(); ++i)
    expected.values[i] = {re.values[i].real(), im.values[i].real()};
  require_matches(correlate(chunked(x, {3, 11}), in_memory(three), {.mode = Boundary::wrap}), expected);
  require_matches(uniform_filter(chunked(x, {3, 11}), {3, 1}, {.mode = Boundary::wrap}) * 3, expected,
                  {.ulps = 2});
  CHECK(laplace(zeros({4}, {.dtype = DType::float16})).dtype() == DType::float16);
}

TEST_CASE("filters: fuse with what comes before and after", "[ops]") {
  std::mt19937_64 random(27);
  const dense::Dense x = random_values(DType::float64, {12, 50}, {.quarters = true}, random);
  const Array lazy = chunked(x, {5, 16});
  const dense::Dense once = dense_correlate(x, along(1, 2, {1, 2, 1}), {0, 1}, Boundary::reflect, 0);
  const dense::Dense twice = dense_correlate(once, along(0, 2, {1, 2, 1}), {1, 0}, Boundary::reflect, 0);
  const Array row = from_values<double>({1, 2, 1}, {1, 3});
  const Array column = from_values<double>({1, 2, 1}, {3, 1});
  require_matches(correlate(correlate(lazy, row), column), twice);
  require_matches(sum(-correlate(lazy, row), {.axis = 1}),
                  dense::reduce("sum", dense::elementwise("negative", {once}), {.axes = {{1}}}));
  require_matches(correlate(lazy, row)(Slice{10, 1, -4}, Slice{3, {}, 5}),
                  dense::index(once, {Slice{10, 1, -4}, Slice{3, {}, 5}}));
}

TEST_CASE("filters: refuse what they cannot do", "[ops]") {
  const Array x = zeros({4, 5});
  CHECK_THROWS_AS(uniform_filter(x, {3, 3, 3}), ShapeError);
  CHECK_THROWS_AS(uniform_filter(x, {0}), ShapeError);
  CHECK_THROWS_AS(uniform_filter(x, {1, 65537}), ArgumentError);
  CHECK_THROWS_AS(gaussian_filter(x, {10000.0}), ArgumentError);
  CHECK_THROWS_AS(uniform_filter(x, {3}, {.origin = {2}}), ShapeError);
  CHECK_THROWS_AS(gaussian_filter(x, {-1.0}), Error);
  CHECK_THROWS_AS(correlate(x, zeros({3})), ShapeError);
  CHECK_THROWS_AS(laplace(x > 1), DTypeError);
  CHECK_THROWS_AS(laplace(astype(x, DType::int8), {.mode = Boundary::constant, .constant = 0.5}), DTypeError);
  CHECK_THROWS_AS(map_overlap(x, {}), Error);
  const Scalar none[] = {Scalar(std::numeric_limits<double>::infinity()), Scalar(std::nan("")),
                         Scalar(std::complex<double>(0, 5))};
  for (const Scalar& cval : none) {
    CHECK_THROWS_AS(
        uniform_filter(astype(x, DType::int64), {3}, {.mode = Boundary::constant, .constant = cval}),
        DTypeError);
  }
  CHECK_THROWS_AS(uniform_filter(x, {3}, {.mode = Boundary::constant, .constant = none[2]}), DTypeError);
}

#include <catch2/catch.hpp>
#include <cmath>

#include "kernels/random.hpp"
#include "support/require_matches.hpp"
#include "varve/core/error.hpp"
#include "varve/varve.hpp"

using namespace varve;
using namespace varve::test;

namespace {

dense::Dense computed(const Array& x) { return dense::from_view(compute(x).view()); }

struct Moments {
  double mean = 0;
  double variance = 0;
};

Moments moments_of(const dense::Dense& x) {
  Moments moments;
  for (const dense::Number& value : x.values) moments.mean += static_cast<double>(value.real());
  moments.mean /= static_cast<double>(x.size());
  for (const dense::Number& value : x.values) {
    moments.variance += std::pow(static_cast<double>(value.real()) - moments.mean, 2);
  }
  moments.variance /= static_cast<double>(x.size());
  return moments;
}

}  // namespace

TEST_CASE("random: Philox4x32-10 gives the known answers of its authors", "[kernels]") {
  // From tests/kat_vectors of Random123: counter, key, output.
  const std::uint32_t answers[3][10] = {{0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
                                        {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
                                         0xffffffff, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
                                        {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822,
                                         0x299f31d0, 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}};
  for (const auto& row : answers) {
    std::uint32_t output[4];
    kernels::philox4x32(row, row + 4, output);
    for (int word = 0; word < 4; ++word) CHECK(output[word] == row[6 + word]);
  }
}

TEST_CASE("random: values depend on neither chunks, slices nor threads", "[ops]") {
  for (const DType dtype : {DType::float32, DType::float64}) {
    const dense::Dense whole = computed(random::uniform({7, 11, 5}, -1, 3, {.seed = 9, .dtype = dtype}));
    require_matches(random::uniform({7, 11, 5}, -1, 3, {.seed = 9, .dtype = dtype, .chunks = Shape{2, 3, 4}}),
                    whole);
    require_matches(
        random::uniform({7, 11, 5}, -1, 3, {.seed = 9, .dtype = dtype})(Slice{2, 7, 2}, 3, Slice{4, {}, -3}),
        dense::index(whole, {Slice{2, 7, 2}, 3, Slice{4, {}, -3}}));
    const dense::Dense bell = computed(random::normal({77, 5}, 1, 2, {.seed = 9, .dtype = dtype}));
    require_matches(random::normal({77, 5}, 1, 2, {.seed = 9, .dtype = dtype, .chunks = Shape{3, 1}}), bell);
  }
  const dense::Dense numbers = computed(random::integers({50, 3}, -4, 9, {.seed = 3}));
  require_matches(random::integers({50, 3}, -4, 9, {.seed = 3, .chunks = Shape{7, 2}}), numbers);
}

TEST_CASE("random: values follow their distribution", "[ops]") {
  const std::int64_t n = 40000;
  for (const DType dtype : {DType::float32, DType::float64}) {
    const dense::Dense even = computed(random::uniform({n}, 2, 5, {.dtype = dtype}));
    for (const dense::Number& value : even.values) REQUIRE((value.real() >= 2 && value.real() < 5));
    CHECK(moments_of(even).mean == Approx(3.5).margin(0.02));
    CHECK(moments_of(even).variance == Approx(0.75).margin(0.02));
    const Moments bell = moments_of(computed(random::normal({n}, -1, 2, {.dtype = dtype})));
    CHECK(bell.mean == Approx(-1).margin(0.05));
    CHECK(bell.variance == Approx(4).margin(0.12));
  }
  std::vector<std::int64_t> counts(6);
  for (const dense::Number& value : computed(random::integers({n}, -2, 4, {.dtype = DType::int8})).values) {
    REQUIRE((value.real() >= -2 && value.real() < 4));
    ++counts[static_cast<std::size_t>(value.real() + 2)];
  }
  for (const std::int64_t count : counts) CHECK(std::abs(count - n / 6) < 300);
}

TEST_CASE("random: whole ranges of integers, and single values", "[ops]") {
  const Scalar lowest(std::numeric_limits<std::int64_t>::min());
  const dense::Dense any = computed(random::integers({1000}, lowest, Scalar(std::uint64_t{1} << 63)));
  std::int64_t negative = 0;
  for (const dense::Number& value : any.values) negative += value.real() < 0 ? 1 : 0;
  CHECK(std::abs(negative - 500) < 80);
  require_matches(random::integers({3}, 7, 8), computed(full({3}, 7)));
  require_matches(random::uniform({2, 0}), dense::Dense(DType::float64, {2, 0}));
  CHECK(random::uniform({}).ndim() == 0);
  CHECK(computed(random::uniform({}, 0, 1, {.seed = 4})).values[0] ==
        computed(random::uniform({5}, 0, 1, {.seed = 4})).values[0]);
}

TEST_CASE("random: arrays without a seed differ from each other, and none changes", "[ops]") {
  const Array first = random::normal({1000});
  const Array second = random::normal({1000});
  CHECK(item<std::int64_t>(count_nonzero(first == second)) == 0);
  CHECK(item<std::int64_t>(count_nonzero(first == first)) == 1000);
  CHECK(std::abs(item<double>(mean(first * second))) < 0.2);
}

TEST_CASE("random: seeds and distributions differ", "[ops]") {
  const dense::Dense first = computed(random::uniform({100}, 0, 1, {.seed = 1}));
  const dense::Dense second = computed(random::uniform({100}, 0, 1, {.seed = 2}));
  for (std::size_t i = 0; i < 100; ++i) CHECK(first.values[i] != second.values[i]);
}

TEST_CASE("random: refuses bounds without values", "[ops]") {
  CHECK_THROWS_AS(random::uniform({2}, 2, 1), ArgumentError);
  CHECK_THROWS_AS(random::normal({2}, 0, -1), ArgumentError);
  const double inf = std::numeric_limits<double>::infinity();
  for (const double wrong : {inf, -inf, std::nan("")}) {
    CHECK_THROWS_AS(random::normal({2}, 0, wrong), ArgumentError);
    CHECK_THROWS_AS(random::normal({2}, wrong, 1), ArgumentError);
    CHECK_THROWS_AS(random::uniform({2}, wrong, 1), ArgumentError);
    CHECK_THROWS_AS(random::uniform({2}, 0, wrong), ArgumentError);
  }
  CHECK(to_vector<double>(random::uniform({2}, 1, 1)) == std::vector<double>{1, 1});
  CHECK_THROWS_AS(random::integers({2}, 5, 5), ArgumentError);
  CHECK_THROWS_AS(random::integers({2}, 0, 300, {.dtype = DType::uint8}), ArgumentError);
  CHECK_THROWS_AS(random::uniform({2}, 0, 1, {.dtype = DType::int32}), DTypeError);
  CHECK_THROWS_AS(random::integers({2}, 0, 3, {.dtype = DType::float32}), DTypeError);
}

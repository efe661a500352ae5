#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "ops/select/select.hpp"
#include "support/require_matches.hpp"
#include "support/sources.hpp"
#include "support/values.hpp"
#include "varve/varve.hpp"

using namespace varve;
using namespace varve::test;

namespace {

// NaN is the greatest; of complex numbers, as NumPy says: [R + Rj, R + nan j, nan + Rj, nan + nan j].
bool before(const dense::Number& a, const dense::Number& b) {
  const auto nans = [](const dense::Number& x) {
    return (std::isnan(x.real()) ? 2 : 0) + (std::isnan(x.imag()) ? 1 : 0);
  };
  if (nans(a) != nans(b)) return nans(a) < nans(b);
  if (nans(a) < 2 && a.real() != b.real()) return a.real() < b.real();
  return nans(a) % 2 == 0 && a.imag() < b.imag();
}

// -0.0 comes ahead of 0.0 among values, whichever way; their positions do not tell them apart.
bool before_with_signs(const dense::Number& a, const dense::Number& b) {
  if (before(a, b) || before(b, a)) return before(a, b);
  const auto minus = [](dense::Real part) { return part == 0 && std::signbit(part); };
  if (minus(a.imag()) != minus(b.imag())) return minus(a.imag());
  return minus(a.real()) && !minus(b.real());
}

using Order = bool (*)(const dense::Number&, const dense::Number&);

// The positions that sort each row along an axis, stably.
dense::Dense sorting_positions(const dense::Dense& x, std::int64_t axis, bool descending, Order order) {
  dense::Dense out(DType::int64, x.shape);
  Shape kept = x.shape;
  kept[axis] = 1;
  dense::for_each_index(kept, [&](Index index) {
    std::vector<dense::Number> row;
    for (std::int64_t i = 0; i < x.shape[axis]; ++i) {
      index[axis] = i;
      row.push_back(x.at(index));
    }
    std::vector<std::size_t> positions(row.size());
    std::iota(positions.begin(), positions.end(), std::size_t{0});
    std::stable_sort(positions.begin(), positions.end(), [&](std::size_t a, std::size_t b) {
      return descending ? order(row[b], row[a]) : order(row[a], row[b]);
    });
    for (std::int64_t i = 0; i < x.shape[axis]; ++i) {
      index[axis] = i;
      out.at(index) = static_cast<dense::Real>(positions[static_cast<std::size_t>(i)]);
    }
  });
  return out;
}

dense::Dense along(const dense::Dense& x, const dense::Dense& positions, std::int64_t axis) {
  return dense::gather(x, positions.shape, [&](Index index) {
    const auto position = static_cast<std::int64_t>(positions.at(index).real());
    index[axis] = position;
    return index;
  });
}

// Runs of a few elements, so that a short row is many.
ops::LongSortRequest in_short_runs(std::int64_t axis, bool descending, bool positions,
                                   std::mt19937_64& random) {
  const std::int64_t step = pick(random, 1, 6);
  return {.axis = axis,
          .descending = descending,
          .positions = positions,
          .gathered_bytes = 0,
          .run_bytes = pick(random, 16, 400),
          .part_bytes = pick(random, 16, 800),
          .sample_step = step,
          .cut_stride = pick(random, 1, 12)};
}

void check_sorts(const dense::Dense& x, const Shape& chunks, std::int64_t axis, std::mt19937_64& random) {
  const expr::NodePtr node = chunked(x, chunks).node();
  for (const bool descending : {false, true}) {
    const ops::LongSortRequest values = in_short_runs(axis, descending, false, random);
    const ops::LongSortRequest positions = in_short_runs(axis, descending, true, random);
    INFO(to_string(x.shape) << " cut " << to_string(chunks) << " axis " << axis << " descending "
                            << descending << " runs " << values.run_bytes << ", " << positions.run_bytes
                            << " bytes, steps " << values.sample_step << ", " << positions.sample_step
                            << ", parts " << values.part_bytes << ", " << positions.part_bytes << ", cuts "
                            << values.cut_stride << ", " << positions.cut_stride);
    require_matches(Array(ops::sort_rows(node, values)),
                    along(x, sorting_positions(x, axis, descending, before_with_signs), axis),
                    {.any_zero = false});
    require_matches(Array(ops::sort_rows(node, positions)), sorting_positions(x, axis, descending, before));
  }
}

}  // namespace

TEST_CASE("sorting in runs: every dtype, many equal elements, NaN and both zeros", "[ops]") {
  std::mt19937_64 random(21);
  for (const DType dtype : kAllDTypes) {
    if (dtype == DType::float16) continue;
    DYNAMIC_SECTION(name_of(dtype)) {
      for (const bool few : {true, false}) {
        const Shape shape{pick(random, 1, 900)};
        const double most = few ? 3 : 100;
        const Domain domain{.low = -most, .high = most, .specials = few, .quarters = true};
        check_sorts(random_values(dtype, shape, domain, random), {pick(random, 1, 300)}, 0, random);
      }
    }
  }
}

TEST_CASE("sorting in runs: rows along any axis", "[ops]") {
  std::mt19937_64 random(22);
  for (std::int64_t axis = 0; axis < 3; ++axis) {
    Shape shape{pick(random, 1, 4), pick(random, 1, 4), pick(random, 1, 4)};
    shape[axis] = pick(random, 50, 200);
    const Shape chunks{pick(random, 1, 4), pick(random, 1, 40), pick(random, 1, 40)};
    DYNAMIC_SECTION("axis " << axis) {
      check_sorts(random_values(DType::float32, shape, {.specials = true, .quarters = true}, random), chunks,
                  axis, random);
    }
  }
}

TEST_CASE("sorting in runs: rows that are equal throughout, sorted or reversed", "[ops]") {
  std::mt19937_64 random(23);
  for (const int kind : {0, 1, -1}) {
    dense::Dense x(DType::int32, {500});
    for (std::int64_t i = 0; i < 500; ++i) x.at({i}) = static_cast<dense::Real>(kind * i);
    DYNAMIC_SECTION("times " << kind) { check_sorts(x, {70}, 0, random); }
  }
}

TEST_CASE("sorting in runs: a part of a sorted row", "[ops]") {
  std::mt19937_64 random(24);
  const dense::Dense x = random_values(DType::float64, {700}, {.low = -50, .high = 50}, random);
  const ops::LongSortRequest request = in_short_runs(0, false, false, random);
  const Array sorted(ops::sort_rows(chunked(x, {90}).node(), request));
  const dense::Dense expected = along(x, sorting_positions(x, 0, false, before), 0);
  require_matches(sorted(Slice{211, 530, 3}), dense::index(expected, {Slice{211, 530, 3}}));
  require_matches(sorted(Slice{{}, {}, -1}), dense::index(expected, {Slice{{}, {}, -1}}));
}

TEST_CASE("sorting in runs: the bits of rows that are held", "[ops]") {
  std::mt19937_64 random(25);
  const dense::Dense x = random_values(DType::float32, {200000}, {.specials = true}, random);
  const expr::NodePtr node = chunked(x, {30000}).node();
  for (const bool positions : {false, true}) {
    const Array held(ops::sort_rows(node, {.positions = positions}));
    const Array in_runs(
        ops::sort_rows(node, {.positions = positions, .gathered_bytes = 0, .run_bytes = 300000}));
    CHECK(bytes_under({64_MiB, 2}, {held}) == bytes_under({64_MiB, 2}, {in_runs}));
  }
}

TEST_CASE("sorting: a row of many times the budget", "[ops]") {
  // 64 MiB of int32, each value once, in a shuffled order.
  constexpr std::int64_t kCount = 1 << 24;
  const Array i = arange(kCount);
  const Array x = astype(remainder(i * 5000011, kCount), DType::int32);
  const Runtime small({.memory = 40_MiB, .threads = 2});
  const Array wrong = sum(astype(sort(x) != astype(i, DType::int32), DType::int64));
  CHECK(item<std::int64_t>(compute(wrong)) == 0);
  // What stands at position j is the i with 5000011 i = j.
  const Array misplaced = sum(astype(remainder(argsort(x) * 5000011, kCount) != i, DType::int64));
  CHECK(item<std::int64_t>(compute(misplaced)) == 0);
}

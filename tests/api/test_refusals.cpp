#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <memory>

#include "varve/varve.hpp"

using namespace varve;

namespace {

using Build = std::function<Array()>;

Array noise(const Shape& shape, const Shape& chunks) {
  return random::normal(shape, 0, 1, {.seed = 1, .chunks = chunks});
}

// The budget that is named when a byte is given for all of an expression.
std::int64_t named_for(const Build& build) {
  const Runtime runtime({.memory = 1, .threads = 1});
  const PostponedRefusals postponed;
  try {
    const Array array = build();
    postponed.rethrow({{array}});
    (void)explain(array);
  } catch (const BudgetError& error) {
    return error.required_bytes();
  }
  return 1;
}

const std::vector<Build> kBuiltByRuns = {
    [] { return sum(extract(noise({400000}, {5000}), noise({400000}, {5000}) > 0.5)); },
    [] { return sort(extract(noise({400000}, {5000}), noise({400000}, {5000}) > 1.0)); },
    [] {
      return extract(noise({300, 50, 20}, {7, 50, 20}), noise({300, 50, 20}, {7, 50, 20}) > 3.5);
    },
    [] { return unique_values(floor(noise({400000}, {5000}) * 1e6)); },
    [] { return median(unique_values(noise({40000}, {5000}))); },
    [] {
      return groupby_reduce(noise({30000, 8}, {512, 8}), arange(30000), GroupOp::max);
    },
    [] {
      return groupby_reduce(exp(mean(noise({3, 30000, 8}, {3, 512, 8}), {.axis = 0})), arange(30000),
                            GroupOp::max);
    },
    [] {
      return sum(groupby_reduce(noise({30000, 8}, {512, 8}), arange(30000) % 7, GroupOp::mean));
    },
    [] {
      return groupby_reduce(noise({30000, 8}, {512, 8}), floor(noise({30000}, {512})), GroupOp::sum);
    },
};

}  // namespace

TEST_CASE("refusals: what is built by runs names one budget that does for all of it", "[api]") {
  for (std::size_t i = 0; i < kBuiltByRuns.size(); ++i) {
    const std::int64_t named = named_for(kBuiltByRuns[i]);
    INFO("expression " << i << ": " << named << " bytes");
    CHECK(named > 64_KiB);
    for (const int threads : {1, 2}) {
      const Runtime runtime({.memory = named, .threads = threads});
      CHECK_NOTHROW(compute(kBuiltByRuns[i]()));
    }
  }
}

TEST_CASE("refusals: what is named for a mask does for any number of true elements", "[api]") {
  const std::vector<std::function<Array(const Array&)>> uses = {
      [](const Array& x) { return x; },
      [](const Array& x) { return sum(x); },
      [](const Array& x) { return sum(x - mean(x)); },
      [](const Array& x) { return sort(x); },
      [](const Array& x) { return median(x); },
      [](const Array& x) { return max(cumulative_sum(x)); },
      [](const Array& x) { return sum(extract(x, x > 0.0)); },
  };
  const Array x = noise({400000}, {5000});
  const Array scattered = random::uniform({400000}, 0, 1, {.seed = 2, .chunks = Shape{5000}});
  for (std::size_t use = 0; use < uses.size(); ++use) {
    const std::int64_t named = named_for([&] { return uses[use](extract(x, scattered < 0.5)); });
    for (const double part : {1e-5, 0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0}) {
      INFO("use " << use << ", " << part << " of the elements: " << named << " bytes");
      const Runtime runtime({.memory = named, .threads = 2});
      CHECK_NOTHROW(explain(uses[use](extract(x, scattered < part))));
    }
  }
}

// A tile of one group and one column read nothing, and made all rows: 30000 times over.
TEST_CASE("refusals: in the least budget, what is generated is made a few times over at most", "[api]") {
  constexpr std::int64_t kRows = 30'000;
  const auto made = std::make_shared<std::atomic<std::int64_t>>(0);
  const auto fill = [made](const Box& box, const StridedView& out) {
    *made += element_count(box.shape());
    std::fill_n(reinterpret_cast<double*>(out.data), element_count(box.shape()), 1.0);
  };
  const Array x = from_function({kRows, 8}, DType::float64, fill, {.chunks = Shape{512, 8}});
  const auto build = [&x] { return groupby_reduce(x, arange(kRows), GroupOp::max); };
  const Runtime runtime({.memory = named_for(build), .threads = 1});
  const Array result = build();
  *made = 0;
  CHECK(to_vector<double>(result) == std::vector<double>(kRows * 8, 1.0));
  CHECK(*made <= 8 * kRows * 8);
}

TEST_CASE("refusals: without postponing, the first run that does not fit is refused at once", "[api]") {
  const Runtime runtime({.memory = 1000, .threads = 1});
  for (const Build& build : kBuiltByRuns) CHECK_THROWS_AS(build(), BudgetError);
}

TEST_CASE(
    "refusals: too many distinct values are counted, so that the budget that is named has room for them",
    "[api]") {
  for (const std::int64_t count : {70'000, 150'000, 300'000}) {
    std::int64_t named = 0;
    {
      const Runtime runtime({.memory = 4_MiB, .threads = 2});
      try {
        (void)unique_values(flip(arange(count, {.chunks = Shape{5000}})));
      } catch (const BudgetError& error) {
        named = error.required_bytes();
      }
    }
    INFO(count << " values, " << named << " bytes");
    CHECK(named >= 64 * count);
    CHECK(named < 64 * count * 11 / 10);
    const Runtime runtime({.memory = named, .threads = 1});
    CHECK(unique_values(flip(arange(count, {.chunks = Shape{5000}}))).size() == count);
  }
}

TEST_CASE("refusals: what is free is never told as more than what is needed", "[api]") {
  const Array x = noise({400, 300, 200}, {7, 30, 40});
  const Array y = sum(median(x, {.axis = {0, 1}}));
  for (std::int64_t memory = 100'000; memory < 8'000'000; memory += memory / 5) {
    const Runtime runtime({.memory = memory, .threads = 2});
    try {
      (void)explain(y);
    } catch (const BudgetError& error) {
      CHECK(error.required_bytes() > memory);
    }
  }
}

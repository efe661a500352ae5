#include <catch2/catch.hpp>

#include "property/random_expression.hpp"
#include "support/require_matches.hpp"
#include "support/values.hpp"
#include "varve/compute.hpp"
#include "varve/manipulation.hpp"

// Random expressions over random sources, against the dense oracle and against themselves.
namespace varve::test {
namespace {

using dense::Dense;
using Bytes = std::vector<std::byte>;

// A budget between the smallest feasible one and ten times that.
Variant random_variant(const Array& array, std::mt19937_64& random) {
  const std::int64_t least = smallest_budget({array});
  const std::int64_t memory = pick(random, 0, 1) == 0 ? least : pick(random, least, 10 * least);
  return {memory, static_cast<int>(pick_one<std::int64_t>(random, {1, 2, 8}))};
}

std::string text_of(const Variant& variant) {
  return "budget " + std::to_string(variant.memory) + ", threads " + std::to_string(variant.threads);
}

std::optional<std::string> matches_the_oracle(const PropertyCase& item) {
  const TemporaryDirectory directory;
  std::mt19937_64 random(item.seed ^ 1);
  const Sample sample = ExpressionGenerator(item, item.seed ^ 2, directory).make();
  if (sample.lazy.dtype() != sample.dense.dtype || !(sample.lazy.shape() == sample.dense.shape)) {
    return sample.text + ": promises " + std::string(name_of(sample.lazy.dtype())) +
           to_string(sample.lazy.shape());
  }
  std::optional<Bytes> first;
  for (int round = 0; round < 3; ++round) {
    const Variant variant = round == 0 ? Variant{64_MiB, 1} : random_variant(sample.lazy, random);
    const Bytes bytes = bytes_under(variant, {sample.lazy}).front();
    if (!first) {
      first = bytes;
      const Dense actual = dense::from_view({bytes.data(), sample.dense.dtype, sample.dense.shape});
      if (const auto wrong = difference(actual, sample.dense, {.ulps = 0, .absolute = sample.error})) {
        return sample.text + " error <= " + std::to_string(sample.error) + ": " + *wrong;
      }
    } else if (bytes != *first) {
      return sample.text + ": other bits with " + text_of(variant);
    }
  }
  return std::nullopt;
}

std::optional<std::string> any_place_and_chunks(const PropertyCase& item) {
  const TemporaryDirectory directory;
  std::optional<Bytes> first;
  for (std::uint64_t place = 1; place <= 3; ++place) {
    const Sample sample = ExpressionGenerator(item, item.seed ^ (place << 32), directory).make();
    if (sample.error > 0) return std::nullopt;  // sums of inexact values follow the chunks
    const Bytes bytes = bytes_under({64_MiB, 2}, {sample.lazy}).front();
    if (first && bytes != *first) return sample.text + ": other bits than from other sources";
    first = bytes;
  }
  return std::nullopt;
}

std::optional<std::string> together_and_alone(const PropertyCase& item) {
  const TemporaryDirectory directory;
  std::mt19937_64 random(item.seed ^ 3);
  const Sample sample = ExpressionGenerator(item, item.seed ^ 2, directory).make();
  const Array& x = sample.lazy;
  std::vector<Array> roots = {x, sum(x), count_nonzero(x, {.axis = {}, .keepdims = true}), flip(x)};
  if (x.ndim() > 0) roots.push_back(mean(x, {.axis = pick(random, 0, x.ndim() - 1)}));
  const std::int64_t least = smallest_budget(roots);
  const auto together = bytes_under({pick(random, least, 4 * least), 2}, roots);
  for (std::size_t i = 0; i < roots.size(); ++i) {
    if (together[i] != bytes_under({64_MiB, 2}, {roots[i]}).front()) {
      return sample.text + ": root " + std::to_string(i) + " differs when computed together";
    }
  }
  return std::nullopt;
}

std::optional<std::string> min_budget_is_tight(const PropertyCase& item) {
  const TemporaryDirectory directory;
  const Sample sample = ExpressionGenerator(item, item.seed ^ 2, directory).make();
  const std::int64_t least = smallest_budget({sample.lazy});
  (void)bytes_under({least, 8}, {sample.lazy});
  if (least <= 1) return std::nullopt;
  try {
    (void)bytes_under({least - 1, 8}, {sample.lazy});
  } catch (const BudgetError& error) {
    if (error.required_bytes() == least) return std::nullopt;
    return sample.text + ": " + std::to_string(least) + " bytes suffice, but with one byte less " +
           std::to_string(error.required_bytes()) + " are asked for";
  }
  return sample.text + ": " + std::to_string(least) + " bytes were asked for, but one byte less suffices";
}

void check_expressions(int scale) {
  SECTION("values are the oracle's; the same bits for any budget and thread count") {
    check_property("matches the oracle", 250 * scale, matches_the_oracle);
  }
  SECTION("the same bits from any source, with any chunks, where every step is exact") {
    check_property("any place and chunks", 80 * scale, any_place_and_chunks);
  }
  SECTION("roots computed together equal roots computed alone") {
    check_property("together and alone", 80 * scale, together_and_alone);
  }
  SECTION("the budget that a refusal names is the smallest that does") {
    check_property("min budget is tight", 80 * scale, min_budget_is_tight);
  }
}

TEST_CASE("random expressions", "[property]") { check_expressions(1); }

TEST_CASE("random expressions, many", "[.slow][property]") { check_expressions(25); }

}  // namespace
}  // namespace varve::test

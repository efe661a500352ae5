#include "cli/functions.hpp"
#include "varve/random.hpp"

namespace varve::cli {
namespace {

random::RandomOptions random_options(const Arguments& a) {
  const auto chunks = a.optional_integers("chunks");
  const auto seed = a.optional_integer("seed");
  return {.seed = seed ? std::optional(static_cast<std::uint64_t>(*seed)) : std::nullopt,
          .dtype = a.optional_dtype("dtype"),
          .chunks = chunks ? std::optional(Shape(*chunks)) : std::nullopt};
}

Shape wanted_shape(const Arguments& a) {
  return Shape(a.optional_integers("size").value_or(std::vector<std::int64_t>{}));
}

Value uniform_values(const Arguments& a) {
  return {random::uniform(wanted_shape(a), a.real("low"), a.real("high"), random_options(a))};
}

Value normal_values(const Arguments& a) {
  return {random::normal(wanted_shape(a), a.real("loc"), a.real("scale"), random_options(a))};
}

Value integer_values(const Arguments& a) {
  const Scalar low = a.scalar("low");
  const auto high = a.optional_scalar("high");
  return {high ? random::integers(wanted_shape(a), low, *high, random_options(a))
               : random::integers(wanted_shape(a), 0, low, random_options(a))};
}

constexpr Function kFunctions[] = {
    {"random.uniform(low=0, high=1, size|shape=None, seed=None, dtype=None, chunks=None)",
     "Random numbers, equally likely from low up to high", uniform_values},
    {"random.normal(loc=0, scale=1, size|shape=None, seed=None, dtype=None, chunks=None)",
     "Normally distributed random numbers of mean loc and deviation scale", normal_values},
    {"random.integers(low, high=None, size|shape=None, seed=None, dtype=None, chunks=None)",
     "Random integers from low to high - 1; with one bound from 0", integer_values},
};

}  // namespace

std::span<const Function> random_functions() noexcept { return kFunctions; }

}  // namespace varve::cli

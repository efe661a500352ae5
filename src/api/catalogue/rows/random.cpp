#include "varve/random.hpp"

#include "api/catalogue/rows/rows.hpp"

namespace varve::catalogue {
namespace {

random::RandomOptions random_options(const Arguments& a) {
  const CreationOptions options = creation_options(a);
  const auto seed = a.optional_integer("seed");
  return {.seed = seed ? std::optional(static_cast<std::uint64_t>(*seed)) : std::nullopt,
          .dtype = options.dtype,
          .chunks = options.chunks};
}

Shape wanted_shape(const Arguments& a) {
  return Shape(a.optional_integers("size").value_or(std::vector<std::int64_t>{}));
}

Value integer_values(const Arguments& a) {
  const Scalar low = a.scalar("low");
  const auto high = a.optional_scalar("high");
  return {high ? random::integers(wanted_shape(a), low, *high, random_options(a))
               : random::integers(wanted_shape(a), 0, low, random_options(a))};
}

}  // namespace

std::vector<Row> random_rows() {
  return {
      {"random.uniform(low: real=0, high: real=1, size|shape: shape=None, seed: integer=None, "
       "dtype: dtype=None, chunks: shape=None)",
       "Random numbers, equally likely from low up to high",
       [](const Arguments& a) -> Value {
         return {random::uniform(wanted_shape(a), a.real("low"), a.real("high"), random_options(a))};
       }},
      {"random.normal(loc: real=0, scale: real=1, size|shape: shape=None, seed: integer=None, "
       "dtype: dtype=None, chunks: shape=None)",
       "Normally distributed random numbers of mean loc and deviation scale",
       [](const Arguments& a) -> Value {
         return {random::normal(wanted_shape(a), a.real("loc"), a.real("scale"), random_options(a))};
       }},
      {"random.integers(low: scalar, high: scalar=None, size|shape: shape=None, seed: integer=None, "
       "dtype: dtype=None, chunks: shape=None)",
       "Random integers from low to high - 1; with one bound from 0", integer_values},
  };
}

}  // namespace varve::catalogue

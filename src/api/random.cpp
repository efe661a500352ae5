#include "varve/random.hpp"

#include <atomic>
#include <cmath>

#include "api/generated.hpp"
#include "ops/generate/generators.hpp"
#include "varve/core/error.hpp"

namespace varve::random {
namespace {

using kernels::Distribution;
using kernels::RandomValues;

Array make(const RandomValues& values, const Shape& shape, DType dtype, const RandomOptions& options,
           const std::string& name) {
  const ChunkGrid grid = api::creation_grid(shape, dtype, {dtype, options.chunks}, name);
  return Array(expr::make_generator(shape, dtype, grid, ops::random_values(name, values, shape)));
}

// Far from the small numbers that people choose.
std::uint64_t seed_of(const RandomOptions& options) {
  static std::atomic<std::uint64_t> made{0};
  return options.seed ? *options.seed : 0x9e3779b97f4a7c15U * (++made);
}

DType floating_dtype(const RandomOptions& options, const std::string& name) {
  const DType dtype = options.dtype.value_or(DType::float64);
  if (dtype == DType::float32 || dtype == DType::float64) return dtype;
  throw DTypeError(name + ": makes float32 or float64, not " + std::string(name_of(dtype)) +
                   "; convert with astype");
}

bool is_whole(const Scalar& scalar) { return scalar.default_dtype() <= DType::uint64; }

// Integers as their 64 bits; bounds are compared as wide numbers.
__extension__ using Wide = __int128;
Wide wide(const Scalar& scalar) {
  if (const auto* value = std::get_if<std::uint64_t>(&scalar.value())) return static_cast<Wide>(*value);
  if (const auto* value = std::get_if<bool>(&scalar.value())) return static_cast<Wide>(*value);
  return static_cast<Wide>(std::get<std::int64_t>(scalar.value()));
}

bool holds(DType dtype, Wide value) {
  if (dtype == DType::boolean) return value == 0 || value == 1;
  const bool is_signed = kind_of(dtype) == DTypeKind::signed_integer;
  const auto bits = static_cast<int>(8 * size_bytes(dtype));
  const Wide span = static_cast<Wide>(1) << (is_signed ? bits - 1 : bits);
  return value < span && value >= (is_signed ? -span : 0);
}

}  // namespace

Array uniform(const Shape& shape, double low, double high, const RandomOptions& options) {
  if (!std::isfinite(high - low) || high < low) {
    throw ArgumentError("random.uniform: no numbers in [" + to_string(Scalar(low)) + ", " +
                        to_string(Scalar(high)) + "); give finite bounds in order");
  }
  return make({Distribution::uniform, seed_of(options), low, high - low}, shape,
              floating_dtype(options, "random.uniform"), options, "random.uniform");
}

Array normal(const Shape& shape, double mean, double deviation, const RandomOptions& options) {
  if (!std::isfinite(mean) || !std::isfinite(deviation) || deviation < 0) {
    throw ArgumentError("random.normal: no numbers of mean " + to_string(Scalar(mean)) +
                        " and standard deviation " + to_string(Scalar(deviation)) +
                        "; give finite ones, the deviation not negative");
  }
  return make({Distribution::normal, seed_of(options), mean, deviation}, shape,
              floating_dtype(options, "random.normal"), options, "random.normal");
}

Array integers(const Shape& shape, const Scalar& low, const Scalar& high, const RandomOptions& options) {
  const std::string name = "random.integers";
  const DType dtype = options.dtype.value_or(DType::int64);
  if (!is_integer(dtype) && dtype != DType::boolean) {
    throw DTypeError(name + ": makes integers or bool, not " + std::string(name_of(dtype)));
  }
  if (!is_whole(low) || !is_whole(high)) throw DTypeError(name + ": the bounds must be integers");
  const Wide first = wide(low);
  const Wide last = wide(high) - 1;
  if (first > last || !holds(dtype, first) || !holds(dtype, last)) {
    throw ArgumentError(name + ": " + std::string(name_of(dtype)) + " does not hold integers from " +
                        to_string(low) + " up to, not including, " + to_string(high) +
                        "; give bounds in order that fit the dtype");
  }
  RandomValues values{Distribution::integers, seed_of(options)};
  values.low = static_cast<std::uint64_t>(first);
  values.count = static_cast<std::uint64_t>(last - first + 1);
  return make(values, shape, dtype, options, name);
}

}  // namespace varve::random

#include "support/values.hpp"

#include <algorithm>
#include <cmath>

namespace varve::test {
namespace {

using dense::Number;
using dense::Real;

Real integer_bound(DType dtype, bool upper) {
  const auto bits = static_cast<int>(8 * size_bytes(dtype));
  const bool is_signed = kind_of(dtype) == DTypeKind::signed_integer;
  if (upper) return std::ldexp(Real{1}, is_signed ? bits - 1 : bits) - 1;
  return is_signed ? -std::ldexp(Real{1}, bits - 1) : 0;
}

Real random_integer(DType dtype, const Domain& domain, std::mt19937_64& random) {
  const Real least = integer_bound(dtype, false);
  const Real most = integer_bound(dtype, true);
  if (domain.specials && pick(random, 0, 5) == 0) return pick(random, 0, 1) == 0 ? least : most;
  const Real low = std::fmax(least, std::ceil(static_cast<Real>(domain.low)));
  const Real high = std::fmax(low, std::fmin(most, std::floor(static_cast<Real>(domain.high))));
  const Real value =
      static_cast<Real>(pick(random, static_cast<std::int64_t>(low), static_cast<std::int64_t>(high)));
  return domain.nonzero && value == 0 ? std::fmax(high, 1) : value;
}

Real special(DType dtype, std::mt19937_64& random) {
  const Real infinity = HUGE_VALL;
  const Real values[] = {
      NAN, infinity, -infinity, -0.0L, dense::largest(dtype), -dense::largest(dtype), dense::ulp(dtype, 0)};
  return values[pick(random, 0, 6)];
}

Real random_real(DType dtype, const Domain& domain, std::mt19937_64& random) {
  if (domain.specials && pick(random, 0, 5) == 0) return special(dtype, random);
  if (domain.nans && pick(random, 0, 5) == 0) return NAN;
  const Real span = static_cast<Real>(domain.high) - static_cast<Real>(domain.low);
  Real value = static_cast<Real>(domain.low) + span * static_cast<Real>(pick(random, 0, 1 << 20)) / (1 << 20);
  if (domain.quarters) value = std::nearbyint(value * 4) / 4;
  value = dense::rounded(dtype, value).real();
  return domain.nonzero && value == 0 ? static_cast<Real>(domain.high) : value;
}

}  // namespace

std::int64_t pick(std::mt19937_64& random, std::int64_t low, std::int64_t high) {
  const auto span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + random() % span);
}

dense::Dense random_values(DType dtype, const Shape& shape, const Domain& domain, std::mt19937_64& random) {
  dense::Dense out(dtype, shape);
  for (Number& value : out.values) {
    if (dtype == DType::boolean)
      value = domain.nonzero ? 1 : static_cast<Real>(pick(random, 0, 1));
    else if (is_integer(dtype))
      value = random_integer(dtype, domain, random);
    else if (!is_complex(dtype))
      value = random_real(dtype, domain, random);
    else
      value = {random_real(dtype, domain, random), random_real(dtype, domain, random)};
  }
  return out;
}

}  // namespace varve::test

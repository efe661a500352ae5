#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace varve::test {

/// One random case: everything in it follows from these numbers.
struct PropertyCase {
  std::uint64_t seed = 0;
  std::int64_t max_extent = 13;  ///< bound of every extent; halved to find the smallest failing case
  int depth = 5;                 ///< bound of the depth of expressions
};

/// Says what is wrong with a case, or nothing. It may throw; that is a failure too.
using Property = std::function<std::optional<std::string>(const PropertyCase&)>;

/// Runs `count` cases (times VARVE_CASES, if that is set) of the seed VARVE_SEED. When one fails, retries it
/// with smaller extents and depths, and asserts with the smallest one that still fails and how to run it
/// again. VARVE_CASE runs the case of that number alone.
void check_property(const std::string& name, int count, const Property& property);

}  // namespace varve::test

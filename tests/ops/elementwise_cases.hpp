#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "support/require_matches.hpp"
#include "support/values.hpp"
#include "varve/array.hpp"

namespace varve::test {

/// Is one public elementwise function: how to call it, where it is defined, and how exact it must be. The
/// oracle finds its reference by the name.
struct ElementwiseCase {
  std::string_view name;
  int arity;
  Array (*call)(const std::vector<Operand>& x);
  /// Kinds of dtype that it takes: b bool, i signed, u unsigned, f floating, c complex. All others must be
  /// refused.
  std::string_view kinds;
  std::vector<Domain> domains;  ///< one per operand, or one for all
  double ulps = 0;              ///< distance from the correctly rounded result that is allowed
  double complex_ulps = 8;      ///< the same for complex operands, in units of the magnitude
};

[[nodiscard]] std::span<const ElementwiseCase> elementwise_cases();

/// Returns the letter of a dtype's kind.
[[nodiscard]] char kind_letter(DType dtype);

[[nodiscard]] const Domain& domain_of(const ElementwiseCase& row, std::size_t operand);

}  // namespace varve::test

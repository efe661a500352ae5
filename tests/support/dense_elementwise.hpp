#pragma once

#include <string_view>
#include <vector>

#include "support/dense.hpp"
#include "support/values.hpp"

namespace varve::dense {

/// Says where an elementwise function is defined, and how exact it must be.
struct TestedOn {
  /// Kinds of dtype that it takes: b bool, i signed, u unsigned, f floating, c complex. All others must be
  /// refused.
  std::string_view kinds = {};
  std::vector<test::Domain> domains = {};  ///< one per operand, or one for all
  double ulps = 0;                         ///< distance from the correctly rounded result that is allowed
  double complex_ulps = 8;                 ///< the same for complex operands, in units of the magnitude
};

/// Returns what a function is tested on. Errors: Error if the oracle does not have it.
[[nodiscard]] const TestedOn& elementwise_tested_on(std::string_view name);

}  // namespace varve::dense

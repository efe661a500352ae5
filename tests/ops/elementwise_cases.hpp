#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "support/dense_elementwise.hpp"
#include "support/require_matches.hpp"
#include "varve/array.hpp"

namespace varve::test {

/// One public elementwise function of one or two operands: how to call it, and what it is tested on. The
/// oracle finds its reference by the name.
struct ElementwiseCase : dense::TestedOn {
  std::string_view name;
  int arity;

  [[nodiscard]] Array call(const std::vector<Operand>& operands) const;
};

/// Makes a case of each row that the catalogue takes from the elementwise table. Errors: Error if the oracle
/// lacks one.
[[nodiscard]] std::span<const ElementwiseCase> elementwise_cases();

/// Returns the letter of a dtype's kind.
[[nodiscard]] char kind_letter(DType dtype);

[[nodiscard]] const Domain& domain_of(const ElementwiseCase& row, std::size_t operand);

}  // namespace varve::test

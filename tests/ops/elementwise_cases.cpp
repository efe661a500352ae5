#include "ops/elementwise_cases.hpp"

#include "api/catalogue/catalogue.hpp"

namespace varve::test {
namespace {

using catalogue::Function;

// Others, as clip and where, have tests of their own.
bool is_plain(const Function& function) {
  if (function.family != catalogue::Family::elementwise) return false;
  for (const catalogue::Parameter& parameter : function.parameters) {
    const bool is_decimals = parameter.name == "decimals";
    if (parameter.kind != catalogue::Kind::operand && !is_decimals) return false;
    if (!parameter.default_text.empty() && !is_decimals) return false;
  }
  return function.parameters.size() <= 2;
}

std::vector<ElementwiseCase> make_cases() {
  std::vector<ElementwiseCase> cases;
  for (const Function& function : catalogue::functions()) {
    if (!is_plain(function)) continue;
    const bool is_unary = function.parameters.front().name == "x";
    cases.push_back({dense::elementwise_tested_on(function.name), function.name, is_unary ? 1 : 2});
  }
  return cases;
}

}  // namespace

Array ElementwiseCase::call(const std::vector<Operand>& operands) const {
  std::vector<catalogue::GivenArgument> given;
  for (const Operand& operand : operands) {
    if (operand.array() != nullptr)
      given.push_back({"", 0, {*operand.array()}});
    else
      given.push_back({"", 0, {*operand.scalar()}});
  }
  return *catalogue::call(*catalogue::find_function(name), std::move(given), 0).get<Array>();
}

std::span<const ElementwiseCase> elementwise_cases() {
  static const std::vector<ElementwiseCase> cases = make_cases();
  return cases;
}

char kind_letter(DType dtype) { return "biufc"[static_cast<int>(kind_of(dtype))]; }

const Domain& domain_of(const ElementwiseCase& row, std::size_t operand) {
  return row.domains[std::min(operand, row.domains.size() - 1)];
}

}  // namespace varve::test

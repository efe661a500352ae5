#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "expr/parameters.hpp"
#include "plan/plan.hpp"

namespace varve::plan {

/// What the operators of a plan hold beside their parameters: large data, which plans name by the hash of its
/// contents, and what only the running program has, as functions.
struct OperatorContents {
  std::map<std::uint64_t, expr::Held> held;                  ///< by hash
  std::map<std::pair<int, std::string>, expr::Bound> bound;  ///< by the source's id and the parameter's name
};

/// Collects the contents of all operators of a plan.
[[nodiscard]] OperatorContents contents_of(const Plan& plan);

/// Writes a plan as JSON, without loss. Sources are named, with their facts; operators by their kinds and
/// parameters; what operators hold by its hash, or by its identity.
[[nodiscard]] std::string write_plan(const Plan& plan);

/// Reads what write_plan wrote, in any process; the sources have no origins. Errors: FormatError for text
/// that is no plan; ArgumentError for operators that cannot be made, because their contents are not among
/// `contents` or their parameters are none.
[[nodiscard]] Plan read_plan(std::string_view text, const OperatorContents& contents = {});

/// Compares all that plans say.
[[nodiscard]] bool operator==(const Plan& left, const Plan& right);

}  // namespace varve::plan

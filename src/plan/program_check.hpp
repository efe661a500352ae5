#pragma once

#include <set>

#include "plan/plan.hpp"

namespace varve::plan {

/// Throws FormatError, unless a rule of plans holds.
void require_rule(bool holds, const char* rule);

template <class List>
void require_in(int number, const List& list, const char* rule) {
  require_rule(number >= 0 && static_cast<std::size_t>(number) < list.size(), rule);
}

/// Checks that the bytes of an array can be counted.
void require_countable(const Shape& shape, DType dtype);

/// Checks that a map has the domain and leads into the source. Errors: FormatError.
void require_map(const expr::IndexMap& map, const Shape& domain, const Shape& source);

/// Checks the programs that a stage runs.
class ProgramCheck {
 public:
  ProgramCheck(const Plan& plan, int stage) : plan_(plan), stage_(stage) {}

  /// Errors: FormatError, with the rule that is broken.
  void require_valid(const Program& program, const Shape& domain);

 private:
  void require_leaf(const Program& program, std::size_t number, const Shape& domain);
  void require_inputs(const Leaf& leaf);
  void require_read_value(const Leaf& leaf) const;

  const Plan& plan_;
  int stage_;
  std::set<const InputProgram*> checked_;  ///< operations share inputs
  std::int64_t depth_ = 0;
};

}  // namespace varve::plan

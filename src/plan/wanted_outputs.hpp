#pragma once

#include <set>
#include <unordered_map>
#include <vector>

#include "plan/plan.hpp"

namespace varve::plan {

/// Tells which outputs of operators with several are wanted, anywhere in some requests.
class WantedOutputs {
 public:
  explicit WantedOutputs(const std::vector<Request>& requests);

  /// Tells whether more than one output is wanted of the operator that makes `node`, one of several. Now and
  /// then it may say so where it is not, never the other way round.
  [[nodiscard]] bool several(const expr::Node& node) const;

 private:
  std::unordered_map<std::uint64_t, std::set<int>> outputs_;  ///< by hash of operator and inputs
};

}  // namespace varve::plan

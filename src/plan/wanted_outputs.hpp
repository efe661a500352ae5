#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "plan/plan.hpp"

namespace varve::plan {

/// Tells of which operators with several outputs these are made at one time: where requests want more than
/// one, each as a whole. What is computed from an output box by box streams as it does from others.
class WantedOutputs {
 public:
  explicit WantedOutputs(const std::vector<Request>& requests);

  /// Tells so of the operator that makes `node`, one of several.
  [[nodiscard]] bool several(const expr::Node& node) const;

 private:
  void note(const expr::Node& node, bool is_whole);

  struct Uses {
    std::optional<int> whole;  ///< an output that is wanted so
    bool several = false;      ///< and another
    bool streamed = false;     ///< boxes of some output are wanted
  };
  std::unordered_map<std::uint64_t, Uses> uses_;  ///< by hash of operator and inputs
};

}  // namespace varve::plan

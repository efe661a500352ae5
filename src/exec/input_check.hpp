#pragma once

#include <chrono>
#include <vector>

#include "io/dataset.hpp"
#include "plan/plan.hpp"

namespace varve::exec {

/// The check that nobody changed the inputs of a run since they were opened: values of before and after would
/// mix in its results. By size and time of modification, as far as `Dataset::current_identity` tells.
class InputCheck {
 public:
  explicit InputCheck(const plan::Plan& plan);

  /// Checks all inputs. Errors: StorageError naming the first that changed.
  void require_unchanged();
  /// Checks all inputs, unless that was done within the last second: to end long runs early.
  void require_unchanged_for_long();

 private:
  using Clock = std::chrono::steady_clock;

  std::vector<const io::Dataset*> inputs_;  ///< each once
  Clock::time_point last_ = Clock::now();
};

}  // namespace varve::exec

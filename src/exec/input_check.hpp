#pragma once

#include <chrono>
#include <vector>

#include "exec/bindings.hpp"

namespace varve::exec {

/// The check that nobody changed the inputs of a run since they were opened: values of before and after would
/// mix in its results. By size and time of modification, as far as `Dataset::current_identity` tells.
class InputCheck {
 public:
  using Duration = std::chrono::steady_clock::duration;

  InputCheck(const plan::Plan& plan, const Bindings& bindings);

  /// Checks all inputs. Errors: StorageError naming the first that changed.
  void require_unchanged();
  /// Checks all inputs, unless that was done a short while ago: to end long runs early.
  void require_unchanged_for_long();

  /// Returns how long a check that took `cost` counts: a second, or longer where checks would take more than
  /// a fiftieth of the time.
  [[nodiscard]] static Duration pause_after(Duration cost) noexcept;

 private:
  using Clock = std::chrono::steady_clock;

  std::vector<const io::Dataset*> inputs_;  ///< each once
  Clock::time_point due_;                   ///< when checks are made again
};

}  // namespace varve::exec

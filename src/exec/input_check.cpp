#include "exec/input_check.hpp"

#include <algorithm>

#include "varve/core/error.hpp"

namespace varve::exec {
InputCheck::InputCheck(const plan::Plan& plan, const Bindings& bindings)
    : due_(Clock::now() + pause_after({})) {
  for (const plan::SourcePtr& source : plan.sources) {
    const io::Dataset* dataset = bindings.dataset(*source);
    if (dataset != nullptr) inputs_.push_back(dataset);
  }
  std::sort(inputs_.begin(), inputs_.end());
  inputs_.erase(std::unique(inputs_.begin(), inputs_.end()), inputs_.end());
}

void InputCheck::require_unchanged() {
  const Clock::time_point begin = Clock::now();
  for (const io::Dataset* input : inputs_) {
    if (input->current_identity() == input->info().identity) continue;
    throw StorageError(input->info().location +
                       ": was changed after it was opened, so results would mix values of before and after; "
                       "run again when nothing writes to it");
  }
  const Clock::time_point end = Clock::now();
  due_ = end + pause_after(end - begin);
}

void InputCheck::require_unchanged_for_long() {
  if (Clock::now() >= due_) require_unchanged();
}

InputCheck::Duration InputCheck::pause_after(Duration cost) noexcept {
  constexpr int kShare = 50;
  return std::max<Duration>(std::chrono::seconds(1), kShare * cost);
}

}  // namespace varve::exec

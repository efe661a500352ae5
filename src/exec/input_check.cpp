#include "exec/input_check.hpp"

#include <algorithm>
#include <set>

#include "varve/core/error.hpp"

namespace varve::exec {
namespace {

class Inputs {
 public:
  void visit(const plan::Program& program) {
    for (const plan::Leaf& leaf : program.leaves) {
      if (leaf.source) {
        const auto* source = leaf.source->as<expr::DatasetSource>();
        if (source != nullptr && datasets_.insert(source->dataset.get()).second)
          found.push_back(source->dataset.get());
      }
      for (const auto& input : leaf.inputs) {
        if (input && programs_.insert(input.get()).second) visit(input->program);
      }
    }
  }

  std::vector<const io::Dataset*> found;

 private:
  std::set<const io::Dataset*> datasets_;
  std::set<const plan::InputProgram*> programs_;
};

}  // namespace

InputCheck::InputCheck(const plan::Plan& plan) : due_(Clock::now() + pause_after({})) {
  Inputs inputs;
  for (const plan::Stage& stage : plan.stages) inputs.visit(stage.program);
  inputs_ = std::move(inputs.found);
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

#include "exec/input_check.hpp"

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

InputCheck::InputCheck(const plan::Plan& plan) {
  Inputs inputs;
  for (const plan::Stage& stage : plan.stages) inputs.visit(stage.program);
  inputs_ = std::move(inputs.found);
}

void InputCheck::require_unchanged() {
  for (const io::Dataset* input : inputs_) {
    if (input->current_identity() == input->info().identity) continue;
    throw StorageError(input->info().location +
                       ": was changed after it was opened, so results would mix values of before and after; "
                       "run again when nothing writes to it");
  }
  last_ = Clock::now();
}

void InputCheck::require_unchanged_for_long() {
  constexpr std::chrono::seconds kInterval{1};
  if (Clock::now() - last_ >= kInterval) require_unchanged();
}

}  // namespace varve::exec

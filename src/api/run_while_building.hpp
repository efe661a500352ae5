#pragma once

#include <vector>

#include "varve/postponed_refusals.hpp"

namespace varve::api {

/// Returns the smallest budget in which an array can be computed, beside what is held.
[[nodiscard]] std::int64_t min_budget(const Array& array);

/// Notes what those arrays need, which are made of guesses.
void note_guess(PostponedRefusals& postponed, const std::vector<Array>& arrays);

/// Runs what an expression needs while it is built. Where refusals are postponed, gives a guess instead of
/// one; after the first, nothing runs any more: `needed` is planned only.
template <class Run, class Guess>
auto run_while_building(const std::vector<Array>& needed, const Run& run, const Guess& guess) {
  PostponedRefusals* postponed = PostponedRefusals::current();
  if (postponed == nullptr) return run();
  if (postponed->any()) {
    note_guess(*postponed, needed);
    return guess();
  }
  try {
    return run();
  } catch (const BudgetError& error) {
    postponed->note(error);
    return guess();
  }
}

}  // namespace varve::api

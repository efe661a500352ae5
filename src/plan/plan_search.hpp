#pragma once

#include "plan/plan_choice.hpp"

namespace varve::plan {

/// Looks for a plan under a budget, such that what fits a budget fits every larger one, and what fits two
/// threads fits one. Plans for less memory, or for another number of threads, are plans as well.
class PlanSearch {
 public:
  PlanSearch(const std::vector<Request>& requests, const Limits& limits);

  /// Returns a plan for the memory and threads that were given, if there is one.
  [[nodiscard]] std::optional<Plan> best();

  /// Returns the smallest budget for which there is a plan. It does not depend on the memory that was given.
  [[nodiscard]] std::int64_t min_bytes();

  /// Returns the smallest budget, of those that are tried, for which there is a plan: at least as much.
  [[nodiscard]] std::int64_t min_tried();

 private:
  /// Says which plan it is: that of a budget, for so many threads.
  struct Choice {
    std::int64_t memory_bytes = 0;
    int threads = 1;
    PlanChoice::Verdict verdict;
  };
  [[nodiscard]] std::optional<Choice> at(std::int64_t memory_bytes);
  [[nodiscard]] std::optional<Choice> below(std::int64_t rung);
  [[nodiscard]] std::optional<Choice> leanest();
  [[nodiscard]] Plan plan_of(const Choice& choice);

  PlanChoice choice_;
  std::int64_t memory_bytes_;
  int wanted_threads_;
  std::vector<int> threads_ = {1, 2};  ///< what plans may be for, in this order where memory is short
};

}  // namespace varve::plan

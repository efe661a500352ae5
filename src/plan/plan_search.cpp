#include "plan/plan_search.hpp"

#include "plan/budget_ladder.hpp"

namespace varve::plan {

PlanSearch::PlanSearch(const std::vector<Request>& requests, const Limits& limits)
    : choice_(requests, limits), memory_bytes_(limits.memory_bytes), wanted_threads_(limits.threads) {
  if (wanted_threads_ > 2) threads_.push_back(wanted_threads_);
}

std::optional<Plan> PlanSearch::best() {
  const std::int64_t rung = rung_within(memory_bytes_);
  std::optional<Choice> lower;
  if (rung > 0) {
    if (const auto verdict = choice_.worthwhile(rung, wanted_threads_))
      lower = Choice{rung, wanted_threads_, *verdict};
  }
  if (lower && (rung == memory_bytes_ || lower->verdict.is_ideal)) return plan_of(*lower);
  if (!lower) lower = below(rung);
  if (!lower) return std::nullopt;
  if (choice_.worthwhile(memory_bytes_, wanted_threads_)) return choice_.plan(memory_bytes_, wanted_threads_);
  return plan_of(*lower);
}

std::int64_t PlanSearch::min_bytes() {
  const auto min = leanest();
  return min ? min->verdict.peak_bytes : kHighestRung;
}

std::int64_t PlanSearch::min_tried() {
  const std::int64_t min =
      lowest_accepted([this](std::int64_t memory_bytes) { return at(memory_bytes).has_value(); });
  return min > 0 ? min : kHighestRung;
}

Plan PlanSearch::plan_of(const Choice& choice) { return choice_.plan(choice.memory_bytes, choice.threads); }

std::optional<PlanSearch::Choice> PlanSearch::at(std::int64_t memory_bytes) {
  for (const int threads : threads_) {
    if (const auto verdict = choice_.worthwhile(memory_bytes, threads))
      return Choice{memory_bytes, threads, *verdict};
  }
  return std::nullopt;
}

// A plan for less memory than was given, or for other threads.
std::optional<PlanSearch::Choice> PlanSearch::below(std::int64_t rung) {
  for (; rung >= kLowestRung; rung /= 2) {
    if (const auto choice = at(rung)) return choice;
  }
  auto min = leanest();
  if (min && min->verdict.peak_bytes > memory_bytes_) min.reset();
  return min;
}

// Of all plans that a search for the smallest budget meets, the one that needs least.
std::optional<PlanSearch::Choice> PlanSearch::leanest() {
  std::optional<Choice> best;
  static_cast<void>(lowest_accepted([&](std::int64_t memory_bytes) {
    const auto choice = at(memory_bytes);
    if (choice && (!best || choice->verdict.peak_bytes < best->verdict.peak_bytes)) best = choice;
    return choice.has_value();
  }));
  return best;
}

}  // namespace varve::plan

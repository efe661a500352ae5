#include "plan/plan.hpp"

#include "plan/plan_search.hpp"

namespace varve::plan {
namespace {

// What is free is rounded down and what is needed up, so that the message stays true.
std::string in_mebibytes(std::int64_t bytes, bool rounds_up) {
  const std::int64_t whole = bytes >> 20;
  const std::int64_t rest = bytes - (whole << 20);
  const std::int64_t tenths = whole * 10 + (rest * 10 + (rounds_up ? (1 << 20) - 1 : 0)) / (1 << 20);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MiB";
}

std::string described(std::int64_t bytes, bool rounds_up) {
  return in_mebibytes(bytes, rounds_up) + " (" + std::to_string(bytes) + " bytes)";
}

[[noreturn]] void refuse(const std::vector<Request>& requests, std::int64_t memory_bytes, std::int64_t min) {
  std::int64_t held = 0;
  for (const Request& request : requests) {
    if (!request.output_chunks) held += element_count(request.node->shape) * size_bytes(request.node->dtype);
  }
  std::string message = "the memory budget is too small: " + described(memory_bytes, false) +
                        " free, at least " + described(min, true) + " needed";
  if (held > min / 2)
    message += "; the results alone take " + in_mebibytes(held, true) + ": write them to a file";
  throw BudgetError(message, min);
}

}  // namespace

Plan make_plan(const std::vector<Request>& requests, const Limits& limits) {
  PlanSearch search(requests, limits);
  auto plan = search.best();
  if (!plan) refuse(requests, limits.memory_bytes, search.min_bytes());
  plan->budget_bytes = limits.memory_bytes;
  return *std::move(plan);
}

std::int64_t budget_for_guess(const std::vector<Request>& requests, const Limits& limits) {
  return PlanSearch(requests, limits).min_tried();
}

}  // namespace varve::plan

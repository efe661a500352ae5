#include "varve/postponed_refusals.hpp"

#include <algorithm>
#include <string>

#include "api/run_while_building.hpp"
#include "plan/plan.hpp"
#include "varve/elementwise.hpp"
#include "varve/runtime.hpp"

namespace varve {
namespace {

thread_local PostponedRefusals* newest = nullptr;

// Returns what a plan for the outputs needs; nothing where it fits, or where guesses make no sense together.
long long required_for(const std::vector<Output>& outputs) {
  try {
    static_cast<void>(explain(outputs));
  } catch (const BudgetError& error) {
    return error.required_bytes();
  } catch (const Error&) {
  }
  return 0;
}

}  // namespace

namespace api {

void note_refusal(PostponedRefusals& postponed, const std::vector<Array>& arrays) {
  std::vector<Output> outputs;
  for (const Array& array : arrays) outputs.push_back({array});
  try {
    static_cast<void>(explain(outputs));
  } catch (const BudgetError& error) {
    postponed.note(error);
  }
}

std::int64_t least_budget(const Array& array) {
  try {
    static_cast<void>(plan::make_plan({{array.node()}}, {0, Runtime::current().threads()}));
    return 0;
  } catch (const BudgetError& error) {
    return error.required_bytes();
  }
}

}  // namespace api

PostponedRefusals::PostponedRefusals() : outer_(newest) { newest = this; }
PostponedRefusals::~PostponedRefusals() { newest = outer_; }

PostponedRefusals* PostponedRefusals::current() noexcept { return newest; }

void PostponedRefusals::note(const BudgetError& refusal) {
  if (!first_) first_ = refusal;
  required_bytes_ = std::max<std::int64_t>(required_bytes_, refusal.required_bytes());
}

void PostponedRefusals::rethrow(const std::vector<Output>& outputs) const {
  if (!first_) return;
  // Guesses are as large as what they stand for can be, but not exact: chunks, and with them footprints, follow
  // from what there really is.
  const long long planned = required_for(outputs);
  const long long required = std::max<long long>(required_bytes_, planned + planned / 32);
  if (required == first_->required_bytes()) throw *first_;
  throw BudgetError(std::string(first_->what()) + "; all of the expression needs " +
                        std::to_string(required) + " bytes at most",
                    required);
}

std::vector<double> numbers_to_build_with(const Array& x, double guess) {
  const Array values = astype(x, DType::float64);
  return api::run_while_building(
      {values}, [&] { return to_vector<double>(values); },
      [&] { return std::vector<double>(static_cast<std::size_t>(values.size()), guess); });
}

}  // namespace varve

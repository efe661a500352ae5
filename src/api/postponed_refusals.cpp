#include "varve/postponed_refusals.hpp"

#include <algorithm>
#include <string>

#include "api/kept_arrays.hpp"
#include "api/resolved_output.hpp"
#include "api/run_while_building.hpp"
#include "exec/engine.hpp"
#include "plan/plan.hpp"
#include "varve/elementwise.hpp"
#include "varve/runtime.hpp"

namespace varve {
namespace {

thread_local PostponedRefusals* newest = nullptr;

// Returns a budget that does for the outputs, which are guesses, and for what they stand for; 0 where guesses
// make no sense together.
std::int64_t budget_for(const std::vector<Output>& outputs, const PostponedRefusals& postponed) {
  try {
    Runtime& runtime = Runtime::current();
    const plan::Limits limits{0, runtime.threads(), runtime.engine().options().scratch_codec};
    const std::vector<api::ResolvedOutput> resolved = api::with_kept_arrays(api::resolve(outputs));
    const std::int64_t bytes = plan::budget_for_guess(api::plan_requests(resolved), limits);
    return bytes + runtime.leased_bytes() + postponed.held_bytes();
  } catch (const Error&) {
    return 0;
  }
}

}  // namespace

namespace api {

void note_guess(PostponedRefusals& postponed, const std::vector<Array>& arrays) {
  std::vector<Output> outputs;
  for (const Array& array : arrays) outputs.push_back({array});
  postponed.note(BudgetError("a guess does not fit", budget_for(outputs, postponed)));
}

std::int64_t min_budget(const Array& array) {
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
  const std::int64_t planned = outputs.empty() ? 0 : budget_for(outputs, *this);
  const std::int64_t required = std::max(required_bytes_, planned);
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

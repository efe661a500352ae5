#include "cli/failure.hpp"

#include <new>

#include "cli/interrupt.hpp"
#include "cli/options.hpp"
#include "varve/core/error.hpp"

namespace varve::cli {
namespace {

Failure failed(int status, const std::exception& error) {
  return {status, std::string("error: ") + error.what()};
}

}  // namespace

Failure current_failure() {
  try {
    throw;
  } catch (const UserError& error) {
    return failed(kMisused, error);
  } catch (const BudgetError& error) {
    return failed(kOverBudget, error);
  } catch (const CancelledError& error) {
    return {interrupted_status(), std::string("interrupted: ") + error.what()};
  } catch (const std::bad_alloc&) {
    return {kFailed, "error: out of memory beside the budget: lower --memory or --threads"};
  } catch (const std::exception& error) {
    return failed(kFailed, error);
  } catch (...) {
    return {kFailed, "error: an unknown failure"};
  }
}

}  // namespace varve::cli

#pragma once

#include <string>

namespace varve::cli {

enum ExitStatus : int { kDone = 0, kFailed = 1, kMisused = 2, kOverBudget = 3 };

/// What the program says last, "error: ..." or "interrupted: ...", and its exit status.
struct Failure {
  int status = kFailed;
  std::string line;
};

/// Describes the exception that is being handled.
[[nodiscard]] Failure current_failure();

}  // namespace varve::cli

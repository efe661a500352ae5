#pragma once

#include <stdexcept>
#include <string>

namespace varve::cli {

enum ExitStatus : int { kDone = 0, kFailed = 1, kMisused = 2, kOverBudget = 3 };

/// Is what the program says last, "error: ..." or "interrupted: ...", and its exit status.
struct Failure {
  int status = kFailed;
  std::string line;
};

/// Is a failure that another process has described.
class ReportedError : public std::runtime_error {
 public:
  explicit ReportedError(const Failure& failure)
      : std::runtime_error(failure.line), status_(failure.status) {}

  [[nodiscard]] int status() const noexcept { return status_; }

 private:
  int status_;
};

/// Describes the exception that is being handled.
[[nodiscard]] Failure current_failure();

}  // namespace varve::cli

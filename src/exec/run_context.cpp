#include "exec/run_context.hpp"

#include "varve/core/error.hpp"

namespace varve::exec {
namespace {

constexpr std::int64_t kReportEvery = 50'000;  // microseconds
constexpr std::size_t kMaxEvents = 200'000;

}  // namespace

void RunContext::begin_stage(std::int64_t stage, std::int64_t stages, std::int64_t tiles) {
  stage_ = stage;
  stages_ = stages;
  tiles_ = tiles;
  tiles_done_ = 0;
}

void RunContext::finish_tile(std::int64_t bytes_read, std::int64_t bytes_written) {
  tiles_done_.fetch_add(1, std::memory_order_relaxed);
  bytes_read_.fetch_add(bytes_read, std::memory_order_relaxed);
  bytes_written_.fetch_add(bytes_written, std::memory_order_relaxed);
  report_if_due();
}

void RunContext::report_if_due() {
  if (!on_progress) return;
  const auto now = static_cast<std::int64_t>(microseconds());
  std::int64_t due = next_report_.load(std::memory_order_relaxed);
  if (now < due || !next_report_.compare_exchange_strong(due, now + kReportEvery)) return;
  // Where the last report still goes on, this one is left out: the work does not wait for it.
  const std::unique_lock lock(reporting_, std::try_to_lock);
  if (lock) report();
}

void RunContext::report_now() {
  if (!on_progress) return;
  const std::lock_guard lock(reporting_);
  report();
}

void RunContext::report() const {
  on_progress({stage_, stages_, tiles_done_.load(), tiles_, bytes_read_.load(), bytes_written_.load()});
}

void RunContext::fail(std::exception_ptr error) {
  const std::lock_guard lock(mutex_);
  if (!error_) error_ = std::move(error);
  stopped_ = true;
}

bool RunContext::should_stop() {
  if (stopped_.load(std::memory_order_relaxed)) return true;
  if (!is_cancelled || !is_cancelled()) return false;
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  stopped_ = true;
  return true;
}

void RunContext::rethrow() {
  const std::lock_guard lock(mutex_);
  if (error_) std::rethrow_exception(error_);
  if (cancelled_) throw CancelledError("the run was cancelled; unfinished outputs were removed");
}

double RunContext::microseconds() const {
  return std::chrono::duration<double, std::micro>(Clock::now() - start_).count();
}

void RunContext::trace(const TraceEvent& event) {
  if (!tracing) return;
  const std::lock_guard lock(mutex_);
  if (events_.size() < kMaxEvents) events_.push_back(event);
}

}  // namespace varve::exec

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace varve::exec {

/// One span of work, for the trace: times in microseconds since the run began.
struct TraceEvent {
  const char* name;
  int slot;
  std::int64_t index;
  double begin;
  double end;
};

/// The progress of a run, and whether it should stop. Thread-safe.
class RunContext {
 public:
  struct Tick {
    std::int64_t stage, stages, tiles_done, tiles, bytes_read, bytes_written;
  };
  std::function<void(const Tick&)> on_progress;
  std::function<bool()> is_cancelled;
  bool tracing = false;

  RunContext() : start_(Clock::now()) {}

  void begin_stage(std::int64_t stage, std::int64_t stages, std::int64_t tiles);
  /// Counts a finished tile and its bytes; reports progress if that is due.
  void finish_tile(std::int64_t bytes_read, std::int64_t bytes_written);
  /// Counts tiles that nothing was read for.
  void finish_tiles(std::int64_t count) noexcept { tiles_done_.fetch_add(count, std::memory_order_relaxed); }
  /// Reports progress unless less than 1/20 s has passed since the last such report.
  void report_if_due();
  /// Reports progress, after the report that goes on, if one does.
  void report_now();
  void count_written(std::int64_t bytes) noexcept {
    bytes_written_.fetch_add(bytes, std::memory_order_relaxed);
  }

  /// Remembers the first exception; later ones are dropped. The run stops handing out tiles.
  void fail(std::exception_ptr error);
  /// Tells whether work should stop, because of an error or of cancellation.
  [[nodiscard]] bool should_stop();
  /// Throws what `fail` remembered, or CancelledError.
  void rethrow();

  [[nodiscard]] double microseconds() const;
  /// Keeps at most 200,000 events.
  void trace(const TraceEvent& event);
  [[nodiscard]] const std::vector<TraceEvent>& events() const noexcept { return events_; }

  [[nodiscard]] std::int64_t bytes_read() const noexcept { return bytes_read_.load(); }
  [[nodiscard]] std::int64_t bytes_written() const noexcept { return bytes_written_.load(); }

 private:
  using Clock = std::chrono::steady_clock;

  void report() const;

  Clock::time_point start_;
  std::atomic<std::int64_t> tiles_done_{0};
  std::atomic<std::int64_t> bytes_read_{0};
  std::atomic<std::int64_t> bytes_written_{0};
  std::atomic<std::int64_t> next_report_{0};  ///< microseconds
  std::atomic<bool> stopped_{false};
  std::int64_t stage_ = 0;
  std::int64_t stages_ = 0;
  std::int64_t tiles_ = 0;
  std::mutex reporting_;  ///< held by a report alone, which may take as long as its reader likes
  std::mutex mutex_;      ///< guards what follows; nobody is called under it
  std::exception_ptr error_;
  bool cancelled_ = false;
  std::vector<TraceEvent> events_;
};

}  // namespace varve::exec

#pragma once

#include <chrono>
#include <string>

#include "varve/compute.hpp"

namespace varve::cli {

/// Formats a duration as "42s", "3m07s", "2h05m".
[[nodiscard]] std::string format_duration(double seconds);

/// Formats one line: bar, percent, speed, time left, stage.
[[nodiscard]] std::string progress_line(const Progress& progress, double seconds, std::int64_t columns);

/// Draws a progress bar on stderr, at most 10 times a second, and removes it at its end; where stderr is not
/// a terminal it writes a line every two seconds instead.
class ProgressBar {
 public:
  ProgressBar() = default;
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void update(const Progress& progress);
  void clear();

  /// Tells whether stderr is a terminal.
  [[nodiscard]] static bool wanted();

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
  Clock::time_point drawn_ = start_;  // quick runs draw nothing
  bool terminal_ = wanted();
  bool visible_ = false;
};

}  // namespace varve::cli

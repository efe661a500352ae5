#include "cli/progress_bar.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace varve::cli {
namespace {

constexpr double kSecondsBetweenDrawings = 0.1;
constexpr double kSecondsBetweenLogLines = 2;

std::int64_t terminal_columns() {
  winsize size = {};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

// Counts every stage alike, because later stages have not told their sizes yet.
double fraction_done(const Progress& progress) {
  const double tiles =
      progress.tiles > 0 ? static_cast<double>(progress.tiles_done) / static_cast<double>(progress.tiles) : 0;
  const auto stages = static_cast<double>(std::max<std::int64_t>(1, progress.stages));
  return std::clamp((static_cast<double>(progress.stage) + tiles) / stages, 0.0, 1.0);
}

}  // namespace

std::string format_duration(double seconds) {
  const auto total = static_cast<std::int64_t>(std::clamp(seconds, 0.0, 1e9) + 0.5);
  if (total < 60) return fmt::format("{}s", total);
  if (total < 3600) return fmt::format("{}m{:02}s", total / 60, total % 60);
  return fmt::format("{}h{:02}m", total / 3600, total / 60 % 60);
}

std::string progress_line(const Progress& progress, double seconds, std::int64_t columns) {
  const double done = fraction_done(progress);
  const auto bytes = static_cast<double>(progress.bytes_read + progress.bytes_written);
  const std::string speed =
      bytes > 0 && seconds > 0 ? fmt::format("  {:.0f} MB/s", bytes / seconds / 1e6) : "";
  const std::string left = done > 0 ? format_duration(seconds * (1 - done) / done) : "?";
  const std::string numbers = fmt::format(" {:3.0f}%{}  ETA {}  stage {}/{}", done * 100, speed, left,
                                          std::min(progress.stage + 1, progress.stages), progress.stages);
  const std::int64_t width =
      std::clamp<std::int64_t>(columns - static_cast<std::int64_t>(numbers.size()) - 3, 0, 40);
  const auto filled = static_cast<std::int64_t>(done * static_cast<double>(width));
  const std::string bar = fmt::format("[{:<{}}]", std::string(static_cast<std::size_t>(filled), '='), width);
  return (width > 0 ? bar + numbers : numbers)
      .substr(0, static_cast<std::size_t>(std::max<std::int64_t>(1, columns - 1)));
}

void ProgressBar::update(const Progress& progress) {
  const auto now = Clock::now();
  const double wait = terminal_ ? kSecondsBetweenDrawings : kSecondsBetweenLogLines;
  if (std::chrono::duration<double>(now - drawn_).count() < wait) return;
  drawn_ = now;
  visible_ = terminal_;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const std::string line = progress_line(progress, seconds, terminal_ ? terminal_columns() : 80);
  std::fputs((terminal_ ? "\r" + line + "\x1b[K" : line + "\n").c_str(), stderr);
  std::fflush(stderr);
}

void ProgressBar::clear() {
  if (!visible_) return;
  visible_ = false;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
}

bool ProgressBar::wanted() { return isatty(STDERR_FILENO) == 1; }

}  // namespace varve::cli

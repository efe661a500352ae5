#include <catch2/catch.hpp>

#include "cli/progress_bar.hpp"

using namespace varve;
using namespace varve::cli;

TEST_CASE("progress line: percent, speed and time left", "[cli]") {
  Progress progress;
  progress.stage = 1;
  progress.stages = 2;
  progress.tiles = 10;
  progress.tiles_done = 5;
  progress.bytes_read = 300'000'000;
  const std::string line = progress_line(progress, 3.0, 80);
  CHECK(line.find(" 75%  100 MB/s  ETA 1s  stage 2/2") != std::string::npos);
  CHECK(line.size() < 80);
  CHECK(progress_line(progress, 3.0, 10).size() < 10);
  CHECK_FALSE(progress_line(Progress{}, 0.0, 80).empty());
}

TEST_CASE("progress line: durations are readable", "[cli]") {
  CHECK(format_duration(42) == "42s");
  CHECK(format_duration(187) == "3m07s");
  CHECK(format_duration(7500) == "2h05m");
}

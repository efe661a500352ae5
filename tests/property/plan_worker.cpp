// plan_worker FOLDER STAGE PART PARTS: runs a part of a stage; PART "join" joins them.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "property/plan_parts.hpp"

int main(int count, char** arguments) {
  if (count != 5) return 2;
  try {
    const auto stage = static_cast<std::size_t>(std::atoll(arguments[2]));
    const std::int64_t parts = std::atoll(arguments[4]);
    if (std::string_view(arguments[3]) == "join")
      varve::test::join_parts(arguments[1], stage, parts);
    else
      varve::test::run_part(arguments[1], stage, std::atoll(arguments[3]), parts);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "plan_worker: %s\n", error.what());
    return 1;
  }
  return 0;
}

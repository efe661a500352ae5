#include <catch2/catch.hpp>
#include <cstdio>
#include <memory>

#include "support/sources.hpp"
#include "support/temporary_directory.hpp"
#include "support/values.hpp"

namespace varve::test {
namespace {

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string text;
  for (int letter = 0; (letter = std::fgetc(pipe.get())) != EOF;) text += static_cast<char>(letter);
  return text;
}

TEST_CASE("readme: the xtensor program prints the same with Varve", "[bridges]") {
  const TemporaryDirectory directory;
  std::mt19937_64 random(61);
  for (const char* name : {"u.npy", "v.npy"}) {
    write_npy(random_values(DType::float32, {64, 6}, {.quarters = true}, random), directory / name);
  }
  const std::string arguments = " " + (directory / "u.npy") + " " + (directory / "v.npy");
  const std::string in_memory = output_of(README_IN_MEMORY + arguments);
  CHECK(std::count(in_memory.begin(), in_memory.end(), '\n') == 6);
  CHECK(in_memory == output_of(README_WITH_VARVE + arguments));
}

}  // namespace
}  // namespace varve::test

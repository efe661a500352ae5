#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "cli/syntax.hpp"
#include "varve/core/error.hpp"

namespace {

const char* const kSeeds[] = {
    "mean(x, axis=(0, 2), keepdims=True)",
    "-x ** 2 + y[1:, ::-2, ..., None, [1, -2]].T / 1e-3",
    "where((a < b) & ~(c >= 0x1f), sqrt(u * u + v * v), nan)",
    "[1_000, 2j, .5, 'float32', \"s\"], (1,), ()",
    "x.astype('f4').sum(axis=-1)[0] // 3 % 2 << 1 | 5 ^ 6",
};
const char* const kFragments[] = {"(",  ")",  "[", "]", ",", ":", "...", "**",  "=",
                                  "==", "1e", "'", "x", ".", "-", "\0",  "\xff"};
constexpr int kRounds = 4000;

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  std::string operator()() {
    std::string text = kSeeds[below(std::size(kSeeds))];
    for (std::size_t changes = 1 + below(6); changes > 0; --changes) change(text);
    return text;
  }

 private:
  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
  }

  void change(std::string& text) {
    const std::size_t at = below(text.size() + 1);
    switch (below(5)) {
      case 0:
        text.erase(at, 1 + below(4));
        break;
      case 1:
        text.insert(at, kFragments[below(std::size(kFragments))]);
        break;
      case 2:
        text.insert(at, 1, static_cast<char>(below(256)));
        break;
      case 3:
        text.insert(at, text.substr(below(text.size() + 1), below(20)));
        break;
      default:
        text.resize(at);
        break;
    }
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("syntax: damaged expressions parse or are refused", "[cli][property]") {
  Mutator next(20240517);
  int parsed = 0;
  for (int round = 0; round < kRounds; ++round) {
    const std::string text = next();
    INFO("round " << round << ": " << text);
    try {
      parsed += varve::cli::parse(text) != nullptr ? 1 : 0;
    } catch (const varve::ExpressionError& error) {
      REQUIRE(std::string(error.what()).find('^') != std::string::npos);
    }
  }
  CHECK(parsed > kRounds / 50);
  CHECK(parsed < kRounds);
}

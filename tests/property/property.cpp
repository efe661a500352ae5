#include "property/property.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>

namespace varve::test {
namespace {

std::int64_t environment_number(const char* name, std::int64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr || *text == '\0' ? otherwise : std::strtoll(text, nullptr, 10);
}

// Spreads neighbouring numbers over all seeds (the finaliser of splitmix64).
std::uint64_t mixed(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31);
}

std::optional<std::string> failure_of(const Property& property, const PropertyCase& item) {
  try {
    return property(item);
  } catch (const std::exception& error) {
    return std::string("threw: ") + error.what();
  }
}

struct Failure {
  PropertyCase item;
  std::string text;
};

// Halves extents and lowers the depth as long as the case still fails.
Failure smallest(const Property& property, Failure failure) {
  for (bool smaller = true; smaller;) {
    smaller = false;
    PropertyCase narrow = failure.item;
    narrow.max_extent /= 2;
    PropertyCase flat = failure.item;
    flat.depth -= 1;
    for (const PropertyCase& candidate : {narrow, flat}) {
      if (candidate.max_extent < 1 || candidate.depth < 0) continue;
      if (const auto text = failure_of(property, candidate)) {
        failure = {candidate, *text};
        smaller = true;
        break;
      }
    }
  }
  return failure;
}

}  // namespace

void check_property(const std::string& name, int count, const Property& property) {
  const auto base = static_cast<std::uint64_t>(environment_number("VARVE_SEED", 20230417));
  const std::int64_t cases = count * environment_number("VARVE_CASES", 1);
  const std::int64_t only = environment_number("VARVE_CASE", -1);
  INFO("run again with VARVE_SEED=" << base);
  for (std::int64_t number = 0; number < cases; ++number) {
    if (only >= 0 && number != only) continue;
    const PropertyCase item{.seed = mixed(base * 1000003 + static_cast<std::uint64_t>(number))};
    if (const auto text = failure_of(property, item)) {
      const Failure least = smallest(property, {item, *text});
      FAIL_CHECK(name << ": case " << number << " (VARVE_SEED=" << base << " VARVE_CASE=" << number
                      << "), smallest with extents up to " << least.item.max_extent << " and depth "
                      << least.item.depth << ": " << least.text);
      return;
    }
  }
  SUCCEED(name << ": " << cases << " cases");
}

}  // namespace varve::test

#include <catch2/catch.hpp>

#include "expr/index_map.hpp"

namespace varve::test {
namespace {

TEST_CASE("preimage: just the positions that fall into a range, for any offset and step", "[expr]") {
  for (std::int64_t offset = -4; offset <= 9; ++offset) {
    for (const std::int64_t step : {-3, -2, -1, 1, 2, 3}) {
      for (std::int64_t first = -3; first <= 9; ++first) {
        for (std::int64_t last = first; last <= 10; ++last) {
          const expr::AxisMap axis{0, offset, step, nullptr};
          const expr::Interval found = expr::preimage(axis, first, last, {1, 6});
          for (std::int64_t i = 1; i < 6; ++i) {
            const std::int64_t at = offset + step * i;
            const bool inside = at >= first && at < last;
            INFO(offset << " + " << step << "*" << i << " in [" << first << ", " << last << "): found ["
                        << found.lo << ", " << found.hi << ")");
            REQUIRE((i >= found.lo && i < found.hi) == inside);
          }
          REQUIRE((found.lo >= 1 || found.hi <= found.lo));
          REQUIRE((found.hi <= 6 || found.hi <= found.lo));
        }
      }
    }
  }
}

}  // namespace
}  // namespace varve::test

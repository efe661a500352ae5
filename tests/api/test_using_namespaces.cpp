// A program that uses both namespaces whole, as many do.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "varve/varve.hpp"

using namespace varve;
using namespace std;

TEST_CASE("namespaces: varve and std are used whole in one program", "[api]") {
  std::vector<double> values = {3, 1, 2, 4};
  std::sort(values.begin(), values.end());
  sort(values.begin(), values.end(), [](double left, double right) { return left > right; });
  CHECK(values == vector<double>{4, 3, 2, 1});
  CHECK(min(max(1, 2), abs(-3)) == 2);

  const Array x = from_values(values, {4});
  const double variance = ((4 - 2.5) * (4 - 2.5) + (3 - 2.5) * (3 - 2.5)) * 2 / 4;
  CHECK(item<double>(stddev(x)) == std::sqrt(variance));
  CHECK(item<double>(stddev(x, 0)) == sqrt(variance));
  CHECK(item<double>(nanstd(x, {.axis = 0})) == std::sqrt(variance));
  CHECK(to_vector<double>(sort(x)) == vector<double>{1, 2, 3, 4});
  const auto [low, high] = compute(min(x), max(sqrt(abs(round(pow(x, 2))))));
  CHECK(make_pair(item<double>(low), item<double>(high)) == pair<double, double>(1, 4));
}

#include <catch2/catch.hpp>
#include <numeric>

#include "support/temporary_directory.hpp"
#include "varve/varve.hpp"

using namespace varve;

namespace {

// Writes variables with the dimensions time, lat and lon of 6, 4 and 5; opens the first.
class Weather {
 public:
  Weather() {
    std::vector<float> values(120);
    std::iota(values.begin(), values.end(), 0.0F);
    run({{from_values(values, {6, 4, 5}),
          directory_ / "a.nc",
          "a",
          {.chunks = {2, 4, 5}, .dimension_names = {"time", "lat", "lon"}}}});
    a = open(directory_ / "a.nc", "a");
  }

  Array another(const std::vector<std::string>& names) const {
    const std::string path = directory_ / (names[0] + names[1] + names[2] + ".nc");
    run({{a + 1.0F, path, "b", {.dimension_names = names}}});
    return open(path, "b");
  }

  Array a;

 private:
  test::TemporaryDirectory directory_;
};

// "lat+1:2" for an axis whose positions are 1, 3 ... of lat; "lat" for one that has only the name; "-" for
// none.
std::vector<std::string> labels_of(const Array& x) {
  std::vector<std::string> result;
  for (const AxisLabel& label : axis_labels(x)) {
    result.push_back(label.name.empty() ? "-" : label.name);
    if (label.location.empty()) continue;
    result.back() += "+" + std::to_string(label.offset) + ":" + std::to_string(label.step);
  }
  return result;
}

using Labels = std::vector<std::string>;
const std::string kTime = "time+0:1";
const std::string kLat = "lat+0:1";
const std::string kLon = "lon+0:1";

}  // namespace

TEST_CASE("labels: quantiles keep the axes that they do not go over, and have none of their own", "[api]") {
  const Weather weather;
  CHECK(labels_of(median(weather.a, {.axis = 0})) == Labels{kLat, kLon});
  CHECK(labels_of(nanmedian(weather.a, {.axis = {0, 2}})) == Labels{kLat});
  CHECK(labels_of(median(weather.a, {.axis = 1, .keepdims = true})) == Labels{kTime, "-", kLon});
  CHECK(labels_of(quantile(weather.a, {0.1, 0.9}, {.axis = 1})) == Labels{"-", kTime, kLon});
}

TEST_CASE("labels: quantiles and sorts keep the other axes of rows that exceed the memory", "[api]") {
  const Runtime runtime({.memory = 16_MiB, .threads = 1});
  const Weather weather;
  const Array last = pad(weather.a, {{0, 0}, {0, 0}, {0, 1 << 24}});
  const Array middle = pad(weather.a, {{0, 0}, {0, 1 << 24}, {0, 0}});
  CHECK(labels_of(quantile(last, {0.1, 0.9}, {.axis = 2})) == Labels{"-", kTime, kLat});
  CHECK(labels_of(median(middle, {.axis = 1})) == Labels{kTime, kLon});
  CHECK(labels_of(sort(last)) == Labels{kTime, kLat, "lon"});
  CHECK(labels_of(argsort(middle, {.axis = 1})) == Labels{kTime, "lat", kLon});
  CHECK(labels_of(cumulative_sum(middle, {.axis = 1})) == Labels{kTime, "lat", kLon});
}

TEST_CASE("labels: sorts and topk keep only the name of the axis that they go along", "[api]") {
  const Weather weather;
  CHECK(labels_of(sort(weather.a, {.axis = 1})) == Labels{kTime, "lat", kLon});
  CHECK(labels_of(argsort(weather.a)) == Labels{kTime, kLat, "lon"});
  CHECK(labels_of(topk(weather.a, 2, {.axis = 0})) == Labels{"time", kLat, kLon});
  CHECK(labels_of(topk(weather.a, 1, {.axis = 0})) == Labels{"time", kLat, kLon});
}

TEST_CASE("labels: groups have no name, and the other axes keep theirs", "[api]") {
  const Weather weather;
  const Array seasons = from_values(std::vector<std::int32_t>{1, 1, 2, 2, 3, 3}, {6});
  CHECK(labels_of(groupby_reduce(weather.a, seasons, GroupOp::mean)) == Labels{"-", kLat, kLon});
  CHECK(labels_of(groupby_reduce(weather.a, seasons(Slice{0, 4}), GroupOp::count, {.axis = 1})) ==
        Labels{kTime, "-", kLon});
}

TEST_CASE("labels: joined arrays keep the names on which they agree", "[api]") {
  const Weather weather;
  const Array same = weather.another({"time", "lat", "lon"});
  const Array other = weather.another({"time", "y", "lon"});
  CHECK(labels_of(concat({weather.a, same})) == Labels{"time", kLat, kLon});
  CHECK(labels_of(concat({weather.a, other})) == Labels{"time", "-", kLon});
  CHECK(labels_of(concat({weather.a, other, same})) == Labels{"time", "-", kLon});
  CHECK(labels_of(concat({zeros({1, 4, 5}), weather.a})) == Labels{"time", kLat, kLon});
  CHECK(labels_of(concat({weather.a(Slice{}, Slice{0, 2}), weather.a(Slice{}, Slice{1, 3})})) ==
        Labels{"time", "lat", kLon});
  CHECK(labels_of(stack({weather.a, same}, 1)) == Labels{kTime, "-", kLat, kLon});
}

TEST_CASE("labels: windows and scans keep all positions, but a scan with an initial element", "[api]") {
  const Weather weather;
  const Labels whole{kTime, kLat, kLon};
  CHECK(labels_of(uniform_filter(weather.a, {3, 3, 1})) == whole);
  CHECK(labels_of(cumulative_sum(weather.a, {.axis = 0})) == whole);
  CHECK(labels_of(cumulative_sum(weather.a, {.axis = 0, .include_initial = true})) ==
        Labels{"time", kLat, kLon});
}

TEST_CASE("labels: pad and roll keep the positions of axes that they leave alone", "[api]") {
  const Weather weather;
  CHECK(labels_of(pad(weather.a, {{0, 0}, {1, 0}, {0, 2}})) == Labels{kTime, "lat", "lon"});
  CHECK(labels_of(roll(weather.a, {2}, 0)) == Labels{"time", kLat, kLon});
}

TEST_CASE("labels: masks keep the axes behind theirs, and the name of a single one", "[api]") {
  const Weather weather;
  const Array level = weather.a(Slice{}, 0, 0);
  CHECK(labels_of(extract(weather.a, level > 20.0F)) == Labels{"time", kLat, kLon});
  CHECK(labels_of(extract(weather.a, weather.a(Slice{}, Slice{}, 0) > 20.0F)) == Labels{"-", kLon});
  CHECK(labels_of(extract(weather.a, weather.a > 20.0F)) == Labels{"-"});
}

TEST_CASE("labels: what runs along other axes than its input has no names", "[api]") {
  const Weather weather;
  CHECK(labels_of(reshape(weather.a, {6, 20}))[1] == "-");
  const Array square = weather.a(0, Slice{}, Slice{0, 4});
  CHECK(labels_of(matmul(square, square))[1] == "-");
}

TEST_CASE("labels: operations keep the positions of selections below them", "[api]") {
  const Weather weather;
  const Array part = weather.a(Slice{}, Slice{1, 4, 2}, Slice{3, std::nullopt, -1});
  CHECK(labels_of(median(part, {.axis = 0})) == Labels{"lat+1:2", "lon+3:-1"});
}

TEST_CASE(
    "labels: axes of positions have the name of the axis that they follow, those of a table of them none",
    "[api]") {
  const Weather weather;
  const Positions square({0, 1, 3, 2}, {2, 2});
  CHECK(labels_of(weather.a(Slice{}, square)) == Labels{kTime, "-", "-", kLon});
  CHECK(labels_of(take(weather.a, square, 1)) == Labels{kTime, "-", "-", kLon});
  CHECK(labels_of(weather.a(square, Slice{}, square)) == Labels{"-", "-", kLat});
  CHECK(labels_of(weather.a(Positions({5, 0, 1}, {3, 1}), std::vector<std::int64_t>{3, 1})) ==
        Labels{"time", "lat+3:-2", kLon});
  CHECK(labels_of(weather.a(std::vector<std::int64_t>{5, 0}, std::vector<std::int64_t>{3, 1})) ==
        Labels{"-", kLon});
}

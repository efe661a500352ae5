#include <catch2/catch.hpp>
#include <numeric>

#include "expr/node.hpp"
#include "support/temporary_directory.hpp"
#include "varve/varve.hpp"

using namespace varve;
using expr::AxisLabel;
using expr::AxisMeeting;
using expr::AxisPositions;
using expr::AxisSource;

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

// "1:2" for 1, 3, 5 ...; else "[2 0 1]".
std::string spelled(const std::vector<std::int64_t>& positions) {
  const std::int64_t step = positions.size() > 1 ? positions[1] - positions[0] : 1;
  bool even = !positions.empty();
  std::string list;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    even = even && positions[i] == positions[0] + step * static_cast<std::int64_t>(i);
    list += (i > 0 ? " " : "") + std::to_string(positions[i]);
  }
  return even ? std::to_string(positions[0]) + ":" + std::to_string(step) : "[" + list + "]";
}

std::string spelled(const AxisPositions& positions) {
  return spelled(to_vector<std::int64_t>(
      Array(positions.select([](const AxisSource& axis) { return arange(axis.extent).node(); }))));
}

expr::AxisLabels axis_labels(const Array& x) {
  return x.node()->labels ? *x.node()->labels : expr::AxisLabels(static_cast<std::size_t>(x.ndim()));
}

std::vector<AxisMeeting> axis_meetings(const std::vector<Array>& arrays) {
  std::vector<expr::NodePtr> roots;
  for (const Array& array : arrays) roots.push_back(array.node());
  return expr::axis_meetings(roots);
}

// "lat+1:2" for an axis whose positions are 1, 3 ... of lat; "lat" for one that has only the name; "-" for
// none.
std::vector<std::string> labels_of(const Array& x) {
  std::vector<std::string> result;
  for (const AxisLabel& label : axis_labels(x)) {
    result.push_back(label.name.empty() ? "-" : label.name);
    if (label.positions) result.back() += "+" + spelled(*label.positions);
  }
  return result;
}

using Labels = std::vector<std::string>;
const std::string kTime = "time+0:1";
const std::string kLat = "lat+0:1";
const std::string kLon = "lon+0:1";
const std::string kTimeTwice = "time+[0 1 2 3 4 5 0 1 2 3 4 5]";

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

TEST_CASE("labels: joined arrays keep the names on which they agree, and join positions", "[api]") {
  const Weather weather;
  const Array same = weather.another({"time", "lat", "lon"});
  const Array other = weather.another({"time", "y", "lon"});
  CHECK(labels_of(concat({weather.a, same})) == Labels{kTimeTwice, kLat, kLon});
  CHECK(labels_of(concat({weather.a, other})) == Labels{kTimeTwice, "-", kLon});
  CHECK(labels_of(concat({weather.a, other, same}))[1] == "-");
  CHECK(labels_of(concat({zeros({1, 4, 5}), weather.a})) == Labels{"time", kLat, kLon});
  CHECK(labels_of(concat({weather.a(Slice{}, Slice{0, 2}), weather.a(Slice{}, Slice{1, 3})})) ==
        Labels{kTimeTwice, "lat", kLon});
  CHECK(labels_of(concat({weather.a(Slice{4, 6}), same(Slice{0, 2})})) ==
        Labels{"time+[4 5 0 1]", kLat, kLon});
  CHECK(labels_of(concat({weather.a, same})(Slice{0, 12, 5})) == Labels{"time+[0 5 4]", kLat, kLon});
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
  CHECK(labels_of(extract(weather.a, level > 20.0F)) == Labels{"time+2:1", kLat, kLon});
  const Array chosen = extract(weather.a, level != 20.0F && level != 80.0F);
  CHECK(labels_of(chosen) == Labels{"time+[0 2 3 5]", kLat, kLon});
  CHECK(labels_of(extract(chosen, level(Slice{0, 4}) != 40.0F)) == Labels{"time+[0 2 5]", kLat, kLon});
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
        Labels{"time+[5 0 1]", "lat+3:-2", kLon});
  CHECK(labels_of(take(weather.a, Positions({1, 2, 5}, {3}), 0)) == Labels{"time+[1 2 5]", kLat, kLon});
  CHECK(labels_of(weather.a(std::vector<std::int64_t>{5, 0}, std::vector<std::int64_t>{3, 1})) ==
        Labels{"-", kLon});
}

TEST_CASE("labels: operands at other positions of one axis keep its name only, and meet nobody", "[api]") {
  const Weather weather;
  const Array steps = weather.a(Slice{1, std::nullopt}) - weather.a(Slice{0, -1});
  CHECK(labels_of(steps) == Labels{"time", kLat, kLon});
  CHECK(axis_meetings({steps, weather.a - mean(weather.a, {.axis = 0})}).empty());
}

TEST_CASE("labels: a sum of several files lists the axes of all others in their order", "[api]") {
  const test::TemporaryDirectory directory;
  std::vector<Array> v;
  for (int i = 0; i < 6; ++i) {
    const std::string name = "v" + std::to_string(i);
    run({{arange(5.0), directory / (name + ".nc"), name, {.dimension_names = {"time"}}}});
    v.push_back(open(directory / (name + ".nc"), name));
  }
  const Array chain = v[0] + v[1] + v[2] + v[3] + v[4] + v[5];
  Array doubled = v[0] + v[1];
  for (int i = 0; i < 100; ++i) doubled = doubled + doubled;
  CHECK(axis_labels(doubled)[0].others().size() == 1);
  const Array tree = (v[0] + (v[1] + v[2])) + ((v[3] + v[4]) + v[5]);
  for (const Array& whole : {chain, tree}) {
    for (const auto& [x, positions] : {std::pair(whole, std::string("0:1")),
                                       {whole(Slice{4, std::nullopt, -2}), "4:-2"},
                                       {concat({whole(Slice{3, 5}), whole(Slice{0, 1})}), "[3 4 0]"}}) {
      const AxisLabel label = axis_labels(x)[0];
      CHECK(spelled(*label.positions) == positions);
      REQUIRE(label.others().size() == 5);
      for (std::size_t i = 0; i < 5; ++i) {
        CHECK(label.others()[i]->sources().front().variable == "v" + std::to_string(i + 1));
        CHECK(spelled(*label.others()[i]) == positions);
      }
    }
  }
}

TEST_CASE("labels: axes of one name from several files meet, also where they are reduced later", "[api]") {
  const Weather weather;
  const Array b = weather.another({"time", "lat", "lon"});
  const std::vector<AxisMeeting> meetings = axis_meetings({mean(weather.a - flip(b, 1))});
  REQUIRE(meetings.size() == 3);
  CHECK(meetings[1].name == "lat");
  CHECK(spelled(*meetings[1].left) == "0:1");
  CHECK(spelled(*meetings[1].right) == "3:-1");
  const expr::AxisLabels labels = axis_labels(weather.a - flip(b, 1));
  REQUIRE(labels[1].others().size() == 1);
  CHECK(labels[1].positions->sources().front().variable == "a");
  CHECK(labels[1].others()[0]->sources().front().variable == "b");
  CHECK(same_positions(labels[0], axis_labels(weather.a)[0]));
  CHECK_FALSE(same_positions(axis_labels(b)[0], axis_labels(weather.a)[0]));
}

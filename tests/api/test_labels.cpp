#include <catch2/catch.hpp>
#include <numeric>

#include "support/temporary_directory.hpp"
#include "varve/varve.hpp"

using namespace varve;

namespace {

using Names = std::vector<std::string>;

// A file with t (time, lat, lon) of 6, 4 and 5, coordinates of time and lat, and none of lon.
class Weather {
 public:
  Weather() {
    std::vector<float> values(120);
    std::iota(values.begin(), values.end(), 0.0F);
    const SaveOptions named{.dimension_names = {"time", "lat", "lon"}, .attributes = R"({"units": "K"})"};
    run({{from_values(values, {6, 4, 5}), path, "t", named},
         {arange(6) * 10, path, "time", {.dimension_names = {"time"}, .attributes = R"({"units": "days"})"}},
         {arange(4.0) + 0.5, path, "lat", {.dimension_names = {"lat"}}}});
    t = open(path, "t");
  }

  test::TemporaryDirectory directory;
  std::string path = directory / "weather.nc";
  Array t;
};

std::vector<std::int64_t> times(const Array& x) { return to_vector<std::int64_t>(x.coordinate("time")); }

bool same_values(const Array& x, const Array& y) { return x.shape() == y.shape() && item<bool>(all(x == y)); }

std::string message_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("labels: arrays know the names of their axes, and axes without a name have none", "[api]") {
  const Weather weather;
  CHECK(weather.t.dims() == Names{"time", "lat", "lon"});
  CHECK(mean(weather.t, {.axis = 1}).dims() == Names{"time", "lon"});
  CHECK(transpose(weather.t).dims() == Names{"lon", "lat", "time"});
  CHECK(weather.t(newaxis, 0).dims() == Names{"", "lat", "lon"});
  CHECK(zeros({2, 3}).dims() == Names{"", ""});
  CHECK(compute(mean(weather.t, {.axis = 1})).dims() == Names{"time", "lon"});
}

TEST_CASE("labels: the axes of a stack of matrices keep their names", "[api]") {
  const Weather weather;
  const QrResult factors = qr(weather.t);
  CHECK(factors.q.dims() == Names{"time", "", ""});
  CHECK(factors.r.dims() == Names{"time", "", ""});
  CHECK(to_vector<std::int64_t>(factors.r.coordinate("time")) == times(weather.t));
  CHECK(qr(weather.t(0)).q.dims() == Names{"lat", ""});  // made by blocks of rows
}

TEST_CASE("labels: coordinates are selected and joined as their axes are", "[api]") {
  const Weather weather;
  const Array& t = weather.t;
  CHECK(times(t) == std::vector<std::int64_t>{0, 10, 20, 30, 40, 50});
  CHECK(times(t(Slice{{}, {}, -2})) == std::vector<std::int64_t>{50, 30, 10});
  CHECK(times(concat({t(Slice{4, 6}), t(Slice{0, 1})})) == std::vector<std::int64_t>{40, 50, 0});
  CHECK(times(extract(t, t(Slice{}, 0, 0) > 50.0F)) == std::vector<std::int64_t>{30, 40, 50});
  CHECK(times(flip(flip(t, 0), 0)(Slice{1, 3})) == std::vector<std::int64_t>{10, 20});
  CHECK(times(compute(t(Slice{2, 4}))) == std::vector<std::int64_t>{20, 30});
  CHECK(t.coords().size() == 2);
  CHECK(mean(t, {.axis = 0}).coords().size() == 1);
  CHECK(sort(t, {.axis = 0}).coords().count("time") == 0);
}

TEST_CASE("labels: a coordinate that is not there is an error that lists those that are", "[api]") {
  const Weather weather;
  const std::string message = message_of([&] { static_cast<void>(weather.t.coordinate("lon")); });
  CHECK(message.find("no coordinate 'lon'; there are 'lat', 'time'") != std::string::npos);
  CHECK_THROWS_AS(zeros({2}).coordinate("time"), ArgumentError);
}

TEST_CASE("labels: names can be given, and coordinates stay along their axes", "[api]") {
  const Weather weather;
  const Array renamed = with_dims(weather.t, {"day", "", "x"});
  CHECK(renamed.dims() == Names{"day", "", "x"});
  CHECK(to_vector<std::int64_t>(renamed.coordinate("day")) ==
        std::vector<std::int64_t>{0, 10, 20, 30, 40, 50});
  CHECK(weather.t.dims() == Names{"time", "lat", "lon"});
  const Array view = with_dims(weather.t(Slice{{}, {}, -1}), {"a", "b", "c"})(Slice{{}, {}, -1});
  CHECK(view.dims() == Names{"a", "b", "c"});
  CHECK(with_dims(zeros({2, 3}), {"y", "x"}).dims() == Names{"y", "x"});
  CHECK(sum(with_dims(ones({2, 3}), {"y", "x"}), "x").dims() == Names{"y"});
  CHECK_THROWS_AS(with_dims(weather.t, {"a", "b"}), ShapeError);
  CHECK_THROWS_AS(with_dims(weather.t, {"a", "a", "b"}), ShapeError);
}

TEST_CASE("labels: axes by name give what their numbers give", "[api]") {
  const Weather weather;
  const Array& t = weather.t;
  CHECK(same_values(mean(t, "time"), mean(t, 0)));
  CHECK(same_values(sum(t, {"lat", "lon"}), sum(t, {1, 2})));
  CHECK(same_values(var(t, {.axis = {"time", "lon"}, .correction = 1}),
                    var(t, {.axis = {0, 2}, .correction = 1})));
  CHECK(same_values(argmax(t, "lat"), argmax(t, 1)));
  CHECK(same_values(median(t, {.axis = "time"}), median(t, {.axis = 0})));
  CHECK(same_values(concat({t, t}, "lat"), concat({t, t}, 1)));
  CHECK(same_values(flip(t, "lat"), flip(t, 1)));
  CHECK(same_values(cumulative_sum(t, {.axis = "lon"}), cumulative_sum(t, {.axis = 2})));
  CHECK(same_values(sort(t, {.axis = "time", .descending = true}), sort(t, {.axis = 0, .descending = true})));
  CHECK(same_values(topk(t, 2, {.axis = "time"}), topk(t, 2, {.axis = 0})));
  CHECK(same_values(take(t, {3, 0}, "lat"), take(t, {3, 0}, 1)));
  CHECK(same_values(roll(t, {1}, "lat"), roll(t, {1}, 1)));
  CHECK(same_values(swapaxes(t, "time", "lon"), swapaxes(t, 0, 2)));
  CHECK(same_values(permute_dims(t, {"lon", "time", "lat"}), permute_dims(t, {2, 0, 1})));
  CHECK(same_values(squeeze(t(Slice{0, 1}), "time"), t(0)));
  const Array seasons = from_values(std::vector<std::int32_t>{1, 1, 2, 2, 3, 3}, {6});
  CHECK(same_values(groupby_reduce(t, seasons, GroupOp::mean, {.axis = "time"}),
                    groupby_reduce(t, seasons, GroupOp::mean, {.axis = 0})));
}

TEST_CASE("labels: a name that no axis has is an error that lists those that there are", "[api]") {
  const Weather weather;
  const std::string expected = "no axis of the array is called 'tim'; there are 'time', 'lat', 'lon'";
  CHECK(message_of([&] { mean(weather.t, "tim"); }) == "mean: " + expected);
  CHECK(message_of([&] { concat({weather.t, weather.t}, "tim"); }) == "concat: " + expected);
  CHECK(message_of([&] { isel(weather.t, {{"tim", 0}}); }) == "isel: " + expected);
  CHECK(message_of([&] { sort(zeros({2}), {.axis = "x"}); }).find("count them from 0") != std::string::npos);
  CHECK_THROWS_AS(expand_dims(weather.t, "new"), ShapeError);
}

TEST_CASE("labels: selections by name are those by place, lists along several axes all combinations",
          "[api]") {
  const Weather weather;
  const Array& t = weather.t;
  CHECK(same_values(isel(t, {{"time", 3}, {"lat", Slice{0, 2}}}), t(3, Slice{0, 2})));
  CHECK(same_values(isel(t, {{"lon", -1}}), t(ellipsis, -1)));
  using List = std::vector<std::int64_t>;
  CHECK(same_values(isel(t, {{"time", List{4, 0}}, {"lat", List{1, 3, 2}}}),
                    take(take(t, {4, 0}, 0), {1, 3, 2}, 1)));
  CHECK(isel(t, {{"lat", 0}}).dims() == Names{"time", "lon"});
  CHECK_THROWS_AS(isel(t, {{"time", 6}}), IndexError);
  CHECK_THROWS_AS(isel(t, {{"time", 1}, {"time", 1}}), ShapeError);
}

TEST_CASE("labels: what is saved keeps names, coordinates and attributes, unless it is told not to",
          "[api]") {
  const Weather weather;
  for (const char* ending : {"a.nc", "a.zarr"}) {
    const std::string path = weather.directory / ending;
    const RunResult result =
        run({{mean(weather.t, "lon"), path, "m"}, {weather.t(Slice{1, 5, 2}) * 1.0F, path, "r"}});
    CHECK(result.arrays.size() == 2);
    CHECK(result.arrays[0].dims() == Names{"time", "lat"});
    const Array m = open(path, "m");
    CHECK(m.dims() == Names{"time", "lat"});
    CHECK(to_vector<double>(m.coordinate("lat")) == std::vector<double>{0.5, 1.5, 2.5, 3.5});
    CHECK(describe_variable(path, "m").attributes.find("\"K\"") != std::string::npos);
    CHECK(describe_variable(path, "r").attributes.find("\"K\"") == std::string::npos);  // a product
    const Array r = open(path, "r");
    CHECK(r.dims() == Names{"time_2", "lat", "lon"});  // along other positions of the same axis
    CHECK(to_vector<std::int64_t>(r.coordinate("time_2")) == std::vector<std::int64_t>{10, 30});
  }
  const std::string bare = weather.directory / "bare.h5";
  run({{weather.t, bare, "r", {.keep_labels = false}}});
  CHECK(open(bare, "r").dims() == Names{"", "", ""});
  CHECK(describe(bare).variables.size() == 1);
}

TEST_CASE("labels: a result that is computed before it is saved keeps what it would have kept", "[api]") {
  const Weather weather;
  const Array& t = weather.t;
  const Array stored = open(weather.path, "t", {.raw = true});
  const std::vector<Array> arrays = {
      mean(t, "lon"), t(Slice{1, 5, 2}), t * 2.0F, t - mean(t, "time"),
      max(t, "lat"),  argmax(t, "time"), stored,   concat({t, t(Slice{0, 2})}, "time")};
  const std::vector<Array> computed = compute(arrays);
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    INFO(i);
    const std::string at_once = weather.directory / (std::to_string(i) + "a.nc");
    const std::string later = weather.directory / (std::to_string(i) + "b.nc");
    run({{arrays[i], at_once, "v"}});
    run({{computed[i], later, "v"}});
    const Array expected = open(at_once, "v");
    const Array found = open(later, "v");
    CHECK(describe_variable(later, "v").attributes == describe_variable(at_once, "v").attributes);
    CHECK(found.dims() == expected.dims());
    const auto coordinates = found.coords();
    REQUIRE(coordinates.size() == expected.coords().size());
    for (const auto& [name, values] : expected.coords()) CHECK(same_values(coordinates.at(name), values));
    CHECK(same_values(found, expected));
  }
  CHECK(describe_variable(weather.directory / "0b.nc", "v").attributes.find("\"K\"") != std::string::npos);
  // Beside an output that is saved, too.
  const std::string beside = weather.directory / "beside.nc";
  const Array m = run({{mean(t)}, {t, beside, "t"}}).arrays.front();
  run({{m, weather.directory / "m.nc", "v"}});
  CHECK(describe_variable(weather.directory / "m.nc", "v").attributes.find("\"K\"") != std::string::npos);
  // Nor is anything lost where one result is computed from another, or told not to keep it.
  const std::string twice = weather.directory / "twice.nc";
  run({{compute(mean(compute(t - computed[0](Slice{}, Slice{}, newaxis)), "lat")), twice, "v"},
       {run({{t, "", "", {.keep_labels = false}}}).arrays.front(), twice, "w"}});
  CHECK(describe_variable(twice, "v").attributes.find("\"K\"") != std::string::npos);
  CHECK(describe_variable(twice, "w").attributes.find("\"K\"") == std::string::npos);
}

TEST_CASE("labels: what options say of an output wins over what its array has", "[api]") {
  const Weather weather;
  const std::string path = weather.directory / "told.nc";
  run({{weather.t, path, "r", {.dimension_names = {"a", "b", "c"}, .attributes = R"({"units": "mK"})"}}});
  CHECK(open(path, "r").dims() == Names{"a", "b", "c"});
  CHECK(describe_variable(path, "r").attributes == R"({"units":"mK"})");
  CHECK(describe(path).variables.size() == 1);
}

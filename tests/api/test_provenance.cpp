#include <catch2/catch.hpp>
#include <numeric>

#include "labels/provenance.hpp"
#include "support/temporary_directory.hpp"
#include "varve/varve.hpp"

using namespace varve;
using labels::Provenance;
using labels::provenance;

namespace {

using Kind = Provenance::Kind;

// A file with t and u in K, p packed, w without a unit, all of shape (6, 4).
class Station {
 public:
  Station() {
    std::vector<float> values(24);
    std::iota(values.begin(), values.end(), 0.0F);
    const Array x = from_values(values, {6, 4});
    const std::string path = directory_ / "a.nc";
    const auto variable = [&](const Array& array, const std::string& name, const std::string& attributes) {
      return Output{array, path, name, {.dimension_names = {"time", "lat"}, .attributes = attributes}};
    };
    run({variable(x, "t", R"({"units": "K"})"), variable(x, "u", R"({"units": "K", "long_name": "u"})"),
         variable(astype(x, DType::int16), "p", R"({"units": "K", "scale_factor": 0.5, "_FillValue": -9})"),
         variable(x, "w", R"({"units": "m s-1"})")});
    t = open(path, "t");
    u = open(path, "u");
    w = open(path, "w");
    packed = open(path, "p");
    raw = open(path, "p", {.raw = true});
  }
  Array t, u, w, packed, raw;

 private:
  test::TemporaryDirectory directory_;
};

Kind kind_of(const Array& x) { return provenance(x).kind; }

}  // namespace

TEST_CASE("provenance: selections, extremes and orders give elements of the variable", "[api]") {
  const Station s;
  const std::vector<Array> elements = {s.t,
                                       s.packed,
                                       s.t(Slice{0, 3}, 1),
                                       flip(s.t, 0),
                                       extract(s.t, s.w(Slice{}, 0) > 4),
                                       concat({s.t, s.t}),
                                       max(s.t, {.axis = 0}),
                                       nanmin(s.packed),
                                       sort(s.t),
                                       roll(s.t, {1}, 0),
                                       reshape(s.t, {24}),
                                       cumulative_max(s.t, {.axis = 0}),
                                       astype(s.t, DType::float64)};
  for (std::size_t i = 0; i < elements.size(); ++i) {
    INFO(i);
    CHECK(kind_of(elements[i]) == Kind::elements);
    CHECK(provenance(elements[i]).sources.size() == 1);
    CHECK_FALSE(provenance(elements[i]).stored);
  }
}

TEST_CASE("provenance: means, sums and differences in one unit are the quantity of the variables", "[api]") {
  const Station s;
  const std::vector<Array> quantities = {
      mean(s.t),
      stddev(s.packed, {.axis = 0}),
      sum(s.t, {.axis = 0}),
      median(s.t, {.axis = 0}),
      s.t - mean(s.t, {.axis = 0}),
      s.t - s.u,
      abs(s.t - s.packed),
      where(s.w > 3, s.t, 0.0F),
      maximum(s.t, s.u),
      clip(s.t, 1.0F, 5.0F),
      gaussian_filter(s.t, {1.0}),
      cumulative_sum(s.t, {.axis = 0}),
      groupby_reduce(s.t, from_values(std::vector<std::int32_t>{0, 0, 1, 1, 2, 2}, {6}), GroupOp::mean)};
  for (std::size_t i = 0; i < quantities.size(); ++i) {
    INFO(i);
    CHECK(kind_of(quantities[i]) == Kind::quantity);
    CHECK_FALSE(provenance(quantities[i]).stored);
  }
  CHECK(provenance(s.t - s.u).sources.size() == 2);
}

TEST_CASE("provenance: each source is listed once, in the order in which they come", "[api]") {
  const Station s;
  Array x = s.u - s.t;
  for (int i = 0; i < 100; ++i) x = x + x - s.packed;
  const Provenance found = provenance(x);
  REQUIRE(found.sources.size() == 3);
  CHECK(found.sources[0].variable == "u");
  CHECK(found.sources[1].variable == "t");
  CHECK(found.sources[2].variable == "p");
}

TEST_CASE("provenance: what changes the unit, or mixes units, is of no variable", "[api]") {
  const Station s;
  const std::vector<Array> others = {s.t * 2,
                                     s.t + 1,
                                     s.t * s.u,
                                     s.t - s.w,
                                     sqrt(s.t),
                                     s.t > 3,
                                     var(s.t),
                                     prod(s.t),
                                     argmax(s.t),
                                     argsort(s.t),
                                     count_nonzero(s.t),
                                     zeros({3}),
                                     isnan(s.t),
                                     maximum(s.t, s.w),
                                     astype(s.t, DType::boolean),
                                     matmul(s.t, matrix_transpose(s.u))};
  for (std::size_t i = 0; i < others.size(); ++i) {
    INFO(i);
    CHECK(kind_of(others[i]) == Kind::unknown);
    CHECK(provenance(others[i]).sources.empty());
  }
}

TEST_CASE("provenance: stored numbers stay packed where they are elements, and else mean nothing", "[api]") {
  const Station s;
  for (const Array& x :
       {s.raw, s.raw(1), max(s.raw), extract(s.raw, s.w(Slice{}, 0) > 4), concat({s.raw, s.raw})}) {
    CHECK(kind_of(x) == Kind::elements);
    CHECK(provenance(x).stored);
  }
  for (const Array& x : {mean(s.raw), s.raw - s.raw(0), astype(s.raw, DType::int32)})
    CHECK(kind_of(x) == Kind::unknown);
}

TEST_CASE("provenance: an expression has the name that all of its variables have", "[api]") {
  const Station s;
  CHECK(provenance(s.t * s.t + 1).name == "t");
  CHECK(provenance(mean(s.t)).name == "t");
  CHECK(provenance(extract(s.t, s.w(Slice{}, 0) > 4)).name == "t");
  CHECK(provenance(s.t * s.u).name.empty());
  CHECK(provenance(zeros({2})).name.empty());
  CHECK(provenance(s.t * s.u).inputs.size() == 2);
}

#include <catch2/catch.hpp>
#include <limits>

#include "api/positions.hpp"
#include "labels/cf_decoding.hpp"

using namespace varve;
using labels::CfEncoding;
using nlohmann::json;

namespace {

io::DatasetInfo variable(DType dtype, const io::Attributes& attributes,
                         const std::string& format = "netcdf4") {
  io::DatasetInfo info;
  info.dtype = dtype;
  info.format = format;
  info.attributes = attributes;
  return info;
}

CfEncoding encoding(DType dtype, const io::Attributes& attributes, const std::string& format = "hdf5") {
  return labels::cf_encoding(variable(dtype, attributes, format));
}

// The dtype of a packed variable whose factors are told to have a dtype.
DType unpacked(DType dtype, const json& factors, DType told) {
  io::AttributeDTypes dtypes;
  for (const auto& [name, value] : factors.items()) dtypes[name] = told;
  return encoding(dtype, io::with_dtypes(factors, dtypes)).decoded();
}

constexpr double kDefaultFloat = 9.9692099683868690e+36;
const double kNan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("cf: numbers without attributes stay as they are", "[api]") {
  for (const DType dtype : kAllDTypes) {
    INFO(name_of(dtype));
    const CfEncoding plain = encoding(dtype, json::object());
    CHECK_FALSE(plain.masks());
    CHECK(plain.decoded() == dtype);
    const Array raw = test::opaque({3}, dtype);
    CHECK(labels::decode_cf(raw.node(), plain) == raw.node());
  }
  CHECK(encoding(DType::int32, json::object(), "netcdf4").decoded() == DType::int32);
  CHECK_FALSE(encoding(DType::float32, {{"_FillValue", kNan}}).masks());
}

TEST_CASE("cf: packed numbers take the dtype of their factors, whatever these are", "[api]") {
  const DType single = DType::float32;
  for (const double scale : {0.01, 0.1, 0.5, 1.0, 1000.0}) {
    const json factors = {{"scale_factor", scale}};
    CHECK(unpacked(DType::int16, factors, single) == single);
    CHECK(unpacked(DType::uint8, factors, single) == single);
    CHECK(unpacked(single, factors, single) == single);
    CHECK(unpacked(DType::float16, factors, single) == single);
    CHECK(unpacked(DType::int16, factors, DType::float64) == DType::float64);
    CHECK(unpacked(single, factors, DType::float64) == DType::float64);
    CHECK(encoding(DType::int16, factors).decoded() == DType::float64);  // as JSON tells no dtype
  }
  const json both = {{"scale_factor", 0.01}, {"add_offset", 273.15}};
  CHECK(unpacked(DType::int16, both, single) == single);
  CHECK(encoding(DType::int16, io::with_dtypes(both, {{"scale_factor", single}})).decoded() ==
        DType::float64);
  CHECK(unpacked(DType::int16, {{"add_offset", 100}}, single) == single);
  // What float32 might round stays float64: wide packed numbers, and factors that are integers.
  CHECK(unpacked(DType::int32, both, single) == DType::float64);
  CHECK(unpacked(DType::float64, both, single) == DType::float64);
  CHECK(unpacked(DType::int16, {{"scale_factor", 2}}, DType::int16) == DType::float64);
  CHECK(encoding(DType::int8, {{"scale_factor", json::array({2.0})}}).scale == 2.0);
  CHECK_FALSE(encoding(DType::int8, {{"scale_factor", "two"}}).packed);
}

TEST_CASE("cf: masked integers become floating, floats keep their dtype", "[api]") {
  CHECK(encoding(DType::int8, {{"missing_value", -100}}).decoded() == DType::float32);
  CHECK(encoding(DType::int32, {{"_FillValue", -999}}).decoded() == DType::float64);
  CHECK(encoding(DType::float16, {{"_FillValue", -999}}).decoded() == DType::float16);
  CHECK(encoding(DType::float32, {{"_FillValue", 1e20}}).decoded() == DType::float32);
}

TEST_CASE("cf: missing values of other dtypes count if the stored dtype holds them", "[api]") {
  const CfEncoding list =
      encoding(DType::int16, {{"_FillValue", -999.0}, {"missing_value", {-999, 7.0, 7.5, 99999}}});
  CHECK(list.missing == std::vector<Scalar>{Scalar(-999), Scalar(7)});
  CHECK(encoding(DType::int16, {{"_FillValue", kNan}}).missing.empty());
  CHECK(encoding(DType::float32, {{"_FillValue", 1e300}}).missing.empty());
  CHECK(encoding(DType::float32, {{"_FillValue", 5}}).missing == std::vector<Scalar>{Scalar(5.0)});
  CHECK(encoding(DType::float32, {{"missing_value", -9999.9}}).missing.empty());  // as in xarray and netCDF4
  CHECK(encoding(DType::float32, {{"missing_value", double{-9999.9F}}}).missing.size() == 1);
  CHECK(encoding(DType::float32, {{"missing_value", 16777217}}).missing.empty());
  CHECK(encoding(DType::float64, {{"_FillValue", "-Infinity"}}).missing.size() == 1);
  CHECK(encoding(DType::uint64, {{"_FillValue", 18446744073709551615U}}).missing ==
        std::vector<Scalar>{Scalar(18446744073709551615U)});
}

TEST_CASE("cf: NetCDF's default fill value is missing where the result is floating", "[api]") {
  CHECK(encoding(DType::float32, json::object(), "netcdf4").missing ==
        std::vector<Scalar>{Scalar(kDefaultFloat)});
  CHECK(encoding(DType::float32, json::object(), "hdf5").missing.empty());
  CHECK(encoding(DType::float32, {{"_FillValue", kNan}}, "netcdf4").missing.empty());
  CHECK(encoding(DType::int16, {{"scale_factor", 2.0}}, "netcdf4").missing ==
        std::vector<Scalar>{Scalar(-32767)});
  CHECK(encoding(DType::int16, {{"_FillValue", kNan}, {"scale_factor", 2.0}}, "netcdf4").missing ==
        std::vector<Scalar>{Scalar(-32767)});
  CHECK(encoding(DType::int8, {{"scale_factor", 2.0}}, "netcdf4").missing.empty());
  CHECK(encoding(DType::int32, json::object(), "netcdf4").missing.empty());
  io::DatasetInfo unmarked = variable(DType::float32, json::object(), "hdf5");
  unmarked.fill_value = Scalar(kDefaultFloat);
  CHECK(labels::cf_encoding(unmarked).missing == std::vector<Scalar>{Scalar(kDefaultFloat)});
}

TEST_CASE("cf: valid ranges limit, in the stored dtype", "[api]") {
  const CfEncoding range = encoding(DType::int32, {{"valid_range", {0.0, 100.0}}, {"valid_min", 50}});
  CHECK(range.valid_min == Scalar(0));
  CHECK(range.valid_max == Scalar(100));
  const CfEncoding ends =
      encoding(DType::int8, {{"valid_min", 1}, {"valid_max", 58}, {"missing_value", -100}});
  CHECK(ends.valid_min == Scalar(1));
  CHECK(ends.valid_max == Scalar(58));
  CHECK_FALSE(encoding(DType::int8, {{"valid_max", 1000}}).masks());
  CHECK(encoding(DType::float32, {{"valid_max", 35}}).decoded() == DType::float32);
}

TEST_CASE("cf: _Unsigned reads the bits of the twin dtype", "[api]") {
  const CfEncoding bytes = encoding(DType::int8, {{"_Unsigned", "true"}, {"_FillValue", -1}});
  CHECK(bytes.compared == DType::uint8);
  CHECK(bytes.decoded() == DType::float32);
  CHECK(encoding(DType::int8, {{"_Unsigned", "true"}, {"_FillValue", 255}}).missing.size() == 1);
  CHECK(encoding(DType::int16, {{"_Unsigned", "true"}}).decoded() == DType::uint16);
  CHECK(encoding(DType::uint64, {{"_Unsigned", "false"}}).decoded() == DType::int64);
  CHECK(encoding(DType::float32, {{"_Unsigned", "true"}}).decoded() == DType::float32);
}

TEST_CASE("cf: Zarr v2 keeps the fill value beside the attributes", "[api]") {
  io::DatasetInfo info = variable(DType::int16, json::object(), "zarr v2");
  info.fill_value = Scalar(-9999);
  CHECK_FALSE(labels::cf_encoding(info).masks());
  info.dimension_names = {"time"};
  CHECK(labels::cf_encoding(info).missing == std::vector<Scalar>{Scalar(-9999)});
  info.fill_value = Scalar(0);
  CHECK(labels::cf_encoding(info).missing == std::vector<Scalar>{Scalar(0)});
  CHECK(labels::cf_encoding(info).implied_fill == Scalar(0));
  info.location = "a.zarr:group/time";  // coordinates have no missing values (CF)
  CHECK_FALSE(labels::cf_encoding(info).masks());
  info.location = "a.zarr:group/times";
  CHECK(labels::cf_encoding(info).masks());
}

TEST_CASE("cf: decoding compares stored numbers and keeps shape and chunks", "[api]") {
  const Array raw =
      from_function({8, 6}, DType::int16, [](const Box&, const StridedView&) {}, {.chunks = Shape{3, 6}});
  const expr::NodePtr decoded = labels::decode_cf(
      raw.node(), encoding(DType::int16, {{"scale_factor", 0.5}, {"add_offset", 1}, {"_FillValue", -1}}));
  CHECK(decoded->dtype == DType::float64);
  CHECK(decoded->shape == Shape{8, 6});
  CHECK(decoded->grid == raw.chunks());
  REQUIRE(decoded->as<expr::Elementwise>() != nullptr);
  CHECK(decoded->as<expr::Elementwise>()->op == kernels::ElementwiseOp::where);
  const expr::NodePtr mask = decoded->inputs[0];
  REQUIRE(mask->as<expr::Elementwise>() != nullptr);
  CHECK(mask->as<expr::Elementwise>()->compute_dtype == DType::int16);
  CHECK(mask->inputs[0] == raw.node());
}

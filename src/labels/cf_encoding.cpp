#include "labels/cf_encoding.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "io/formats.hpp"
#include "io/json_numbers.hpp"
#include "io/variable_name.hpp"

namespace varve::labels {
namespace {

using nlohmann::json;

std::optional<Scalar> number_in(const json& value) {
  if (value.is_number_unsigned()) return Scalar(value.get<std::uint64_t>());
  if (value.is_number_integer()) return Scalar(value.get<std::int64_t>());
  if (value.is_number_float()) return Scalar(value.get<double>());
  if (!value.is_string()) return std::nullopt;
  const std::optional<double> word = io::number_of_word(value.get_ref<const std::string&>());
  return word ? std::optional<Scalar>(*word) : std::nullopt;
}

// The numbers of an attribute: one, a list, or none.
std::vector<Scalar> numbers(const io::Attributes& attributes, const char* name) {
  const auto found = attributes.values.find(name);
  std::vector<Scalar> result;
  if (found == attributes.values.end()) return result;
  const auto keep = [&result](const json& value) {
    if (const auto number = number_in(value)) result.push_back(*number);
  };
  if (found->is_array()) {
    std::for_each(found->begin(), found->end(), keep);
  } else {
    keep(*found);
  }
  return result;
}

double as_double(const Scalar& scalar) {
  double result = 0;
  scalar.store(DType::float64, reinterpret_cast<std::byte*>(&result));
  return result;
}

struct Factor {
  double value = 0;
  DType dtype = DType::float64;  // float64 where the file tells none, as JSON, whose numbers are such
};

std::optional<Factor> factor(const io::Attributes& attributes, const char* name) {
  const std::vector<Scalar> values = numbers(attributes, name);
  if (values.size() != 1) return std::nullopt;
  const auto told = attributes.dtypes.find(name);
  const DType dtype = told == attributes.dtypes.end() ? DType::float64 : told->second;
  const bool narrow = dtype == DType::float32 || dtype == DType::float16;
  return Factor{as_double(values.front()), narrow ? DType::float32 : DType::float64};
}

bool rounds_to_finite(double value, DType dtype) {
  constexpr double kHalfLimit = 65520.0;           // rounds up beyond the largest float16
  constexpr double kSingleLimit = 0x1.ffffffp127;  // rounds up beyond the largest float32
  if (dtype == DType::float16) return std::abs(value) < kHalfLimit;
  return dtype != DType::float32 || std::abs(value) < kSingleLimit;
}

std::optional<Scalar> whole_number(double value) {
  if (value != std::trunc(value)) return std::nullopt;
  if (value >= -0x1p63 && value < 0x1p63) return Scalar(static_cast<std::int64_t>(value));
  if (value >= 0 && value < 0x1p64) return Scalar(static_cast<std::uint64_t>(value));
  return std::nullopt;
}

// The number as `dtype` holds it, in one form per value (so that equal numbers compare equal); nothing if it
// does not.
std::optional<Scalar> fit(const Scalar& number, DType dtype) {
  if (is_floating(dtype)) {
    const double value = as_double(number);
    if (std::isfinite(value) && !rounds_to_finite(value, dtype)) return std::nullopt;
    return Scalar(value);
  }
  std::optional<Scalar> whole = number;
  if (const auto* value = std::get_if<double>(&number.value())) whole = whole_number(*value);
  if (!whole || !whole->fits(dtype)) return std::nullopt;
  const auto* large = std::get_if<std::uint64_t>(&whole->value());
  return large != nullptr && whole->fits(DType::int64) ? Scalar(static_cast<std::int64_t>(*large)) : *whole;
}

// The same, but nothing if a floating `dtype` rounds the number: what no stored number equals is none.
std::optional<Scalar> fit_exactly(const Scalar& number, DType dtype) {
  const std::optional<Scalar> fitted = fit(number, dtype);
  if (!fitted || !is_floating(dtype)) return fitted;
  const double value = as_double(*fitted);
  if (std::isnan(value) || io::holds_exactly(value, dtype)) return fitted;
  return std::nullopt;
}

DType twin(DType dtype) {
  constexpr auto kDistance = static_cast<int>(DType::uint8) - static_cast<int>(DType::int8);
  const bool is_signed = kind_of(dtype) == DTypeKind::signed_integer;
  return static_cast<DType>(static_cast<int>(dtype) + (is_signed ? kDistance : -kDistance));
}

DType compared_dtype(const io::DatasetInfo& info) {
  const json& attributes = info.attributes.values;
  const auto found = attributes.find("_Unsigned");
  if (!is_integer(info.dtype) || found == attributes.end() || !found->is_string()) return info.dtype;
  const auto& text = found->get_ref<const std::string&>();
  const bool is_signed = kind_of(info.dtype) == DTypeKind::signed_integer;
  const bool asks_unsigned = text == "true" || text == "True";
  const bool asks_signed = text == "false" || text == "False";
  return (is_signed && asks_unsigned) || (!is_signed && asks_signed) ? twin(info.dtype) : info.dtype;
}

// Attributes may be written in the stored dtype or in its twin. A number of the stored dtype becomes that of
// the same bits when a constant of the compared dtype is made of it.
std::optional<Scalar> stored_number(const Scalar& number, DType stored, DType compared) {
  const std::optional<Scalar> as_stored = fit_exactly(number, stored);
  return as_stored ? as_stored : fit_exactly(number, compared);
}

bool is_coordinate(const io::DatasetInfo& info) {
  return io::is_coordinate(info.location.substr(info.location.rfind(':') + 1), info.dimension_names);
}

std::optional<Scalar> default_fill(DType dtype) {
  switch (dtype) {
    case DType::int16:
      return Scalar(-32767);
    case DType::uint16:
      return Scalar(65535);
    case DType::int32:
      return Scalar(-2147483647);
    case DType::uint32:
      return Scalar(4294967295);
    case DType::int64:
      return Scalar(-9223372036854775806);
    case DType::uint64:
      return Scalar(18446744073709551614U);
    case DType::float32:
    case DType::float64:
      return Scalar(0x1.ep122);
    default:
      return std::nullopt;
  }
}

// Collects what the attributes say, in the terms of the compared dtype.
class EncodingReader {
 public:
  explicit EncodingReader(const io::DatasetInfo& info) : info_(info) {
    if (const io::Format* format = io::format_named(info.format)) fill_ = format->keeps.fill;
    encoding_.compared = compared_dtype(info);
    const auto scale = factor(info.attributes, "scale_factor");
    const auto offset = factor(info.attributes, "add_offset");
    encoding_.packed = scale || offset;
    for (const auto& one : {scale, offset}) {
      if (one && one->dtype == DType::float64) encoding_.factors = DType::float64;
    }
    if (scale) encoding_.scale = scale->value;
    if (offset) encoding_.offset = offset->value;
  }

  CfEncoding read() && {
    const bool has_fill = add_fill_attribute() || add_zarr_fill();
    add_missing(numbers(info_.attributes, "missing_value"));
    read_valid_range();
    if (!has_fill) add_default_fill();
    return std::move(encoding_);
  }

 private:
  [[nodiscard]] std::optional<Scalar> stored(const Scalar& number) const {
    return stored_number(number, info_.dtype, encoding_.compared);
  }

  bool add_fill_attribute() {
    const std::vector<Scalar> fill = numbers(info_.attributes, "_FillValue");
    if (fill.size() == 1) encoding_.fill_attribute = stored(fill.front());
    return add_missing(fill);
  }

  // Tells whether any of the numbers is one that the variable can hold.
  bool add_missing(const std::vector<Scalar>& values) {
    bool usable = false;
    for (const Scalar& value : values) {
      const std::optional<Scalar> number = stored(value);
      if (!number) continue;
      usable = true;
      const auto* real = std::get_if<double>(&number->value());
      if (real != nullptr && std::isnan(*real)) continue;  // NaN is missing already
      auto& missing = encoding_.missing;
      if (std::find(missing.begin(), missing.end(), *number) == missing.end()) missing.push_back(*number);
    }
    return usable;
  }

  bool add_implied(const Scalar& value) {
    if (!add_missing({value})) return false;
    encoding_.implied_fill = stored(value);
    return true;
  }

  bool add_zarr_fill() {
    const bool names_axes = !info_.dimension_names.empty();
    if (fill_ != io::FillMeaning::missing_if_named || !names_axes || !info_.fill_value) return false;
    if (as_double(*info_.fill_value) == 0 && is_coordinate(info_)) return false;
    encoding_.implied_by_netcdf = is_default(*info_.fill_value);
    return add_implied(*info_.fill_value);
  }

  [[nodiscard]] bool is_default(const Scalar& fill) const {
    const std::optional<Scalar> usual = default_fill(info_.dtype);
    return usual && fit(fill, info_.dtype) == fit(*usual, info_.dtype);
  }

  void add_default_fill() {
    const std::optional<Scalar> fill = default_fill(info_.dtype);
    if (!fill) return;
    // Some variables of NetCDF-4 bear no other mark of the format than this fill value.
    const bool netcdf =
        fill_ == io::FillMeaning::missing || (info_.fill_value && is_default(*info_.fill_value));
    const bool floats_anyway = is_floating(info_.dtype) || encoding_.packed || encoding_.masks();
    if (netcdf && floats_anyway) encoding_.implied_by_netcdf = add_implied(*fill);
  }

  void read_valid_range() {
    const std::vector<Scalar> range = numbers(info_.attributes, "valid_range");
    const std::optional<Scalar> min = range.size() == 2 ? limit(range[0]) : std::nullopt;
    const std::optional<Scalar> max = range.size() == 2 ? limit(range[1]) : std::nullopt;
    if (min && max) {
      encoding_.valid_min = min;
      encoding_.valid_max = max;
    } else {
      encoding_.valid_min = bound("valid_min");
      encoding_.valid_max = bound("valid_max");
    }
  }

  // Limits may be rounded to the stored dtype.
  [[nodiscard]] std::optional<Scalar> limit(const Scalar& number) const {
    const std::optional<Scalar> as_stored = fit(number, info_.dtype);
    return as_stored ? as_stored : fit(number, encoding_.compared);
  }

  [[nodiscard]] std::optional<Scalar> bound(const char* name) const {
    const std::vector<Scalar> values = numbers(info_.attributes, name);
    if (values.size() != 1) return std::nullopt;
    const auto number = limit(values.front());
    return number && !std::isnan(as_double(*number)) ? number : std::nullopt;
  }

  const io::DatasetInfo& info_;
  io::FillMeaning fill_ = io::FillMeaning::value;
  CfEncoding encoding_;
};

}  // namespace

DType CfEncoding::decoded() const noexcept {
  if (!packed && (!masks() || is_floating(compared))) return compared;
  const bool narrow = compared == DType::float32 || compared == DType::float16 ||
                      (is_integer(compared) && size_bytes(compared) <= 2);
  return narrow && (!packed || factors == DType::float32) ? DType::float32 : DType::float64;
}

CfEncoding cf_encoding(const io::DatasetInfo& info) {
  if (is_integer(info.dtype) || is_floating(info.dtype)) return EncodingReader(info).read();
  CfEncoding none;
  none.compared = info.dtype;
  return none;
}

}  // namespace varve::labels

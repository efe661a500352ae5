#include "io/format/zarr_fill.hpp"

#include <cmath>
#include <cstring>
#include <limits>

#include "io/json_numbers.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

[[noreturn]] void reject(const nlohmann::json& value, DType dtype, const std::string& what) {
  throw FormatError(what + ": fill_value " +
                    value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) + " is no " +
                    std::string(name_of(dtype)));
}

template <class T>
T element(const std::byte* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

double as_double(DType floating, const std::byte* bytes) {
  if (floating == DType::float16) return widen(to_float32(element<Float16>(bytes)));
  if (floating == DType::float32) return widen(element<float>(bytes));
  return element<double>(bytes);
}

void parse_float(const nlohmann::json& value, DType dtype, std::byte* out, const std::string& what) {
  const std::optional<double> number = read_number(value, dtype);
  if (!number) reject(value, dtype, what);
  Scalar(*number).store(dtype, out);
}

Scalar parse_integer(const nlohmann::json& value, DType dtype, const std::string& what) {
  if (value.is_number_unsigned()) return Scalar(value.get<std::uint64_t>());
  if (value.is_number_integer()) return Scalar(value.get<std::int64_t>());
  if (value.is_number_float()) {  // some writers give 0.0
    const double number = value.get<double>();
    if (std::trunc(number) == number && std::abs(number) <= 9007199254740992.0) {
      return Scalar(static_cast<std::int64_t>(number));
    }
  }
  reject(value, dtype, what);
}

}  // namespace

ZarrFill parse_zarr_fill(const nlohmann::json& value, DType dtype, const std::string& what) {
  ZarrFill fill;
  if (value.is_null()) return fill;
  if (is_complex(dtype)) {
    const DType real = real_of(dtype);
    if (!value.is_array() || value.size() != 2) reject(value, dtype, what);
    std::byte* imaginary = fill.bytes.data() + size_bytes(real);
    parse_float(value[0], real, fill.bytes.data(), what);
    parse_float(value[1], real, imaginary, what);
    fill.value = Scalar(std::complex<double>(as_double(real, fill.bytes.data()), as_double(real, imaginary)));
  } else if (is_floating(dtype)) {
    parse_float(value, dtype, fill.bytes.data(), what);
    fill.value = Scalar(as_double(dtype, fill.bytes.data()));
  } else if (dtype == DType::boolean) {
    const bool number = value.is_number() && (value == 0 || value == 1);
    if (!number && !value.is_boolean()) reject(value, dtype, what);
    fill.value = Scalar(value.is_boolean() ? value.get<bool>() : value == 1);
    fill.value->store(dtype, fill.bytes.data());
  } else {
    fill.value = parse_integer(value, dtype, what);
    if (!fill.value->fits(dtype)) reject(value, dtype, what);
    fill.value->store(dtype, fill.bytes.data());
  }
  return fill;
}

nlohmann::json format_zarr_fill(const std::optional<Scalar>& value, DType dtype, int zarr_format) {
  if (!value) return nullptr;
  std::byte bytes[16];
  value->store(dtype, bytes);
  const auto spell = [&](const std::byte* element, DType floating) {
    const double number = as_double(floating, element);
    return zarr_format == 3 ? spell_number(number, floating) : spell_number(number);
  };
  if (is_complex(dtype)) {
    const DType real = real_of(dtype);
    return nlohmann::json::array({spell(bytes, real), spell(bytes + size_bytes(real), real)});
  }
  if (is_floating(dtype)) return spell(bytes, dtype);
  switch (dtype) {
    case DType::boolean:
      return bytes[0] != std::byte{0};
    case DType::int8:
      return element<std::int8_t>(bytes);
    case DType::int16:
      return element<std::int16_t>(bytes);
    case DType::int32:
      return element<std::int32_t>(bytes);
    case DType::int64:
      return element<std::int64_t>(bytes);
    case DType::uint8:
      return element<std::uint8_t>(bytes);
    case DType::uint16:
      return element<std::uint16_t>(bytes);
    case DType::uint32:
      return element<std::uint32_t>(bytes);
    default:
      return element<std::uint64_t>(bytes);
  }
}

}  // namespace varve::io

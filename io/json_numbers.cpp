#include "io/json_numbers.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>

#include "varve/core/scalar.hpp"

namespace varve::io {
namespace {

using nlohmann::json;

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

struct Word {
  std::string_view text;
  double value;
};
constexpr Word kWords[] = {{"NaN", std::numeric_limits<double>::quiet_NaN()},
                           {"Infinity", std::numeric_limits<double>::infinity()},
                           {"-Infinity", -std::numeric_limits<double>::infinity()}};

// The element of a floating dtype as an integer: the machine is little-endian.
std::uint64_t bits_of(double value, DType dtype) {
  std::uint64_t bits = 0;
  Scalar(value).store(dtype, reinterpret_cast<std::byte*>(&bits));
  return bits;
}

double from_bits(std::uint64_t bits, DType dtype) {
  if (dtype == DType::float16) return widen(to_float32(Float16{static_cast<std::uint16_t>(bits)}));
  if (dtype == DType::float32) return widen(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
  return std::bit_cast<double>(bits);
}

std::optional<std::uint64_t> parse_bits(std::string_view text, DType dtype) {
  if (!text.starts_with("0x") || static_cast<std::int64_t>(text.size()) != 2 + 2 * size_bytes(dtype)) {
    return std::nullopt;
  }
  std::uint64_t bits = 0;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), bits, 16);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return bits;
}

std::optional<Scalar> scalar_of(const json& value) {
  if (value.is_number_unsigned()) return Scalar(value.get<std::uint64_t>());
  if (value.is_number_integer()) return Scalar(value.get<std::int64_t>());
  if (value.is_number_float()) return Scalar(value.get<double>());
  const auto* text = value.get_ptr<const json::string_t*>();
  const auto word = text == nullptr ? std::nullopt : number_of_word(*text);
  return word ? std::optional<Scalar>(*word) : std::nullopt;
}

}  // namespace

json spell_number(double value, std::optional<DType> dtype) {
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (!std::isnan(value)) return value;
  if (!dtype || !is_floating(*dtype)) return "NaN";
  const std::uint64_t bits = bits_of(value, *dtype);
  if (bits == bits_of(std::numeric_limits<double>::quiet_NaN(), *dtype)) return "NaN";
  char text[24];
  std::snprintf(text, sizeof text, "0x%0*llx", static_cast<int>(2 * size_bytes(*dtype)),
                static_cast<unsigned long long>(bits));
  return text;
}

std::string to_spelled_text(json value) {
  spell_all(value);
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<double> read_number(const json& value, DType dtype) {
  if (value.is_number()) return from_bits(bits_of(value.get<double>(), dtype), dtype);
  const auto* text = value.get_ptr<const json::string_t*>();
  if (text == nullptr) return std::nullopt;
  if (const auto word = number_of_word(*text)) return word;
  const auto bits = parse_bits(*text, dtype);
  return bits ? std::optional(from_bits(*bits, dtype)) : std::nullopt;
}

void spell_all(json& value, std::optional<DType> dtype) {
  if (value.is_structured()) {
    for (json& member : value) spell_all(member, dtype);
  } else if (value.is_number_float()) {
    value = spell_number(value.get<double>(), dtype);
  }
}

std::optional<double> number_of_word(std::string_view word) noexcept {
  const auto* found =
      std::find_if(std::begin(kWords), std::end(kWords), [&](const Word& w) { return w.text == word; });
  return found == std::end(kWords) ? std::nullopt : std::optional(found->value);
}

bool holds_exactly(const json& value, DType dtype) noexcept {
  const std::optional<Scalar> number = scalar_of(value);
  if (!number || is_complex(dtype) || dtype == DType::boolean) return false;
  if (!is_floating(dtype)) return representable(*number, dtype);
  const double wide = value.is_number() ? value.get<double>() : std::get<double>(number->value());
  if (std::isnan(wide)) return true;
  return from_bits(bits_of(wide, dtype), dtype) == wide;
}

double widen(float value) noexcept {
  if (!std::isnan(value)) return static_cast<double>(value);
  const auto bits = std::uint64_t{std::bit_cast<std::uint32_t>(value)};
  return std::bit_cast<double>((bits & 0x80000000U) << 32U | std::uint64_t{0x7ff} << 52U |
                               (bits & 0x7fffffU) << 29U);
}

std::string to_base64(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  std::string text;
  std::uint32_t pending = 0;
  int pending_bits = 0;
  for (int byte = 0; byte < 8; ++byte) {
    pending = pending << 8U | static_cast<std::uint32_t>(bits >> (8 * byte) & 0xffU);
    for (pending_bits += 8; pending_bits >= 6; pending_bits -= 6) {
      text += kBase64[pending >> (pending_bits - 6) & 0x3fU];
    }
  }
  text += kBase64[pending << (6 - pending_bits) & 0x3fU];
  return text + "=";
}

std::optional<double> from_base64(std::string_view text) noexcept {
  if (text.size() != 12 || text.back() != '=') return std::nullopt;
  std::uint64_t bits = 0;
  std::uint32_t pending = 0;
  int pending_bits = 0;
  int bytes = 0;
  for (const char letter : text.substr(0, 11)) {
    const std::size_t digit = kBase64.find(letter);
    if (digit == std::string_view::npos) return std::nullopt;
    pending = (pending << 6U | static_cast<std::uint32_t>(digit)) & 0xffffU;
    pending_bits += 6;
    if (pending_bits < 8) continue;
    pending_bits -= 8;
    bits |= static_cast<std::uint64_t>(pending >> pending_bits & 0xffU) << (8 * bytes++);
  }
  return std::bit_cast<double>(bits);
}

}  // namespace varve::io

#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "varve/core/dtype.hpp"

namespace varve::io {

/// Returns the number in JSON: itself, or "NaN", "Infinity", "-Infinity". If `dtype`, a floating one, is
/// given, a NaN of other bits than its usual one becomes these bits: "0x7fc00abc".
[[nodiscard]] nlohmann::json spell_number(double value, std::optional<DType> dtype = std::nullopt);

/// Does so with all numbers in a value.
void spell_all(nlohmann::json& value, std::optional<DType> dtype = std::nullopt);

/// Formats JSON of any kind so that every reader takes it: numbers are spelled, texts made valid UTF-8.
[[nodiscard]] std::string to_spelled_text(nlohmann::json value);

/// Reads what `spell_number` makes, rounded to `dtype`, a floating one; nothing if it is something else.
[[nodiscard]] std::optional<double> read_number(const nlohmann::json& value, DType dtype);

/// Reads "NaN", "Infinity" and "-Infinity".
[[nodiscard]] std::optional<double> number_of_word(std::string_view word) noexcept;

/// Tells whether the value is a number, or the word for one, that `dtype` holds without rounding.
[[nodiscard]] bool holds_exactly(const nlohmann::json& value, DType dtype) noexcept;

/// Widens a float; a NaN keeps its sign and its bits, which conversions by the processor need not do.
[[nodiscard]] double widen(float value) noexcept;

/// xarray's form of fill values among the attributes of Zarr v3: the base64 of a little-endian float64.
[[nodiscard]] std::string to_base64(double value);
/// Reads it; nothing if the text is of another kind.
[[nodiscard]] std::optional<double> from_base64(std::string_view text) noexcept;

}  // namespace varve::io

#include "io/format/json_text.hpp"

#include <limits>
#include <string_view>

#include "io/json_numbers.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

constexpr int kMaxDepth = 64;

struct Word {
  std::string_view text;
  double value;
};
constexpr Word kWords[] = {{"-Infinity", -std::numeric_limits<double>::infinity()},
                           {"Infinity", std::numeric_limits<double>::infinity()},
                           {"NaN", std::numeric_limits<double>::quiet_NaN()}};

// Stands for a word while the text is parsed. A file can hold such a string itself; it then reads as the
// number.
std::string placeholder(const Word& word) { return "\x7fvarve:" + std::string(word.text); }

// Replaces the words outside strings by placeholder strings.
std::string replace_words(const std::string& text) {
  std::string result;
  bool inside_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') inside_string = !inside_string;
    if (inside_string && text[i] == '\\' && i + 1 < text.size()) {
      result += text[i++];
      result += text[i];
      continue;
    }
    const Word* found = nullptr;
    for (const Word& word : kWords) {
      if (!inside_string && std::string_view(text).substr(i).starts_with(word.text)) found = &word;
    }
    if (found == nullptr) {
      result += text[i];
      continue;
    }
    result += '"' + placeholder(*found) + '"';
    i += found->text.size() - 1;
  }
  return result;
}

void restore_words(nlohmann::json& value) {
  if (value.is_structured()) {
    for (auto& member : value) restore_words(member);
  } else if (value.is_string()) {
    for (const Word& word : kWords) {
      if (value.get_ref<const std::string&>() == placeholder(word)) {
        value = word.value;
        return;
      }
    }
  }
}

}  // namespace

nlohmann::json parse_json(const std::string& text, const std::string& what) {
  const bool has_words = text.find("NaN") != std::string::npos || text.find("Infinity") != std::string::npos;
  const auto limit_depth = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    if (depth > kMaxDepth) throw FormatError(what + ": JSON nests more than 64 levels");
    return true;
  };
  try {
    nlohmann::json value = nlohmann::json::parse(has_words ? replace_words(text) : text, limit_depth);
    if (has_words) restore_words(value);
    return value;
  } catch (const nlohmann::json::exception& error) {
    throw FormatError(what + ": is not valid JSON: " + error.what());
  }
}

std::string format_json(const nlohmann::json& value) {
  nlohmann::json copy = value;
  spell_all(copy);
  return copy.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

JsonObject::JsonObject(const nlohmann::json& value, std::string what)
    : value_(value), what_(std::move(what)) {
  if (!value.is_object()) fail("must be a JSON object");
}

void JsonObject::fail(const std::string& problem) const { throw FormatError(what_ + ": " + problem); }

const nlohmann::json* JsonObject::find(const char* key) const {
  const auto found = value_.find(key);
  return found == value_.end() || found->is_null() ? nullptr : &*found;
}

const nlohmann::json& JsonObject::require(const char* key) const {
  const nlohmann::json* member = find(key);
  if (member == nullptr) fail("the field \"" + std::string(key) + "\" is missing");
  return *member;
}

std::string JsonObject::require_string(const char* key) const {
  const nlohmann::json& member = require(key);
  if (!member.is_string()) fail("the field \"" + std::string(key) + "\" must be a string");
  return member.get<std::string>();
}

std::string JsonObject::string_or(const char* key, const std::string& otherwise) const {
  return find(key) == nullptr ? otherwise : require_string(key);
}

std::int64_t JsonObject::require_integer(const char* key) const {
  const nlohmann::json& member = require(key);
  const bool fits =
      member.is_number_integer() &&
      (!member.is_number_unsigned() ||
       member.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
  if (!fits) fail("the field \"" + std::string(key) + "\" must be an integer of at most 63 bits");
  return member.get<std::int64_t>();
}

std::int64_t JsonObject::integer_or(const char* key, std::int64_t otherwise) const {
  return find(key) == nullptr ? otherwise : require_integer(key);
}

const nlohmann::json& JsonObject::require_array(const char* key) const {
  const nlohmann::json& member = require(key);
  if (!member.is_array()) fail("the field \"" + std::string(key) + "\" must be an array");
  return member;
}

Shape JsonObject::require_shape(const char* key, std::int64_t lowest) const {
  const nlohmann::json& member = require_array(key);
  if (member.size() > static_cast<std::size_t>(kMaxNdim)) {
    fail("the field \"" + std::string(key) + "\" has " + std::to_string(member.size()) +
         " entries; at most 32 are read");
  }
  Shape shape;
  for (const nlohmann::json& entry : member) {
    const bool fits =
        entry.is_number_integer() &&
        (!entry.is_number_unsigned() ||
         entry.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
    if (!fits || entry.get<std::int64_t>() < lowest) {
      fail("the field \"" + std::string(key) + "\" holds " + entry.dump() + "; integers of at least " +
           std::to_string(lowest) + " are needed");
    }
    shape.push_back(entry.get<std::int64_t>());
  }
  return shape;
}

JsonObject JsonObject::require_object(const char* key) const {
  return JsonObject(require(key), what_ + ": " + key);
}

}  // namespace varve::io

#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include "io/format/json_text.hpp"
#include "varve/core/error.hpp"

using namespace varve;
using namespace varve::io;

TEST_CASE("parse_json: takes NaN and infinities outside strings, as Python writes them", "[io][json]") {
  const auto value =
      parse_json(R"({"a": NaN, "b": [Infinity, -Infinity, 1], "c": "NaN \" -Infinity", "Infinity": 2})", "x");
  REQUIRE(std::isnan(value["a"].get<double>()));
  REQUIRE(value["b"][0].get<double>() == INFINITY);
  REQUIRE(value["b"][1].get<double>() == -INFINITY);
  REQUIRE(value["c"] == "NaN \" -Infinity");
  REQUIRE(value["Infinity"] == 2);
}

TEST_CASE("parse_json: what is not JSON is a FormatError that names the file", "[io][json]") {
  for (const std::string text :
       {"", "{", "[1,]", "{\"a\": }", "\xff", "\"\xc3\"", "nan", "1e999", "NaNNaN", "{\"a\":1}x"}) {
    INFO(text);
    REQUIRE_THROWS_AS(parse_json(text, "some file"), FormatError);
    REQUIRE_THROWS_WITH(parse_json(text, "some file"), Catch::StartsWith("some file: "));
  }
  const std::string deep(100000, '[');
  REQUIRE_THROWS_AS(parse_json(deep, "x"), FormatError);
  REQUIRE_NOTHROW(parse_json(std::string(60, '[') + std::string(60, ']'), "x"));
}

TEST_CASE("format_json: writes valid JSON for any value", "[io][json]") {
  const nlohmann::json value = {{"nan", NAN}, {"list", {INFINITY, -INFINITY}}, {"bytes", "\xff"}, {"n", 1.5}};
  const auto read = nlohmann::json::parse(format_json(value));
  REQUIRE(read["nan"] == "NaN");
  REQUIRE(read["list"] == nlohmann::json{"Infinity", "-Infinity"});
  REQUIRE(read["n"] == 1.5);
}

TEST_CASE("JsonObject: wrong types and ranges are FormatErrors that name file and field", "[io][json]") {
  const auto value = nlohmann::json::parse(
      R"({"text": "t", "number": 3, "big": 18446744073709551615, "float": 1.5, "null": null, "list": [1, 2],
          "negative": [1, -1], "mixed": [1, "x"], "floats": [1.0], "huge": [18446744073709551615]})");
  const JsonObject object(value, "file");
  REQUIRE(object.require_string("text") == "t");
  REQUIRE(object.string_or("null", "other") == "other");
  REQUIRE(object.require_integer("number") == 3);
  REQUIRE(object.integer_or("missing", 7) == 7);
  REQUIRE(object.require_shape("list", 0) == Shape{1, 2});
  for (const char* field : {"text", "big", "float", "null", "missing", "list"}) {
    REQUIRE_THROWS_AS(object.require_integer(field), FormatError);
    REQUIRE_THROWS_WITH(object.require_integer(field), Catch::Contains("file") && Catch::Contains(field));
  }
  for (const char* field : {"text", "number", "negative", "mixed", "floats", "huge", "null"}) {
    REQUIRE_THROWS_AS(object.require_shape(field, 0), FormatError);
  }
  REQUIRE_THROWS_AS(object.require_shape("list", 2), FormatError);
  REQUIRE_THROWS_AS(object.require_string("number"), FormatError);
  REQUIRE_THROWS_AS(object.require_object("list"), FormatError);
  REQUIRE_THROWS_AS(JsonObject(value["list"], "file"), FormatError);
}

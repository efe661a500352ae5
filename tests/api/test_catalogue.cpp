#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <regex>

#include "api/catalogue/catalogue.hpp"
#include "ops/declared_functions.hpp"
#include "varve/varve.hpp"

namespace varve::test {
namespace {

using catalogue::CallError;
using catalogue::Function;
using catalogue::GivenArgument;
using catalogue::Kind;
using catalogue::Value;

GivenArgument given(Value value, std::int64_t position, const std::string& keyword = "") {
  return {keyword, position, std::move(value)};
}

CallError error_of(const std::string& function, std::vector<GivenArgument> arguments) {
  try {
    static_cast<void>(call(*catalogue::find_function(function), std::move(arguments), 99));
  } catch (const CallError& error) {
    return error;
  }
  return {-1, "no error"};
}

void check_error(const std::string& function, std::vector<GivenArgument> arguments,
                 const std::string& expected, std::int64_t position) {
  const CallError error = error_of(function, std::move(arguments));
  INFO(error.what());
  CHECK(std::string(error.what()).find(expected) != std::string::npos);
  CHECK(error.position() == position);
}

}  // namespace

TEST_CASE("catalogue: no name stands for two functions, and each is found by all of its names", "[api]") {
  std::vector<std::string_view> names;
  for (const Function& function : catalogue::functions()) {
    names.push_back(function.name);
    names.insert(names.end(), function.aliases.begin(), function.aliases.end());
  }
  for (const std::string_view name : names) {
    INFO(name);
    REQUIRE(catalogue::find_function(name) != nullptr);
  }
  std::sort(names.begin(), names.end());
  CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
  CHECK(catalogue::function_names() == names);
  CHECK(catalogue::find_function("") == nullptr);
  CHECK(catalogue::find_function("cumsum")->name == "cumulative_sum");
}

TEST_CASE("catalogue: what the public headers declare has a row", "[api]") {
  // Arrays of memory and of the program's own functions come from C++ alone.
  const std::set<std::string> only_here = {"from_function", "from_memory", "from_values", "map_overlap",
                                           "elementwise"};
  for (const char* header : {"creation.hpp", "elementwise.hpp", "factorizations.hpp", "grouping.hpp",
                             "joining.hpp", "manipulation.hpp", "products.hpp", "rearranging.hpp",
                             "reductions.hpp", "scans.hpp", "selection.hpp", "windows.hpp"}) {
    for (const std::string& name : declared_functions(header)) {
      INFO(header << ": " << name);
      CHECK((only_here.contains(name) || catalogue::find_function(name) != nullptr));
    }
  }
}

TEST_CASE("catalogue: the README names every function that is not elementwise", "[api]") {
  std::ifstream file(VARVE_README);
  REQUIRE(file);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::regex word(R"([A-Za-z_][\w.]*)");
  const std::set<std::string> words{std::sregex_token_iterator(text.begin(), text.end(), word), {}};
  for (const Function& function : catalogue::functions()) {
    if (function.family == catalogue::Family::elementwise) continue;
    INFO(function.name);
    CHECK(words.contains(std::string(function.name)));
  }
}

TEST_CASE("catalogue: every function says in one line what it gives", "[api]") {
  constexpr std::size_t kLongestLine = 110;
  for (const Function& function : catalogue::functions()) {
    INFO(function.name);
    REQUIRE_FALSE(function.summary.empty());
    CHECK(function.summary.size() <= kLongestLine);
    CHECK(function.summary.find('\n') == std::string_view::npos);
    CHECK_FALSE(function.summary.ends_with('.'));
  }
}

TEST_CASE("catalogue: signatures are read as Python writes them", "[api]") {
  const auto signature = [](std::string_view name) { return signature_of(*catalogue::find_function(name)); };
  CHECK(signature("abs") == "abs(x)");
  CHECK(signature("clip") == "clip(x, min=None, max=None)");
  CHECK(signature("astype") == "astype(x, dtype)");  // copy= and device= change nothing
  CHECK(signature("reshape") == "reshape(x, shape, order='C')");
  CHECK(signature("broadcast_arrays") == "broadcast_arrays(*arrays)");
  const Function& var = *catalogue::find_function("var");
  REQUIRE(var.parameters.size() == 5);
  CHECK(var.parameters[2].name == "correction");
  CHECK(var.parameters[2].alias == "ddof");
  CHECK(var.parameters[2].kind == Kind::real);
  CHECK(var.parameters[2].default_text == "0");
  CHECK_THROWS_AS(catalogue::function_of({"f(x)", "", {}}, {}), Error);
  CHECK_THROWS_AS(catalogue::function_of({"f(x: thing)", "", {}}, {}), Error);
  CHECK_THROWS_AS(catalogue::function_of({"f(x: array", "", {}}, {}), Error);
}

TEST_CASE("catalogue: defaults that are words are among those of their kind", "[api]") {
  for (const Function& function : catalogue::functions()) {
    for (const catalogue::Parameter& parameter : function.parameters) {
      const auto& choices = catalogue::choices_of(parameter.kind);
      if (choices.empty() || parameter.default_text.empty()) continue;
      INFO(function.name << ": " << parameter.name);
      CHECK(std::any_of(choices.begin(), choices.end(), [&](const catalogue::Choice& choice) {
        return "'" + std::string(choice.word) + "'" == parameter.default_text;
      }));
    }
  }
}

TEST_CASE("catalogue: a builder that reads a parameter as another kind than its row says fails", "[api]") {
  const auto refuses = [](const char* signature, Value (*build)(const catalogue::Arguments&)) {
    INFO(signature);
    const Function function = catalogue::function_of({signature, "", build}, {});
    CHECK_THROWS_WITH(call(function, {given({ones({2})}, 0)}, 0),
                      Catch::Contains("gives 'p' another kind than it is read as"));
  };
  refuses("f(x: array, p: boundary='wrap')", [](const catalogue::Arguments& a) -> Value {
    static_cast<void>(a.choice<catalogue::PadMode>("p"));
    return {};
  });
  refuses("f(x: array, p: order='C')",
          [](const catalogue::Arguments& a) -> Value { return {std::string(a.word<QrMode>("p"))}; });
  refuses("f(x: array, p: flag=False)", [](const catalogue::Arguments& a) -> Value {
    static_cast<void>(a.choice<Order>("p"));
    return {};
  });
  refuses("f(p: array)", [](const catalogue::Arguments& a) -> Value {
    static_cast<void>(a.operand("p"));
    return {};
  });
  refuses("f(p: operand)", [](const catalogue::Arguments& a) -> Value { return {a.array("p")}; });
}

TEST_CASE("catalogue: parameters know their defaults as values", "[api]") {
  const auto default_of = [](std::string_view function, std::size_t parameter) {
    return catalogue::find_function(function)->parameters[parameter].default_value();
  };
  CHECK(default_of("sum", 0).is_none());
  CHECK(default_of("sum", 1).is_none());
  CHECK(describe(default_of("sum", 3)) == "False");
  CHECK(describe(default_of("tensordot", 2)) == "the number 2");
  CHECK(describe(default_of("gaussian_filter", 4)) == "the number 4.0");
  CHECK(describe(default_of("qr", 1)) == "the string 'reduced'");
  CHECK(describe(default_of("rot90", 2)) == "a tuple of 2");
}

TEST_CASE("catalogue: errors of arguments name the signature and the place", "[api]") {
  const Value x{ones({2, 3})};
  check_error("sum", {given(x, 4), given({Scalar(1)}, 7, "axes")}, "did you mean 'axis'?", 7);
  check_error("sum", {given(x, 4), given({std::string("t")}, 7)}, "its axes have no names", 7);
  check_error("sum", {given(x, 4), given({Scalar(0)}, 7), given({Scalar(1)}, 9, "axis")}, "given twice", 9);
  check_error("sum", {}, "the argument 'x' is missing; its signature is sum(x, axis=None", 99);
  check_error("exp", {given(x, 4), given(x, 7)}, "takes at most 1 arguments", 7);
  check_error("concat", {given(x, 7)}, "takes its arrays as one list: concat([x, y])", 7);
  check_error("sum", {given(x, 4), given({Scalar(1)}, 9, "keepdims")}, "must be True or False", 9);
  check_error("pad", {given(x, 4), given({Scalar(1)}, 5), given({std::string("round")}, 9)},
              "must be one of 'constant', 'edge', 'reflect', 'symmetric', 'wrap', not the string 'round'", 9);
  check_error("astype", {given(x, 4), given({Scalar(1)}, 5)}, "must be a dtype", 5);
}

}  // namespace varve::test

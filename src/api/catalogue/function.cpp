#include "api/catalogue/function.hpp"

#include <algorithm>
#include <charconv>

namespace varve::catalogue {
namespace {

struct KindName {
  std::string_view name;
  Kind kind;
};
constexpr KindName kKinds[] = {
    {"array", Kind::array},
    {"operand", Kind::operand},
    {"arrays", Kind::arrays},
    {"scalar", Kind::scalar},
    {"real", Kind::real},
    {"reals", Kind::reals},
    {"integer", Kind::integer},
    {"integers", Kind::integers},
    {"pairs", Kind::pairs},
    {"positions", Kind::positions},
    {"shape", Kind::shape},
    {"axis", Kind::axis},
    {"axes", Kind::axes},
    {"new_axis", Kind::new_axis},
    {"new_axes", Kind::new_axes},
    {"axis_pairs", Kind::axis_pairs},
    {"flag", Kind::flag},
    {"dtype", Kind::dtype},
    {"boundary", Kind::boundary},
    {"pad_mode", Kind::pad_mode},
    {"order", Kind::order},
    {"qr_mode", Kind::qr_mode},
    {"quantile_method", Kind::quantile_method},
    {"group_op", Kind::group_op},
};

struct FamilyName {
  Family family;
  std::string_view name;
};
constexpr FamilyName kFamilies[] = {
    {Family::elementwise, "elementwise"}, {Family::reductions, "reductions"},
    {Family::quantiles, "quantiles"},     {Family::sorting, "sorting"},
    {Family::groups, "groups"},           {Family::scans, "scans"},
    {Family::windows, "windows"},         {Family::shapes, "shapes and positions"},
    {Family::joining, "joining"},         {Family::creation, "creation"},
    {Family::random, "random numbers"},   {Family::linear_algebra, "linear algebra"},
};

/// Cuts `text` at the first `mark` and returns what stands before it; all, if there is none.
std::string_view cut(std::string_view& text, std::string_view mark) {
  const std::size_t end = std::min(text.find(mark), text.size());
  const std::string_view before = text.substr(0, end);
  text.remove_prefix(std::min(end + mark.size(), text.size()));
  return before;
}

Parameter parameter_of(std::string_view text, bool is_first) {
  Parameter parameter;
  std::string_view names = cut(text, ": ");
  parameter.takes_keywords = names.starts_with("**");
  if (parameter.takes_keywords) names.remove_prefix(2);
  parameter.is_variadic = names.starts_with('*') && is_first;
  parameter.gathers = names.starts_with('*') && !is_first;
  parameter.is_idle = names.starts_with('~');
  if (names.starts_with('*') || names.starts_with('~')) names.remove_prefix(1);
  parameter.name = cut(names, "|");
  parameter.alias = names;
  const std::string_view kind = cut(text, "=");
  const auto* row = std::find_if(std::begin(kKinds), std::end(kKinds),
                                 [&](const KindName& each) { return each.name == kind; });
  if (row == std::end(kKinds)) throw Error("a row of the catalogue has no kind '" + std::string(kind) + "'");
  parameter.kind = row->kind;
  parameter.default_text = text;
  return parameter;
}

// Defaults are None, True, False, numbers, 'words' or tuples of integers.
Value value_of_default(std::string_view text) {
  if (text.empty() || text == "None") return {None{}};
  if (text.front() == '\'') return {std::string(text.substr(1, text.size() - 2))};
  if (text == "True" || text == "False") return {Scalar(text == "True")};
  if (text.front() == '(') {
    ValueSequence items;
    for (text = text.substr(1, text.size() - 2); !text.empty();) {
      const std::size_t comma = std::min(text.find(','), text.size());
      items.items.push_back(value_of_default(text.substr(0, comma)));
      text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return {std::move(items)};
  }
  const char* end = text.data() + text.size();
  std::int64_t integer = 0;
  if (std::from_chars(text.data(), end, integer).ptr == end) return {Scalar(integer)};
  double number = 0;
  std::from_chars(text.data(), end, number);
  return {Scalar(number)};
}

}  // namespace

Value Parameter::default_value() const { return value_of_default(default_text); }

std::string_view name_of(Family family) noexcept {
  for (const FamilyName& row : kFamilies) {
    if (row.family == family) return row.name;
  }
  return "";
}

std::string signature_of(const Function& function) {
  std::string text;
  for (const Parameter& parameter : function.parameters) {
    if (parameter.is_idle) continue;
    if (!text.empty()) text += ", ";
    if (parameter.is_variadic) text += '*';
    if (parameter.takes_keywords) text += "**";
    text += parameter.name;
    if (!parameter.default_text.empty()) text += "=" + std::string(parameter.default_text);
  }
  return std::string(function.name) + "(" + text + ")";
}

Function function_of(const Row& row, Family family) {
  Function function;
  function.family = family;
  function.summary = row.summary;
  function.build = row.build;
  std::string_view rest = row.signature;
  std::string_view names = cut(rest, "(");
  function.name = cut(names, "|");
  while (!names.empty()) function.aliases.push_back(cut(names, "|"));
  if (!rest.ends_with(')'))
    throw Error("a row of the catalogue is no signature: " + std::string(row.signature));
  rest.remove_suffix(1);
  while (!rest.empty())
    function.parameters.push_back(parameter_of(cut(rest, ", "), function.parameters.empty()));
  return function;
}

}  // namespace varve::catalogue

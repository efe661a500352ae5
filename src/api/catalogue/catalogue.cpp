#include "api/catalogue/catalogue.hpp"

#include <map>

#include "api/catalogue/rows/rows.hpp"

namespace varve::catalogue {
namespace {

struct FamilyRows {
  Family family;
  std::vector<Row> (*rows)();
};
constexpr FamilyRows kFamilies[] = {
    {Family::elementwise, elementwise_rows},
    {Family::reductions, reduction_rows},
    {Family::quantiles, quantile_rows},
    {Family::sorting, sorting_rows},
    {Family::groups, group_rows},
    {Family::scans, scan_rows},
    {Family::windows, window_rows},
    {Family::shapes, shape_rows},
    {Family::joining, joining_rows},
    {Family::creation, creation_rows},
    {Family::random, random_rows},
    {Family::linear_algebra, linear_algebra_rows},
};

using ByName = std::map<std::string_view, const Function*>;

ByName by_name() {
  ByName names;
  for (const Function& function : functions()) {
    names.emplace(function.name, &function);
    for (const std::string_view alias : function.aliases) names.emplace(alias, &function);
  }
  return names;
}

const ByName& known_names() {
  static const ByName names = by_name();
  return names;
}

std::vector<Function> read_rows() {
  std::vector<Function> functions;
  for (const FamilyRows& each : kFamilies) {
    for (const Row& row : each.rows()) functions.push_back(function_of(row, each.family));
  }
  return functions;
}

}  // namespace

const std::vector<Function>& functions() {
  static const std::vector<Function> all = read_rows();
  return all;
}

const Function* find_function(std::string_view name) {
  const auto found = known_names().find(name);
  return found == known_names().end() ? nullptr : found->second;
}

std::vector<std::string_view> function_names() {
  std::vector<std::string_view> names;
  for (const auto& [name, function] : known_names()) names.push_back(name);
  return names;
}

Value call(const Function& function, std::vector<GivenArgument> arguments, std::int64_t position) {
  return function.build(Arguments(function, std::move(arguments), position));
}

}  // namespace varve::catalogue

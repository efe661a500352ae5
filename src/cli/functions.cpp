#include "cli/functions.hpp"

#include <array>

#include "cli/remedies.hpp"
#include "cli/spelling.hpp"

namespace varve::cli {
namespace {

struct Alias {
  std::string_view alias;
  std::string_view name;
};

// NumPy's other names for the same functions.
constexpr Alias kAliases[] = {
    {"absolute", "abs"},
    {"fabs", "abs"},
    {"arcsin", "asin"},
    {"arccos", "acos"},
    {"arctan", "atan"},
    {"arctan2", "atan2"},
    {"arcsinh", "asinh"},
    {"arccosh", "acosh"},
    {"arctanh", "atanh"},
    {"conjugate", "conj"},
    {"degrees", "rad2deg"},
    {"radians", "deg2rad"},
    {"power", "pow"},
    {"mod", "remainder"},
    {"true_divide", "divide"},
    {"invert", "bitwise_invert"},
    {"bitwise_not", "bitwise_invert"},
    {"left_shift", "bitwise_left_shift"},
    {"right_shift", "bitwise_right_shift"},
    {"fix", "trunc"},
    {"rint", "round"},
    {"around", "round"},
    {"amin", "min"},
    {"amax", "max"},
    {"product", "prod"},
    {"array", "asarray"},
    {"concatenate", "concat"},
    {"unique", "unique_values"},
    {"cumsum", "cumulative_sum"},
    {"flatten", "ravel"},
    {"cumprod", "cumulative_prod"},
};

const Function* find_row(std::span<const Function> rows, std::string_view name) noexcept {
  for (const Function& row : rows) {
    if (row.name() == name) return &row;
  }
  return nullptr;
}

// Adding a family is one row.
auto families() noexcept {
  return std::to_array<std::span<const Function>>({
      elementwise_functions(),
      reduction_functions(),
      array_functions(),
      gather_functions(),
      window_functions(),
      scan_functions(),
      random_functions(),
      selection_functions(),
      linear_algebra_functions(),
  });
}

}  // namespace

const Function* find_function(std::string_view name) noexcept {
  for (const Alias& row : kAliases) {
    if (row.alias == name) name = row.name;
  }
  for (const auto rows : families()) {
    if (const Function* row = find_row(rows, name)) return row;
  }
  return nullptr;
}

std::vector<const Function*> all_functions() {
  std::vector<const Function*> functions;
  for (const auto rows : families()) {
    for (const Function& row : rows) functions.push_back(&row);
  }
  return functions;
}

std::vector<std::string_view> function_names() {
  std::vector<std::string_view> names;
  for (const auto rows : families()) {
    for (const Function& row : rows) names.push_back(row.name());
  }
  for (const Alias& row : kAliases) names.push_back(row.alias);
  return names;
}

std::string meant_function(std::string_view name) {
  const std::string remedy = remedy_for_name(name);
  return remedy.empty() ? did_you_mean(name, function_names()) : remedy;
}

Value call(const Function& function, std::vector<GivenArgument> arguments, std::int64_t position) {
  return function.build(Arguments(function, std::move(arguments), position));
}

}  // namespace varve::cli

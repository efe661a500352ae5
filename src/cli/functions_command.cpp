#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/functions.hpp"

namespace varve::cli {

namespace {

void print(const Function& function) {
  fmt::print("{}\n    {}\n", readable_signature(function), function.summary);
}

}  // namespace

void functions_command(const Options& options) {
  if (options.functions.empty()) {
    for (const Function* function : all_functions()) print(*function);
    return;
  }
  for (const std::string& name : options.functions) {
    const Function* function = find_function(name);
    if (function == nullptr) throw UsageError("there is no function '" + name + "'" + meant_function(name));
    print(*function);
  }
}

}  // namespace varve::cli

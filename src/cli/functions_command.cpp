#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/functions.hpp"
#include "cli/spelling.hpp"

namespace varve::cli {

void functions_command(const Options& options) {
  if (options.functions.empty()) {
    for (const std::string_view signature : function_signatures()) fmt::print("{}\n", signature);
    return;
  }
  for (const std::string& name : options.functions) {
    const Function* function = find_function(name);
    if (function == nullptr)
      throw UsageError("there is no function '" + name + "'" + did_you_mean(name, function_names()));
    fmt::print("{}\n", function->signature);
  }
}

}  // namespace varve::cli

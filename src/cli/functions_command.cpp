#include <fmt/format.h>

#include "api/catalogue/catalogue.hpp"
#include "cli/commands.hpp"
#include "cli/meant_function.hpp"

namespace varve::cli {
namespace {

void print(const catalogue::Function& function) {
  fmt::print("{}\n    {}\n", catalogue::signature_of(function), function.summary);
}

}  // namespace

void functions_command(const Options& options) {
  if (options.functions.empty()) {
    for (const catalogue::Function& function : catalogue::functions()) print(function);
    return;
  }
  for (const std::string& name : options.functions) {
    const catalogue::Function* function = catalogue::find_function(name);
    if (function == nullptr) throw UsageError("there is no function '" + name + "'" + meant_function(name));
    print(*function);
  }
}

}  // namespace varve::cli

#include "cli/meant_function.hpp"

#include "api/catalogue/catalogue.hpp"
#include "api/catalogue/spelling.hpp"
#include "cli/remedies.hpp"

namespace varve::cli {

std::string meant_function(std::string_view name) {
  const std::string remedy = remedy_for_name(name);
  return remedy.empty() ? catalogue::did_you_mean(name, catalogue::function_names()) : remedy;
}

}  // namespace varve::cli

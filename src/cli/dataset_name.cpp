#include "cli/dataset_name.hpp"

#include "cli/syntax.hpp"
#include "varve/core/error.hpp"

namespace varve::cli {

Destination destination(const std::string& text, int version) {
  io::Location location = io::output_location(text);
  return {io::OutputPlace(location.path, version), std::move(location.variable)};
}

NamedInput named_input(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos)
    throw ExpressionError("-i " + text + ": write -i NAME=PATH or -i NAME=PATH:VAR");
  const std::string name = text.substr(0, equals);
  if (!is_identifier(name)) {
    throw ExpressionError("-i " + text + ": '" + name + "' is not a name; use letters, digits and _");
  }
  return {name, io::input_location(text.substr(equals + 1))};
}

}  // namespace varve::cli

#pragma once

#include <string>

#include "io/formats.hpp"
#include "io/location.hpp"

namespace varve::cli {

/// An output as the command line names it: OUT[:VAR], with the format of its ending.
struct Destination {
  io::OutputPlace place;
  std::string variable;  ///< may be empty
};

/// Takes OUT[:VAR] apart. `version`: of formats that have several; 0 for the usual one. Errors: ArgumentError
/// for an address in another store, or an ending that says no format.
[[nodiscard]] Destination destination(const std::string& text, int version);

/// An input with its name: NAME=PATH[:VAR].
struct NamedInput {
  std::string name;
  io::Location dataset;
};

/// Takes NAME=PATH[:VAR] apart. Errors: ExpressionError if there is no '=' or NAME is not an identifier;
/// those of `io::input_location`.
[[nodiscard]] NamedInput named_input(const std::string& text);

}  // namespace varve::cli

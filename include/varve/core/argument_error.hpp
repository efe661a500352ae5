#pragma once

#include "varve/core/error.hpp"

namespace varve {

/// Reports an argument that nothing can be done with: an unknown codec, an output whose ending says no
/// format, a name that a file does not have. Thrown before anything is computed.
class ArgumentError : public Error {
 public:
  using Error::Error;
};

}  // namespace varve

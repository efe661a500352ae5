#pragma once

#include "varve/core/error.hpp"

namespace varve {

/// Reports, while running, a value that an operation is not defined for, as a negative power of an integer.
class DomainError : public Error {
 public:
  using Error::Error;
};

}  // namespace varve

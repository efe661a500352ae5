#pragma once

#include <functional>
#include <string>

#include "expr/node.hpp"

namespace varve::labels {

/// What work on labels needs of the layers above it.
struct Surroundings {
  /// Calls `look`, which opens or describes a file: a program may want to stand by.
  std::function<void(const std::string& path, const std::function<void()>& look)> guard;
  /// Computes whether coordinates of one extent differ by more than what rounding explains.
  std::function<bool(const expr::NodePtr& left, const expr::NodePtr& right)> differ;
  /// Tells the user what is left out, and why.
  std::function<void(const std::string& message)> warn;
};

}  // namespace varve::labels

#pragma once

#include "labels/surroundings.hpp"
#include "varve/runtime.hpp"

namespace varve::api {

/// Returns what labels need: coordinates are compared by runs of `runtime`; nobody stands by while files are
/// looked at, and nobody is warned.
[[nodiscard]] labels::Surroundings label_surroundings(Runtime& runtime);

}  // namespace varve::api

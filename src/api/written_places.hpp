#pragma once

#include <string>
#include <vector>

#include "io/store/file_place.hpp"
#include "varve/compute.hpp"

namespace varve::api {

/// A file that is to be written, and what messages call it.
struct NamedPlace {
  std::string path;
  io::FilePlace place;
  std::string until_whole;  ///< where it is written until then; may be empty
};

/// Checks that nothing which a run writes is, contains or lies in something that it reads, or something else
/// that it writes: outputs with the names that they have until they are whole, report and trace. Touches
/// nothing. Errors: ArgumentError naming both places; StorageError if report or trace cannot be written.
void require_apart(const std::vector<NamedPlace>& outputs, const std::vector<Array>& inputs,
                   const RunOptions& options);

}  // namespace varve::api

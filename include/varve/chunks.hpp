#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>

#include "varve/core/dims.hpp"

namespace varve {

/// Extents of chunks, one per axis, in options: absent, as by default, they follow from the array.
class Chunks : public std::optional<Shape> {
 public:
  using std::optional<Shape>::optional;
  /// Gives the extents as numbers: `.chunks = {24, 361, 720}`.
  Chunks(std::initializer_list<std::int64_t> extents) : std::optional<Shape>(Shape(extents)) {}
};

}  // namespace varve

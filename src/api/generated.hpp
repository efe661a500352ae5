#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "expr/node.hpp"
#include "varve/creation.hpp"

namespace varve::api {

/// Returns the natural chunks of a created array: those asked for, else about 4 MiB. Errors: ShapeError,
/// naming `operation`, if the shape or the chunks are impossible.
[[nodiscard]] ChunkGrid creation_grid(const Shape& shape, DType dtype, const CreationOptions& options,
                                      const std::string& operation);

/// Returns a hash of what a generator was made from: generators with equal parameters give equal values.
[[nodiscard]] std::uint64_t identity_of(const std::string& generator,
                                        std::initializer_list<std::uint64_t> parameters);

}  // namespace varve::api

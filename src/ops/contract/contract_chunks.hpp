#pragma once

#include "ops/contract/contract.hpp"
#include "varve/core/chunk_grid.hpp"

namespace varve::ops {

/// The cut of a contraction, by a rule of shapes and grids alone.
struct ContractChunks {
  ChunkGrid result;  ///< natural chunks
  ChunkGrid panels;  ///< of the depth axes: inputs are read panel by panel, in C order
};

[[nodiscard]] ContractChunks contract_chunks(const expr::Node& left, const expr::Node& right,
                                             const ContractAxes& axes);

}  // namespace varve::ops

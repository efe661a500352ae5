#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "expr/node.hpp"

namespace varve::ops {

/// Says which box of each input a block of the result is made from. By geometry alone; immutable.
class BlockGeometry {
 public:
  virtual ~BlockGeometry() = default;

  [[nodiscard]] virtual Box input_box(int input, const ChunkIndex& block) const = 0;
  /// Returns the largest shape of such a box.
  [[nodiscard]] virtual Shape largest_input(int input) const = 0;
  /// Returns what the function sees of an input that lies dense in memory.
  [[nodiscard]] virtual StridedView seen(int /*input*/, const StridedView& dense,
                                         const ChunkIndex& /*block*/) const {
    return dense;
  }
};

/// Is a block of the result, as its function is told.
struct BlockPlace {
  Box box;
  ChunkIndex index;
  std::span<std::byte> workspace;
};

/// Is a function of blocks, and what there is to know of it.
struct BlockTask {
  std::string name;
  /// Inputs lie in memory of the call's own, which it may write to.
  std::function<void(std::span<const StridedView> inputs, const StridedView& out, const BlockPlace&)>
      function;
  std::int64_t workspace_bytes = 0;
  std::uint64_t identity = 0;
  bool lasting = true;  ///< whether the identity means the same in another run of the program
};

/// Makes the blocks of `result`, each whole, by a function; boxes that hold a part of a block take it from
/// the whole.
[[nodiscard]] expr::NodePtr blocks(const ChunkGrid& result, DType dtype, std::vector<expr::NodePtr> inputs,
                                   std::shared_ptr<const BlockGeometry> geometry, BlockTask task);

/// Cuts loop axes into cells: block k of the result sees cell k of the loop axes of each input, which stand
/// first, are aligned at the end and may be of extent 1, and all of the axes that follow. Axes of the result
/// beyond the loop axes are one block.
[[nodiscard]] std::shared_ptr<const BlockGeometry> loop_geometry(const ChunkGrid& cells,
                                                                 const std::vector<Shape>& inputs,
                                                                 const std::vector<std::int64_t>& core_axes);

}  // namespace varve::ops

#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "varve/array.hpp"
#include "varve/axes.hpp"
#include "varve/chunks.hpp"

namespace varve {

// Functions of the program's own, run block by block. They are called from several threads at once, and once
// or more per block: what they write must follow from what they are given alone. What they throw ends the
// run, as an Error that names the block and holds the exception nested.
//
// Memory:  per call, one block of each input, one of the result and the workspace that was asked for.
//          Functions that allocate do so outside the budget.

/// The block that a function works on.
struct Block {
  Box box;                         ///< where the block lies in the result
  ChunkIndex index;                ///< the number of the block along each axis of the result
  std::span<std::byte> workspace;  ///< of the size asked for, aligned to 64 bytes; contents unspecified
};

/// Fills `out` from one view per input. Views have any strides; those of inputs that are broadcast have
/// strides of zero.
using BlockFunction =
    std::function<void(std::span<const ConstStridedView> inputs, const StridedView& out, const Block& block)>;

/// Options of `map_blocks`.
struct MapBlocksOptions {
  std::optional<DType> dtype = {};  ///< of the result; by default that of the first input
  Chunks chunks = {};               ///< extents of a block; by default those of the largest input's chunks
  /// Extents of what each block gives, the same for all; by default those of the block itself.
  Chunks result_block = {};
  std::int64_t workspace_bytes = 0;  ///< memory for each call
  /// Names the function, in this program and in later ones: results of equal identity and inputs count as
  /// equal, so it must change when the function does. Without one a run cannot be resumed.
  std::string identity = {};
};

/// Applies a function to each block of the inputs, which are broadcast together and cut alike.
///
/// Shape:   the common one; with `result_block`, the number of blocks along each axis times its extent.
/// Chunks:  the blocks.
/// I/O:     reads each block once per tile that holds a part of its result.
/// Errors:  ShapeError if the inputs do not broadcast, there are none, or the options have another number of
///          axes.
Array map_blocks(const std::vector<Array>& inputs, BlockFunction function,
                 const MapBlocksOptions& options = {});

/// Options of `apply_gufunc`.
struct GufuncOptions {
  std::optional<DType> dtype = {};  ///< of the result; by default that of the first input
  Chunks chunks = {};               ///< loop axes of a block; by default gathered or cut to about 4 MiB
  /// Extents of core axes of the result that no input has, by name.
  std::map<std::string, std::int64_t> sizes = {};
  std::int64_t workspace_bytes = 0;  ///< memory for each call
  std::string identity = {};         ///< as for `map_blocks`
};

/// Applies a function along core axes, which a signature names as for NumPy's generalised functions:
/// "(i,j),(j)->(i)". The last axes of each input are its core axes, given whole. All others are loop axes:
/// they broadcast, and the function gets a block of them at a time. Views are (loop..., core...).
///
/// Shape:   the loop axes, then the core axes of the result.
/// Chunks:  loop axes cut so that a block takes about 4 MiB; core axes whole.
/// Errors:  ExpressionError for a signature that cannot be read; ShapeError for inputs that do not suit it.
Array apply_gufunc(const std::string& signature, const std::vector<Array>& inputs, BlockFunction function,
                   const GufuncOptions& options = {});

/// A reduction by functions of the program's own. A state is a view (kept axes..., `state_size`).
struct BlockReduction {
  /// Fills the state from a block of the array.
  std::function<void(const ConstStridedView& values, const StridedView& state, const Block& block)> chunk;
  /// Merges the state of later elements into that of earlier ones.
  std::function<void(const ConstStridedView& later, const StridedView& state)> combine;
  /// Fills the result (kept axes...) from the state of all elements; by default the state is the result.
  std::function<void(const ConstStridedView& state, const StridedView& out)> finish = {};
};

/// Options of `reduction`.
struct ReductionOptions {
  Axes axis = {};                         ///< folded; absent: all
  std::optional<DType> dtype = {};        ///< of the result; by default that of the state
  std::optional<DType> state_dtype = {};  ///< by default that of the array
  std::int64_t state_size = 1;            ///< elements of the state per element of the result
  Chunks chunks = {};                     ///< extents of a block; by default the natural chunks
  bool keepdims = false;                  ///< keeps the axes, with extent 1
  std::int64_t workspace_bytes = 0;       ///< memory for each call of `chunk`
  std::string identity = {};              ///< as for `map_blocks`
};

/// Folds axes by functions: each block once, then the states in C order of the blocks, by a tree of fixed
/// shape.
///
/// Shape:   axes removed, or 1 if `keepdims`.
/// Memory:  per thread, a block, its state, and 17 states per level of the tree.
/// I/O:     reads x once.
/// Errors:  ShapeError for axes out of range or an axis of no elements; DTypeError if a state that is the
///          result should have another dtype.
Array reduction(const Array& x, const BlockReduction& functions, const ReductionOptions& options = {});

}  // namespace varve

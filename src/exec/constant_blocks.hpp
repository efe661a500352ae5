#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "exec/bindings.hpp"
#include "exec/merge_tree.hpp"

namespace varve::exec {

/// What a stage that only reduces need not compute tile by tile: it has few tiles that touch a chunk which is
/// in the store; in all others each leaf is one value everywhere.
struct SparseTiles {
  ChunkGrid tiles;                     ///< one reduction block each; block numbers run fastest
  std::vector<std::int64_t> computed;  ///< numbers of the tiles that are no constants, rising
};

/// Returns the tiles of a stage that are no constants, where it pays to tell them from the rest. Lists the
/// chunks of its datasets.
[[nodiscard]] std::optional<SparseTiles> find_sparse_tiles(const plan::Stage& stage,
                                                           const Bindings& bindings);

/// Adds the accumulators of constant blocks to the merge trees of a stage: of each shape one block is
/// computed, and accumulators of aligned runs of equal blocks are merged from halves that are equal too. So
/// the bits are those of a run that computes each block. Thread-safe.
class ConstantBlocks {
 public:
  /// Computes a tile, and returns its accumulators, one per reduction.
  using Compute = std::function<std::vector<State>(std::int64_t tile)>;

  ConstantBlocks(const plan::Stage& stage, BufferPool& pool);

  /// Adds blocks [first, last) of all reductions, of the tile with number `kept_tile` among those of the kept
  /// axes.
  void add(std::int64_t kept_tile, std::int64_t first, std::int64_t last, const Compute& compute,
           const std::vector<std::unique_ptr<MergeTree>>& trees);

  /// Returns the number of blocks of a reduction.
  [[nodiscard]] std::int64_t block_count() const noexcept { return block_count_; }

 private:
  /// One element of an accumulator.
  struct Element {
    alignas(16) std::byte planes[kernels::kMaxPlanes][16] = {};
    std::int64_t count = 0;
  };
  /// The accumulator of 2^level blocks, from number position x 2^level on.
  struct Subtree {
    std::int64_t level = 0;
    std::int64_t position = 0;
    Element element;
  };
  /// Of each reduction, the accumulators of 1, 2, 4, ... equal blocks.
  using Levels = std::vector<std::vector<Element>>;

  [[nodiscard]] std::int64_t run_end(std::int64_t block) const;
  [[nodiscard]] std::vector<std::int64_t> extents_of(std::int64_t block) const;
  [[nodiscard]] std::int64_t first_position(std::int64_t block) const;
  Levels& levels_of(std::int64_t kept_tile, std::int64_t block, const Compute& compute);
  const Element& merged(std::vector<Element>& levels, std::size_t sink, std::int64_t level) const;
  void merge(Element& left, Element& right, std::size_t sink) const;
  void append(std::vector<Subtree>& subtrees, Subtree next, std::size_t sink) const;
  [[nodiscard]] State spread(const Element& element, std::size_t sink, std::int64_t kept_elements) const;

  const plan::Stage& stage_;
  BufferPool& pool_;
  std::vector<std::int64_t> axes_;  ///< that are reduced
  std::int64_t block_count_ = 1;
  std::mutex mutex_;
  std::map<std::vector<std::int64_t>, Levels> of_extents_;
};

}  // namespace varve::exec

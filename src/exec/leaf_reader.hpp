#pragma once

#include <memory>
#include <span>
#include <vector>

#include "exec/buffer_pool.hpp"
#include "exec/chunk_cache.hpp"
#include "plan/footprint.hpp"

namespace varve::exec {

/// A leaf's data for one step: the element at the step's corner, and byte strides per axis of the domain.
struct LoadedLeaf {
  const std::byte* data = nullptr;
  ByteStrides strides;
};

/// Makes boxes of values, for generators and operations.
class BoxProducer {
 public:
  virtual ~BoxProducer() = default;
  /// Makes the elements of `box` in a dense view of its shape; of an operation of several outputs, what
  /// belongs to it of each that has data. Returns the bytes read from stores.
  virtual std::int64_t produce(const Box& box, std::span<const StridedView> outputs) = 0;
};

/// Says where a leaf's elements come from in this run: exactly one is set.
struct LeafBinding {
  const io::Dataset* dataset = nullptr;
  ChunkCache* chunks = nullptr;  ///< beside `dataset`, where whole chunks are decoded
  FetchAhead* ahead = nullptr;   ///< beside `chunks`, where they are fetched before they are needed
  ConstStridedView memory;
  BoxProducer* producer = nullptr;
};

/// Brings one leaf into memory, step by step. Belongs to one slot; not thread-safe. Its buffers are those of
/// plan::buffers_of.
class LeafReader {
 public:
  LeafReader(const plan::Leaf& leaf, plan::LeafAccess access, const LeafBinding& binding,
             const plan::LeafBuffers& buffers, BufferPool& pool);

  /// Loads the elements of `step`, a non-empty box of the domain; returns the bytes read from a store.
  std::int64_t load(const Box& step, LoadedLeaf& loaded);

  /// Decodes the chunk that `box` is straight into a view of its shape, and returns the bytes read; or does
  /// nothing and returns -1, where the chunk must be rearranged, is here already, or should stay: the only
  /// one, and the one that was decoded so last.
  std::int64_t decode(const Box& box, const StridedView& target);

  /// Announces that the chunks under `box` will be loaded soon.
  void announce(const Box& box);

 private:
  std::int64_t load_chunk(const Box& step, LoadedLeaf& loaded);
  std::int64_t load_assembled(const Box& step, LoadedLeaf& loaded);
  std::int64_t load_made(const Box& step, LoadedLeaf& loaded);
  LoadedLeaf through_chunk(const ChunkIndex& chunk, const Index& lo, bool keep, std::int64_t& bytes_read);
  void order_lists(const Box& step);
  std::int64_t add_chunks(std::int64_t axis, ChunkIndex& chunk, const Box& chunks, const Box& step);
  std::int64_t add_chunks_listed(std::int64_t axis, ChunkIndex& chunk, const Box& chunks, const Box& step);
  std::int64_t add_pieces(const ChunkIndex& chunk, const Box& chunk_box, std::size_t axis, const Box& step,
                          Box piece);
  std::int64_t add_single_elements(const ChunkIndex& chunk, const Box& chunk_box, std::size_t axis,
                                   const Box& step, const Box& piece);
  std::int64_t add_piece(const ChunkIndex& chunk, const Box& step, const Box& piece);
  std::int64_t read_piece(const ChunkIndex& chunk, const Box& piece, const StridedView& target);
  /// Views memory through the leaf's map: `data` is the element at the source coordinate `first`, which may
  /// be far from zero.
  [[nodiscard]] LoadedLeaf through_map(const std::byte* data, const Index& first, const ByteStrides& strides,
                                       const Index& lo) const;
  [[nodiscard]] bool must_split(std::size_t axis) const;
  bool announce_chunk(const ChunkIndex& chunk);
  void announce_from(std::int64_t visited);

  const plan::Leaf& leaf_;
  plan::LeafAccess access_;
  LeafBinding binding_;
  Index memory_first_;  ///< source coordinate of the first element of the memory that is bound
  Buffer workspace_;
  Buffer assembled_;
  Buffer gather_;
  Buffer order_;
  /// Per source axis that picks listed positions: where the step's elements along it stand, by rising
  /// position; and those of them that lie in the chunk at hand.
  std::vector<std::span<const std::int64_t>> in_order_;
  std::vector<std::span<const std::int64_t>> in_chunk_;
  ChunkIndex decoded_last_;  ///< straight into a view; empty: none yet
  /// The chunks of the step that is loaded, in the order of reading, and how many of them were announced and
  /// visited.
  Box step_chunks_;
  std::int64_t step_announced_ = 0;
  std::int64_t step_visited_ = 0;
  /// Hints cost system calls: where they change nothing, ever more of them are left out.
  std::int64_t hints_skipped_ = 0;
  std::int64_t hints_to_skip_ = 0;
  StridedView assembled_view_;  ///< of the step, extent 1 on axes that the leaf does not use
};

}  // namespace varve::exec

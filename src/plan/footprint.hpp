#pragma once

#include "plan/plan.hpp"

namespace varve::plan {

/// What one leaf needs while a step runs; the executor takes exactly these buffers.
struct LeafBuffers {
  std::int64_t chunk_bytes = 0;      ///< one decoded chunk
  std::int64_t workspace_bytes = 0;  ///< for decoding it
  std::int64_t assembled_bytes =
      0;  ///< the step's elements, gathered from several chunks or made by a generator
  std::int64_t gather_bytes = 0;  ///< for partial reads with steps along the last axis: one run of elements
  std::int64_t order_bytes = 0;   ///< listed positions of a step by rising position, axis after axis
};

/// Tells how a leaf is brought into memory for the steps of a stage.
enum class LeafAccess : std::uint8_t {
  resident,   ///< in memory: used in place
  gathered,   ///< in memory, at listed positions: copied
  in_chunk,   ///< each step lies in one chunk: the decoded chunk is used in place
  assembled,  ///< decoded chunks are copied into a dense box
  partial,    ///< read without decoding whole chunks, into a dense box
  generated,  ///< made by a function, for the smallest box that holds what is needed
  computed,   ///< made by an operation, for the smallest box that holds what is needed
};

[[nodiscard]] LeafAccess access_of(const Leaf& leaf, const std::vector<Value>& values,
                                   const ChunkGrid& steps);
[[nodiscard]] LeafBuffers buffers_of(const Leaf& leaf, LeafAccess access, const std::vector<Value>& values,
                                     const Shape& step);

/// Tells that a stage does nothing but write what one operation makes, tile by tile: it makes them where they
/// are written from. So do all that write several outputs.
[[nodiscard]] bool makes_tiles_in_place(const Stage& stage, const std::vector<Value>& values);

/// Returns the bytes that gather a piece of a value in scratch, which lies where a writer's tile and a
/// reader's tile meet.
[[nodiscard]] std::int64_t scratch_piece_bytes(const Value& value, const Shape& writer, const Shape& reader);
/// Returns the workspace that pieces are moved with: that much, or what encoding and decoding them takes.
[[nodiscard]] std::int64_t scratch_workspace_bytes(const Value& value, const Shape& writer,
                                                   const Shape& reader);

/// Tells whether the positions along a source axis are read one by one where parts of chunks are read: listed
/// ones, those of a diagonal, and such as lie far from each other.
[[nodiscard]] bool is_read_one_by_one(const Leaf& leaf, std::size_t axis);

/// Tells whether a leaf's listed positions are put in order, so that each finds its chunk.
[[nodiscard]] bool orders_lists(LeafAccess access) noexcept;

/// Returns the extents of the box of elements that a leaf contributes to a step: 1 on axes that it does not
/// use.
[[nodiscard]] Shape leaf_box(const Leaf& leaf, const Shape& step);

/// Returns the extents of the box of its source's index space that a leaf may need for a step.
[[nodiscard]] Shape demand_shape(const Leaf& leaf, const Shape& step);

/// Returns the bytes that one thread encodes and writes a chunk of an output with.
[[nodiscard]] std::int64_t write_chunk_bytes(const Value& value);
/// Returns how many threads encode and write the chunks that a sink gets of a tile: those that share it, as
/// far as it has chunks, and as far as their buffers take no more than the tile; at least one.
[[nodiscard]] int chunk_writers(const Stage& stage, const WriteSink& sink, const Value& value);

/// Returns for each leaf of a program the bytes that one thread's evaluators of its inputs take: their
/// leaves, cell by cell, and their vectors. They are the same for all tiles.
[[nodiscard]] std::vector<std::int64_t> evaluator_bytes(const Program& program,
                                                        const std::vector<Value>& values);

/// Returns the bytes of the accumulators of `elements` results: the kernel's planes, each padded to 16 bytes.
[[nodiscard]] std::int64_t state_bytes(const kernels::ReduceKernel& kernel, std::int64_t elements);
[[nodiscard]] std::int64_t state_bytes(const ReduceSink& sink, std::int64_t elements);
/// Returns how many output elements, and how many reduction blocks, a box of the domain of those extents
/// touches.
[[nodiscard]] std::int64_t kept_elements(const ReduceSink& sink, const Shape& extents);
[[nodiscard]] std::int64_t blocks_within(const ReduceSink& sink, const Shape& extents);

/// Returns the footprint of one tile of the stage, by the buffer pool's size classes, given
/// `evaluator_bytes(stage.program, values)`.
[[nodiscard]] std::int64_t slot_footprint(const Stage& stage, const std::vector<Value>& values,
                                          const std::vector<std::int64_t>& evaluators);
/// Returns the room for chunks that are fetched before they are needed, from stores which take long to
/// answer, as far as `spare_bytes` go. 0 where no store needs it.
[[nodiscard]] std::int64_t fetch_ahead_bytes(const Stage& stage, std::int64_t spare_bytes);
/// Returns a bound on the partial reductions that wait for their neighbours in the merge tree.
[[nodiscard]] std::int64_t pending_state_bytes(const Stage& stage);

}  // namespace varve::plan

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/scratch/scratch_coding.hpp"
#include "plan/program.hpp"

namespace varve::plan {

/// Says where a value lives between the stage that makes it and the last one that reads it.
enum class Placement : std::uint8_t { memory, scratch, output };

/// An array that exists whole: a finished reduction, a stored intermediate, a result.
struct Value {
  Shape shape;
  DType dtype = DType::float64;
  Placement placement = Placement::memory;
  bool is_result = false;  ///< stays after the run
  int output = -1;         ///< which of the requested outputs, where placement is output
  ChunkGrid output_chunks;
  std::int64_t write_workspace_bytes = 0;
  /// In scratch: the box that its reader is expected to take at a time; empty if unknown.
  Shape scratch_tile;
  ChunkGrid scratch_writers;  ///< in scratch: the tiles that write it
  ChunkGrid scratch_readers;  ///< in scratch: the boxes that read it
  /// The key of the source that it copies, for readers that take whole boxes; 0: none.
  std::uint64_t rechunk = 0;
  io::ScratchCodec scratch_codec = io::ScratchCodec::none;  ///< in scratch: how it is compressed
  /// In scratch, compressed: memory that says how long each block became.
  std::int64_t scratch_table_bytes = 0;
  int made_by = -1;    ///< stage
  int last_used = -1;  ///< stage

  [[nodiscard]] std::int64_t bytes() const { return element_count(shape) * size_bytes(dtype); }
};

/// Folds axes of the stage's domain into a value.
///
/// The order of additions is fixed by `blocks`, which depends on the expression alone: elements of one
/// reduction block are added row by row in C order, and the blocks' partial results are merged in a pairwise
/// tree over the block index.
struct ReduceSink {
  int input = -1;  ///< register
  kernels::ReduceOp op{};
  DType input_dtype = DType::float64;
  std::vector<std::int64_t> axes;  ///< of the domain, sorted
  ChunkGrid blocks;                ///< over the whole domain; one block on the axes that are kept
  double correction = 0;
  ValueId value = -1;

  [[nodiscard]] bool reduces(std::int64_t axis) const noexcept;
};

/// Writes each element of the domain to a value of the same shape; or, where the register is loaded by an
/// operation of several outputs, what it makes of one of them to a value of that one's shape.
struct WriteSink {
  int input = -1;  ///< register
  ValueId value = -1;
  int output = 0;  ///< which of several
};

/// What planning expects of a stage, for people and for `explain`.
struct StageEstimate {
  std::int64_t bytes_read = 0;
  std::int64_t bytes_written = 0;
  std::int64_t min_bytes_read = 0;   ///< each needed chunk once
  bool is_pass = false;              ///< reads a dataset, a generator or scratch, not only memory
  std::int64_t bytes_generated = 0;  ///< by generators, for operations
  std::int64_t min_bytes_generated = 0;
  /// What operations copy of arrays in memory, over all that a stage must read, compute and copy.
  double times_copied = 0;

  /// What is read and recomputed, all together and at least.
  [[nodiscard]] std::int64_t bytes() const noexcept { return bytes_read + bytes_generated; }
  [[nodiscard]] std::int64_t min_bytes() const noexcept { return min_bytes_read + min_bytes_generated; }
};

/// How the work of a stage is cut, and what that takes.
struct Tiling {
  ChunkGrid tiles;
  ChunkGrid steps;                       ///< a tile is worked on in steps: what is held decoded at one time
  std::vector<std::int64_t> axis_order;  ///< tiles are handed out with the last of these axes fastest
  /// Asks for one tile at a time, where all work on it is an operation's, which shares it among threads.
  bool shares_tiles = false;
  int slots = 1;                 ///< tiles that run at one time
  int workers = 1;               ///< threads that an operation uses inside one tile
  std::int64_t slot_bytes = 0;   ///< footprint of one tile
  std::int64_t state_bytes = 0;  ///< bound on partial reductions that wait to be merged
  std::int64_t fetch_bytes = 0;  ///< room for chunks that are fetched before they are needed

  /// Returns the bytes that the stage takes.
  [[nodiscard]] std::int64_t bytes() const { return state_bytes + slots * slot_bytes + fetch_bytes; }
  /// Returns tile number `index` in the order of dispensing.
  [[nodiscard]] ChunkIndex tile_at(std::int64_t index) const;
};

/// One streaming pass over a domain: a fused program with sinks, how it is cut into tiles, and what is
/// expected of it.
struct Stage {
  Shape domain;
  ChunkGrid natural;  ///< natural chunks of what is streamed
  Program program;
  std::vector<ReduceSink> reduces;
  std::vector<WriteSink> writes;
  Tiling tiling;
  std::int64_t resident_bytes = 0;  ///< values in memory while the stage runs
  StageEstimate estimate;

  [[nodiscard]] std::int64_t peak_bytes() const { return resident_bytes + tiling.bytes(); }
};

/// Says how the caller gets a result: a value, or a source that lies in memory already, seen through a view.
struct Root {
  ValueId value = -1;
  int source = -1;      ///< its id, where there is no value
  expr::IndexMap view;  ///< result -> value or source
};

/// The ordered list of stages that computes some roots. A value: no threads, no open files; the same for the
/// same expressions and limits every time.
struct Plan {
  std::vector<SourcePtr> sources;  ///< by id
  std::vector<Value> values;
  std::vector<Stage> stages;
  std::vector<Root> roots;
  std::int64_t budget_bytes = 0;
  std::int64_t peak_bytes = 0;
  std::int64_t scratch_bytes = 0;   ///< at one time
  std::int64_t min_bytes_read = 0;  ///< that any plan must read of the sources
};

/// One array to compute: into memory, or into an output with that chunk grid.
struct Request {
  expr::NodePtr node;
  std::optional<ChunkGrid> output_chunks = {};
  std::int64_t write_workspace_bytes = 0;
};

struct Limits {
  std::int64_t memory_bytes = 0;  ///< what is free of the budget
  int threads = 1;
  io::ScratchCodec scratch_codec = io::ScratchCodec::none;
  /// A source is rather copied twice than moved in shorter pieces.
  std::int64_t short_piece_bytes = 4 << 10;
};

/// Plans. Errors: BudgetError with the smallest budget that would do.
[[nodiscard]] Plan make_plan(const std::vector<Request>& requests, const Limits& limits);

/// Returns a budget for requests that stand for others, which are smaller: the memory that was given to the
/// plan which a refusal would name, and not only what that plan takes of it.
[[nodiscard]] std::int64_t budget_for_guess(const std::vector<Request>& requests, const Limits& limits);

/// Formats a plan for people, and as JSON.
[[nodiscard]] std::string explain_text(const Plan& plan);
[[nodiscard]] std::string explain_json(const Plan& plan);

}  // namespace varve::plan

#pragma once

#include <vector>

#include "exec/program_inputs.hpp"
#include "exec/tile_program.hpp"

namespace varve::exec {

/// A box of a value that a tile stored, and the bytes that went to disk for it.
struct StoredPiece {
  plan::ValueId value = -1;
  Box box;
  std::int64_t bytes_written = 0;
};

/// Takes what a stage's write sinks get of one tile, and stores it. Makes its buffers once, for every tile;
/// belongs to one thread. A tile that comes again is stored again, with the same bytes.
class TileWriter {
 public:
  TileWriter(const plan::Stage& stage, const RunResources& resources);

  /// Returns where the elements of a step go: one target per sink, which hold until the next call.
  [[nodiscard]] const std::vector<WriteTarget>& targets(const Box& tile, const Index& step_lo);
  /// Returns buffers, for programs that make whole tiles in place: of the only sink, or one for each output
  /// of the operation that the stage runs, without data for those that no sink takes.
  [[nodiscard]] std::vector<StridedView> whole_tile(const Box& tile) const;
  /// Stores the tile; returns a piece per sink.
  [[nodiscard]] std::vector<StoredPiece> store(const Box& tile);
  /// Tells whether the outputs hold all chunks of the tile, and the sinks are all outputs.
  [[nodiscard]] bool is_stored(const Box& tile) const;

 private:
  /// What one thread writes chunks with.
  struct ChunkBuffers {
    Buffer bytes;
    Buffer workspace;
  };
  struct Sink {
    plan::WriteSink of;
    ValueStore* store = nullptr;
    Buffer tile;                       ///< none for values in memory that are written straight
    Buffer workspace;                  ///< for scratch
    std::vector<ChunkBuffers> chunks;  ///< for outputs, one per writer
  };

  [[nodiscard]] Sink make_sink(const plan::WriteSink& of, const RunResources& resources) const;
  [[nodiscard]] const Sink* taker_of(int output) const;
  void share_outputs(const Box& tile);
  [[nodiscard]] static WriteTarget target_of(const Sink& sink, const Box& tile, const Index& step_lo);
  std::int64_t store(Sink& sink, const Box& box);
  std::int64_t store_chunks(Sink& sink, const Box& made);
  static std::int64_t store_chunk(const Sink& sink, const ChunkIndex& chunk, const Box& made,
                                  const ChunkBuffers& buffers);

  const plan::Stage& stage_;
  Engine& engine_;
  std::vector<expr::OperatorOutput> outputs_;  ///< of the operation whose several outputs are written
  std::vector<Sink> sinks_;
  std::vector<WriteTarget> targets_;
};

}  // namespace varve::exec

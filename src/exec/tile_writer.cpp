#include "exec/tile_writer.hpp"

#include <atomic>
#include <cstring>

#include "kernels/copy.hpp"
#include "plan/footprint.hpp"
#include "varve/core/counting.hpp"

namespace varve::exec {

TileWriter::TileWriter(const plan::Stage& stage, const RunResources& resources)
    : stage_(stage), engine_(resources.engine) {
  for (const plan::WriteSink& sink : stage.writes) sinks_.push_back(make_sink(sink.value, resources));
  targets_.resize(sinks_.size());
}

TileWriter::Sink TileWriter::make_sink(plan::ValueId id, const RunResources& resources) const {
  BufferPool& pool = engine_.memory()->pool;
  Sink sink;
  sink.id = id;
  sink.store = resources.stores[static_cast<std::size_t>(id)].get();
  const plan::Value& value = sink.store->value();
  const std::int64_t element = size_bytes(value.dtype);
  if (value.placement != plan::Placement::memory) {
    sink.tile = pool.allocate(element_count(stage_.tiling.tiles.chunks()) * element);
  }
  if (value.placement == plan::Placement::scratch) {
    sink.workspace =
        pool.allocate(plan::scratch_workspace_bytes(value, stage_.tiling.tiles.chunks(), value.scratch_tile));
  }
  if (value.placement == plan::Placement::output) {
    const std::int64_t chunk = element_count(value.output_chunks.chunks()) * element;
    for (int writer = 0; writer < plan::chunk_writers(stage_, value); ++writer) {
      sink.chunks.push_back({pool.allocate(chunk), pool.allocate_untouched(value.write_workspace_bytes)});
    }
  }
  return sink;
}

WriteTarget TileWriter::target_of(const Sink& sink, const Box& tile, const Index& step_lo) {
  const bool direct = sink.store->value().placement == plan::Placement::memory;
  const StridedView view =
      direct ? sink.store->memory() : StridedView(sink.tile.data(), sink.store->value().dtype, tile.shape());
  WriteTarget target{view.data, view.byte_strides};
  for (std::int64_t axis = 0; axis < step_lo.size(); ++axis) {
    target.data += (step_lo[axis] - (direct ? 0 : tile.lo[axis])) * view.byte_strides[axis];
  }
  return target;
}

const std::vector<WriteTarget>& TileWriter::targets(const Box& tile, const Index& step_lo) {
  for (std::size_t i = 0; i < sinks_.size(); ++i) targets_[i] = target_of(sinks_[i], tile, step_lo);
  return targets_;
}

StridedView TileWriter::whole_tile(const Box& tile) const {
  const Sink& sink = sinks_.front();
  return {sink.tile.data(), sink.store->value().dtype, tile.shape()};
}

std::vector<StoredPiece> TileWriter::store(const Box& tile) {
  std::vector<StoredPiece> pieces;
  for (Sink& sink : sinks_) pieces.push_back({sink.id, tile, store(sink, tile)});
  return pieces;
}

std::int64_t TileWriter::store(Sink& sink, const Box& tile) {
  switch (sink.store->value().placement) {
    case plan::Placement::memory:
      return 0;
    case plan::Placement::scratch:
      return sink.store->put(tile, sink.tile.data(), sink.workspace.span());
    case plan::Placement::output:
      break;
  }
  return store_chunks(sink, tile);
}

std::int64_t TileWriter::store_chunks(Sink& sink, const Box& tile) {
  const Box chunks = sink.store->value().output_chunks.chunks_touching(tile);
  const std::int64_t count = element_count(chunks.shape());
  std::atomic<std::int64_t> next{0};
  std::atomic<std::int64_t> written{0};
  engine_.for_each_slot(static_cast<int>(sink.chunks.size()), [&](int writer) {
    for (std::int64_t number = next++; number < count; number = next++)
      written += store_chunk(sink, index_at<ChunkIndex>(number, chunks), tile,
                             sink.chunks[static_cast<std::size_t>(writer)]);
  });
  return written;
}

std::int64_t TileWriter::store_chunk(const Sink& sink, const ChunkIndex& chunk, const Box& tile,
                                     const ChunkBuffers& buffers) {
  const ValueStore& store = *sink.store;
  const ChunkGrid& grid = store.value().output_chunks;
  const Box box = grid.box_of(chunk);
  std::span<std::byte> bytes = buffers.bytes.span();
  const bool is_tile = box == tile && box.shape() == grid.chunks();
  if (is_tile) {
    bytes = sink.tile.span().first(bytes.size());
  } else {
    const StridedView target(bytes.data(), store.value().dtype, grid.chunks());
    if (!(box.shape() == grid.chunks())) std::memset(bytes.data(), 0, bytes.size());
    const ConstStridedView source(sink.tile.data(), store.value().dtype, tile.shape());
    kernels::copy(source.sub(relative_to(box, tile.lo)), target.sub(relative_to(box, box.lo)));
  }
  return store.writer()->write_chunk(chunk, bytes, buffers.workspace.span());
}

bool TileWriter::is_stored(const Box& tile) const {
  for (const Sink& sink : sinks_) {
    const io::DatasetWriter* writer = sink.store->writer();
    if (writer == nullptr) return false;
    const Box chunks = sink.store->value().output_chunks.chunks_touching(tile);
    const std::int64_t count = element_count(chunks.shape());
    for (std::int64_t number = 0; number < count; ++number) {
      if (!writer->has_chunk(index_at<ChunkIndex>(number, chunks))) return false;
    }
  }
  return true;
}

}  // namespace varve::exec

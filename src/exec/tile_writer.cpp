#include "exec/tile_writer.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "kernels/copy.hpp"
#include "plan/footprint.hpp"
#include "plan/written.hpp"
#include "varve/core/counting.hpp"

namespace varve::exec {

TileWriter::TileWriter(const plan::Stage& stage, const RunResources& resources)
    : stage_(stage), engine_(resources.engine) {
  if (const expr::BoxOperator* op = plan::writes_outputs_of(stage)) outputs_ = op->outputs();
  for (const plan::WriteSink& sink : stage.writes) sinks_.push_back(make_sink(sink, resources));
  targets_.resize(sinks_.size());
}

TileWriter::Sink TileWriter::make_sink(const plan::WriteSink& of, const RunResources& resources) const {
  BufferPool& pool = engine_.memory()->pool;
  Sink sink;
  sink.of = of;
  sink.store = resources.stores[static_cast<std::size_t>(of.value)].get();
  const plan::Value& value = sink.store->value();
  const std::int64_t element = size_bytes(value.dtype);
  const Shape extents = plan::written_extents(stage_, of, stage_.tiling.tiles.chunks());
  if (value.placement != plan::Placement::memory || !outputs_.empty()) {
    sink.tile = pool.allocate(element_count(extents) * element);
  }
  if (value.placement == plan::Placement::scratch) {
    sink.workspace = pool.allocate(plan::scratch_workspace_bytes(value, extents, value.scratch_tile));
  }
  if (value.placement == plan::Placement::output) {
    const std::int64_t chunk = element_count(value.output_chunks.chunks()) * element;
    for (int writer = 0; writer < plan::chunk_writers(stage_, of, value); ++writer) {
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

// The sink whose buffer an output is made in.
const TileWriter::Sink* TileWriter::taker_of(int output) const {
  const auto found = std::find_if(sinks_.begin(), sinks_.end(),
                                  [output](const Sink& sink) { return sink.of.output == output; });
  return found == sinks_.end() ? nullptr : &*found;
}

std::vector<StridedView> TileWriter::whole_tile(const Box& tile) const {
  if (outputs_.empty()) {
    const Sink& sink = sinks_.front();
    return {{sink.tile.data(), sink.store->value().dtype, tile.shape()}};
  }
  std::vector<StridedView> views;
  for (const expr::OperatorOutput& output : outputs_) {
    const Sink* taker = taker_of(static_cast<int>(views.size()));
    views.emplace_back(taker != nullptr ? taker->tile.data() : nullptr, output.dtype,
                       output.part(tile).shape());
  }
  return views;
}

// Copies what was made in one buffer to those of other sinks of the same output.
void TileWriter::share_outputs(const Box& tile) {
  for (const Sink& sink : sinks_) {
    const Sink& taker = *taker_of(sink.of.output);
    if (&taker == &sink) continue;
    const std::int64_t count = element_count(plan::written_box(stage_, sink.of, tile).shape());
    std::memcpy(sink.tile.data(), taker.tile.data(),
                static_cast<std::size_t>(count * size_bytes(sink.store->value().dtype)));
  }
}

std::vector<StoredPiece> TileWriter::store(const Box& tile) {
  if (!outputs_.empty()) share_outputs(tile);
  std::vector<StoredPiece> pieces;
  for (Sink& sink : sinks_) {
    const Box box = plan::written_box(stage_, sink.of, tile);
    pieces.push_back({sink.of.value, box, store(sink, box)});
  }
  return pieces;
}

std::int64_t TileWriter::store(Sink& sink, const Box& box) {
  const plan::Value& value = sink.store->value();
  switch (value.placement) {
    case plan::Placement::memory:
      if (!outputs_.empty())
        kernels::copy({sink.tile.data(), value.dtype, box.shape()}, sink.store->memory().sub(box));
      return 0;
    case plan::Placement::scratch:
      return sink.store->put(box, sink.tile.data(), sink.workspace.span());
    case plan::Placement::output:
      break;
  }
  return store_chunks(sink, box);
}

std::int64_t TileWriter::store_chunks(Sink& sink, const Box& made) {
  const Box chunks = sink.store->value().output_chunks.chunks_touching(made);
  const std::int64_t count = element_count(chunks.shape());
  std::atomic<std::int64_t> next{0};
  std::atomic<std::int64_t> written{0};
  engine_.for_each_slot(static_cast<int>(sink.chunks.size()), [&](int writer) {
    for (std::int64_t number = next++; number < count; number = next++)
      written += store_chunk(sink, index_at<ChunkIndex>(number, chunks), made,
                             sink.chunks[static_cast<std::size_t>(writer)]);
  });
  return written;
}

std::int64_t TileWriter::store_chunk(const Sink& sink, const ChunkIndex& chunk, const Box& made,
                                     const ChunkBuffers& buffers) {
  const ValueStore& store = *sink.store;
  const ChunkGrid& grid = store.value().output_chunks;
  const Box box = grid.box_of(chunk);
  std::span<std::byte> bytes = buffers.bytes.span();
  const bool is_whole = box == made && box.shape() == grid.chunks();
  if (is_whole) {
    bytes = sink.tile.span().first(bytes.size());
  } else {
    const StridedView target(bytes.data(), store.value().dtype, grid.chunks());
    if (!(box.shape() == grid.chunks())) std::memset(bytes.data(), 0, bytes.size());
    const ConstStridedView source(sink.tile.data(), store.value().dtype, made.shape());
    kernels::copy(source.sub(relative_to(box, made.lo)), target.sub(relative_to(box, box.lo)));
  }
  return store.writer()->write_chunk(chunk, bytes, buffers.workspace.span());
}

bool TileWriter::is_stored(const Box& tile) const {
  for (const Sink& sink : sinks_) {
    const io::DatasetWriter* writer = sink.store->writer();
    if (writer == nullptr) return false;
    const Box chunks =
        sink.store->value().output_chunks.chunks_touching(plan::written_box(stage_, sink.of, tile));
    const std::int64_t count = element_count(chunks.shape());
    for (std::int64_t number = 0; number < count; ++number) {
      if (!writer->has_chunk(index_at<ChunkIndex>(number, chunks))) return false;
    }
  }
  return true;
}

}  // namespace varve::exec

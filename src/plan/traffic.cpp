#include "plan/traffic.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "plan/leaf_reads.hpp"
#include "plan/repeated_work.hpp"
#include "plan/tile_sample.hpp"

namespace varve::plan {
namespace {

// Beyond this many tiles along an axis, the rest is taken to be like the first ones: planning stays O(1) in
// chunks.
constexpr std::int64_t kTilesLookedAt = 2048;

// Along one axis of a dataset: how often a chunk is touched by a tile, summed, and how many chunks are
// touched at all.
struct AxisTouches {
  double by_tiles = 1;
  double distinct = 1;
  bool spans = false;  ///< some tile touches several chunks
};

AxisTouches touches(const ChunkGrid& chunks, std::int64_t axis, const expr::AxisMap& map,
                    const ChunkGrid& tiles) {
  if (map.is_constant()) return {};
  const std::int64_t out = map.output_axis;
  const std::int64_t count = tiles.count(out);
  const std::int64_t looked_at = std::min(count, kTilesLookedAt);
  std::int64_t sum = 0;
  for (std::int64_t tile = 0; tile < looked_at; ++tile) {
    const std::int64_t start = tile * tiles.chunks()[out] - tiles.offset()[out];
    const std::int64_t lo = std::max<std::int64_t>(start, 0);
    const std::int64_t hi = std::min(start + tiles.chunks()[out], tiles.shape()[out]);
    sum += chunks_between(chunks, axis, map, lo, hi);
  }
  AxisTouches result;
  result.spans = sum > looked_at;
  result.by_tiles = static_cast<double>(sum) * static_cast<double>(count) / static_cast<double>(looked_at);
  result.distinct = static_cast<double>(chunks_between(chunks, axis, map, 0, tiles.shape()[out]));
  return result;
}

AxisTouches touches(const Leaf& leaf, const ChunkGrid& chunks, const ChunkGrid& tiles) {
  AxisTouches total;
  for (std::int64_t axis = 0; axis < chunks.ndim(); ++axis) {
    const AxisTouches along = touches(chunks, axis, leaf.map.axes()[static_cast<std::size_t>(axis)], tiles);
    total.by_tiles *= along.by_tiles;
    total.distinct *= along.distinct;
    total.spans = total.spans || along.spans;
  }
  return total;
}

// Tiles along axes that the leaf does not use read the same elements again.
double repeats(const Leaf& leaf, const Stage& stage) {
  const std::vector<bool> used = leaf.map.used_axes();
  double count = 1;
  for (std::int64_t axis = 0; axis < stage.domain.size(); ++axis) {
    if (!used[static_cast<std::size_t>(axis)]) count *= static_cast<double>(stage.tiling.tiles.count(axis));
  }
  return count;
}

// What a computed leaf reads for all tiles: looked at exactly where there are few, else for a sample.
double read_by_tiles(const LeafReads& reads, std::size_t input_count, const Stage& stage,
                     std::int64_t looked_at) {
  // Where a tile has many inputs, as the last panels of a factorisation have, fewer tiles tell enough.
  constexpr std::size_t kFewInputs = 16;
  constexpr std::int64_t kMinLookedAt = 8;
  const auto inputs = static_cast<std::int64_t>(std::max(input_count, kFewInputs));
  looked_at = std::max(looked_at * static_cast<std::int64_t>(kFewInputs) / inputs, kMinLookedAt);
  if (reads.are_same())
    return static_cast<double>(stage.tiling.tiles.chunk_count()) * reads.of(Box(stage.domain));
  return sum_over_tiles(stage, looked_at, [&](const Box& tile) { return reads.of(tile); });
}

// The bytes that a leaf reads, by all tiles and at least.
struct LeafTraffic {
  double read = 0;
  double min = 0;
};

LeafTraffic traffic_of(const Leaf& leaf, LeafAccess access, const LeafReads& reads, const Stage& stage,
                       std::int64_t looked_at) {
  if (access == LeafAccess::computed) {
    return {read_by_tiles(reads, leaf.inputs.size(), stage, looked_at), reads.of(Box(stage.domain))};
  }
  const double again = repeats(leaf, stage);
  if (access == LeafAccess::partial) {
    const double bytes =
        estimated_count(leaf_box(leaf, stage.domain)) * static_cast<double>(size_bytes(leaf.dtype));
    return {bytes * again, bytes};
  }
  const DatasetFacts& dataset = *leaf.dataset();
  AxisTouches total = touches(leaf, dataset.grid, stage.tiling.tiles);
  // Steps that lie across chunks decode them step by step; others find theirs decoded.
  const AxisTouches by_steps = touches(leaf, dataset.grid, stage.tiling.steps);
  if (by_steps.spans) total.by_tiles = std::max(total.by_tiles, by_steps.by_tiles);
  return {total.by_tiles * again * dataset.stored_chunk_bytes, total.distinct * dataset.stored_chunk_bytes};
}

// Whether parts are read of a source that memory holds; values of earlier stages were placed already.
bool is_small_source(const Leaf& leaf, LeafAccess access, const RereadLimits& limits) {
  const double bytes = estimated_count(leaf.source_shape) * static_cast<double>(size_bytes(leaf.dtype));
  return leaf.source && access == LeafAccess::partial && bytes <= limits.small_bytes;
}

// The leaves of an operation that decode chunks, or are small, with the box that the first demand of a tile
// takes.
void add_inner_leaves(const Leaf& leaf, const Box& needed, const std::vector<Value>& values,
                      const RereadLimits& limits, std::vector<Reread>& found) {
  for (std::size_t i = 0; i < leaf.inputs.size(); ++i) {
    const InputProgram& input = *leaf.inputs[i];
    std::optional<std::vector<Box>> pieces;
    for (const Leaf& inner : input.program.leaves) {
      const LeafAccess access = access_of(inner, values, input.cells);
      const bool counts = decodes_chunks(access) || is_small_source(inner, access, limits);
      if (!counts && access != LeafAccess::computed) continue;
      if (!pieces) pieces = leaf.operation()->demand(static_cast<int>(i), needed);
      if (pieces->empty()) break;
      if (counts)
        found.push_back({&inner, leaf_box(inner, pieces->front().shape())});
      else
        add_inner_leaves(inner, inner.map.demand(pieces->front()), values, limits, found);
    }
  }
}

// Whether tiles read a leaf so much more often than needed.
bool is_reread(const Leaf& leaf, LeafAccess access, const Stage& stage, const std::vector<Value>& values,
               double max) {
  const LeafReads reads(leaf, values, stage.tiling.steps);
  const LeafTraffic bytes = traffic_of(leaf, access, reads, stage, kTilesSampled);
  return bytes.read > max * bytes.min;
}

}  // namespace

Traffic read_traffic(const Stage& stage, const std::vector<Value>& values,
                     const std::vector<LeafReads>& reads, std::int64_t tiles_looked_at) {
  LeafTraffic total;
  Traffic traffic;
  if (estimated_count(stage.domain) == 0) return traffic;
  for (std::size_t i = 0; i < reads.size(); ++i) {
    const Leaf& leaf = stage.program.leaves[i];
    const LeafAccess access = access_of(leaf, values, stage.tiling.steps);
    if (access == LeafAccess::resident || access == LeafAccess::gathered) continue;
    traffic.reads_store = true;
    if (access == LeafAccess::generated) continue;
    const LeafTraffic bytes = traffic_of(leaf, access, reads[i], stage, tiles_looked_at);
    total.read += bytes.read;
    total.min += bytes.min;
  }
  traffic.bytes_read = std::llround(std::min(total.read, 4e18));
  traffic.min_bytes_read = std::llround(std::min(total.min, 4e18));
  const RepeatedWork generated = generated_work(stage);
  traffic.bytes_generated = std::llround(std::min(generated.bytes, 4e18));
  traffic.min_bytes_generated = std::llround(std::min(generated.min, 4e18));
  const RepeatedWork copied = copied_work(stage, values);
  traffic.bytes_copied = std::llround(std::min(copied.bytes, 4e18));
  traffic.min_bytes_copied = std::llround(std::min(copied.min, 4e18));
  return traffic;
}

std::vector<Reread> find_rereads(const Stage& stage, const std::vector<Value>& values,
                                 const RereadLimits& limits) {
  std::vector<Reread> found;
  if (estimated_count(stage.domain) == 0) return found;
  const Box middle = stage.tiling.tiles.box_of(stage.tiling.tile_at(stage.tiling.tiles.chunk_count() / 2));
  for (const Leaf& leaf : stage.program.leaves) {
    const LeafAccess access = access_of(leaf, values, stage.tiling.steps);
    std::vector<Reread> candidates;
    if (access == LeafAccess::computed)
      add_inner_leaves(leaf, leaf.map.demand(middle), values, limits, candidates);
    else if (decodes_chunks(access) || is_small_source(leaf, access, limits))
      candidates.push_back({&leaf, leaf_box(leaf, middle.shape())});
    if (!candidates.empty() && is_reread(leaf, access, stage, values, limits.max))
      found.insert(found.end(), candidates.begin(), candidates.end());
  }
  return found;
}

std::int64_t write_traffic(const Stage& stage, const std::vector<Value>& values) {
  std::int64_t bytes = 0;
  const auto add = [&](ValueId id) {
    const Value& value = values[static_cast<std::size_t>(id)];
    if (value.placement == Placement::memory) return;
    // Chunks at the edges are written whole.
    const bool padded = value.placement == Placement::output && !value.shape.empty();
    bytes += padded ? value.output_chunks.chunk_count() * element_count(value.output_chunks.chunks()) *
                          size_bytes(value.dtype)
                    : value.bytes();
  };
  for (const WriteSink& sink : stage.writes) add(sink.value);
  for (const ReduceSink& sink : stage.reduces) add(sink.value);
  return bytes;
}

}  // namespace varve::plan

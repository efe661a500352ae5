#include "plan/traffic.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "expr/equality.hpp"
#include "plan/footprint.hpp"
#include "plan/repeated_work.hpp"

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

// Of longer lists some positions stand for all: planning looks at them many times.
constexpr std::int64_t kPositionsLookedAt = 1 << 14;

// The least and the largest of the positions listed from `lo` to `hi`.
struct Interval {
  std::int64_t lo = 0;
  std::int64_t hi = 0;
};
Interval listed_range(const std::vector<std::int64_t>& positions, std::int64_t lo, std::int64_t hi) {
  const std::int64_t last = positions[static_cast<std::size_t>(hi - 1)];
  Interval range{last, last};
  for (std::int64_t i = lo; i < hi; i += (hi - lo - 1) / kPositionsLookedAt + 1) {
    const std::int64_t position = positions[static_cast<std::size_t>(i)];
    range = {std::min(range.lo, position), std::max(range.hi, position)};
  }
  return range;
}

std::int64_t chunks_between(const ChunkGrid& chunks, std::int64_t axis, const expr::AxisMap& map,
                            std::int64_t lo, std::int64_t hi) {
  if (map.is_listed()) {
    const Interval range = listed_range(*map.positions, lo, hi);
    return std::min(hi - lo, chunks.chunk_of(axis, range.hi) - chunks.chunk_of(axis, range.lo) + 1);
  }
  const std::int64_t a = map.at(lo);
  const std::int64_t b = map.at(hi - 1);
  const std::int64_t range =
      chunks.chunk_of(axis, std::max(a, b)) - chunks.chunk_of(axis, std::min(a, b)) + 1;
  return std::min(range, hi - lo);
}

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

double elements_of(const Shape& shape) {
  double count = 1;
  for (const std::int64_t extent : shape) count *= static_cast<double>(extent);
  return count;
}

// Tiles along axes that the leaf does not use read the same elements again.
double repeats(const Leaf& leaf, const Stage& stage) {
  const std::vector<bool> used = leaf.map.used_axes();
  double count = 1;
  for (std::int64_t axis = 0; axis < stage.domain.size(); ++axis) {
    if (!used[static_cast<std::size_t>(axis)]) count *= static_cast<double>(stage.tiles.count(axis));
  }
  return count;
}

double stored_chunk_bytes(const io::DatasetInfo& info) {
  const double chunks = elements_of(info.grid.counts());
  if (info.stored_bytes >= 0 && chunks > 0) return static_cast<double>(info.stored_bytes) / chunks;
  return static_cast<double>(info.sampled_chunk_bytes >= 0 ? info.sampled_chunk_bytes : info.chunk_bytes());
}

// Whether an input before number `i` of an operation decodes the same chunks.
bool is_read_before(const Leaf& operation, std::size_t i, const Leaf& inner) {
  const auto is_same = [&](const Leaf& other) {
    return inner.source && other.source && inner.map == other.map &&
           expr::are_equal(*inner.source, *other.source);
  };
  return std::any_of(operation.inputs.begin(), operation.inputs.begin() + static_cast<std::ptrdiff_t>(i),
                     [&](const auto& input) {
                       return std::any_of(input->program.leaves.begin(), input->program.leaves.end(),
                                          is_same);
                     });
}

// The chunk that holds all that a leaf needs for a box, if one does.
std::optional<ChunkIndex> only_chunk(const Leaf& leaf, const Box& box) {
  const auto* source = leaf.source ? leaf.source->as<expr::DatasetSource>() : nullptr;
  if (source == nullptr || leaf.map.has_lists()) return std::nullopt;
  const Box chunks = source->dataset->info().grid.chunks_touching(leaf.map.demand(box));
  return element_count(chunks.shape()) == 1 ? std::optional(ChunkIndex(chunks.lo)) : std::nullopt;
}

// What follows from the same chunk finds it decoded.
double read_for_pieces(const Leaf& leaf, const std::vector<Box>& pieces, const ChunkGrid& steps,
                       const std::vector<Value>& values) {
  double bytes = 0;
  std::optional<ChunkIndex> decoded;
  for (const Box& piece : pieces) {
    if (piece.empty()) continue;
    const std::optional<ChunkIndex> chunk = only_chunk(leaf, piece);
    const bool is_known =
        chunk && decoded && *chunk == *decoded && access_of(leaf, values, steps) != LeafAccess::partial;
    if (!is_known) bytes += read_for_box(leaf, piece, steps, values);
    decoded = chunk;
  }
  return bytes;
}

}  // namespace

double read_for_box(const Leaf& leaf, const Box& box, const ChunkGrid& steps,
                    const std::vector<Value>& values) {
  const LeafAccess access = access_of(leaf, values, steps);
  if (access == LeafAccess::computed) {
    const Box needed = leaf.map.demand(box);
    const bool together = leaf.operation()->reads_together();
    double bytes = 0;
    for (std::size_t i = 0; i < leaf.inputs.size(); ++i) {
      const InputProgram& input = *leaf.inputs[i];
      const std::vector<Box> pieces = leaf.operation()->demand(static_cast<int>(i), needed);
      for (const Leaf& inner : input.program.leaves) {
        if (!together || !is_read_before(leaf, i, inner))
          bytes += read_for_pieces(inner, pieces, input.cells, values);
      }
    }
    return bytes;
  }
  if (access == LeafAccess::partial) {
    return elements_of(leaf_box(leaf, box.shape())) * static_cast<double>(size_bytes(leaf.dtype));
  }
  if (access != LeafAccess::in_chunk && access != LeafAccess::assembled) return 0;
  const io::DatasetInfo& info = leaf.source->as<expr::DatasetSource>()->dataset->info();
  double chunks = 1;
  for (std::int64_t axis = 0; axis < info.grid.ndim(); ++axis) {
    const expr::AxisMap& map = leaf.map.axes()[static_cast<std::size_t>(axis)];
    if (map.is_constant()) continue;
    chunks *= static_cast<double>(
        chunks_between(info.grid, axis, map, box.lo[map.output_axis], box.hi[map.output_axis]));
  }
  return chunks * stored_chunk_bytes(info);
}

namespace {

// What a computed leaf reads for all tiles: looked at exactly where there are few, else for a sample.
double read_by_tiles(const Leaf& leaf, const Stage& stage, const std::vector<Value>& values,
                     std::int64_t looked_at) {
  // Where a tile has many inputs, as the last panels of a factorisation have, fewer tiles tell enough.
  constexpr std::size_t kFewInputs = 16;
  constexpr std::int64_t kLeastLookedAt = 8;
  const auto inputs = static_cast<std::int64_t>(std::max(leaf.inputs.size(), kFewInputs));
  looked_at = std::max(looked_at * static_cast<std::int64_t>(kFewInputs) / inputs, kLeastLookedAt);
  const std::int64_t count = stage.tiles.chunk_count();
  const std::int64_t sampled = std::min(count, looked_at);
  double bytes = 0;
  for (std::int64_t i = 0; i < sampled; ++i) {
    const double position =
        static_cast<double>(count) / static_cast<double>(sampled) * (static_cast<double>(i) + 0.5);
    const std::int64_t index = sampled == count ? i : static_cast<std::int64_t>(position);
    bytes += read_for_box(leaf, stage.tiles.box_of(stage.tile_at(std::min(index, count - 1))), stage.steps,
                          values);
  }
  return bytes * static_cast<double>(count) / static_cast<double>(std::max<std::int64_t>(sampled, 1));
}

// The bytes that a leaf reads, by all tiles and at least.
struct LeafTraffic {
  double read = 0;
  double least = 0;
};

LeafTraffic traffic_of(const Leaf& leaf, LeafAccess access, const Stage& stage,
                       const std::vector<Value>& values, std::int64_t looked_at) {
  if (access == LeafAccess::computed) {
    return {read_by_tiles(leaf, stage, values, looked_at),
            read_for_box(leaf, Box(stage.domain), stage.steps, values)};
  }
  const double again = repeats(leaf, stage);
  if (access == LeafAccess::partial) {
    const double bytes =
        elements_of(leaf_box(leaf, stage.domain)) * static_cast<double>(size_bytes(leaf.dtype));
    return {bytes * again, bytes};
  }
  const io::DatasetInfo& info = leaf.source->as<expr::DatasetSource>()->dataset->info();
  AxisTouches total = touches(leaf, info.grid, stage.tiles);
  // Steps that lie across chunks decode them step by step; others find theirs decoded.
  const AxisTouches by_steps = touches(leaf, info.grid, stage.steps);
  if (by_steps.spans) total.by_tiles = std::max(total.by_tiles, by_steps.by_tiles);
  return {total.by_tiles * again * stored_chunk_bytes(info), total.distinct * stored_chunk_bytes(info)};
}

double whole_bytes(const Leaf& leaf) {
  return elements_of(leaf.source_shape) * static_cast<double>(size_bytes(leaf.dtype));
}

bool decodes_chunks(LeafAccess access) {
  return access == LeafAccess::in_chunk || access == LeafAccess::assembled;
}

// The leaves of an operation that decode chunks, or are small, with the box that the first demand of a tile
// takes.
void add_inner_leaves(const Leaf& leaf, const Box& needed, const std::vector<Value>& values,
                      const RereadLimits& limits, std::vector<Reread>& found) {
  for (std::size_t i = 0; i < leaf.inputs.size(); ++i) {
    const InputProgram& input = *leaf.inputs[i];
    const std::vector<Box> pieces = leaf.operation()->demand(static_cast<int>(i), needed);
    if (pieces.empty()) continue;
    for (const Leaf& inner : input.program.leaves) {
      const LeafAccess access = access_of(inner, values, input.cells);
      if (access == LeafAccess::computed)
        add_inner_leaves(inner, inner.map.demand(pieces.front()), values, limits, found);
      const bool is_small = access == LeafAccess::partial && whole_bytes(inner) <= limits.small_bytes;
      if (decodes_chunks(access) || is_small)
        found.push_back({&inner, leaf_box(inner, pieces.front().shape())});
    }
  }
}

}  // namespace

Traffic read_traffic(const Stage& stage, const std::vector<Value>& values, std::int64_t tiles_looked_at) {
  LeafTraffic total;
  Traffic traffic;
  if (elements_of(stage.domain) == 0) return traffic;
  for (const Leaf& leaf : stage.program.leaves) {
    const LeafAccess access = access_of(leaf, values, stage.steps);
    if (access == LeafAccess::resident || access == LeafAccess::gathered) continue;
    traffic.reads_store = true;
    if (access == LeafAccess::generated) continue;
    const LeafTraffic bytes = traffic_of(leaf, access, stage, values, tiles_looked_at);
    total.read += bytes.read;
    total.least += bytes.least;
  }
  traffic.bytes_read = std::llround(std::min(total.read, 4e18));
  traffic.least_bytes_read = std::llround(std::min(total.least, 4e18));
  const RepeatedWork generated = generated_work(stage);
  traffic.bytes_generated = std::llround(std::min(generated.bytes, 4e18));
  traffic.least_bytes_generated = std::llround(std::min(generated.least, 4e18));
  const RepeatedWork copied = copied_work(stage, values);
  traffic.bytes_copied = std::llround(std::min(copied.bytes, 4e18));
  traffic.least_bytes_copied = std::llround(std::min(copied.least, 4e18));
  return traffic;
}

std::vector<Reread> find_rereads(const Stage& stage, const std::vector<Value>& values,
                                 const RereadLimits& limits) {
  std::vector<Reread> found;
  if (elements_of(stage.domain) == 0) return found;
  const Box middle = stage.tiles.box_of(stage.tile_at(stage.tiles.chunk_count() / 2));
  for (const Leaf& leaf : stage.program.leaves) {
    const LeafAccess access = access_of(leaf, values, stage.steps);
    const bool is_small = access == LeafAccess::partial && whole_bytes(leaf) <= limits.small_bytes;
    if (!decodes_chunks(access) && !is_small && access != LeafAccess::computed) continue;
    const LeafTraffic bytes = traffic_of(leaf, access, stage, values, kTilesSampled);
    if (bytes.read <= limits.most * bytes.least) continue;
    if (access == LeafAccess::computed) {
      add_inner_leaves(leaf, leaf.map.demand(middle), values, limits, found);
    } else {
      found.push_back({&leaf, leaf_box(leaf, middle.shape())});
    }
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

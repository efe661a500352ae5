#include "plan/tiling.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "plan/footprint.hpp"
#include "plan/written.hpp"

namespace varve::plan {
namespace {

// Below this a tile's fixed costs (a few microseconds) show.
constexpr std::int64_t kMinTileBytes = 1 << 20;
// Data that needs no decoding is best read in long runs that stay in the L3 cache between load and use, and
// the accumulators of a tile, swept once per few rows, too. Time means of a contiguous file took 0.60 s with
// 256 KiB of accumulators and steps of 1 MiB, 0.47 s with these.
constexpr std::int64_t kStepBytes = 4 << 20;
constexpr std::int64_t kCachedStateBytes = 2 << 20;
constexpr std::int64_t kMinRowElements = 8192;
// Steps are cut down to this where memory is short; but of compressed scratch a step reads many blocks.
constexpr std::int64_t kMinStepBytes = 64 << 10;
constexpr std::int64_t kMinEncodedStepBytes = 1 << 20;
// Chunks at least this large are worked on one by one, in place.
constexpr std::int64_t kLargeChunkBytes = 256 << 10;
constexpr int kMaxShrinks = 96;
// Moving a piece of scratch costs a system call; from here on that no longer shows.
constexpr std::int64_t kLongPieceBytes = 512 << 10;
// Copying from memory takes this much less time than reading.
constexpr double kCopiesPerRead = 8;
// A larger tile takes memory from nobody, but must read clearly less.
constexpr double kWorthEnlarging = 0.98;

// The extents that tiles along one axis must be a multiple of, because reduction blocks and output chunks
// stay whole.
struct Quantum {
  std::int64_t size = 1;
  std::int64_t offset = 0;
  bool bound = false;
};

struct Candidate {
  Shape tile;
  Index offset;
  std::int64_t step_bytes = kStepBytes;
  bool whole = false;  // tiles are not cut into steps
};

// Tiles that run at one time, and threads that an operation has inside each.
struct Share {
  int slots = 1;
  int workers = 1;
};

std::int64_t product(const Shape& shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) {
    if (__builtin_mul_overflow(count, std::max<std::int64_t>(extent, 1), &count)) return INT64_MAX / 4096;
  }
  return count;
}

bool reduced_by_any(const Stage& stage, std::int64_t axis) {
  return std::any_of(stage.reduces.begin(), stage.reduces.end(),
                     [&](const ReduceSink& sink) { return sink.reduces(axis); });
}

std::int64_t streamed_bytes_per_element(const Stage& stage) {
  std::int64_t bytes = 0;
  for (const Leaf& leaf : stage.program.leaves) bytes += size_bytes(leaf.dtype);
  for (const WriteSink& sink : stage.writes) {
    bytes += size_bytes(stage.program.registers[static_cast<std::size_t>(sink.input)].dtype);
  }
  return std::max<std::int64_t>(bytes, 1);
}

std::int64_t round_up(std::int64_t extent, std::int64_t unit) { return (extent + unit - 1) / unit * unit; }

std::int64_t lcm_up_to(std::int64_t a, std::int64_t b, std::int64_t limit) {
  const std::int64_t factor = b / std::gcd(a, b);
  return factor > limit / a ? limit : std::min(a * factor, limit);
}

// Tiles that suit both; where no common multiple is less than the axis, one tile takes all of it.
Quantum common(const Quantum& a, const Quantum& b, std::int64_t extent) {
  if (!a.bound) return b;
  const std::int64_t size = lcm_up_to(a.size, b.size, extent);
  if (a.offset != b.offset || size % a.size != 0 || size % b.size != 0) return {extent, 0, true};
  return {size, a.offset, true};
}

Quantum quantum_of(const Stage& stage, const std::vector<Value>& values, std::int64_t axis) {
  const std::int64_t extent = std::max<std::int64_t>(stage.domain[axis], 1);
  Quantum quantum;
  for (const ReduceSink& sink : stage.reduces) {
    if (!sink.reduces(axis)) continue;
    quantum = common(quantum, {sink.blocks.chunks()[axis], sink.blocks.offset()[axis], true}, extent);
  }
  for (const WriteSink& sink : stage.writes) {
    const Value& value = values[static_cast<std::size_t>(sink.value)];
    const std::int64_t written = written_axis(stage, sink, axis);
    if (written < 0)
      quantum = {extent, 0, true};
    else if (value.placement == Placement::output)
      quantum = common(quantum, {value.output_chunks.chunks()[written], 0, true}, extent);
  }
  if (quantum.size >= extent && quantum.offset == 0) quantum.size = extent;
  return quantum;
}

class TileSearch {
 public:
  TileSearch(Stage& stage, const std::vector<Value>& values, int threads, KnownTraffic& known)
      : stage_(stage),
        values_(values),
        threads_(threads),
        known_(known),
        evaluator_bytes_(evaluator_bytes(stage.program, values)),
        element_bytes_(streamed_bytes_per_element(stage)) {
    for (std::int64_t axis = 0; axis < ndim(); ++axis) quanta_.push_back(quantum_of(stage, values, axis));
    for_each_leaf(stage.program, [&](const Leaf& leaf) {
      if (const expr::BoxOperator* operation = leaf.operation()) {
        computes_ = true;
        shares_tiles_ = shares_tiles_ || operation->reading().again ||
                        (stage.tiling.shares_tiles && makes_tiles_in_place(stage, values));
      }
    });
    for (const Leaf& leaf : stage.program.leaves) {
      const bool is_encoded = !leaf.source && values[static_cast<std::size_t>(leaf.value)].scratch_codec !=
                                                  io::ScratchCodec::none;
      if (is_encoded) min_step_bytes_ = kMinEncodedStepBytes;
      const DatasetFacts* dataset = leaf.dataset();
      if (dataset == nullptr || dataset->partial_reads) continue;
      decodes_chunks_ = true;
      large_chunks_ = large_chunks_ || dataset->chunk_bytes >= kLargeChunkBytes;
    }
  }

  bool run(std::int64_t available_bytes) {
    if (!smallest_fits(available_bytes)) return false;
    Candidate candidate = first_candidate();
    std::optional<Candidate> best;
    Share best_share;
    double best_score = 0;
    for (int shrink = 0; shrink < kMaxShrinks; ++shrink) {
      apply(candidate);
      if (const auto share = share_that_fits(available_bytes)) {
        const double score = (1.0 + bytes_read()) / (share->slots * share->workers);
        // A smaller tile must gain clearly: larger ones have less overhead.
        if (!best || score < 0.95 * best_score) {
          best = candidate;
          best_share = *share;
          best_score = score;
        }
        if (share->slots * share->workers >= wanted_threads()) break;
      }
      if (!shrink_once(candidate)) break;
    }
    if (!best) {
      set_share({});
      return false;
    }
    apply(*best);
    set_share(best_share);
    if (computes_ || rereads()) {
      enlarge(*best, available_bytes);
    } else {
      lengthen_pieces(*best, available_bytes);
    }
    return true;
  }

 private:
  [[nodiscard]] std::int64_t ndim() const { return stage_.domain.size(); }
  [[nodiscard]] const Quantum& quantum(std::int64_t axis) const {
    return quanta_[static_cast<std::size_t>(axis)];
  }
  [[nodiscard]] double bytes_read() const { return static_cast<double>(known_.of(stage_, values_).bytes()); }
  [[nodiscard]] double bytes_copied() const {
    return static_cast<double>(known_.of(stage_, values_).bytes_copied);
  }
  [[nodiscard]] bool rereads() const {
    const Traffic& traffic = known_.of(stage_, values_);
    return static_cast<double>(traffic.bytes()) * kWorthEnlarging > static_cast<double>(traffic.min_bytes());
  }
  [[nodiscard]] int wanted_threads() const { return computes_ ? threads_ : wanted_slots(); }
  [[nodiscard]] int wanted_slots() const {
    if (shares_tiles_) return 1;
    return static_cast<int>(
        std::min<std::int64_t>(threads_, std::max<std::int64_t>(stage_.tiling.tiles.chunk_count(), 1)));
  }

  Candidate first_candidate() {
    Candidate candidate{stage_.natural.chunks(), stage_.natural.offset()};
    for (std::int64_t axis = 0; axis < ndim(); ++axis) align(candidate, axis);
    if (!decodes_chunks_) shrink_states(candidate);
    grow(candidate);
    if (!decodes_chunks_ && !computes_) split_for_threads(candidate);
    return candidate;
  }

  // Whether the smallest tile fits, which spares a search that would find nothing.
  bool smallest_fits(std::int64_t available_bytes) {
    Candidate smallest{stage_.natural.chunks(), stage_.natural.offset(), min_step_bytes_};
    for (std::int64_t axis = 0; axis < ndim(); ++axis) {
      smallest.tile[axis] = quantum(axis).bound ? quantum(axis).size : 1;
      smallest.offset[axis] = quantum(axis).offset % smallest.tile[axis];
    }
    apply(smallest);
    set_share({});
    return stage_.tiling.slot_bytes <= available_bytes;
  }

  // Rounds a natural chunk to whole quanta; where whole quanta of it would not be less than the axis, one
  // tile takes all.
  void align(Candidate& candidate, std::int64_t axis) const {
    const Quantum& unit = quantum(axis);
    if (!unit.bound) return;
    const std::int64_t extent = std::max<std::int64_t>(stage_.domain[axis], 1);
    std::int64_t size = lcm_up_to(unit.size, candidate.tile[axis], extent);
    if (size > 4 * std::max(unit.size, candidate.tile[axis])) {
      size = std::max<std::int64_t>(candidate.tile[axis] / unit.size, 1) * unit.size;
    }
    size = std::max(size, unit.size);
    if (size % unit.size != 0) size = round_up(extent + unit.offset, unit.size);
    const bool same_phase = (candidate.offset[axis] - unit.offset) % unit.size == 0;
    candidate.tile[axis] = size;
    if (!same_phase) candidate.offset[axis] = unit.offset;
    candidate.offset[axis] %= candidate.tile[axis];
  }

  [[nodiscard]] std::int64_t tile_bytes(const Candidate& candidate) const {
    return product(candidate.tile) * element_bytes_;
  }

  [[nodiscard]] std::int64_t state_bytes(const Candidate& candidate) const {
    std::int64_t bytes = 0;
    for (const ReduceSink& sink : stage_.reduces) {
      bytes += plan::state_bytes(sink, kept_elements(sink, candidate.tile));
    }
    return bytes;
  }

  // Cuts kept axes, the outermost first, until the accumulators stay in cache.
  void shrink_states(Candidate& candidate) const {
    for (std::int64_t axis = 0; axis < ndim(); ++axis) {
      if (reduced_by_any(stage_, axis)) continue;
      const std::int64_t min = axis == ndim() - 1 ? kMinRowElements : 1;
      while (state_bytes(candidate) > kCachedStateBytes && halve(candidate, axis, min)) {
      }
    }
  }

  // Doubles small tiles along the last axes first, as long as enough tiles remain for all threads.
  void grow(Candidate& candidate) const {
    for (std::int64_t axis = ndim() - 1; axis >= 0; --axis) {
      const bool reduced = reduced_by_any(stage_, axis);
      while (tile_bytes(candidate) < kMinTileBytes && candidate.tile[axis] < stage_.domain[axis]) {
        Candidate larger = candidate;
        larger.tile[axis] *= 2;
        larger.offset[axis] = quantum(axis).bound ? quantum(axis).offset : 0;
        if (reduced && state_bytes(larger) > kCachedStateBytes) break;
        if (tiles_of(larger) < 4 * threads_ && tile_bytes(candidate) >= kLargeChunkBytes) return;
        candidate = larger;
      }
    }
  }

  // Cuts tiles, of what is not computed by operations, until every thread has some.
  void split_for_threads(Candidate& candidate) const {
    for (std::int64_t axis = 0; axis < ndim(); ++axis) {
      const std::int64_t min = axis == ndim() - 1 ? kMinRowElements : 1;
      while (tiles_of(candidate) < 4 * threads_ && tile_bytes(candidate) > kLargeChunkBytes &&
             halve(candidate, axis, min)) {
      }
    }
  }

  [[nodiscard]] std::int64_t tiles_of(const Candidate& candidate) const {
    double count = 1;
    for (std::int64_t axis = 0; axis < ndim(); ++axis) {
      count *= static_cast<double>((stage_.domain[axis] + candidate.tile[axis] - 1) / candidate.tile[axis]);
    }
    return static_cast<std::int64_t>(std::min(count, 1e18));
  }

  // Halves the tile along an axis, to whole quanta and at least `min` elements; false if it cannot.
  bool halve(Candidate& candidate, std::int64_t axis, std::int64_t min) const {
    const Quantum& unit = quantum(axis);
    std::int64_t half = (candidate.tile[axis] + 1) / 2;
    if (unit.bound) half = round_up(half, unit.size);
    half = std::max(half, min);
    if (half >= candidate.tile[axis]) return false;
    candidate.tile[axis] = half;
    candidate.offset[axis] = unit.bound ? unit.offset % half : 0;
    return true;
  }

  // Makes the tile longer along the axis that saves most, first by doubling and then by smaller parts, as
  // long as reading less is worth it. Chunks that lie across tiles are assembled for a whole tile at a time,
  // so that each is decoded once.
  void enlarge(Candidate candidate, std::int64_t available_bytes) {
    const Share share{stage_.tiling.slots, stage_.tiling.workers};
    const Candidate start = candidate;
    const double before = bytes_read();
    double min = before;
    candidate.whole = true;
    for (const std::int64_t part : {1, 2, 4, 8}) {
      while (const auto larger = enlarged_once(candidate, start.tile, part, available_bytes, min))
        candidate = *larger;
    }
    apply(candidate);
    if (fits(share, available_bytes) && bytes_read() <= before) return;
    apply(start);
    set_share(share);
  }

  // The candidate that saves most of those longer by a part of their extent, in steps of the extents that the
  // search began with.
  std::optional<Candidate> enlarged_once(const Candidate& candidate, const Shape& steps, std::int64_t part,
                                         std::int64_t available_bytes, double& min) {
    const Share share{stage_.tiling.slots, stage_.tiling.workers};
    std::optional<Candidate> best;
    for (std::int64_t axis = 0; axis < ndim(); ++axis) {
      const std::int64_t more = candidate.tile[axis] / part / steps[axis] * steps[axis];
      if (candidate.tile[axis] >= stage_.domain[axis] || more == 0) continue;
      Candidate larger = candidate;
      larger.tile[axis] += more;
      larger.offset[axis] = quantum(axis).bound ? quantum(axis).offset : 0;
      apply(larger);
      if (tiles_of(larger) < share.slots || !fits(share, available_bytes)) continue;
      if (const double bytes = bytes_read(); bytes < kWorthEnlarging * min) {
        min = bytes;
        best = larger;
      }
    }
    return best;
  }

  // Doubles the tile along axes on which readers of scratch take more, until the pieces that they share are
  // long.
  void lengthen_pieces(Candidate candidate, std::int64_t available_bytes) {
    const Share share{stage_.tiling.slots, stage_.tiling.workers};
    for (const WriteSink& sink : stage_.writes) {
      const Value& value = values_[static_cast<std::size_t>(sink.value)];
      if (value.placement != Placement::scratch || value.scratch_tile.size() != ndim()) continue;
      for (std::int64_t axis = 0; axis < ndim(); ++axis) {
        while (candidate.tile[axis] < std::min(value.scratch_tile[axis], stage_.domain[axis]) &&
               scratch_piece_bytes(value, candidate.tile, value.scratch_tile) < kLongPieceBytes) {
          Candidate larger = candidate;
          larger.tile[axis] *= 2;
          apply(larger);
          if (tiles_of(larger) < 2 * share.slots || !fits(share, available_bytes)) break;
          candidate = larger;
        }
      }
    }
    apply(candidate);
    set_share(share);
  }

  // Halves the tile where that costs least in bytes read and copied.
  bool shrink_tile(Candidate& candidate) {
    std::vector<Candidate> smaller;
    for (std::int64_t axis = 0; axis < ndim(); ++axis) {
      smaller.push_back(candidate);
      if (!halve(smaller.back(), axis, 1)) smaller.pop_back();
    }
    if (smaller.empty()) return false;
    candidate = smaller.front();
    if (smaller.size() == 1) return true;
    double min = 0;
    for (const Candidate& one : smaller) {
      apply(one);
      const double bytes = bytes_read() + bytes_copied() / kCopiesPerRead;
      if (&one != &smaller.front() && bytes >= min) continue;
      min = bytes;
      candidate = one;
    }
    return true;
  }

  bool shrink_once(Candidate& candidate) {
    if (!computes_ && candidate.step_bytes > min_step_bytes_) {
      candidate.step_bytes /= 4;
      return true;
    }
    return shrink_tile(candidate);
  }

  void apply(const Candidate& candidate) {
    stage_.tiling.tiles = ChunkGrid(stage_.domain, candidate.tile, candidate.offset);
    stage_.tiling.steps = choose_steps(candidate);
    choose_order();
  }

  // Cuts tiles into steps. Along reduced axes only such cuts are allowed that keep the C order of rows: below
  // an axis that a step spans by more than one index, no other reduced axis may be cut. A reduced last axis
  // is never cut.
  [[nodiscard]] ChunkGrid choose_steps(const Candidate& candidate) const {
    if (computes_ || candidate.whole) return stage_.tiling.tiles;
    Shape step = stage_.tiling.tiles.chunks();
    Index offset = stage_.tiling.tiles.offset();
    bool locked = false;
    for (std::int64_t axis = 0; axis < ndim(); ++axis) {
      const bool reduced = reduced_by_any(stage_, axis);
      const bool fixed = reduced && (locked || axis == ndim() - 1);
      if (!fixed) {
        const std::int64_t cut = step_extent(axis, step, candidate.step_bytes);
        if (cut < step[axis]) offset[axis] = large_chunks_ ? stage_.natural.offset()[axis] : offset[axis];
        step[axis] = cut;
        offset[axis] %= step[axis];
      }
      locked = locked || (reduced && step[axis] > 1);
    }
    return {stage_.domain, step, offset};
  }

  [[nodiscard]] std::int64_t step_extent(std::int64_t axis, const Shape& step,
                                         std::int64_t step_bytes) const {
    const std::int64_t natural = stage_.natural.chunks()[axis];
    if (large_chunks_) return std::min(step[axis], natural);
    const std::int64_t bytes = product(step) * element_bytes_;
    if (bytes <= step_bytes) return step[axis];
    return std::max<std::int64_t>(step[axis] * step_bytes / bytes, 1);
  }

  // Tiles of kept axes are finished one after the other: reduced axes run fastest.
  void choose_order() {
    stage_.tiling.axis_order.clear();
    for (const bool reduced : {false, true}) {
      for (std::int64_t axis = 0; axis < ndim(); ++axis) {
        if (reduced_by_any(stage_, axis) == reduced) stage_.tiling.axis_order.push_back(axis);
      }
    }
  }

  void set_share(const Share& share) {
    stage_.tiling.slots = share.slots;
    stage_.tiling.workers = share.workers;
    stage_.tiling.slot_bytes = slot_footprint(stage_, values_, evaluator_bytes_);
    stage_.tiling.state_bytes = pending_state_bytes(stage_);
  }

  // As many tiles at a time as fit; the threads that are left over share them.
  std::optional<Share> share_that_fits(std::int64_t available_bytes) {
    for (int slots = wanted_slots(); slots >= 1; --slots) {
      const Share share{slots, computes_ ? std::max(threads_ / slots, 1) : 1};
      if (fits(share, available_bytes)) return share;
    }
    for (int workers = threads_ / 2; computes_ && workers >= 1; workers /= 2) {
      if (fits({1, workers}, available_bytes)) return Share{1, workers};
    }
    return std::nullopt;
  }

  bool fits(const Share& share, std::int64_t available_bytes) {
    set_share(share);
    return stage_.tiling.state_bytes <= available_bytes &&
           stage_.tiling.slot_bytes <= (available_bytes - stage_.tiling.state_bytes) / stage_.tiling.slots;
  }

  Stage& stage_;
  const std::vector<Value>& values_;
  int threads_;
  KnownTraffic& known_;
  std::vector<std::int64_t> evaluator_bytes_;  ///< by leaf
  std::int64_t element_bytes_;
  std::vector<Quantum> quanta_;
  bool decodes_chunks_ = false;
  bool large_chunks_ = false;
  std::int64_t min_step_bytes_ = kMinStepBytes;
  bool computes_ = false;      ///< some leaf is made by an operation
  bool shares_tiles_ = false;  ///< all threads work on one tile
};

}  // namespace

bool choose_tiles(Stage& stage, const std::vector<Value>& values, std::int64_t available_bytes, int threads,
                  KnownTraffic& known) {
  return TileSearch(stage, values, threads, known).run(available_bytes);
}

ChunkGrid expected_tiles(const Stage& stage, const std::vector<Value>& values, std::int64_t available_bytes,
                         int threads, KnownTraffic& known) {
  Stage copy = stage;
  static_cast<void>(choose_tiles(copy, values, available_bytes, threads, known));
  return copy.tiling.tiles;
}

ChunkIndex Tiling::tile_at(std::int64_t index) const {
  ChunkIndex tile(tiles.ndim(), 0);
  for (auto axis = axis_order.rbegin(); axis != axis_order.rend(); ++axis) {
    const std::int64_t count = tiles.count(*axis);
    tile[*axis] = index % count;
    index /= count;
  }
  return tile;
}

}  // namespace varve::plan

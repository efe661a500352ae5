#include "exec/constant_blocks.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "plan/footprint.hpp"
#include "varve/core/counting.hpp"

namespace varve::exec {
namespace {

// Below so many tiles nothing is gained.
constexpr std::int64_t kManyTiles = 16;
// The list of them is memory that no ledger counts: up to 2 MiB, and twice that while it is made.
constexpr std::int64_t kMaxComputed = 1 << 18;

// arg* accumulators hold positions in their second plane, or the largest integer where there is none yet.
bool holds_positions(const plan::ReduceSink& sink) {
  using kernels::ReduceOp;
  return sink.op == ReduceOp::argmin || sink.op == ReduceOp::argmax || sink.op == ReduceOp::nanargmin ||
         sink.op == ReduceOp::nanargmax;
}

void move_position(std::byte* plane, std::int64_t by) {
  auto* position = reinterpret_cast<std::int64_t*>(plane);
  if (*position != std::numeric_limits<std::int64_t>::max()) *position += by;
}

bool reduce_alike(const plan::ReduceSink& left, const plan::ReduceSink& right) {
  return left.axes == right.axes && left.blocks == right.blocks;
}

ChunkGrid block_tiles(const plan::Stage& stage) {
  const plan::ReduceSink& sink = stage.reduces.front();
  Shape chunks = stage.tiling.tiles.chunks();
  Index offset = stage.tiling.tiles.offset();
  for (const std::int64_t axis : sink.axes) {
    chunks[axis] = sink.blocks.chunks()[axis];
    offset[axis] = sink.blocks.offset()[axis];
  }
  return {stage.domain, chunks, offset};
}

bool is_one_value(const plan::Leaf& leaf) {
  const std::vector<bool> used = leaf.map.used_axes();
  return std::find(used.begin(), used.end(), true) == used.end();
}

/// Collects the tiles that touch chunks which exist.
class ComputedTiles {
 public:
  ComputedTiles(const plan::Stage& stage, const ChunkGrid& tiles, const Bindings& bindings)
      : stage_(stage), tiles_(tiles), bindings_(bindings), counts_(tiles.counts()) {}

  // Returns false where the chunks of the leaf cannot be listed, or touch too many tiles.
  bool add(const plan::Leaf& leaf) {
    if (!leaf.source || leaf.reads(plan::Source::Kind::memory)) return is_one_value(leaf);
    const io::Dataset* dataset = bindings_.dataset(*leaf.source);
    if (dataset == nullptr || leaf.map.has_lists()) return false;
    list(*dataset);
    if (!stored_) return false;
    const ChunkGrid& grid = dataset->info().grid;
    return std::all_of(stored_->begin(), stored_->end(), [&](std::int64_t number) {
      const std::optional<Box> seen =
          seen_of(leaf.map, grid.box_of(index_at<ChunkIndex>(number, grid.counts())));
      return !seen || add_tiles(*seen);
    });
  }

  // Returns them, or nothing where they are too many.
  [[nodiscard]] std::optional<std::vector<std::int64_t>> take() {
    sort_out();
    if (count() > kMaxComputed) return std::nullopt;
    found_.shrink_to_fit();
    return std::move(found_);
  }

 private:
  // Several leaves often show the same dataset.
  void list(const io::Dataset& dataset) {
    if (listed_ == &dataset) return;
    stored_.reset();
    stored_ = dataset.stored_chunks();
    listed_ = &dataset;
  }

  // The part of the domain that shows elements of a box of the source; nothing if none does.
  [[nodiscard]] std::optional<Box> seen_of(const expr::IndexMap& map, const Box& box) const {
    Box seen(stage_.domain);
    for (std::int64_t axis = 0; axis < box.ndim(); ++axis) {
      const expr::AxisMap& from = map.axes()[static_cast<std::size_t>(axis)];
      if (from.is_constant() || from.step == 0) {
        if (from.offset < box.lo[axis] || from.offset >= box.hi[axis]) return std::nullopt;
        continue;
      }
      const std::int64_t out = from.output_axis;
      const expr::Interval inside =
          expr::preimage(from, box.lo[axis], box.hi[axis], {seen.lo[out], seen.hi[out]});
      if (inside.lo >= inside.hi) return std::nullopt;
      seen.lo[out] = inside.lo;
      seen.hi[out] = inside.hi;
    }
    return seen;
  }

  // Tiles are numbered as they are handed out.
  bool add_tiles(const Box& seen) {
    const Box touched = tiles_.chunks_touching(seen);
    const std::int64_t tiles = saturating_count(touched.shape());
    if (tiles > kMaxComputed || !make_room(tiles)) return false;
    for_each_chunk(tiles_, seen, [&](const ChunkIndex& tile) {
      std::int64_t number = 0;
      for (const std::int64_t axis : stage_.tiling.axis_order) number = number * counts_[axis] + tile[axis];
      found_.push_back(number);
    });
    return true;
  }

  // Many chunks may touch the same tile: what counts is how many different ones there are.
  bool make_room(std::int64_t tiles) {
    if (found_.capacity() == 0) found_.reserve(2 * kMaxComputed);
    if (count() + tiles <= 2 * kMaxComputed) return true;
    sort_out();
    return count() <= kMaxComputed;
  }

  void sort_out() {
    std::sort(found_.begin(), found_.end());
    found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
  }

  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(found_.size()); }

  const plan::Stage& stage_;
  const ChunkGrid& tiles_;
  const Bindings& bindings_;
  Shape counts_;
  std::vector<std::int64_t> found_;
  const io::Dataset* listed_ = nullptr;
  std::optional<std::vector<std::int64_t>> stored_;  ///< chunks of the dataset that was listed last
};

}  // namespace

std::optional<SparseTiles> find_sparse_tiles(const plan::Stage& stage, const Bindings& bindings) {
  if (stage.reduces.empty() || !stage.writes.empty()) return std::nullopt;
  const bool alike = std::all_of(stage.reduces.begin(), stage.reduces.end(),
                                 [&](const auto& sink) { return reduce_alike(sink, stage.reduces.front()); });
  if (!alike) return std::nullopt;
  SparseTiles sparse{block_tiles(stage), {}};
  const std::int64_t count = saturating_count(sparse.tiles.counts());
  if (count < kManyTiles) return std::nullopt;
  ComputedTiles computed(stage, sparse.tiles, bindings);
  const auto& leaves = stage.program.leaves;
  if (!std::all_of(leaves.begin(), leaves.end(), [&](const auto& leaf) { return computed.add(leaf); }))
    return std::nullopt;
  auto numbers = computed.take();
  if (!numbers) return std::nullopt;
  sparse.computed = std::move(*numbers);
  if (static_cast<std::int64_t>(sparse.computed.size()) > count / 2) return std::nullopt;
  return sparse;
}

ConstantBlocks::ConstantBlocks(const plan::Stage& stage, BufferPool& pool)
    : stage_(stage), pool_(pool), axes_(stage.reduces.front().axes) {
  for (const std::int64_t axis : axes_) block_count_ *= stage.tiling.tiles.count(axis);
}

namespace {

// The elements of chunk `index` along an axis.
Box along_axis(const ChunkGrid& grid, std::int64_t axis, std::int64_t index) {
  const std::int64_t start = index * grid.chunks()[axis] - grid.offset()[axis];
  const std::int64_t end = start + std::min(grid.chunks()[axis], grid.shape()[axis] - start);
  return {{std::max<std::int64_t>(start, 0)}, {end}};
}

}  // namespace

std::vector<std::int64_t> ConstantBlocks::extents_of(std::int64_t block) const {
  std::vector<std::int64_t> extents(axes_.size());
  for (std::size_t i = axes_.size(); i-- > 0;) {
    const std::int64_t count = stage_.tiling.tiles.count(axes_[i]);
    extents[i] = along_axis(stage_.tiling.tiles, axes_[i], block % count).extent(0);
    block /= count;
  }
  return extents;
}

// The position of the first element of a block in the reduced index space.
std::int64_t ConstantBlocks::first_position(std::int64_t block) const {
  std::int64_t position = 0;
  std::int64_t step = 1;
  for (std::size_t i = axes_.size(); i-- > 0;) {
    const std::int64_t count = stage_.tiling.tiles.count(axes_[i]);
    position += along_axis(stage_.tiling.tiles, axes_[i], block % count).lo[0] * step;
    step *= stage_.domain[axes_[i]];
    block /= count;
  }
  return position;
}

// The end of the run of blocks that have the extents of `block`.
std::int64_t ConstantBlocks::run_end(std::int64_t block) const {
  std::int64_t stride = 1;
  for (std::size_t i = axes_.size(); i-- > 0;) {
    const std::int64_t axis = axes_[i];
    const std::int64_t count = stage_.tiling.tiles.count(axis);
    const std::int64_t at = block / stride % count;
    const auto extent = [&](std::int64_t index) {
      return along_axis(stage_.tiling.tiles, axis, index).extent(0);
    };
    const std::int64_t first = extent(0);
    const std::int64_t last = extent(count - 1);
    const std::int64_t inner = count > 2 ? extent(1) : last;
    if (i == 0 || first != inner || inner != last) {
      const bool to_end = extent(at) == inner && inner == last;
      const std::int64_t end = at == 0 && first != inner ? 1 : to_end || at == count - 1 ? count : count - 1;
      return (block / stride - at + end) * stride;
    }
    stride *= count;
  }
  return block + 1;
}

ConstantBlocks::Levels& ConstantBlocks::levels_of(std::int64_t kept_tile, std::int64_t block,
                                                  const Compute& compute) {
  Levels& levels = of_extents_[extents_of(block)];
  if (!levels.empty()) return levels;
  for (const State& whole : compute(kept_tile * block_count_ + block)) {
    const std::size_t sink = levels.size();
    const kernels::ReduceKernel& kernel = kernel_of(stage_.reduces[sink]);
    Element element;
    for (int plane = 0; plane < kernel.plane_count; ++plane) {
      std::memcpy(element.planes[plane], whole.planes()[plane],
                  static_cast<std::size_t>(kernel.plane_bytes[plane]));
    }
    element.count = whole.count;
    if (holds_positions(stage_.reduces[sink])) move_position(element.planes[1], -first_position(block));
    levels.push_back({element});
  }
  return levels;
}

State ConstantBlocks::spread(const Element& element, std::size_t sink, std::int64_t kept_elements) const {
  const kernels::ReduceKernel& kernel = kernel_of(stage_.reduces[sink]);
  State state(kernel, kept_elements, pool_);
  for (int plane = 0; plane < kernel.plane_count; ++plane) {
    const auto bytes = static_cast<std::size_t>(kernel.plane_bytes[plane]);
    auto* to = static_cast<std::byte*>(state.planes()[plane]);
    for (std::int64_t i = 0; i < kept_elements; ++i, to += bytes)
      std::memcpy(to, element.planes[plane], bytes);
  }
  state.count = element.count;
  return state;
}

void ConstantBlocks::merge(Element& left, Element& right, std::size_t sink) const {
  void* of_left[kernels::kMaxPlanes] = {};
  void* of_right[kernels::kMaxPlanes] = {};
  for (int plane = 0; plane < kernels::kMaxPlanes; ++plane) {
    of_left[plane] = left.planes[plane];
    of_right[plane] = right.planes[plane];
  }
  kernel_of(stage_.reduces[sink]).merge(of_left, of_right, 1, left.count, right.count);
  left.count += right.count;
}

const ConstantBlocks::Element& ConstantBlocks::merged(std::vector<Element>& levels, std::size_t sink,
                                                      std::int64_t level) const {
  while (static_cast<std::int64_t>(levels.size()) <= level) {
    Element both = levels.back();
    Element half = levels.back();
    merge(both, half, sink);
    levels.push_back(both);
  }
  return levels[static_cast<std::size_t>(level)];
}

// Merges what has found its neighbour.
void ConstantBlocks::append(std::vector<Subtree>& subtrees, Subtree next, std::size_t sink) const {
  while (!subtrees.empty() && subtrees.back().level == next.level && (next.position & 1) == 1) {
    merge(subtrees.back().element, next.element, sink);
    next = {next.level + 1, next.position >> 1, subtrees.back().element};
    subtrees.pop_back();
  }
  subtrees.push_back(next);
}

void ConstantBlocks::add(std::int64_t kept_tile, std::int64_t first, std::int64_t last,
                         const Compute& compute, const std::vector<std::unique_ptr<MergeTree>>& trees) {
  const Shape tile =
      stage_.tiling.tiles.box_of(stage_.tiling.tile_at(kept_tile * block_count_ + first)).shape();
  std::vector<std::vector<Subtree>> subtrees(trees.size());
  while (first < last) {
    const std::int64_t end = std::min(run_end(first), last);
    const std::lock_guard lock(mutex_);
    Levels& levels = levels_of(kept_tile, first, compute);
    if (levels.empty()) return;  // the run stops
    while (first < end) {
      const int aligned = first == 0 ? 62 : std::countr_zero(static_cast<std::uint64_t>(first));
      const int fitting = std::bit_width(static_cast<std::uint64_t>(end - first)) - 1;
      const std::int64_t level = std::min(aligned, fitting);
      for (std::size_t sink = 0; sink < trees.size(); ++sink) {
        Subtree next{level, first >> level, merged(levels[sink], sink, level)};
        if (holds_positions(stage_.reduces[sink]))
          move_position(next.element.planes[1], first_position(first));
        append(subtrees[sink], next, sink);
      }
      first += std::int64_t{1} << level;
    }
  }
  for (std::size_t sink = 0; sink < trees.size(); ++sink) {
    const std::int64_t kept = plan::kept_elements(stage_.reduces[sink], tile);
    for (const Subtree& subtree : subtrees[sink])
      trees[sink]->add(kept_tile, subtree.level, subtree.position, spread(subtree.element, sink, kept));
  }
}

}  // namespace varve::exec

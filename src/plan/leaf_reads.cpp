#include "plan/leaf_reads.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace varve::plan {
namespace {

// Of longer lists some positions stand for all: planning looks at them many times.
constexpr std::int64_t kPositionsLookedAt = 1 << 14;

// The smallest and the largest of the positions listed from `lo` to `hi`.
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

Index axes_used(const expr::IndexMap& map) {
  const std::vector<bool> used = map.used_axes();
  Index axes;
  for (std::size_t axis = 0; axis < used.size(); ++axis) {
    if (used[axis]) axes.push_back(static_cast<std::int64_t>(axis));
  }
  return axes;
}

double chunks_read(const Leaf& leaf, const ChunkGrid& grid, const Box& box) {
  double chunks = 1;
  for (std::int64_t axis = 0; axis < grid.ndim(); ++axis) {
    const expr::AxisMap& map = leaf.map.axes()[static_cast<std::size_t>(axis)];
    if (map.is_constant()) continue;
    chunks *= static_cast<double>(
        chunks_between(grid, axis, map, box.lo[map.output_axis], box.hi[map.output_axis]));
  }
  return chunks;
}

// Whether an input before number `i` of an operation decodes the same chunks.
bool is_read_before(const Leaf& operation, std::size_t i, const Leaf& inner) {
  const auto is_same = [&](const Leaf& other) {
    return inner.source && inner.source == other.source && inner.map == other.map;
  };
  return std::any_of(operation.inputs.begin(), operation.inputs.begin() + static_cast<std::ptrdiff_t>(i),
                     [&](const auto& input) {
                       return std::any_of(input->program.leaves.begin(), input->program.leaves.end(),
                                          is_same);
                     });
}

// The chunk that holds all that a leaf which decodes chunks needs for a box, if one does.
std::optional<ChunkIndex> only_chunk(const Leaf& leaf, const Box& box) {
  if (leaf.map.has_lists()) return std::nullopt;
  const Box chunks = leaf.dataset()->grid.chunks_touching(leaf.map.demand(box));
  return element_count(chunks.shape()) == 1 ? std::optional(ChunkIndex(chunks.lo)) : std::nullopt;
}

}  // namespace

LeafReads::LeafReads(const Leaf& leaf, const std::vector<Value>& values, const ChunkGrid& steps)
    : leaf_(leaf), access_(access_of(leaf, values, steps)) {
  if (access_ == LeafAccess::partial) used_axes_ = axes_used(leaf.map);
  if (access_ == LeafAccess::computed) add_inputs(values);
}

double LeafReads::of(const Box& box) const {
  if (are_same()) return bytes_of_same_;
  if (access_ == LeafAccess::computed) return bytes_of_same_ + read_inputs(leaf_.map.demand(box));
  if (access_ == LeafAccess::partial) {
    auto bytes = static_cast<double>(size_bytes(leaf_.dtype));
    for (const std::int64_t axis : used_axes_)
      bytes *= static_cast<double>(std::max<std::int64_t>(box.extent(axis), 0));
    return bytes;
  }
  if (!decodes_chunks(access_)) return 0;
  const DatasetFacts& dataset = *leaf_.dataset();
  return chunks_read(leaf_, dataset.grid, box) * dataset.stored_chunk_bytes;
}

void LeafReads::add_inputs(const std::vector<Value>& values) {
  const expr::BoxOperator& operation = *leaf_.operation();
  const Box whole(leaf_.source_shape);
  for (std::size_t i = 0; i < leaf_.inputs.size(); ++i) {
    const InputProgram& program = *leaf_.inputs[i];
    Input input{static_cast<int>(i), {}};
    input.leaves.reserve(program.program.leaves.size());
    for (const Leaf& inner : program.program.leaves) {
      if (operation.reading().together && is_read_before(leaf_, i, inner)) continue;
      input.leaves.emplace_back(inner, values, program.cells);
      if (input.leaves.back().reads_nothing()) input.leaves.pop_back();
    }
    if (input.leaves.empty()) continue;
    if (input.number >= operation.reading().same_from && !whole.empty()) {
      const std::vector<Box> pieces = operation.demand(input.number, whole);
      for (const LeafReads& inner : input.leaves) bytes_of_same_ += inner.read_pieces(pieces);
    } else {
      inputs_.push_back(std::move(input));
    }
  }
}

bool LeafReads::reads_nothing() const noexcept {
  if (access_ == LeafAccess::computed) return are_same() && bytes_of_same_ == 0;
  return access_ != LeafAccess::partial && !decodes_chunks(access_);
}

double LeafReads::read_inputs(const Box& needed) const {
  double bytes = 0;
  for (const Input& input : inputs_) {
    const std::vector<Box> pieces = leaf_.operation()->demand(input.number, needed);
    for (const LeafReads& inner : input.leaves) bytes += inner.read_pieces(pieces);
  }
  return bytes;
}

double LeafReads::read_pieces(const std::vector<Box>& pieces) const {
  double bytes = 0;
  std::optional<ChunkIndex> decoded;
  for (const Box& piece : pieces) {
    if (piece.empty()) continue;
    if (decodes_chunks(access_)) {
      // What follows from the same chunk finds it decoded.
      std::optional<ChunkIndex> chunk = only_chunk(leaf_, piece);
      if (chunk && chunk == decoded) continue;
      decoded = std::move(chunk);
    }
    bytes += of(piece);
  }
  return bytes;
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

}  // namespace varve::plan

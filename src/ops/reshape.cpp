#include <algorithm>

#include "ops/axis_groups.hpp"
#include "ops/flat_box.hpp"
#include "ops/rearrange.hpp"

namespace varve::ops {
namespace {

// Natural chunks hold up to this much, so that a tile sees whole chunks of the input.
constexpr std::int64_t kTileBytes = 64 << 20;
// Longer lists of boxes are summed up by the box around them.
constexpr std::int64_t kMaxListedBoxes = 4096;

/// Is a stretch of the elements of one group of axes: a box of its input axes, and where it goes in the
/// target.
struct Piece {
  Box from;
  std::int64_t offset_bytes = 0;
  std::int64_t stride_bytes = 0;  ///< between neighbouring elements
};

std::int64_t product(const Shape& shape, std::int64_t first, std::int64_t end) {
  std::int64_t count = 1;
  for (std::int64_t axis = first; axis < end; ++axis) count *= shape[axis];
  return count;
}

/// Cuts boxes of the new shape into boxes of the old one.
class Reshape final : public expr::BoxOperator {
 public:
  Reshape(const Shape& from, const Shape& to, std::int64_t element_bytes)
      : from_(from), to_(to), element_bytes_(element_bytes), groups_(axis_groups(from, to)) {}

  [[nodiscard]] std::string_view name() const noexcept override { return "reshape"; }
  [[nodiscard]] std::uint64_t hash() const noexcept override { return 0; }
  [[nodiscard]] std::int64_t workspace_bytes(const Shape&, int) const override { return 0; }

  [[nodiscard]] std::vector<Box> demand(int, const Box& box) const override {
    const auto pieces = pieces_of(box, c_order_strides(box.shape(), element_bytes_));
    std::vector<Box> boxes;
    std::int64_t count = 1;
    for (const auto& group : pieces)
      count = saturating_multiply(count, static_cast<std::int64_t>(group.size()));
    if (count > kMaxListedBoxes) return {around(pieces)};
    for_each_choice(pieces,
                    [&](const Box& part, std::int64_t, const ByteStrides&) { boxes.push_back(part); });
    return boxes;
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    for_each_choice(pieces_of(box, out.byte_strides),
                    [&](const Box& part, std::int64_t offset, const ByteStrides& strides) {
                      context.read(0, part, {out.data + offset, out.dtype, part.shape(), strides});
                    });
  }

 private:
  using Pieces = std::vector<std::vector<Piece>>;  // per group

  [[nodiscard]] Pieces pieces_of(const Box& box, const ByteStrides& strides) const {
    Pieces pieces;
    for (const AxisGroup& group : groups_) {
      auto& list = pieces.emplace_back();
      if (group.stays()) {
        const std::int64_t axis = group.to_first;
        list.push_back({Box({box.lo[axis]}, {box.hi[axis]}), 0, strides[axis]});
      } else {
        add_intervals(group, box, strides, list);
      }
    }
    return pieces;
  }

  // The box's part of a group, as intervals of its elements in C order that lie evenly in the target.
  void add_intervals(const AxisGroup& group, const Box& box, const ByteStrides& strides,
                     std::vector<Piece>& pieces) const {
    const std::int64_t end = group.to_first + group.to_count;
    if (group.to_count == 0) return add_boxes(group, 0, 1, 0, 0, pieces);
    std::int64_t joined = end - 1;  // this axis and all after it run on without a gap
    while (joined > group.to_first && box.extent(joined) == to_[joined] &&
           strides[joined - 1] == strides[joined] * to_[joined]) {
      --joined;
    }
    const std::int64_t unit = product(to_, joined + 1, end);
    Shape outer;
    for (std::int64_t axis = group.to_first; axis < joined; ++axis) outer.push_back(box.extent(axis));
    Index index(outer.size(), 0);
    do {
      std::int64_t row = 0;
      std::int64_t offset = 0;
      for (std::int64_t axis = group.to_first; axis < joined; ++axis) {
        const std::int64_t at = index[axis - group.to_first];
        row = row * to_[axis] + box.lo[axis] + at;
        offset += at * strides[axis];
      }
      const std::int64_t first = row * to_[joined];
      add_boxes(group, (first + box.lo[joined]) * unit, (first + box.hi[joined]) * unit, offset,
                strides[end - 1], pieces);
    } while (next_index(index, outer));
  }

  // Cuts the interval [lo, hi) into boxes of the group's input axes, in order.
  void add_boxes(const AxisGroup& group, std::int64_t lo, std::int64_t hi, std::int64_t offset,
                 std::int64_t stride, std::vector<Piece>& pieces) const {
    Shape extents;
    for (std::int64_t i = 0; i < group.from_count; ++i) extents.push_back(from_[group.from_first + i]);
    while (lo < hi) {
      const Box box = flat_box(extents, lo, hi);
      pieces.push_back({box, offset, stride});
      const std::int64_t count = element_count(box.shape());
      lo += count;
      offset += count * stride;
    }
  }

  [[nodiscard]] Box around(const Pieces& pieces) const {
    Box result(from_);
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      for (std::int64_t i = 0; i < groups_[g].from_count; ++i) {
        std::int64_t lo = from_[groups_[g].from_first + i];
        std::int64_t hi = 0;
        for (const Piece& piece : pieces[g]) {
          lo = std::min(lo, piece.from.lo[i]);
          hi = std::max(hi, piece.from.hi[i]);
        }
        result.lo[groups_[g].from_first + i] = lo;
        result.hi[groups_[g].from_first + i] = hi;
      }
    }
    return result;
  }

  // Calls visit(box of the input, offset in the target, byte strides of the target) for each way to pick one
  // piece per group.
  template <class Visit>
  void for_each_choice(const Pieces& pieces, const Visit& visit) const {
    Shape counts;
    for (const auto& group : pieces) counts.push_back(static_cast<std::int64_t>(group.size()));
    Index choice(counts.size(), 0);
    Box part(from_);
    ByteStrides strides(from_.size(), 0);
    do {
      std::int64_t offset = 0;
      for (std::size_t g = 0; g < pieces.size(); ++g) {
        const Piece& piece = pieces[g][static_cast<std::size_t>(choice[static_cast<std::int64_t>(g)])];
        offset += piece.offset_bytes;
        std::int64_t stride = piece.stride_bytes;
        for (std::int64_t i = groups_[g].from_count - 1; i >= 0; --i) {
          const std::int64_t axis = groups_[g].from_first + i;
          part.lo[axis] = piece.from.lo[i];
          part.hi[axis] = piece.from.hi[i];
          strides[axis] = stride;
          stride *= piece.from.extent(i);
        }
      }
      visit(part, offset, strides);
    } while (next_index(choice, counts));
  }

  Shape from_;
  Shape to_;
  std::int64_t element_bytes_;
  std::vector<AxisGroup> groups_;
};

// The elements of a group that tiles should hold: whole rows of chunks, as large as room allows.
std::int64_t elements_per_tile(const AxisGroup& group, const ChunkGrid& input, std::int64_t room) {
  std::int64_t elements = 1;
  const std::int64_t end = group.from_first + group.from_count;
  for (std::int64_t axis = group.from_first; axis < end; ++axis) {
    if (input.shape()[axis] == 1) continue;
    elements = input.chunks()[axis] * product(input.shape(), axis + 1, end);
    if (elements <= room) break;
  }
  return std::clamp<std::int64_t>(elements, 1, std::max<std::int64_t>(room, 1));
}

ChunkGrid reshaped_grid(const ChunkGrid& input, const Shape& shape, std::int64_t element_bytes) {
  Shape chunks(shape.size(), 1);
  Index offset(shape.size(), 0);
  std::int64_t room = kTileBytes / element_bytes;
  const std::vector<AxisGroup> groups = axis_groups(input.shape(), shape);
  for (const AxisGroup& group : groups) {
    if (!group.stays()) continue;
    chunks[group.to_first] = input.chunks()[group.from_first];
    offset[group.to_first] = input.offset()[group.from_first];
    room /= input.chunks()[group.from_first];
  }
  for (auto group = groups.rbegin(); group != groups.rend(); ++group) {
    if (group->stays()) continue;
    std::int64_t rest = elements_per_tile(*group, input, room);
    room /= rest;
    for (std::int64_t axis = group->to_first + group->to_count - 1; axis >= group->to_first; --axis) {
      chunks[axis] = std::clamp<std::int64_t>(rest, 1, shape[axis]);
      rest = chunks[axis] < shape[axis] ? 1 : std::max<std::int64_t>(rest / chunks[axis], 1);
    }
  }
  return {shape, chunks, offset};
}

}  // namespace

expr::NodePtr reshape(const expr::NodePtr& input, const Shape& shape) {
  if (input->shape == shape) return input;
  if (element_count(shape) == 0) return expr::make_constant(shape, input->dtype, 0, ChunkGrid(shape, shape));
  const std::int64_t element_bytes = size_bytes(input->dtype);
  return expr::make_operation(reshaped_grid(input->grid, shape, element_bytes), input->dtype, {input},
                              std::make_shared<Reshape>(input->shape, shape, element_bytes));
}

}  // namespace varve::ops

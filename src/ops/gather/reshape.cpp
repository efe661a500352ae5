#include <algorithm>

#include "expr/fields.hpp"
#include "expr/labelled_operator.hpp"
#include "kernels/copy.hpp"
#include "ops/gather/axis_groups.hpp"
#include "ops/gather/flat_box.hpp"
#include "ops/gather/rearrange.hpp"
#include "varve/core/walks.hpp"

namespace varve::ops {
namespace {

// Natural chunks hold up to this much, so that a tile sees whole chunks of the input.
constexpr std::int64_t kTileBytes = 64 << 20;
// Longer lists of boxes are summed up by the box around them.
constexpr std::int64_t kMaxListedBoxes = 4096;
// Reading so much takes about as long as one more call to read.
constexpr std::int64_t kCheapBytes = 16 << 10;
// What is read shortly is picked from slabs of this size.
constexpr std::int64_t kShortBytes = 1 << 10;
constexpr std::int64_t kSlabBytes = 256 << 10;

/// Cuts boxes of the new shape into boxes of the old one. Where these would be short, the stretches around
/// them are read into the workspace, slab by slab, and the elements picked from there.
class Reshape final : public expr::Described<Reshape>, public expr::LabelledOperator {
 public:
  static constexpr std::string_view kKind = "reshape";
  static void fields(auto& op, auto& visit) { visit("from", op.from_, "to", op.to_, "dtype", op.dtype_); }

  Reshape() = default;
  Reshape(const Shape& from, const Shape& to, DType dtype) : from_(from), to_(to), dtype_(dtype) {
    prepare();
  }
  void prepare() {
    const bool fits = saturating_count(from_) == saturating_count(to_) && saturating_count(to_) > 0;
    expr::require_parameter(fits, "shapes to reshape have equally many elements, and some");
    groups_ = axis_groups(from_, to_);
  }

  [[nodiscard]] expr::Workspace workspace(const Shape&, int) const override { return Memory(*this); }

  [[nodiscard]] expr::ValueOrigin value_origin(int) const override { return expr::ValueOrigin::elements; }
  [[nodiscard]] expr::AxisOrigin axis_origin(int, std::int64_t axis) const override {
    for (const AxisGroup& group : groups_) {
      if (group.stays() && group.to_first == axis) return {group.from_first, true};
    }
    return {};
  }

  [[nodiscard]] std::vector<Box> demand(int, const Box& box) const override {
    std::vector<Box> boxes;
    const auto list = [&](const Box& part, std::int64_t, const ByteStrides&) {
      boxes.push_back(part);
      return static_cast<std::int64_t>(boxes.size()) < kMaxListedBoxes;
    };
    const auto list_all = [&](const Box& slab) {
      return for_each_piece(slab, c_order_strides(slab.shape(), element_bytes()), list);
    };
    const Box whole = grown(box);
    const bool listed = whole == box
                            ? list_all(box)
                            : for_each_slab(box, grown_axes(box, whole),
                                            [&](const Box&, const Box& slab) { return list_all(slab); });
    if (!listed) return {around(whole)};
    return boxes;
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    const auto read = [&](const Box& part, const StridedView& target) {
      return for_each_piece(part, target.byte_strides,
                            [&](const Box& from, std::int64_t offset, const ByteStrides& strides) {
                              context.read(0, from, {target.data + offset, dtype_, from.shape(), strides});
                              return true;
                            });
    };
    const Box whole = grown(box);
    if (whole == box && !is_read_shortly(box, out.byte_strides)) {
      read(box, out);
      return;
    }
    for_each_slab(box, grown_axes(box, whole), [&](const Box& part, const Box& slab) {
      const StridedView staged = Memory(*this).slab.view(context.memory(), slab.shape());
      read(slab, staged);
      kernels::copy(varve::as_const(staged.sub(relative_to(part, slab.lo))),
                    out.sub(relative_to(part, box.lo)));
      return true;
    });
  }

 private:
  struct Memory : expr::Workspace {
    explicit Memory(const Reshape& op)
        : slab(add(op.dtype_, std::min(kSlabBytes / op.element_bytes(), saturating_count(op.to_)))) {}
    expr::Elements slab;
  };

  /// What is put together group by group: a box of the input, and where it goes in the target.
  struct Piece {
    Box from;
    std::int64_t offset_bytes = 0;
    ByteStrides strides;
  };

  [[nodiscard]] std::int64_t element_bytes() const { return size_bytes(dtype_); }

  // Calls visit(box of the input, offset in the target, byte strides of the target) for pieces that lie
  // evenly in a target of these strides, in C order, as long as it returns true.
  template <class Visit>
  bool for_each_piece(const Box& box, const ByteStrides& strides, const Visit& visit) const {
    Piece piece{Box(from_), 0, ByteStrides(from_.size(), 0)};
    return descend(0, box, strides, piece, visit);
  }

  template <class Visit>
  bool descend(std::size_t number, const Box& box, const ByteStrides& strides, Piece& piece,
               const Visit& visit) const {
    if (number == groups_.size()) return visit(piece.from, piece.offset_bytes, piece.strides);
    const AxisGroup& group = groups_[number];
    const auto deeper = [&] { return descend(number + 1, box, strides, piece, visit); };
    if (group.stays()) {
      piece.from.lo[group.from_first] = box.lo[group.to_first];
      piece.from.hi[group.from_first] = box.hi[group.to_first];
      piece.strides[group.from_first] = strides[group.to_first];
      return deeper();
    }
    if (group.to_count == 0) return for_each_box(group, 0, 1, 0, piece, deeper);
    return for_each_interval(group, box, strides, piece, deeper);
  }

  // Along this axis of a group and all after it, a box runs on without a gap, in the array and in the target.
  [[nodiscard]] std::int64_t joined_axis(const AxisGroup& group, const Box& box,
                                         const ByteStrides& strides) const {
    std::int64_t joined = group.to_first + group.to_count - 1;
    while (joined > group.to_first && box.extent(joined) == to_[joined] &&
           strides[joined - 1] == strides[joined] * to_[joined]) {
      --joined;
    }
    return joined;
  }

  // The box's part of a group, as intervals of its elements in C order that lie evenly in the target.
  template <class Deeper>
  bool for_each_interval(const AxisGroup& group, const Box& box, const ByteStrides& strides, Piece& piece,
                         const Deeper& deeper) const {
    const std::int64_t end = group.to_first + group.to_count;
    const std::int64_t joined = joined_axis(group, box, strides);
    const std::int64_t unit = count_along(to_, joined + 1, end);
    const std::int64_t before = piece.offset_bytes;
    Shape outer;
    for (std::int64_t axis = group.to_first; axis < joined; ++axis) outer.push_back(box.extent(axis));
    Index index(outer.size(), 0);
    bool goes_on = true;
    do {
      std::int64_t row = 0;
      piece.offset_bytes = before;
      for (std::int64_t axis = group.to_first; axis < joined; ++axis) {
        const std::int64_t at = index[axis - group.to_first];
        row = row * to_[axis] + box.lo[axis] + at;
        piece.offset_bytes += at * strides[axis];
      }
      const std::int64_t first = row * to_[joined];
      goes_on = for_each_box(group, (first + box.lo[joined]) * unit, (first + box.hi[joined]) * unit,
                             strides[end - 1], piece, deeper);
    } while (goes_on && next_index(index, outer));
    piece.offset_bytes = before;
    return goes_on;
  }

  // Cuts the interval [lo, hi) into boxes of the group's input axes, in order.
  template <class Deeper>
  bool for_each_box(const AxisGroup& group, std::int64_t lo, std::int64_t hi, std::int64_t stride,
                    Piece& piece, const Deeper& deeper) const {
    Shape extents;
    for (std::int64_t i = 0; i < group.from_count; ++i) extents.push_back(from_[group.from_first + i]);
    bool goes_on = true;
    while (goes_on && lo < hi) {
      const Box part = flat_box(extents, lo, hi);
      std::int64_t along = stride;
      for (std::int64_t i = group.from_count - 1; i >= 0; --i) {
        const std::int64_t axis = group.from_first + i;
        piece.from.lo[axis] = part.lo[i];
        piece.from.hi[axis] = part.hi[i];
        piece.strides[axis] = along;
        along *= part.extent(i);
      }
      goes_on = deeper();
      const std::int64_t count = element_count(part.shape());
      lo += count;
      piece.offset_bytes += count * stride;
    }
    return goes_on;
  }

  // The elements that one call reads of a box, but for cuts along the input's axes.
  [[nodiscard]] std::int64_t elements_per_read(const Box& box, const ByteStrides& strides) const {
    std::int64_t elements = 1;
    for (const AxisGroup& group : groups_) {
      if (group.to_count == 0) continue;
      const std::int64_t joined = joined_axis(group, box, strides);
      elements *= box.extent(joined) * count_along(to_, joined + 1, group.to_first + group.to_count);
    }
    return elements;
  }
  [[nodiscard]] bool is_read_shortly(const Box& box, const ByteStrides& strides) const {
    const std::int64_t elements = elements_per_read(box, strides);
    return elements * element_bytes() < kShortBytes && elements < element_count(box.shape());
  }

  // Makes inner axes whole that cut a box into stretches so short that their gaps are better read too.
  [[nodiscard]] Box grown(Box box) const {
    for (const AxisGroup& group : groups_) {
      for (std::int64_t axis = group.to_first + group.to_count - 1; axis > group.to_first; --axis) {
        if (box.extent(axis) == to_[axis]) continue;
        const ByteStrides dense = c_order_strides(box.shape(), element_bytes());
        const std::int64_t elements = elements_per_read(box, dense);
        const std::int64_t more = elements / box.extent(axis) * to_[axis] * element_bytes();
        if (elements == element_count(box.shape()) || more > kCheapBytes) break;
        box.lo[axis] = 0;
        box.hi[axis] = to_[axis];
      }
    }
    return box;
  }

  // Marks the axes along which one box is larger than another.
  [[nodiscard]] static std::vector<bool> grown_axes(const Box& box, const Box& whole) {
    std::vector<bool> axes;
    for (std::int64_t axis = 0; axis < box.ndim(); ++axis) {
      axes.push_back(whole.extent(axis) != box.extent(axis));
    }
    return axes;
  }

  // Calls visit(part, slab) for parts of a box whose slabs, whole along some axes, fit in the workspace; in C
  // order, as long as it returns true.
  template <class Visit>
  bool for_each_slab(const Box& box, const std::vector<bool>& whole, const Visit& visit) const {
    Box slab = box;
    std::int64_t outermost = -1;
    for (std::int64_t axis = box.ndim() - 1; axis >= 0; --axis) {
      if (whole[static_cast<std::size_t>(axis)]) {
        slab.lo[axis] = 0;
        slab.hi[axis] = to_[axis];
      } else if (box.extent(axis) > 1) {
        outermost = axis;
      }
    }
    if (outermost < 0 || saturating_multiply(saturating_count(slab.shape()), element_bytes()) <= kSlabBytes)
      return visit(box, slab);
    Box half = box;
    half.hi[outermost] = box.lo[outermost] + box.extent(outermost) / 2;
    Box rest = box;
    rest.lo[outermost] = half.hi[outermost];
    return for_each_slab(half, whole, visit) && for_each_slab(rest, whole, visit);
  }

  // The box of the input around all that a box of the result needs.
  [[nodiscard]] Box around(const Box& box) const {
    Box result(from_);
    for (const AxisGroup& group : groups_) {
      std::int64_t first = 0;
      std::int64_t last = 0;
      for (std::int64_t axis = group.to_first; axis < group.to_first + group.to_count; ++axis) {
        first = first * to_[axis] + box.lo[axis];
        last = last * to_[axis] + box.hi[axis] - 1;
      }
      // From the first axis on along which they differ, all of an axis may lie between the two.
      std::int64_t unit = count_along(from_, group.from_first, group.from_first + group.from_count);
      for (std::int64_t axis = group.from_first; axis < group.from_first + group.from_count; ++axis) {
        const std::int64_t rows = unit;
        unit /= from_[axis];
        if (first / rows != last / rows) continue;
        result.lo[axis] = first / unit % from_[axis];
        result.hi[axis] = last / unit % from_[axis] + 1;
      }
    }
    return result;
  }

  Shape from_;
  Shape to_;
  DType dtype_ = DType::float64;
  std::vector<AxisGroup> groups_;
};

// The elements of a group that tiles should hold: whole rows of chunks, as large as room allows.
std::int64_t elements_per_tile(const AxisGroup& group, const ChunkGrid& input, std::int64_t room) {
  std::int64_t elements = 1;
  const std::int64_t end = group.from_first + group.from_count;
  for (std::int64_t axis = group.from_first; axis < end; ++axis) {
    if (input.shape()[axis] == 1) continue;
    elements = input.chunks()[axis] * count_along(input.shape(), axis + 1, end);
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

extern const expr::OperatorRow reshape_row = Reshape::row();

expr::NodePtr reshape(const expr::NodePtr& input, const Shape& shape) {
  if (input->shape == shape) return input;
  if (element_count(shape) == 0) return expr::make_constant(shape, input->dtype, 0, ChunkGrid(shape, shape));
  const std::int64_t element_bytes = size_bytes(input->dtype);
  return expr::make_operation(reshaped_grid(input->grid, shape, element_bytes), input->dtype, {input},
                              std::make_shared<Reshape>(input->shape, shape, input->dtype));
}

}  // namespace varve::ops

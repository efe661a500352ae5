#include "ops/gather/mask.hpp"

#include <algorithm>
#include <unordered_set>

#include "expr/fields.hpp"
#include "expr/labelled_operator.hpp"
#include "expr/walk.hpp"
#include "kernels/compact.hpp"
#include "kernels/copy.hpp"
#include "ops/gather/flat_box.hpp"
#include "varve/core/error.hpp"
#include "varve/core/walks.hpp"

namespace varve::ops {
namespace {

constexpr std::int64_t kBlockElements = 1 << 20;
// Natural chunks let a slab, mask and elements, have this much; it is held while its true elements are picked
// out. Slabs that see only part of a row of chunks decode them again and again, so that is a lot.
constexpr std::int64_t kSlabBytes = 128 << 20;
constexpr std::int64_t kMinSlabBytes = 64 << 10;
// Mask and elements that one thread reads at a time from a chunk: they are still in cache when they are
// looked at, and many a piece has no true element.
constexpr std::int64_t kPieceBytes = 64 << 10;
// Longer rows are read straight into their place, without those between them.
constexpr std::int64_t kLongRowBytes = 4 << 10;
// Slabs are this much larger than what the rows need on average.
constexpr double kSpare = 1.25;
// Neighbouring boxes both look into the slab where one ends, so that a box should take several.
constexpr double kSlabsPerBox = 8;

// The elements of the mask that lie over one row of chunks of the input, as far as they fit.
std::int64_t natural_slab(const ChunkGrid& grid, std::int64_t mask_ndim, std::int64_t room) {
  for (std::int64_t axis = 0; axis < mask_ndim; ++axis) {
    const std::int64_t slab = grid.chunks()[axis] * count_along(grid.shape(), axis + 1, mask_ndim);
    if (slab <= room) return std::clamp<std::int64_t>(slab, std::min<std::int64_t>(room, 1 << 18), room);
  }
  return room;
}

/// Goes over the mask slab by slab, from the block that holds the first row asked for.
class TakeTrue final : public expr::Described<TakeTrue>, public expr::LabelledOperator {
 public:
  static constexpr std::string_view kKind = "take_true";
  static void fields(auto& op, auto& visit) {
    visit("dtype", op.dtype_, "grid", op.input_, "mask", op.mask_, "before", op.counts_.before, "guessed",
          op.counts_.guessed, "reads_together", op.reading_.together, "may_take_pieces", op.may_take_pieces_);
  }

  TakeTrue() = default;
  TakeTrue(const expr::NodePtr& input, const Shape& mask, TrueCounts counts, bool reads_together,
           bool may_take_pieces)
      : dtype_(input->dtype),
        input_(input->grid),
        mask_(mask),
        counts_(std::move(counts)),
        may_take_pieces_(may_take_pieces) {
    reading_.together = reads_together;
    prepare();
  }
  void prepare() {
    blocks_ = MaskBlocks(mask_);
    before_ = counts_.before.as<std::int64_t>();
    require_counts();
    const std::int64_t rest = input_.ndim();
    const std::int64_t element = size_bytes(dtype_);
    const std::int64_t row_bytes = count_along(input_.shape(), mask_.size(), rest) * element;
    long_rows_ = row_bytes >= kLongRowBytes;
    const std::int64_t held =
        1 + (long_rows_ ? 0 : count_along(input_.chunks(), mask_.size(), rest) * element);
    min_slab_ = std::max<std::int64_t>(kMinSlabBytes / (1 + (long_rows_ ? 0 : row_bytes)), 1);
    natural_slab_ = natural_slab(input_, mask_.size(), std::max<std::int64_t>(kSlabBytes / held, 1));
    reading_.together = reading_.together && !long_rows_;
    may_take_pieces_ = may_take_pieces_ && reading_.together;
  }

  [[nodiscard]] expr::Workspace workspace(const Shape& box, int) const override { return Memory(*this, box); }

  [[nodiscard]] expr::ValueOrigin value_origin(int input) const override {
    return input == 0 ? expr::ValueOrigin::elements : expr::ValueOrigin::other;
  }
  [[nodiscard]] expr::AxisOrigin axis_origin(int input, std::int64_t axis) const override {
    if (input != 0 || (axis == 0 && mask_.size() != 1)) return {};
    return {axis == 0 ? 0 : axis - 1 + mask_.size(), axis > 0};
  }
  [[nodiscard]] expr::NodePtr coordinate(std::int64_t axis, const std::vector<expr::NodePtr>& inputs,
                                         const std::vector<expr::NodePtr>& coordinates) const override {
    if (axis != 0 || mask_.size() != 1 || !coordinates[0]) return nullptr;
    return take_true(coordinates[0], inputs[1], counts_);
  }
  [[nodiscard]] std::vector<Box> demand(int input, const Box& box) const override {
    std::vector<Box> boxes;
    for (const Box& slab : slabs(box)) boxes.push_back(input == 1 ? slab : with_trailing(slab, box));
    return boxes;
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    const Memory memory(*this, box.shape());
    std::int64_t rank = before_[static_cast<std::size_t>(first_block(box.lo[0]))];
    for (const Box& slab : slabs(box)) {
      const bool by_pieces = takes_pieces(with_trailing(slab, box), context.workers());
      const std::int64_t end = element_count(slab.shape());
      const std::int64_t limit =
          by_pieces ? std::max<std::int64_t>(kPieceBytes / (1 + row_bytes(box.shape())), 1) : end;
      for (std::int64_t at = 0; at < end;) {
        const Box piece = part_of(slab, at, std::min(at + limit, end));
        at += element_count(piece.shape());
        const Slab read = read_slab(piece, !by_pieces, box, memory, context);
        rank += take_slab(read, rank, box, out, context);
        if (rank >= box.hi[0]) return;
      }
    }
    throw StorageError(
        "take_true: the mask has fewer true elements than when they were counted; what it is computed "
        "from must not change in between");
  }

  [[nodiscard]] std::int64_t natural_rows() const {
    return static_cast<std::int64_t>(kSlabsPerBox * static_cast<double>(natural_slab_) * density());
  }

 private:
  struct Memory : expr::Workspace {
    Memory(const TakeTrue& op, const Shape& box)
        : mask(add(DType::boolean, op.slab_for(box[0]))),
          rows(add(op.dtype_,
                   op.long_rows_ ? 0 : saturating_multiply(op.slab_for(box[0]), op.row_elements(box)))) {}
    expr::Elements mask;
    expr::Elements rows;  ///< none where they are read straight into their place
  };

  void require_counts() const {
    const std::int64_t ndim = mask_.size();
    bool fits = ndim >= 1 && ndim <= input_.ndim() && std::ssize(before_) == blocks_.count() + 1;
    for (std::int64_t axis = 0; fits && axis < ndim; ++axis) fits = mask_[axis] == input_.shape()[axis];
    fits = fits && before_.front() == 0 && std::is_sorted(before_.begin(), before_.end()) &&
           before_.back() > 0 && before_.back() <= saturating_count(mask_);
    expr::require_parameter(fits, "the mask has the leading axes, and counts of its blocks that ascend");
  }
  [[nodiscard]] double density() const {
    return static_cast<double>(before_.back()) /
           static_cast<double>(std::max<std::int64_t>(element_count(mask_), 1));
  }
  // Never more than a natural slab, however few elements are true: so a box of more rows needs no less.
  [[nodiscard]] std::int64_t slab_for(std::int64_t rows) const {
    const std::int64_t all = element_count(mask_);
    const std::int64_t most = std::min(std::max(natural_slab_, min_slab_), all);
    if (counts_.guessed) return most;
    const double wanted = kSpare * static_cast<double>(rows) / density() + 1;
    if (wanted >= static_cast<double>(most)) return most;
    return std::min(std::max(static_cast<std::int64_t>(wanted), min_slab_), all);
  }
  [[nodiscard]] static std::int64_t row_elements(const Shape& box) { return count_along(box, 1, box.size()); }
  [[nodiscard]] std::int64_t row_bytes(const Shape& box) const {
    return row_elements(box) * size_bytes(dtype_);
  }

  // The block that holds the row of that number.
  [[nodiscard]] std::int64_t first_block(std::int64_t row) const {
    return std::upper_bound(before_.begin(), before_.end(), row) - before_.begin() - 1;
  }
  [[nodiscard]] bool is_empty(std::int64_t block) const {
    return before_[static_cast<std::size_t>(block)] == before_[static_cast<std::size_t>(block + 1)];
  }

  // Boxes of the mask, in C order, that hold the rows of the box.
  [[nodiscard]] std::vector<Box> slabs(const Box& box) const {
    std::vector<Box> result;
    const std::int64_t limit = slab_for(box.extent(0));
    const std::int64_t end = blocks_.start(first_block(box.hi[0] - 1) + 1);
    std::int64_t at = blocks_.start(first_block(box.lo[0]));
    while (at < end) {
      const std::int64_t block = blocks_.block_of(at);
      if (at == blocks_.start(block) && is_empty(block)) {
        at = blocks_.start(block + 1);
        continue;
      }
      result.push_back(cut_to_chunks(flat_box(mask_, at, std::min(at + limit, end))));
      at += element_count(result.back().shape());
    }
    return result;
  }

  // Whether a chunk stays decoded while its pieces are read by one thread: first the mask, and then the
  // elements, if any is wanted.
  [[nodiscard]] bool takes_pieces(const Box& slab, int workers) const {
    return may_take_pieces_ && workers == 1 && element_count(input_.chunks_touching(slab).shape()) == 1;
  }

  // A box of elements of a slab that follow each other in C order.
  [[nodiscard]] static Box part_of(const Box& slab, std::int64_t lo, std::int64_t hi) {
    return placed_at(flat_box(slab.shape(), lo, hi), slab.lo);
  }

  // Is a box of the mask, and of the elements where they are read.
  struct Slab {
    Box box;
    std::byte* mask;
    expr::InputBox elements;
    bool has_elements;
  };
  [[nodiscard]] Slab read_slab(const Box& slab, bool together, const Box& box, const Memory& memory,
                               expr::OperatorContext& context) const {
    const StridedView mask = memory.mask.view(context.memory(), slab.shape());
    Slab read{slab, mask.data, {0, with_trailing(slab, box), {}}, together && reading_.together};
    if (!long_rows_) read.elements.target = memory.rows.view(context.memory(), read.elements.box.shape());
    if (read.has_elements) {
      context.read_together({read.elements, {1, slab, mask}});
    } else {
      context.read(1, slab, mask);
    }
    return read;
  }

  // Takes the true elements of a slab that has `rank` of them before it, as far as the box wants them;
  // returns how many it has.
  std::int64_t take_slab(const Slab& slab, std::int64_t rank, const Box& box, const StridedView& out,
                         expr::OperatorContext& context) const {
    const std::byte* mask = slab.mask;
    const std::int64_t n = element_count(slab.box.shape());
    const std::int64_t count = kernels::count_true(mask, n);
    const std::int64_t first = std::max<std::int64_t>(box.lo[0] - rank, 0);
    const std::int64_t end = std::min(box.hi[0] - rank, count);
    if (first >= end) return count;
    const std::int64_t place = rank + first - box.lo[0];
    Box part(out.shape);
    part.lo[0] = place;
    part.hi[0] = place + end - first;
    const std::int64_t skipped = kernels::find_true(mask, n, first);
    if (long_rows_) {
      read_rows(slab.box, box, mask, skipped, out.sub(part), context);
    } else {
      const expr::InputBox& elements = slab.elements;
      if (!slab.has_elements) context.read(0, elements.box, elements.target);
      take_rows(mask + skipped, n - skipped, elements.target.data + skipped * row_bytes(out.shape),
                out.sub(part));
    }
    return count;
  }

  // Slabs end where chunks of the input end, if they reach that far, so that the next one starts with whole
  // chunks.
  [[nodiscard]] Box cut_to_chunks(Box slab) const {
    std::int64_t axis = 0;
    while (axis + 1 < slab.ndim() && slab.extent(axis) == 1) ++axis;
    if (slab.ndim() == 0 || slab.hi[axis] == mask_[axis]) return slab;
    const std::int64_t boundary =
        input_.chunk_of(axis, slab.hi[axis]) * input_.chunks()[axis] - input_.offset()[axis];
    if (boundary > slab.lo[axis]) slab.hi[axis] = boundary;
    return slab;
  }

  // The box of the input over a box of the mask, with the trailing axes of a box of the result.
  [[nodiscard]] static Box with_trailing(Box slab, const Box& box) {
    for (std::int64_t axis = 1; axis < box.ndim(); ++axis) {
      slab.lo.push_back(box.lo[axis]);
      slab.hi.push_back(box.hi[axis]);
    }
    return slab;
  }

  // Picks as many rows as `out` has out of n dense ones.
  void take_rows(const std::byte* mask, std::int64_t n, const std::byte* rows, const StridedView& out) const {
    const std::int64_t bytes = row_bytes(out.shape);
    if (out.is_c_contiguous()) return kernels::take_true(mask, n, out.shape[0], rows, bytes, out.data);
    Shape row = out.shape;
    row[0] = 1;
    for (std::int64_t i = 0, taken = 0; taken < out.shape[0]; ++i) {
      if (mask[i] == std::byte{0}) continue;
      kernels::copy({rows + i * bytes, dtype_, row},
                    {out.data + taken * out.byte_strides[0], dtype_, row, out.byte_strides});
      ++taken;
    }
  }

  // Reads as many rows as `out` has; neighbours along the last axis of the mask together.
  void read_rows(const Box& slab, const Box& box, const std::byte* mask, std::int64_t at,
                 const StridedView& out, expr::OperatorContext& context) const {
    const Shape shape = slab.shape();
    const std::int64_t last = shape.size() - 1;
    for (std::int64_t taken = 0; taken < out.shape[0]; ++at) {
      if (mask[at] == std::byte{0}) continue;
      const std::int64_t room = std::min(shape[last] - at % shape[last], out.shape[0] - taken);
      std::int64_t count = 1;
      while (count < room && mask[at + count] != std::byte{0}) ++count;
      Box rows = slab;
      rows.lo = index_at<Index>(at, slab);
      for (std::int64_t axis = 0; axis <= last; ++axis)
        rows.hi[axis] = rows.lo[axis] + (axis == last ? count : 1);
      const Box part = with_trailing(rows, box);
      StridedView target(out.data + taken * out.byte_strides[0], dtype_, part.shape());
      for (std::int64_t axis = 0; axis <= last; ++axis) target.byte_strides[axis] = out.byte_strides[0];
      for (std::int64_t axis = 1; axis < out.ndim(); ++axis)
        target.byte_strides[last + axis] = out.byte_strides[axis];
      context.read(0, part, target);
      taken += count;
      at += count - 1;
    }
  }

  DType dtype_ = DType::float64;
  ChunkGrid input_;
  Shape mask_;
  TrueCounts counts_;
  MaskBlocks blocks_;
  std::span<const std::int64_t> before_;
  bool long_rows_ = false;
  bool may_take_pieces_ = false;
  std::int64_t min_slab_ = 1;
  std::int64_t natural_slab_ = 1;
};

std::unordered_set<std::uint64_t> datasets_read_by(const expr::Node& root) {
  std::unordered_set<const expr::Node*> seen;
  std::unordered_set<std::uint64_t> datasets;
  expr::walk(root, seen, [&](const expr::Node& node) {
    if (node.as<expr::DatasetSource>() != nullptr) datasets.insert(node.hash);
    // An operation reads its inputs with caches of its own.
    return node.as<expr::Materialised>() == nullptr && node.as<expr::Operation>() == nullptr;
  });
  return datasets;
}

// Whether some dataset is read for both.
bool share_datasets(const expr::Node& a, const expr::Node& b) {
  const std::unordered_set<std::uint64_t> of_a = datasets_read_by(a);
  const std::unordered_set<std::uint64_t> of_b = datasets_read_by(b);
  return std::any_of(of_a.begin(), of_a.end(), [&](std::uint64_t dataset) { return of_b.contains(dataset); });
}

}  // namespace

extern const expr::OperatorRow take_true_row = TakeTrue::row();

MaskBlocks::MaskBlocks(const Shape& shape) {
  while (axis + 1 < shape.size() && count_along(shape, axis + 1, shape.size()) > kBlockElements) ++axis;
  const std::int64_t behind = std::max<std::int64_t>(count_along(shape, axis + 1, shape.size()), 1);
  row = std::max<std::int64_t>(count_along(shape, axis, shape.size()), 1);
  stretch = std::clamp<std::int64_t>(kBlockElements / behind, 1, row / behind);
  block = stretch * behind;
  rows = count_along(shape, 0, axis);
}

expr::NodePtr take_true(const expr::NodePtr& input, const expr::NodePtr& mask, const TrueCounts& counts) {
  const std::int64_t count = counts.before.as<std::int64_t>().back();
  Shape shape{count};
  Shape chunks{1};
  for (std::int64_t axis = mask->shape.size(); axis < input->shape.size(); ++axis) {
    shape.push_back(input->shape[axis]);
    chunks.push_back(input->grid.chunks()[axis]);
  }
  if (element_count(shape) == 0) return expr::make_constant(shape, input->dtype, 0, ChunkGrid(shape, shape));
  const bool reads_together = mask->grid == input->grid && share_datasets(*input, *mask);
  const bool may_take_pieces = !expr::runs_operations(*input) && !expr::runs_operations(*mask);
  const auto op = std::make_shared<TakeTrue>(input, mask->shape, counts, reads_together, may_take_pieces);
  chunks[0] = std::clamp<std::int64_t>(op->natural_rows(), 1, count);
  return expr::make_operation(ChunkGrid(shape, chunks), input->dtype, {input, mask}, op);
}

}  // namespace varve::ops

#include <algorithm>

#include "expr/fields.hpp"
#include "expr/labelled_operator.hpp"
#include "kernels/copy.hpp"
#include "ops/folded_axes.hpp"
#include "ops/select/external_sort.hpp"
#include "varve/core/walks.hpp"

namespace varve::ops {
namespace {

// Merged items are turned into elements by stretches of this many.
constexpr std::int64_t kStretch = 1 << 16;

/// Merges a part of a row at a time: from each run the stretch that surely holds what belongs there.
class MergeRuns final : public expr::Described<MergeRuns, RunOperator>, public expr::LabelledOperator {
 public:
  static constexpr std::string_view kKind = "merge_runs";
  using Described::Described;
  using RunOperator::fields;
  using RunOperator::prepare;

  [[nodiscard]] expr::ValueOrigin value_origin(int input) const override {
    return input == 0 && !sizes_.positions ? expr::ValueOrigin::elements : expr::ValueOrigin::other;
  }
  [[nodiscard]] expr::AxisOrigin axis_origin(int input, std::int64_t axis) const override {
    if (input != 0) return {};
    if (axis == sizes_.axis) return {last_, false};
    return {axis < sizes_.axis ? axis : axis - 1, true};
  }
  [[nodiscard]] std::vector<Box> demand(int input, const Box& box) const override {
    std::vector<Box> boxes;
    for_each_part(box, [&](const Box& part) {
      if (input == 0) {
        boxes.push_back(expected_stretch(part));
      } else {
        boxes.push_back(line_of(part, first_cut(part), 0));
        boxes.push_back(line_of(part, end_cut(part), 1));
      }
    });
    return boxes;
  }

  [[nodiscard]] expr::Workspace workspace(const Shape& box, int) const override {
    return Memory(*this, box[sizes_.axis]);
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    const std::int64_t axis = sizes_.axis;
    for_each_part(box, [&](const Box& part) {
      for (std::int64_t row = 0; row < element_count(one_row(box.shape(), axis)); ++row) {
        const StridedView target = row_of(out.sub(relative_to(part, box.lo)), axis, row);
        make_part(row_of(part, axis, row), target, box.extent(axis), context);
      }
    });
  }

 private:
  struct Memory : expr::Workspace {
    Memory(const MergeRuns& op, std::int64_t extent)
        : items(add<std::byte>(op.capacity(extent) * op.items_->bytes)),
          spare(add<std::byte>(op.capacity(extent) * op.items_->bytes)),
          bounds(add<std::int64_t>(op.sizes_.runs() + 1)),
          first(add(DType::int32, op.sizes_.runs())),
          end(add(DType::int32, op.sizes_.runs())) {}
    expr::Region<std::byte> items;
    expr::Region<std::byte> spare;
    expr::Region<std::int64_t> bounds;
    expr::Elements first;
    expr::Elements end;
  };

  // Is where the items of a part are found, and what lies before them.
  struct Stretches {
    std::byte* items;
    std::byte* spare;
    std::int64_t* bounds;
    const std::int32_t* first;
    const std::int32_t* end;
    std::int64_t pieces = 0;
    std::int64_t skipped = 0;
  };

  // Parts end where the grid of parts does, so that cuts of one part do not lie in another.
  template <class Visit>
  void for_each_part(const Box& box, const Visit& visit) const {
    for_each_stretch(box, sizes_.axis, sizes_.part, visit);
  }

  [[nodiscard]] std::int64_t first_cut(const Box& part) const { return part.lo[sizes_.axis] / sizes_.stride; }
  [[nodiscard]] std::int64_t end_cut(const Box& part) const {
    return divide_up(part.hi[sizes_.axis], sizes_.stride);
  }
  // The most items that are read for a part of a box.
  [[nodiscard]] std::int64_t capacity(std::int64_t extent) const {
    const std::int64_t between = std::min(extent + 2 * sizes_.stride, sizes_.part);
    return std::min(between + sizes_.slack(), sizes_.length);
  }

  // The counts of samples before a cut.
  [[nodiscard]] Box line_of(const Box& part, std::int64_t cut, int side) const {
    const std::int64_t first = (2 * cut + side) * sizes_.runs();
    return of_runs(part, first, first + sizes_.runs());
  }

  // As many words as are read where values are spread over all runs, which cannot be known.
  [[nodiscard]] Box expected_stretch(const Box& part) const {
    const std::int64_t lo = first_cut(part) * sizes_.stride;
    const std::int64_t hi = std::min(end_cut(part) * sizes_.stride, sizes_.length);
    const std::int64_t inner = (lo > 0 ? 1 : 0) + (hi < sizes_.length ? 1 : 0);
    const std::int64_t items = std::min(hi - lo + inner * sizes_.runs() * (sizes_.step - 1), sizes_.length);
    const std::int64_t words = std::min(items * items_->words, sizes_.row_words());
    const double share = static_cast<double>(lo) / static_cast<double>(sizes_.length);
    const auto first = static_cast<std::int64_t>(share * static_cast<double>(sizes_.row_words()));
    const std::int64_t start = std::min(first, sizes_.row_words() - words);
    return of_runs(part, start, start + words);
  }

  // The box of inputs over the kept elements of a part.
  [[nodiscard]] Box of_runs(const Box& part, std::int64_t lo, std::int64_t hi) const {
    return with_axis(without_axis(part, sizes_.axis), last_, lo, hi);
  }

  void make_part(const Box& part, const StridedView& target, std::int64_t extent,
                 expr::OperatorContext& context) const {
    const Memory memory(*this, extent);
    Stretches found{memory.items.in(context.memory()).data(), memory.spare.in(context.memory()).data(),
                    memory.bounds.in(context.memory()).data(),
                    read_line(line_of(part, first_cut(part), 0), memory.first, context),
                    read_line(line_of(part, end_cut(part), 1), memory.end, context)};
    gather(part, found, context);
    std::byte* merged = merge_pieces(*items_, found.items, found.spare, found.bounds, found.pieces, context);
    const std::int64_t skipped = part.lo[sizes_.axis] - found.skipped;
    write(merged + skipped * items_->bytes, target, context);
  }

  static const std::int32_t* read_line(const Box& box, const expr::Elements& place,
                                       expr::OperatorContext& context) {
    const StridedView counts = place.view(context.memory(), box.shape());
    context.read(1, box, counts);
    return reinterpret_cast<const std::int32_t*>(counts.data);
  }

  void gather(const Box& part, Stretches& found, expr::OperatorContext& context) const {
    std::int64_t count = 0;
    found.bounds[0] = 0;
    for (std::int64_t run = 0; run < sizes_.runs(); ++run) {
      const std::int64_t first = sizes_.min_before(found.first[run]);
      const std::int64_t end = sizes_.max_before(run, found.end[run]);
      found.skipped += first;
      if (first >= end) continue;
      const std::int64_t word = sizes_.first_word(run);
      const Box box = of_runs(part, word + first * items_->words, word + end * items_->words);
      context.read(0, box, {found.items + count * items_->bytes, items_->word, box.shape()});
      count += end - first;
      found.bounds[++found.pieces] = count;
    }
  }

  void write(std::byte* items, const StridedView& target, expr::OperatorContext& context) const {
    const std::int64_t n = target.shape[0];
    context.for_each(divide_up(n, kStretch), [&](std::int64_t stretch, int) {
      const std::int64_t lo = stretch * kStretch;
      const std::int64_t hi = std::min(lo + kStretch, n);
      std::byte* these = items + lo * items_->bytes;
      if (sizes_.positions) {
        kernels::positions_of(these, hi - lo, sizes_.items, reinterpret_cast<std::int64_t*>(these));
      } else {
        keys_->from_keys(these, hi - lo, sizes_.descending);
      }
      kernels::copy({these, target.dtype, Shape{hi - lo}}, target.sub(Box(Index{lo}, Index{hi})));
    });
  }
};

}  // namespace

extern const expr::OperatorRow merge_runs_row = MergeRuns::row();

expr::NodePtr merged_runs(const expr::NodePtr& runs, const expr::NodePtr& cuts, const expr::NodePtr& input,
                          const RunSizes& sizes) {
  Shape chunks(input->shape.size(), 1);
  chunks[sizes.axis] = std::min(sizes.part, sizes.length);
  std::int64_t rows = sizes.rows;
  for (std::int64_t axis = chunks.size() - 1; axis > sizes.axis; --axis) {
    chunks[axis] = std::min(rows, input->shape[axis]);
    rows = std::max<std::int64_t>(rows / chunks[axis], 1);
  }
  return expr::make_operation(ChunkGrid(input->shape, chunks), sizes.positions ? DType::int64 : input->dtype,
                              {runs, cuts}, std::make_shared<MergeRuns>(input, sizes));
}

}  // namespace varve::ops

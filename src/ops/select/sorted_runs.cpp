#include <algorithm>
#include <array>

#include "expr/fields.hpp"
#include "expr/labelled_operator.hpp"
#include "kernels/copy.hpp"
#include "ops/folded_axes.hpp"
#include "ops/select/external_sort.hpp"
#include "varve/core/walks.hpp"

namespace varve::ops {
namespace {

// Shorter stretches are not shared among threads.
constexpr std::int64_t kSharedItems = 1 << 15;

/// Sorts one run after the other.
class SortRuns final : public expr::Described<SortRuns, RunOperator>, public expr::LabelledOperator {
 public:
  static constexpr std::string_view kKind = "sort_runs";
  using Described::Described;
  using RunOperator::fields;
  using RunOperator::prepare;

  [[nodiscard]] expr::ValueOrigin value_origin(int) const override {
    return sizes_.positions ? expr::ValueOrigin::other : expr::ValueOrigin::elements;
  }
  [[nodiscard]] expr::AxisOrigin axis_origin(int, std::int64_t axis) const override {
    if (axis == last_) return {sizes_.axis, false};
    return {axis < sizes_.axis ? axis : axis + 1, true};
  }
  [[nodiscard]] std::vector<Box> demand(int, const Box& box) const override {
    const std::int64_t first = box.lo[last_] / sizes_.block_words();
    const std::int64_t end = divide_up(box.hi[last_], sizes_.block_words());
    return {of_input(box, first * sizes_.run, std::min(end * sizes_.run, sizes_.length))};
  }

  [[nodiscard]] expr::Workspace workspace(const Shape& box, int workers) const override {
    return Memory(*this, box, workers);
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    const Memory memory(*this, box.shape(), context.workers());
    for_each_stretch(box, last_, sizes_.block_words(), [&](const Box& part) {
      run_block(part, out.sub(relative_to(part, box.lo)), memory, context);
    });
  }

 private:
  struct Memory : expr::Workspace {
    Memory(const SortRuns& op, Shape box, int workers) {
      box.back() = op.sizes_.run;
      bounds = add<std::int64_t>(workers + 1);
      rows = add(op.dtype_, saturating_count(box));
      if (op.sizes_.positions) items = add<std::byte>(op.sizes_.run * op.items_->bytes);
      spare = add<std::byte>(op.sizes_.run * op.items_->bytes);
    }
    expr::Region<std::int64_t> bounds;
    expr::Elements rows;
    expr::Region<std::byte> items;  ///< with positions; without, rows are sorted where they lie
    expr::Region<std::byte> spare;
  };

  // The box of the input over the kept elements of a box of the result.
  [[nodiscard]] Box of_input(const Box& box, std::int64_t lo, std::int64_t hi) const {
    return with_axis(without_axis(box, last_), sizes_.axis, lo, hi);
  }

  // `part` is what is wanted of one run and its sample.
  void run_block(const Box& part, const StridedView& out, const Memory& memory,
                 expr::OperatorContext& context) const {
    const std::int64_t number = part.lo[last_] / sizes_.block_words();
    const std::int64_t n = sizes_.run_length(number);
    const Box needed = of_input(part, number * sizes_.run, number * sizes_.run + n);
    std::byte* rows = memory.rows.in(context.memory());
    context.read(0, needed, FoldedAxes(needed.shape(), {sizes_.axis}).rows(rows, dtype_, needed));

    const std::int64_t origin = sizes_.first_word(number);
    const expr::Interval wanted{part.lo[last_] - origin, part.hi[last_] - origin};
    for (std::int64_t row = 0; row < element_count(one_row(part.shape(), last_)); ++row) {
      const StridedView target = row_of(out, last_, row);
      const std::byte* sorted = sort_run(rows + row * n * size_bytes(dtype_), number, memory, context);
      write_block(sorted, number, wanted, target);
    }
  }

  // Returns the sorted items of one row of a run.
  const std::byte* sort_run(std::byte* row, std::int64_t number, const Memory& memory,
                            expr::OperatorContext& context) const {
    const std::int64_t n = sizes_.run_length(number);
    std::byte* items = sizes_.positions ? memory.items.in(context.memory()).data() : row;
    std::byte* spare = memory.spare.in(context.memory()).data();
    std::int64_t* bounds = memory.bounds.in(context.memory()).data();
    const std::int64_t slices = n < kSharedItems ? 1 : context.workers();
    for (std::int64_t i = 0; i <= slices; ++i) bounds[i] = i * n / slices;
    context.for_each(slices, [&](std::int64_t slice, int) {
      const std::int64_t lo = bounds[slice];
      const std::int64_t count = bounds[slice + 1] - lo;
      std::byte* keys = row + lo * size_bytes(dtype_);
      std::byte* own = items + lo * items_->bytes;
      keys_->to_keys(keys, count, sizes_.descending);
      if (sizes_.positions) {
        keys_->to_items(keys, count, number * sizes_.run + lo, sizes_.wide(), own);
      }
      items_->sort(own, spare + lo * items_->bytes, count);
    });
    return merge_pieces(*items_, items, spare, bounds, slices, context);
  }

  // Items, what a short run leaves of its room, the sample, and what that leaves.
  void write_block(const std::byte* sorted, std::int64_t number, const expr::Interval& wanted,
                   const StridedView& target) const {
    static constexpr std::array<std::byte, 8> kZero{};
    const std::int64_t words = items_->words;
    const std::int64_t items_end = sizes_.run_length(number) * words;
    const std::int64_t sample = sizes_.run * words;
    const std::int64_t sample_end = sample + sizes_.samples(number) * words;
    const std::int64_t word = size_bytes(items_->word);
    write({sorted, word, items_end, 0}, wanted, target);
    write({kZero.data(), 0, sample - items_end, items_end}, wanted, target);
    for (std::int64_t i = 0; i < words; ++i) {
      write({sorted + i * word, sizes_.step * items_->bytes, sizes_.samples(number), sample + i, words},
            wanted, target);
    }
    write({kZero.data(), 0, sizes_.block_words() - sample_end, sample_end}, wanted, target);
  }

  // A list of words and their places in a block.
  struct Words {
    const std::byte* data;
    std::int64_t byte_stride;
    std::int64_t count;
    std::int64_t place;
    std::int64_t pitch = 1;
  };

  // Writes those that lie in `wanted`.
  void write(const Words& list, const expr::Interval& wanted, const StridedView& target) const {
    const auto first_at = [&](std::int64_t place) {
      return std::clamp<std::int64_t>(divide_up(place - list.place, list.pitch), 0, list.count);
    };
    const std::int64_t lo = wanted.lo <= list.place ? 0 : first_at(wanted.lo);
    const std::int64_t hi = wanted.hi <= list.place ? 0 : first_at(wanted.hi);
    if (lo >= hi) return;
    const std::int64_t to = list.place + lo * list.pitch - wanted.lo;
    kernels::copy(
        {list.data + lo * list.byte_stride, items_->word, Shape{hi - lo}, ByteStrides{list.byte_stride}},
        {target.data + to * target.byte_strides[0], target.dtype, Shape{hi - lo},
         ByteStrides{list.pitch * target.byte_strides[0]}});
  }
};

}  // namespace

extern const expr::OperatorRow sort_runs_row = SortRuns::row();

// Cuts the output into stretches, so that any number of threads finds work in any number of pairs.
std::byte* merge_pieces(const kernels::ItemKernel& kernel, std::byte* items, std::byte* spare,
                        std::int64_t* bounds, std::int64_t pieces, expr::OperatorContext& context) {
  while (pieces > 1) {
    const std::int64_t n = bounds[pieces];
    const auto bound = [&](std::int64_t piece) { return bounds[std::min(piece, pieces)]; };
    context.for_each(divide_up(n, kSharedItems), [&](std::int64_t stretch, int) {
      const std::int64_t lo = stretch * kSharedItems;
      const std::int64_t hi = std::min(lo + kSharedItems, n);
      std::int64_t pair = (std::upper_bound(bounds, bounds + pieces, lo) - bounds - 1) / 2;
      for (; bound(2 * pair) < hi; ++pair) {
        const std::int64_t left = bound(2 * pair);
        const std::int64_t right = bound(2 * pair + 1);
        const std::int64_t end = bound(2 * pair + 2);
        const std::int64_t from = std::max(lo, left);
        if (from >= std::min(hi, end)) continue;
        kernel.merge(items + left * kernel.bytes, right - left, items + right * kernel.bytes, end - right,
                     from - left, std::min(hi, end) - left, spare + from * kernel.bytes);
      }
    });
    const std::int64_t pairs = (pieces + 1) / 2;
    for (std::int64_t i = 1; i <= pairs; ++i) bounds[i] = bound(2 * i);
    pieces = pairs;
    std::swap(items, spare);
  }
  return items;
}

expr::NodePtr sorted_runs(const expr::NodePtr& input, const RunSizes& sizes) {
  // Chunks: one run; as many kept elements as suit runs of their rows.
  Shape run_shape = input->shape;
  run_shape[sizes.axis] = std::min(sizes.run, sizes.length);
  const ChunkGrid kept =
      FoldedAxes(run_shape, {sizes.axis})
          .kept_grid({run_shape, input->grid.chunks(), input->grid.offset()}, sizes.kernel().bytes);
  Shape shape = kept.shape();
  Shape chunks = kept.chunks();
  Index offset = kept.offset();
  shape.push_back(sizes.row_words());
  chunks.push_back(sizes.block_words());
  offset.push_back(0);
  return expr::make_operation({shape, chunks, offset}, sizes.kernel().word, {input},
                              std::make_shared<SortRuns>(input, sizes));
}

}  // namespace varve::ops

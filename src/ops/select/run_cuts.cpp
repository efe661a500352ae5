#include <algorithm>
#include <bit>

#include "expr/fields.hpp"
#include "kernels/copy.hpp"
#include "ops/folded_axes.hpp"
#include "ops/select/external_sort.hpp"
#include "varve/core/walks.hpp"

namespace varve::ops {
namespace {

// Samples of a run that are held at a time; and that are put in order at a time.
constexpr std::int64_t kRoom = 512;
constexpr std::int64_t kOrdered = 4096;

/// Goes over the samples of all runs of a row, in the order of their items, and notes how many of each lie
/// before the cuts.
///
/// When c[j] samples of run j lie before the next one, the elements before that one are at least the sum of
/// min_before(c[j]) and at most the sum of max_before(c[j]).
class CutRuns final : public expr::Described<CutRuns> {
 public:
  static constexpr std::string_view kKind = "cut_runs";
  // A part of a row takes as long as the row.
  static constexpr expr::Reading kReading{.again = true};
  static void fields(auto& op, auto& visit) { visit("sizes", op.sizes_); }

  CutRuns() = default;
  explicit CutRuns(const RunSizes& sizes) : sizes_(sizes) { prepare(); }
  void prepare() {
    items_ = &sizes_.kernel();
    runs_ = sizes_.runs();
    room_ = std::min(kRoom, sizes_.samples(0));
  }

  [[nodiscard]] std::vector<Box> demand(int, const Box& box) const override {
    std::vector<Box> samples;
    for (std::int64_t run = 0; run < runs_; ++run) {
      samples.push_back(samples_of(box, run, 0, sizes_.samples(run)));
    }
    return samples;
  }

  [[nodiscard]] expr::Workspace workspace(const Shape&, int) const override { return Memory(*this); }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    const std::int64_t last = box.ndim() - 1;
    for (std::int64_t row = 0; row < element_count(one_row(box.shape(), last)); ++row) {
      Sweep sweep(Memory(*this), context.memory());
      sweep.wanted_lo = box.lo[last];
      sweep.wanted_hi = box.hi[last];
      sweep.target = row_of(out, last, row);
      sweep.place = row_of(box, last, row);
      sweep_row(sweep, context);
    }
  }

 private:
  struct Memory : expr::Workspace {
    explicit Memory(const CutRuns& op)
        : samples(add<std::byte>(op.runs_ * op.room_ * op.items_->bytes)),
          next(add<std::int64_t>(op.runs_)),
          end(add<std::int64_t>(op.runs_)),
          loaded(add<std::int64_t>(op.runs_)),
          counted(add<std::int64_t>(op.runs_)),
          tree(add<std::int32_t>(
              2 * static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(op.runs_))))),
          order(add<std::int32_t>(kOrdered)),
          line(add<std::int32_t>(op.runs_)) {}

    expr::Region<std::byte> samples;     ///< room for each run
    expr::Region<std::int64_t> next;     ///< sample in the room of a run
    expr::Region<std::int64_t> end;      ///< of what the room of a run holds
    expr::Region<std::int64_t> loaded;   ///< samples of a run that were read
    expr::Region<std::int64_t> counted;  ///< samples of a run that lie before the next of all
    expr::Region<std::int32_t> tree;
    expr::Region<std::int32_t> order;
    expr::Region<std::int32_t> line;
  };

  // Is the state of one row.
  struct Sweep {
    std::byte* samples;
    std::int64_t* next;
    std::int64_t* end;
    std::int64_t* loaded;
    std::int64_t* counted;
    std::int32_t* tree;
    std::int32_t* order;
    std::int32_t* line;
    std::int64_t least = 0;  // elements before the next sample
    std::int64_t most = 0;
    std::int64_t cut[2] = {0, 0};  // the next to be noted
    std::int64_t wanted_lo = 0;
    std::int64_t wanted_hi = 0;
    StridedView target;
    Box place;  // of the row, in both the runs and the cuts

    Sweep(const Memory& parts, const expr::WorkMemory& memory)
        : samples(parts.samples.in(memory).data()),
          next(zeros(parts.next.in(memory))),
          end(zeros(parts.end.in(memory))),
          loaded(zeros(parts.loaded.in(memory))),
          counted(zeros(parts.counted.in(memory))),
          tree(parts.tree.in(memory).data()),
          order(parts.order.in(memory).data()),
          line(parts.line.in(memory).data()) {}
    static std::int64_t* zeros(std::span<std::int64_t> list) {
      std::fill(list.begin(), list.end(), 0);
      return list.data();
    }
  };

  void sweep_row(Sweep& sweep, expr::OperatorContext& context) const {
    note_behind(sweep);
    for (std::int64_t run = 0; run < runs_; ++run) load(sweep, run, context);
    const std::int64_t last = sweep.wanted_hi / (2 * runs_);
    while (std::min(sweep.cut[0], sweep.cut[1]) <= last) {
      const std::int64_t count = items_->order(sweep.samples, room_, runs_, sweep.next, sweep.end, sweep.tree,
                                               sweep.order, kOrdered);
      if (count == 0) break;
      for (std::int64_t i = 0; i < count; ++i) pass(sweep, sweep.order[i]);
      const std::int64_t run = sweep.order[count - 1];
      if (sweep.next[run] == sweep.end[run]) load(sweep, run, context);
    }
    for (const int side : {0, 1}) {
      while (sweep.cut[side] < sizes_.cuts()) note(sweep, side);
    }
  }

  // Where some samples of a run of a row lie.
  [[nodiscard]] Box samples_of(const Box& row, std::int64_t run, std::int64_t first,
                               std::int64_t count) const {
    const std::int64_t word = sizes_.first_sample(run) + first * items_->words;
    return between(row, row.ndim() - 1, word, word + count * items_->words);
  }

  // Reads the next samples of a run, if there are any.
  void load(Sweep& sweep, std::int64_t run, expr::OperatorContext& context) const {
    const std::int64_t count = std::min(sizes_.samples(run) - sweep.loaded[run], room_);
    sweep.next[run] = 0;
    sweep.end[run] = count;
    if (count == 0) return;
    const Box box = samples_of(sweep.place, run, sweep.loaded[run], count);
    context.read(0, box, {sweep.samples + run * room_ * items_->bytes, items_->word, box.shape()});
    sweep.loaded[run] += count;
  }

  // One more sample of a run lies before the next of all.
  void pass(Sweep& sweep, std::int64_t run) const {
    std::int64_t& before = sweep.counted[run];
    const std::int64_t most =
        sweep.most + sizes_.max_before(run, before + 1) - sizes_.max_before(run, before);
    while (sweep.cut[0] < sizes_.cuts() && most > sweep.cut[0] * sizes_.stride) note(sweep, 0);
    sweep.most = most;
    sweep.least += sizes_.min_before(before + 1) - sizes_.min_before(before);
    ++before;
    note_behind(sweep);
  }

  void note_behind(Sweep& sweep) const {
    while (sweep.cut[1] < sizes_.cuts() && sweep.least >= sweep.cut[1] * sizes_.stride) note(sweep, 1);
  }

  void note(Sweep& sweep, int side) const {
    const std::int64_t first = (2 * sweep.cut[side]++ + side) * runs_;
    const std::int64_t lo = std::max(first, sweep.wanted_lo);
    const std::int64_t hi = std::min(first + runs_, sweep.wanted_hi);
    if (lo >= hi) return;
    for (std::int64_t run = lo - first; run < hi - first; ++run)
      sweep.line[run] = static_cast<std::int32_t>(sweep.counted[run]);
    kernels::copy(
        {reinterpret_cast<const std::byte*>(sweep.line + (lo - first)), DType::int32, Shape{hi - lo}},
        sweep.target.sub(Box(Index{lo - sweep.wanted_lo}, Index{hi - sweep.wanted_lo})));
  }

  RunSizes sizes_;
  const kernels::ItemKernel* items_ = nullptr;
  std::int64_t runs_ = 1;
  std::int64_t room_ = 1;
};

}  // namespace

extern const expr::OperatorRow cut_runs_row = CutRuns::row();

expr::NodePtr cuts_of_runs(const expr::NodePtr& runs, const RunSizes& sizes) {
  Shape shape = runs->shape;
  shape.back() = sizes.cuts() * 2 * sizes.runs();
  Shape chunks(shape.size(), 1);
  chunks.back() = shape.back();
  return expr::make_operation(ChunkGrid(shape, chunks), DType::int32, {runs},
                              std::make_shared<CutRuns>(sizes));
}

}  // namespace varve::ops

#pragma once

#include "expr/node.hpp"
#include "kernels/merge.hpp"
#include "kernels/sort.hpp"
#include "ops/select/select.hpp"
#include "varve/core/walks.hpp"

namespace varve::ops {

/// Says how rows that are too long to be held are sorted: in runs, which are held in scratch, each with a
/// sample of its items behind it. Rows of runs lie along the last axis of an array, after the kept axes.
///
/// Every `step`-th item of a run is in its sample, from the first. Cuts, one for each `stride` sorted
/// elements, bound by the samples alone how many items of each run lie before them; so a piece of the result
/// is merged from one stretch of each run.
struct RunSizes {
  std::int64_t axis = 0;
  std::int64_t length = 0;  ///< elements of a row
  std::int64_t run = 1;     ///< elements of a run; the last one has what is left
  std::int64_t step = 1;
  std::int64_t stride = 1;
  std::int64_t rows = 1;  ///< that lie side by side along trailing axes, and are merged one after the other
  std::int64_t part = 1;  ///< elements that are merged at a time
  bool descending = false;
  bool positions = false;
  kernels::ItemKind items = kernels::ItemKind::key8;

  static void fields(auto& self, auto& visit) {
    visit("axis", self.axis, "length", self.length, "run", self.run, "step", self.step, "stride", self.stride,
          "rows", self.rows, "part", self.part, "descending", self.descending, "positions", self.positions,
          "items", self.items);
  }

  RunSizes() = default;
  RunSizes(const expr::NodePtr& input, const LongSortRequest& request);
  void prepare() const;
  /// Refuses a dtype whose elements are not sorted as such items.
  void require_items_of(DType dtype) const;

  [[nodiscard]] const kernels::ItemKernel& kernel() const { return kernels::find_items(items); }
  [[nodiscard]] bool wide() const { return items == kernels::ItemKind::wide_position; }
  [[nodiscard]] std::int64_t runs() const { return divide_up(length, run); }
  [[nodiscard]] std::int64_t run_length(std::int64_t number) const {
    return std::min(run, length - number * run);
  }
  [[nodiscard]] std::int64_t samples(std::int64_t number) const {
    return divide_up(run_length(number), step);
  }
  /// Returns the words of a run and its sample.
  [[nodiscard]] std::int64_t block_words() const { return (run + samples(0)) * kernel().words; }
  [[nodiscard]] std::int64_t row_words() const { return runs() * block_words(); }
  [[nodiscard]] std::int64_t first_word(std::int64_t number) const { return number * block_words(); }
  [[nodiscard]] std::int64_t first_sample(std::int64_t number) const {
    return first_word(number) + run * kernel().words;
  }
  [[nodiscard]] std::int64_t cuts() const { return divide_up(length, stride) + 1; }
  /// Returns how many items of a run surely lie before the next sample, when `before` samples of it do; and
  /// how many at most.
  [[nodiscard]] std::int64_t min_before(std::int64_t before) const {
    return before == 0 ? 0 : (before - 1) * step + 1;
  }
  [[nodiscard]] std::int64_t max_before(std::int64_t number, std::int64_t before) const {
    return std::min(before * step, run_length(number));
  }
  /// Returns the most items by which what is read of all runs exceeds what lies between two cuts.
  [[nodiscard]] std::int64_t slack() const { return 2 * (runs() + 1) * step; }
};

/// What those have in common that sort runs and merge them.
class RunOperator : public expr::BoxOperator {
 public:
  static void fields(auto& op, auto& visit) {
    visit("dtype", op.dtype_, "last_axis", op.last_, "sizes", op.sizes_);
  }

  RunOperator() = default;
  RunOperator(const expr::NodePtr& input, const RunSizes& sizes)
      : dtype_(input->dtype), last_(input->shape.size() - 1), sizes_(sizes) {
    prepare();
  }
  void prepare();

 protected:
  DType dtype_ = DType::float64;
  std::int64_t last_ = 0;  ///< the axis of the words of runs
  RunSizes sizes_;
  const kernels::ItemKernel* items_ = nullptr;
  const kernels::SortKernel* keys_ = nullptr;
};

/// Sorts runs: an array of the kept axes and the words of all runs of a row.
[[nodiscard]] expr::NodePtr sorted_runs(const expr::NodePtr& input, const RunSizes& sizes);

/// Tells, per row and cut, how many samples of each run lie before a sample that surely does not lie behind
/// the cut; and then, before one that surely does not lie ahead of it. Axes: the kept ones; runs, twice, in
/// cuts.
[[nodiscard]] expr::NodePtr cuts_of_runs(const expr::NodePtr& runs, const RunSizes& sizes);

/// Merges runs.
[[nodiscard]] expr::NodePtr merged_runs(const expr::NodePtr& runs, const expr::NodePtr& cuts,
                                        const expr::NodePtr& input, const RunSizes& sizes);

/// Merges sorted pieces that lie one after the other in `items`, from bounds[i] to bounds[i + 1]; returns
/// `items` or `spare`, which holds them then. Changes the bounds.
[[nodiscard]] std::byte* merge_pieces(const kernels::ItemKernel& kernel, std::byte* items, std::byte* spare,
                                      std::int64_t* bounds, std::int64_t pieces,
                                      expr::OperatorContext& context);

}  // namespace varve::ops

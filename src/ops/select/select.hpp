#pragma once

#include "expr/node.hpp"
#include "kernels/select.hpp"

namespace varve::ops {

/// The largest row (all folded elements of one kept element) that is gathered; larger ones are streamed
/// several times.
inline constexpr std::int64_t kGatheredRowBytes = 64 << 20;

struct QuantileRequest {
  std::vector<std::int64_t> axes = {};  ///< folded; sorted, distinct
  std::vector<double> q = {};           ///< each in [0, 1]
  kernels::QuantileMethod method = kernels::QuantileMethod::linear;
  bool skips_nan = false;
  std::int64_t gathered_row_bytes = kGatheredRowBytes;
};

/// Returns the dtype of quantiles: the input's for float32, and for bool and integers where the method takes
/// elements; else float64.
[[nodiscard]] inline DType quantile_dtype(DType input, kernels::QuantileMethod method) {
  const bool keeps = input == DType::float32 || (!is_floating(input) && kernels::takes_elements(method));
  return keeps ? input : DType::float64;
}

/// Finds quantiles of the folded elements. Result: axis 0 numbers the q, the kept axes follow. The input has
/// a row of at least one element and a dtype that can be selected from.
[[nodiscard]] expr::NodePtr quantiles(const expr::NodePtr& input, const QuantileRequest& request);

/// Sorts along an axis, block by block, and takes the first elements of each block: all of one block sort the
/// axis, a few of many leave the candidates for the first of all.
struct SortRequest {
  std::int64_t axis = 0;
  std::int64_t block = 1;  ///< elements along the axis
  std::int64_t most = 1;   ///< taken of each block; of the last one, all where it has fewer
  bool descending = false;
  bool values = true;
  bool positions = false;  ///< gives int64 positions in the block, beside the values or alone

  static void fields(auto& self, auto& visit) {
    visit("axis", self.axis, "block", self.block, "most", self.most, "descending", self.descending, "values",
          self.values, "positions", self.positions);
  }
};
/// Gives the values.
[[nodiscard]] expr::NodePtr sort_blocks(const expr::NodePtr& input, const SortRequest& request);

/// Sorted values, and the positions that they had.
struct SortedNodes {
  expr::NodePtr values;
  expr::NodePtr positions;
};
/// Gives both, of rows that are read once if both are wanted.
[[nodiscard]] SortedNodes sort_with_positions(const expr::NodePtr& input, const SortRequest& request);

/// The largest row, in bytes of what is sorted (keys, or positions with their keys), that is held; longer
/// ones are sorted in runs, which are held in scratch, and merged.
inline constexpr std::int64_t kHeldRowBytes = 16 << 20;

struct LongSortRequest {
  std::int64_t axis = 0;
  bool descending = false;
  bool positions = false;  ///< gives int64 positions in the row instead of values
  std::int64_t gathered_bytes = kHeldRowBytes;
  std::int64_t run_bytes = 8 << 20;
  std::int64_t part_bytes = 8 << 20;    ///< merged at a time
  std::int64_t sample_step = 64;        ///< every n-th item of a run is known to all that merge
  std::int64_t cut_stride = 128 << 10;  ///< elements between places where merging can begin
};
/// Sorts whole rows along an axis.
[[nodiscard]] expr::NodePtr sort_rows(const expr::NodePtr& input, const LongSortRequest& request);

/// Holds the distinct values of an array, sorted, after a run has computed `array`: one element that means
/// nothing.
struct DistinctValues {
  expr::NodePtr array;
  std::shared_ptr<const std::vector<std::byte>> values;
};
/// Prepares the collection of distinct values; a run throws BudgetError when they take more than
/// `max_bytes`.
[[nodiscard]] DistinctValues distinct_values(const expr::NodePtr& input, std::int64_t max_bytes);

}  // namespace varve::ops

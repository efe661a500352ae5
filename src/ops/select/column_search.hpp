#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

#include "expr/box_operator.hpp"
#include "kernels/column_keys.hpp"
#include "kernels/select.hpp"

namespace varve::ops {

/// Says what is wanted of each column of a table whose rows are streamed.
struct ColumnRequest {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  DType dtype = DType::float64;
  std::span<const double> q = {};  ///< ascending
  kernels::QuantileMethod method = kernels::QuantileMethod::linear;
  bool skips_nan = false;

  /// Each quantile lies between the elements of two ranks.
  [[nodiscard]] std::int64_t wanted() const { return 2 * std::ssize(q); }
  /// Returns the rows of a sample from which brackets are made.
  [[nodiscard]] std::int64_t sampled_rows() const;
  /// Returns the keys per column for which there is room, in all columns together.
  [[nodiscard]] std::int64_t listed_rows() const;
};

/// The memory of a search: what is known of each column, and what a pass over the rows finds.
struct ColumnMemory {
  /// What is known of one wanted rank.
  struct Bracket {
    Bracket(expr::Workspace& workspace, const ColumnRequest& request);

    expr::Elements keys[4];
    expr::Region<std::int32_t> counts[3];
    expr::Region<std::int64_t> place;
  };
  ColumnMemory(expr::Workspace& workspace, const ColumnRequest& request);

  expr::Region<std::int32_t> numbers;
  std::vector<Bracket> brackets;
  expr::Elements bounds;  ///< by turns: bounds, and either counts or a sample; or lists
  expr::Region<std::int32_t> counts;
  expr::Elements sample;
  expr::Elements lists;
};

/// Takes rows of keys, from column `first` on, that are the rows from `row` on of all that are visited.
/// Called from several threads at once, for different columns.
template <class Key>
using VisitKeys =
    std::function<void(const kernels::KeyTable<const Key>& keys, std::int64_t first, std::int64_t row)>;

/// Streams the rows of a table.
template <class Key>
class KeyStream {
 public:
  /// Visits up to `most` rows from places all over the table; returns how many.
  virtual std::int64_t sample(std::int64_t most, const VisitKeys<Key>& visit) = 0;
  virtual void all(const VisitKeys<Key>& visit) = 0;
  /// Calls work(first column, columns) for ranges of columns, in parallel.
  virtual void for_columns(const std::function<void(std::int64_t, std::int64_t)>& work) = 0;

 protected:
  ~KeyStream() = default;
};

/// Finds elements of given ranks in every column at a time, exactly (Munro and Paterson, "Selection and
/// sorting with limited storage", 1980): a sample gives each column bounds; a pass over all rows counts what
/// lies below them, which leaves a bracket around each wanted rank; a second pass collects what lies in the
/// brackets. Where a sample misled so much that not all fits, what is left takes more passes.
template <class Key>
class ColumnSearch {
 public:
  ColumnSearch(const ColumnRequest& request, const ColumnMemory& parts, const expr::WorkMemory& memory);

  void run(KeyStream<Key>& stream);

  /// Writes the quantiles of a column, in the order of q; NaN where there is none.
  void quantiles(std::int64_t column, kernels::QuantileValue* values) const;

 private:
  // What is known of one wanted rank, an array over columns for each.
  struct Brackets {
    Key* lo;  // the wanted key lies in [lo, hi]
    Key* hi;
    std::int32_t* below;   // keys in the column that are less than lo
    std::int32_t* within;  // keys in [lo, hi]
    Key* from;             // collected in this pass: [from, to], or nothing if to < from
    Key* to;
    std::int32_t* size;   // of the list
    std::int64_t* place;  // of the list, -1: none
  };
  static constexpr Key kLeast = std::numeric_limits<Key>::min();
  static constexpr Key kGreatest = std::numeric_limits<Key>::max();

  static bool is_open(const Brackets& of, std::int64_t column) { return of.lo[column] < of.hi[column]; }
  [[nodiscard]] std::int64_t rank(std::int64_t wanted, std::int64_t column) const;
  [[nodiscard]] bool has_quantiles(std::int64_t column) const;
  [[nodiscard]] static std::uint64_t key(const Brackets& of, std::int64_t column);

  void bound_by_sample(KeyStream<Key>& stream);
  void count(KeyStream<Key>& stream);
  void begin(std::int64_t column);
  void narrow(std::int64_t wanted, std::int64_t column);
  [[nodiscard]] bool assign_lists();
  void collect(KeyStream<Key>& stream);
  void select(std::int64_t column);
  [[nodiscard]] bool divide(KeyStream<Key>& stream);
  void divide(const Brackets& of, std::int64_t column);

  ColumnRequest request_;
  bool has_nan_;
  const kernels::ColumnKernels<Key>& kernels_;
  std::int32_t* numbers_;  ///< elements of each column that are not NaN
  std::vector<Brackets> brackets_;
  std::int64_t bound_count_ = 0;
  Key* bounds_;           ///< bound_count_ rows, the last of which is kGreatest
  std::int32_t* counts_;  ///< one row for each row of bounds
  Key* sample_;           ///< lies where the counts lie
  Key* lists_;            ///< lies where bounds and counts lie
};

}  // namespace varve::ops

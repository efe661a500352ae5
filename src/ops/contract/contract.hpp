#pragma once

#include "expr/node.hpp"

namespace varve::ops {

/// Counts the axes of a contraction by what they are. The inputs are (batch..., rows..., depth...) and
/// (batch..., depth..., columns...), the result is (batch..., rows..., columns...).
struct ContractAxes {
  std::int64_t batch = 0;
  std::int64_t rows = 0;
  std::int64_t depth = 0;
  std::int64_t columns = 0;
};

/// Sums products over the depth axes. Trusts its arguments: both inputs have one dtype, not float16; batch
/// extents agree or are 1. Natural chunks: those of the inputs, gathered or cut to about a thousand rows and
/// columns.
[[nodiscard]] expr::NodePtr contract(const expr::NodePtr& left, const expr::NodePtr& right,
                                     const ContractAxes& axes);

}  // namespace varve::ops

#pragma once

#include "kernels/reduce.hpp"
#include "varve/reductions.hpp"

namespace varve::api {

/// Reduces `x`, as the function of that operation does with its options. Errors: those of `ops::reduce`.
[[nodiscard]] Array reduce(kernels::ReduceOp op, const Array& x, const ReduceOptions& options);
[[nodiscard]] Array reduce(kernels::ReduceOp op, const Array& x, const SumOptions& options);
[[nodiscard]] Array reduce(kernels::ReduceOp op, const Array& x, const VarianceOptions& options);
[[nodiscard]] Array reduce(kernels::ReduceOp op, const Array& x, const ArgOptions& options);

}  // namespace varve::api

#include "kernels/factor.hpp"
#include "ops/blocks.hpp"
#include "ops/equations.hpp"
#include "varve/core/singular_matrix_error.hpp"

namespace varve::ops {

expr::NodePtr solve(const expr::NodePtr& a, const expr::NodePtr& b) {
  const std::int64_t n = a->shape[0];
  const std::int64_t columns = b->shape[1];
  const std::int64_t exchange_bytes = (n * static_cast<std::int64_t>(sizeof(std::int64_t)) + 63) / 64 * 64;
  BlockTask task{"solve", {}, exchange_bytes + kernels::triangular_workspace_bytes(n, n), 0};
  task.function = [=](std::span<const StridedView> inputs, const StridedView& out, const BlockPlace& place) {
    const kernels::MatrixView matrix{inputs[0].data, inputs[0].byte_strides[0], inputs[0].byte_strides[1]};
    const kernels::MatrixView right{inputs[1].data, inputs[1].byte_strides[0], inputs[1].byte_strides[1]};
    auto* exchanges = reinterpret_cast<std::int64_t*>(place.workspace.data());
    const std::int64_t failed =
        kernels::lu_factor(matrix, n, exchanges, place.workspace.data() + exchange_bytes);
    if (failed >= 0) {
      throw SingularMatrixError("solve: the matrix is singular: column " + std::to_string(failed) +
                                    " depends on the columns before it",
                                failed);
    }
    kernels::lu_solve(matrix, n, exchanges, right, columns);
    for_each_element(
        [](std::byte* to, const std::byte* from) {
          *reinterpret_cast<double*>(to) = *reinterpret_cast<const double*>(from);
        },
        out, inputs[1]);
  };
  const ChunkGrid whole(b->shape, b->shape);
  return blocks(whole, DType::float64, {a, b}, loop_geometry(ChunkGrid(), {a->shape, b->shape}, {2, 2}),
                task);
}

}  // namespace varve::ops

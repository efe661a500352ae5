#include "ops/select/quantile.hpp"

#include <algorithm>

#include "expr/fields.hpp"

namespace varve::ops {
namespace {

// One row of all elements is cheaper to stream than to hold from here on.
constexpr std::int64_t kSingleRowBytes = 1 << 20;

}  // namespace

void RowQuantiles::require_rows(const ChunkGrid& rows) const {
  expr::require_parameter(rows.shape() == axes.row_shape(), "rows have the extents of the folded axes");
}

void RowQuantiles::require_quantiles(DType dtype, QuantileMethod method) {
  expr::require_parameter(method <= QuantileMethod::nearest && kernels::find_select(dtype) != nullptr,
                          "there are no such quantiles of this dtype");
}

ChunkGrid with_quantile_axis(const ChunkGrid& kept, std::int64_t count) {
  Shape shape = kept.shape();
  Shape chunks = kept.chunks();
  Index offset = kept.offset();
  shape.insert(0, count);
  chunks.insert(0, count);
  offset.insert(0, 0);
  return {shape, chunks, offset};
}

expr::NodePtr quantiles(const expr::NodePtr& input, const QuantileRequest& request) {
  const FoldedAxes axes(input->shape, request.axes);
  const std::int64_t row = saturating_multiply(axes.row_length(), size_bytes(input->dtype));
  const bool single = saturating_count(axes.kept(input->shape)) == 1;
  const std::int64_t most =
      single ? std::min(kSingleRowBytes, request.gathered_row_bytes) : request.gathered_row_bytes;
  return row > most ? refined_quantiles(input, request) : gathered_quantiles(input, request);
}

}  // namespace varve::ops

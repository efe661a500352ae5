#include <algorithm>
#include <cstdint>

#include "expr/labelled_operator.hpp"
#include "ops/quantile.hpp"

namespace varve::ops {
namespace {

// Rows are handed to workers in groups of about this many elements.
constexpr std::int64_t kGroupElements = 1 << 14;
// Around more ranks than those of two quantiles, passes leave brackets too wide for what is kept of them.
constexpr std::int64_t kMostInPasses = 2;

/// Gathers the rows of a box of kept elements and selects from each.
class GatheredQuantiles final : public expr::BoxOperator, public expr::LabelledOperator {
 public:
  GatheredQuantiles(const expr::NodePtr& input, FoldedAxes axes, const QuantileRequest& request)
      : dtype_(input->dtype),
        axes_(std::move(axes)),
        quantiles_(request.q),
        method_(request.method),
        skips_nan_(request.skips_nan),
        in_passes_(std::ssize(request.q) <= kMostInPasses ? column_quantiles(input, request) : nullptr) {}

  [[nodiscard]] std::string_view name() const noexcept override { return "quantile"; }
  [[nodiscard]] std::uint64_t hash() const noexcept override {
    const std::uint64_t how = static_cast<std::uint64_t>(method_) * 2 + (skips_nan_ ? 1 : 0);
    return expr::mix_hash(expr::mix_hash(axes_.hash(), quantiles_.hash()), how);
  }
  [[nodiscard]] bool rereads_inputs() const noexcept override { return true; }
  [[nodiscard]] std::shared_ptr<const BoxOperator> in_passes() const override { return in_passes_; }
  [[nodiscard]] expr::ValueOrigin value_origin(int) const override { return expr::ValueOrigin::quantity; }
  [[nodiscard]] expr::AxisOrigin axis_origin(int, std::int64_t axis) const override {
    return axis == 0 ? expr::AxisOrigin{} : expr::AxisOrigin{axes_.kept_axis(axis - 1), true};
  }
  [[nodiscard]] std::vector<Box> demand(int, const Box& box) const override {
    return {axes_.above(kept_box(box))};
  }
  [[nodiscard]] std::int64_t workspace_bytes(const Shape& box, int workers) const override {
    const std::int64_t row = saturating_multiply(axes_.row_length(), size_bytes(dtype_));
    const std::int64_t rows = saturating_multiply(saturating_count(kept_box(Box(box)).shape()), row);
    return std::min(rows, INT64_MAX / 2) + value_bytes() * workers;
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    const Box kept = kept_box(box);
    const Shape shape = kept.shape();
    const Box needed = axes_.above(kept);
    std::byte* values = context.workspace().data();
    std::byte* rows = values + value_bytes() * context.workers();
    context.read(0, needed, axes_.rows(rows, dtype_, needed));
    const kernels::SelectKernel& kernel = *kernels::find_select(dtype_);
    const std::int64_t count = element_count(shape);
    const std::int64_t length = axes_.row_length();
    const std::int64_t group = std::max<std::int64_t>(kGroupElements / length, 1);
    context.for_each((count + group - 1) / group, [&](std::int64_t number, int worker) {
      auto* found = reinterpret_cast<kernels::QuantileValue*>(values + value_bytes() * worker);
      for (std::int64_t row = number * group; row < std::min(count, (number + 1) * group); ++row) {
        kernel.quantiles(rows + row * length * size_bytes(dtype_), length, method_, skips_nan_, quantiles_.q,
                         found);
        quantiles_.scatter(found, box.lo[0], box.hi[0], index_of(row, shape), out);
      }
    });
  }

 private:
  // Of the values that one worker finds; rows stay aligned behind them.
  [[nodiscard]] std::int64_t value_bytes() const { return (quantiles_.count() * 8 + 63) / 64 * 64; }

  DType dtype_;
  FoldedAxes axes_;
  SortedQuantiles quantiles_;
  QuantileMethod method_;
  bool skips_nan_;
  std::shared_ptr<const expr::BoxOperator> in_passes_;
};

}  // namespace

expr::NodePtr gathered_quantiles(const expr::NodePtr& input, const QuantileRequest& request) {
  const FoldedAxes axes(input->shape, request.axes);
  const ChunkGrid kept = axes.kept_grid(input->grid, size_bytes(input->dtype));
  return expr::make_operation(with_quantile_axis(kept, static_cast<std::int64_t>(request.q.size())),
                              quantile_dtype(input->dtype, request.method), {input},
                              std::make_shared<GatheredQuantiles>(input, axes, request));
}

}  // namespace varve::ops

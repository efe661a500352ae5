#include <algorithm>
#include <cstdint>

#include "expr/fields.hpp"
#include "expr/labelled_operator.hpp"
#include "ops/select/quantile.hpp"

namespace varve::ops {
namespace {

// Rows are handed to workers in groups of about this many elements.
constexpr std::int64_t kGroupElements = 1 << 14;
// Around more ranks than those of two quantiles, passes leave brackets too wide for what is kept of them.
constexpr std::int64_t kMaxInPasses = 2;

/// Gathers the rows of a box of kept elements and selects from each.
class GatheredQuantiles final : public expr::Described<GatheredQuantiles>, public expr::LabelledOperator {
 public:
  static constexpr std::string_view kKind = "quantile";
  static constexpr expr::Reading kReading{.again = true};
  static void fields(auto& op, auto& visit) { visit("of", op.of_, "row_chunks", op.row_chunks_); }

  GatheredQuantiles() = default;
  GatheredQuantiles(RowQuantiles of, const ChunkGrid& row_chunks)
      : of_(std::move(of)), row_chunks_(row_chunks) {
    prepare();
  }
  void prepare() {
    of_.require_rows(row_chunks_);
    if (of_.wanted.count() <= kMaxInPasses) in_passes_ = column_quantiles(of_, row_chunks_);
  }

  [[nodiscard]] std::shared_ptr<const BoxOperator> in_passes() const override { return in_passes_; }
  [[nodiscard]] expr::ValueOrigin value_origin(int) const override { return expr::ValueOrigin::quantity; }
  [[nodiscard]] expr::AxisOrigin axis_origin(int, std::int64_t axis) const override {
    return axis == 0 ? expr::AxisOrigin{} : expr::AxisOrigin{of_.axes.kept_axis(axis - 1), true};
  }
  [[nodiscard]] std::vector<Box> demand(int, const Box& box) const override {
    return {of_.axes.above(without_axis(box, 0))};
  }
  [[nodiscard]] expr::Workspace workspace(const Shape& box, int workers) const override {
    return Memory(*this, box, workers);
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    const Box kept = without_axis(box, 0);
    const Shape shape = kept.shape();
    const Box needed = of_.axes.above(kept);
    const Memory memory(*this, box.shape(), context.workers());
    std::byte* rows = memory.rows.in(context.memory());
    context.read(0, needed, of_.axes.rows(rows, of_.dtype, needed));
    const kernels::SelectKernel& kernel = *kernels::find_select(of_.dtype);
    const std::int64_t count = element_count(shape);
    const std::int64_t length = of_.axes.row_length();
    const std::int64_t group = std::max<std::int64_t>(kGroupElements / length, 1);
    context.for_each(divide_up(count, group), [&](std::int64_t number, int worker) {
      kernels::QuantileValue* found = memory.values.in(context.memory(), worker).data();
      for (std::int64_t row = number * group; row < std::min(count, (number + 1) * group); ++row) {
        kernel.quantiles(rows + row * length * size_bytes(of_.dtype), length, of_.method, of_.skips_nan,
                         of_.wanted.q, found);
        of_.wanted.scatter(found, box.lo[0], box.hi[0], index_at<Index>(row, shape), out);
      }
    });
  }

 private:
  struct Memory : expr::Workspace {
    Memory(const GatheredQuantiles& op, const Shape& box, int workers)
        : values(add<kernels::QuantileValue>(op.of_.wanted.count(), workers)),
          rows(add(op.of_.dtype,
                   saturating_multiply(op.of_.axes.row_length(), saturating_count(without_axis(box, 0))))) {}
    expr::Region<kernels::QuantileValue> values;
    expr::Elements rows;
  };

  RowQuantiles of_;
  ChunkGrid row_chunks_;
  std::shared_ptr<const expr::BoxOperator> in_passes_;
};

}  // namespace

extern const expr::OperatorRow quantile_row = GatheredQuantiles::row();

expr::NodePtr gathered_quantiles(const expr::NodePtr& input, const QuantileRequest& request) {
  const RowQuantiles of(input, request);
  const ChunkGrid kept = of.axes.kept_grid(input->grid, size_bytes(input->dtype));
  return expr::make_operation(with_quantile_axis(kept, static_cast<std::int64_t>(request.q.size())),
                              quantile_dtype(input->dtype, request.method), {input},
                              std::make_shared<GatheredQuantiles>(of, of.axes.row_grid(input->grid)));
}

}  // namespace varve::ops

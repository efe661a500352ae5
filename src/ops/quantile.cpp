#include "ops/quantile.hpp"

#include <bit>
#include <cstring>
#include <numeric>

namespace varve::ops {
namespace {

// Rows are handed to workers in groups of about this many elements.
constexpr std::int64_t kGroupElements = 1 << 14;
// One row of all elements is cheaper to stream than to hold from here on.
constexpr std::int64_t kSingleRowBytes = 1 << 20;

/// Gathers the rows of a box of kept elements and selects from each.
class GatheredQuantiles final : public expr::BoxOperator {
 public:
  GatheredQuantiles(DType dtype, FoldedAxes axes, const QuantileRequest& request)
      : dtype_(dtype),
        axes_(std::move(axes)),
        quantiles_(request.q),
        method_(request.method),
        skips_nan_(request.skips_nan) {}

  [[nodiscard]] std::string_view name() const noexcept override { return "quantile"; }
  [[nodiscard]] std::uint64_t hash() const noexcept override {
    const std::uint64_t how = static_cast<std::uint64_t>(method_) * 2 + (skips_nan_ ? 1 : 0);
    return expr::mix_hash(expr::mix_hash(axes_.hash(), quantiles_.hash()), how);
  }
  [[nodiscard]] bool rereads_inputs() const noexcept override { return true; }
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
      auto* found = reinterpret_cast<double*>(values + value_bytes() * worker);
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
  kernels::QuantileMethod method_;
  bool skips_nan_;
};

}  // namespace

SortedQuantiles::SortedQuantiles(const std::vector<double>& wanted) : place(wanted.size()) {
  std::iota(place.begin(), place.end(), 0);
  std::stable_sort(place.begin(), place.end(), [&](std::int64_t a, std::int64_t b) {
    return wanted[static_cast<std::size_t>(a)] < wanted[static_cast<std::size_t>(b)];
  });
  for (const std::int64_t at : place) q.push_back(wanted[static_cast<std::size_t>(at)]);
}

std::uint64_t SortedQuantiles::hash() const noexcept {
  std::uint64_t seed = q.size();
  for (const double value : q) seed = expr::mix_hash(seed, std::bit_cast<std::uint64_t>(value));
  for (const std::int64_t at : place) seed = expr::mix_hash(seed, static_cast<std::uint64_t>(at));
  return seed;
}

void SortedQuantiles::scatter(const double* values, std::int64_t lo, std::int64_t hi, const Index& kept,
                              const StridedView& out) const {
  std::byte* target = out.data;
  for (std::int64_t axis = 0; axis < kept.size(); ++axis) target += kept[axis] * out.byte_strides[axis + 1];
  for (std::size_t i = 0; i < q.size(); ++i) {
    if (place[i] < lo || place[i] >= hi) continue;
    std::byte* element = target + (place[i] - lo) * out.byte_strides[0];
    const auto narrow = static_cast<float>(values[i]);
    if (out.dtype == DType::float32) {
      std::memcpy(element, &narrow, sizeof narrow);
    } else {
      std::memcpy(element, &values[i], sizeof(double));
    }
  }
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

Box kept_box(const Box& box) {
  Box kept = box;
  kept.lo.erase(0);
  kept.hi.erase(0);
  return kept;
}

expr::NodePtr quantiles(const expr::NodePtr& input, const QuantileRequest& request) {
  const FoldedAxes axes(input->shape, request.axes);
  const std::int64_t row = saturating_multiply(axes.row_length(), size_bytes(input->dtype));
  const bool single = saturating_count(axes.kept(input->shape)) == 1;
  if (row > (single ? std::min(kSingleRowBytes, request.gathered_row_bytes) : request.gathered_row_bytes)) {
    return refined_quantiles(input, request);
  }
  const ChunkGrid kept = axes.kept_grid(input->grid, size_bytes(input->dtype));
  return expr::make_operation(with_quantile_axis(kept, static_cast<std::int64_t>(request.q.size())),
                              quantile_dtype(input->dtype), {input},
                              std::make_shared<GatheredQuantiles>(input->dtype, axes, request));
}

}  // namespace varve::ops

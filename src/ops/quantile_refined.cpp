#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>

#include "expr/labelled_operator.hpp"
#include "ops/operators.hpp"
#include "ops/pieces.hpp"
#include "ops/quantile.hpp"
#include "varve/core/counting.hpp"

namespace varve::ops {
namespace {

// Each pass fixes `digit_bits` bits of the keys, those above `shift`.
struct Pass {
  int shift = 0;
  int digit_bits = 0;
};

// The first pass has one histogram, whatever is wanted; the others have one per wanted element, at worst.
// They stay within a few MiB per worker.
constexpr int kMostDigitBits = 16;
std::vector<Pass> passes_for(int key_bits, std::int64_t wanted) {
  const int later = wanted <= 8 ? kMostDigitBits : (wanted <= 128 ? 12 : 8);
  std::vector<Pass> passes;
  for (int left = key_bits; left > 0;) {
    const int bits = std::min(left, passes.empty() ? kMostDigitBits : later);
    left -= bits;
    passes.push_back({left, bits});
  }
  return passes;
}

// What is known about one kept element after a pass: words of an array that is stored between passes. Then
// two wanted elements follow for each quantile (lower, upper): the bits known of its key, and its rank among
// those that share them.
struct State {
  std::uint64_t* words;

  [[nodiscard]] std::uint64_t& numbers() const { return words[0]; }
  [[nodiscard]] std::uint64_t& nans() const { return words[1]; }
  [[nodiscard]] std::uint64_t& prefix(std::int64_t wanted) const { return words[2 + 2 * wanted]; }
  [[nodiscard]] std::uint64_t& rank(std::int64_t wanted) const { return words[3 + 2 * wanted]; }
  [[nodiscard]] static std::int64_t size(std::int64_t wanted) { return 2 + 2 * wanted; }
};

/// Streams all rows of the input once. Input 1 is the state that the pass before left.
class RefinePass final : public expr::Described<RefinePass>, public expr::LabelledOperator {
 public:
  static constexpr std::string_view kKind = "quantile_pass";
  static void fields(auto& op, auto& visit) {
    visit("of", op.of_, "shift", op.pass_.shift, "digit_bits", op.pass_.digit_bits, "first", op.first_,
          "row_chunks", op.row_grid_);
  }

  RefinePass() = default;
  RefinePass(RowQuantiles of, const ChunkGrid& row_grid, const Pass& pass, bool first)
      : of_(std::move(of)), pass_(pass), first_(first), row_grid_(row_grid) {
    of_.skips_nan = false;  // that is for those who read the last state
  }
  void prepare() const {
    of_.require_rows(row_grid_);
    const int key_bits = kernels::find_select(of_.dtype)->key_bits;
    const bool fits = pass_.shift >= 0 && pass_.digit_bits >= 1 && pass_.digit_bits <= kMostDigitBits &&
                      pass_.shift + pass_.digit_bits <= key_bits;
    expr::require_parameter(fits, "a pass looks at some bits of the keys");
  }

  [[nodiscard]] bool rereads_inputs() const noexcept override { return true; }
  [[nodiscard]] expr::ValueOrigin value_origin(int input) const override {
    return input == 0 ? expr::ValueOrigin::quantity : expr::ValueOrigin::other;
  }
  [[nodiscard]] expr::AxisOrigin axis_origin(int input, std::int64_t axis) const override {
    return input == 0 ? expr::AxisOrigin{of_.axes.kept_axis(axis), true} : expr::AxisOrigin{};
  }
  [[nodiscard]] std::vector<Box> demand(int input, const Box& box) const override {
    if (input == 0) return {of_.axes.above(kept_part(box))};
    Box states = kept_part(box);
    states.lo.push_back(0);
    states.hi.push_back(State::size(wanted()));
    return {states};
  }
  [[nodiscard]] std::int64_t workspace_bytes(const Shape&, int workers) const override {
    return state_bytes() + histogram_bytes() * workers +
           piece_bytes(pieces_of(row_grid_, size_bytes(of_.dtype), workers), size_bytes(of_.dtype));
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    const Box kept = kept_part(box);
    const Shape shape = kept.shape();
    for (std::int64_t number = 0; number < element_count(shape); ++number) {
      Box row = box;
      const Index index = index_at<Index>(number, shape);
      for (std::int64_t axis = 0; axis < index.size(); ++axis) {
        row.lo[axis] = box.lo[axis] + index[axis];
        row.hi[axis] = row.lo[axis] + 1;
      }
      run_row(row, out.sub(relative_to(row, box.lo)), context);
    }
  }

 private:
  [[nodiscard]] std::int64_t wanted() const { return 2 * of_.wanted.count(); }
  [[nodiscard]] std::int64_t state_bytes() const { return (State::size(wanted()) + wanted()) * 8; }
  [[nodiscard]] std::int64_t histograms() const { return first_ ? 1 : wanted(); }
  // Counters of one worker, and of the NaN it met.
  [[nodiscard]] std::int64_t histogram_bytes() const { return (histograms() << pass_.digit_bits) * 8 + 64; }
  [[nodiscard]] static Box kept_part(Box box) {
    box.lo.erase(box.ndim() - 1);
    box.hi.erase(box.hi.size() - 1);
    return box;
  }

  // `row` is the box of the states of one kept element.
  void run_row(const Box& row, const StridedView& out, expr::OperatorContext& context) const {
    std::byte* memory = context.workspace().data();
    const State state{reinterpret_cast<std::uint64_t*>(memory)};
    std::uint64_t* prefixes = state.words + State::size(wanted());
    std::byte* histograms = memory + state_bytes();
    std::int64_t prefix_count = 1;
    prefixes[0] = 0;
    if (!first_) {
      const Box states = demand(1, row)[0];
      context.read(1, states, {memory, DType::uint64, states.shape()});
      for (std::int64_t i = 0; i < wanted(); ++i) prefixes[i] = state.prefix(i);
      std::sort(prefixes, prefixes + wanted());
      prefix_count = std::unique(prefixes, prefixes + wanted()) - prefixes;
    }
    const std::span<const std::uint64_t> known(prefixes, static_cast<std::size_t>(prefix_count));
    count(kept_part(row), known, histograms, context);
    refine(state, known, merged(histograms, prefix_count, context.workers()));
    const std::int64_t last = row.ndim() - 1;
    for (std::int64_t word = row.lo[last]; word < row.hi[last]; ++word) {
      std::memcpy(out.data + (word - row.lo[last]) * out.byte_strides[last], state.words + word, 8);
    }
  }

  [[nodiscard]] std::int64_t* counters_of(std::byte* histograms, int worker) const {
    return reinterpret_cast<std::int64_t*>(histograms + histogram_bytes() * worker);
  }
  [[nodiscard]] std::int64_t& nans_of(std::int64_t* counters) const {
    return counters[histogram_bytes() / 8 - 8];
  }

  void count(const Box& kept, std::span<const std::uint64_t> known, std::byte* histograms,
             expr::OperatorContext& context) const {
    const kernels::SelectKernel& kernel = *kernels::find_select(of_.dtype);
    const std::int64_t width = size_bytes(of_.dtype);
    std::byte* piece = histograms + histogram_bytes() * context.workers();
    std::memset(histograms, 0, static_cast<std::size_t>(histogram_bytes() * context.workers()));
    const Box above = of_.axes.above(kept);
    const ChunkGrid pieces = pieces_of(row_grid_, width, context.workers());
    for_each_chunk(pieces, Box(row_grid_.shape()), [&](const ChunkIndex& at) {
      Box part = pieces.box_of(at);
      for (std::int64_t axis = 0; axis < part.ndim(); ++axis) {
        if (of_.axes.folds(axis)) continue;
        part.lo[axis] = above.lo[axis];
        part.hi[axis] = above.hi[axis];
      }
      context.read(0, part, {piece, of_.dtype, part.shape()});
      constexpr std::int64_t kSlice = 1 << 16;
      const std::int64_t n = element_count(part.shape());
      context.for_each((n + kSlice - 1) / kSlice, [&](std::int64_t slice, int worker) {
        std::int64_t* counters = counters_of(histograms, worker);
        const std::int64_t length = std::min(kSlice, n - slice * kSlice);
        nans_of(counters) += kernel.count_digits(piece + slice * kSlice * width, length, pass_.shift,
                                                 pass_.digit_bits, known, counters);
      });
    });
  }

  // Adds all workers' counts to those of the first.
  [[nodiscard]] const std::int64_t* merged(std::byte* histograms, std::int64_t used, int workers) const {
    std::int64_t* total = counters_of(histograms, 0);
    for (int worker = 1; worker < workers; ++worker) {
      std::int64_t* counters = counters_of(histograms, worker);
      for (std::int64_t i = 0; i < used << pass_.digit_bits; ++i) total[i] += counters[i];
      nans_of(total) += nans_of(counters);
    }
    return total;
  }

  void refine(const State& state, std::span<const std::uint64_t> known, const std::int64_t* counters) const {
    const std::int64_t digits = std::int64_t{1} << pass_.digit_bits;
    if (first_) begin(state, counters);
    if (state.numbers() == 0) return;
    for (std::int64_t i = 0; i < wanted(); ++i) {
      const auto place = std::lower_bound(known.begin(), known.end(), state.prefix(i)) - known.begin();
      const std::int64_t* histogram = counters + place * digits;
      auto rank = static_cast<std::int64_t>(state.rank(i));
      std::int64_t digit = 0;
      while (digit + 1 < digits && rank >= histogram[digit]) rank -= histogram[digit++];
      state.prefix(i) = state.prefix(i) << pass_.digit_bits | static_cast<std::uint64_t>(digit);
      state.rank(i) = static_cast<std::uint64_t>(rank);
    }
  }

  // The ranks follow from the number of elements that are not NaN, which the first pass finds.
  void begin(const State& state, const std::int64_t* counters) const {
    std::memset(state.words, 0, static_cast<std::size_t>(State::size(wanted()) * 8));
    const std::int64_t nans = counters[histogram_bytes() / 8 - 8];
    const std::int64_t numbers = of_.axes.row_length() - nans;
    state.numbers() = static_cast<std::uint64_t>(numbers);
    state.nans() = static_cast<std::uint64_t>(nans);
    for (std::int64_t i = 0; numbers > 0 && i < of_.wanted.count(); ++i) {
      const kernels::QuantileRank rank =
          kernels::quantile_rank(of_.method, of_.wanted.q[static_cast<std::size_t>(i)], numbers);
      state.rank(2 * i) = static_cast<std::uint64_t>(rank.lower);
      state.rank(2 * i + 1) = static_cast<std::uint64_t>(rank.upper);
    }
  }

  RowQuantiles of_;
  Pass pass_;
  bool first_ = true;
  ChunkGrid row_grid_;  ///< of one kept element
};

/// Turns the states, whose keys are complete, into values.
class RefinedValues final : public expr::Described<RefinedValues>, public expr::LabelledOperator {
 public:
  static constexpr std::string_view kKind = "quantile_values";
  static void fields(auto& op, auto& visit) {
    visit("dtype", op.dtype_, "wanted", op.quantiles_, "method", op.method_, "skips_nan", op.skips_nan_);
  }

  RefinedValues() = default;
  RefinedValues(DType dtype, const QuantileRequest& request)
      : dtype_(dtype), quantiles_(request.q), method_(request.method), skips_nan_(request.skips_nan) {}
  void prepare() const { RowQuantiles::require_quantiles(dtype_, method_); }

  [[nodiscard]] expr::ValueOrigin value_origin(int) const override { return expr::ValueOrigin::quantity; }
  [[nodiscard]] expr::AxisOrigin axis_origin(int, std::int64_t axis) const override {
    return axis == 0 ? expr::AxisOrigin{} : expr::AxisOrigin{axis - 1, true};
  }
  [[nodiscard]] std::vector<Box> demand(int, const Box& box) const override {
    Box states = kept_box(box);
    states.lo.push_back(0);
    states.hi.push_back(state_size());
    return {states};
  }
  [[nodiscard]] std::int64_t workspace_bytes(const Shape& box, int) const override {
    return saturating_count(kept_box(Box(box)).shape()) * state_size() * 8 + quantiles_.count() * 8;
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    auto* values = reinterpret_cast<kernels::QuantileValue*>(context.workspace().data());
    auto* words = reinterpret_cast<std::uint64_t*>(values + quantiles_.count());
    const Box states = demand(0, box)[0];
    context.read(0, states, {reinterpret_cast<std::byte*>(words), DType::uint64, states.shape()});
    const Shape kept = kept_box(box).shape();
    for (std::int64_t number = 0; number < element_count(kept); ++number) {
      find({words + number * state_size()}, values);
      quantiles_.scatter(values, box.lo[0], box.hi[0], index_at<Index>(number, kept), out);
    }
  }

 private:
  [[nodiscard]] std::int64_t state_size() const { return State::size(2 * quantiles_.count()); }

  void find(const State& state, kernels::QuantileValue* values) const {
    const kernels::SelectKernel& kernel = *kernels::find_select(dtype_);
    const bool has_value = state.numbers() > 0 && (skips_nan_ || state.nans() == 0);
    for (std::int64_t i = 0; i < quantiles_.count(); ++i) {
      values[i].number = std::numeric_limits<double>::quiet_NaN();
      if (!has_value) continue;
      const kernels::QuantileRank rank = kernels::quantile_rank(
          method_, quantiles_.q[static_cast<std::size_t>(i)], static_cast<std::int64_t>(state.numbers()));
      values[i] = kernel.between_keys(state.prefix(2 * i), state.prefix(2 * i + 1), rank.weight, method_);
    }
  }

  DType dtype_ = DType::float64;
  SortedQuantiles quantiles_;
  QuantileMethod method_ = QuantileMethod::linear;
  bool skips_nan_ = false;
};

}  // namespace

const expr::OperatorRow quantile_pass_row = RefinePass::row();
const expr::OperatorRow quantile_values_row = RefinedValues::row();

expr::NodePtr refined_quantiles(const expr::NodePtr& input, const QuantileRequest& request) {
  const RowQuantiles of(input, request);
  const ChunkGrid row_grid = of.axes.row_grid(input->grid);
  const auto count = static_cast<std::int64_t>(request.q.size());
  // One kept element at a time: each is a stream of its own.
  const Shape kept = of.axes.kept(input->shape);
  Shape shape = kept;
  shape.push_back(State::size(2 * count));
  Shape chunks(shape.size(), 1);
  chunks[shape.size() - 1] = shape.back();
  expr::NodePtr state;
  for (const Pass& pass : passes_for(kernels::find_select(input->dtype)->key_bits, 2 * count)) {
    std::vector<expr::NodePtr> inputs = {input};
    if (state) inputs.push_back(state);
    state = expr::make_stored(expr::make_operation({shape, chunks}, DType::uint64, inputs,
                                                   std::make_shared<RefinePass>(of, row_grid, pass, !state)));
  }
  const ChunkGrid grid = with_quantile_axis({kept, kept}, count);
  return expr::make_operation(grid, quantile_dtype(input->dtype, request.method), {state},
                              std::make_shared<RefinedValues>(input->dtype, request));
}

}  // namespace varve::ops

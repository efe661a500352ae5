#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>

#include "expr/fields.hpp"
#include "expr/labelled_operator.hpp"
#include "ops/pieces.hpp"
#include "ops/select/quantile.hpp"

namespace varve::ops {
namespace {

// Each pass fixes `digit_bits` bits of the keys, those above `shift`.
struct Pass {
  int shift = 0;
  int digit_bits = 0;
};

// The first pass has one histogram, whatever is wanted; the others have one per wanted element, at worst.
// They stay within a few MiB per worker.
constexpr int kMaxDigitBits = 16;
std::vector<Pass> passes_for(int key_bits, std::int64_t wanted) {
  const int later = wanted <= 8 ? kMaxDigitBits : (wanted <= 128 ? 12 : 8);
  std::vector<Pass> passes;
  for (int left = key_bits; left > 0;) {
    const int bits = std::min(left, passes.empty() ? kMaxDigitBits : later);
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
  static constexpr expr::Reading kReading{.again = true};
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
    const bool fits = pass_.shift >= 0 && pass_.digit_bits >= 1 && pass_.digit_bits <= kMaxDigitBits &&
                      pass_.shift + pass_.digit_bits <= key_bits;
    expr::require_parameter(fits, "a pass looks at some bits of the keys");
  }

  [[nodiscard]] expr::ValueOrigin value_origin(int input) const override {
    return input == 0 ? expr::ValueOrigin::quantity : expr::ValueOrigin::other;
  }
  [[nodiscard]] expr::AxisOrigin axis_origin(int input, std::int64_t axis) const override {
    return input == 0 ? expr::AxisOrigin{of_.axes.kept_axis(axis), true} : expr::AxisOrigin{};
  }
  [[nodiscard]] std::vector<Box> demand(int input, const Box& box) const override {
    if (input == 0) return {of_.axes.above(without_axis(box, box.ndim() - 1))};
    return {between(box, box.ndim() - 1, 0, State::size(wanted()))};
  }
  [[nodiscard]] expr::Workspace workspace(const Shape&, int workers) const override {
    return Memory(*this, workers);
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    const std::int64_t last = box.ndim() - 1;
    const Memory memory(*this, context.workers());
    for (std::int64_t number = 0; number < element_count(one_row(box.shape(), last)); ++number) {
      const Box row = row_of(box, last, number);
      run_row(row, out.sub(relative_to(row, box.lo)), memory, context);
    }
  }

 private:
  struct Memory : expr::Workspace {
    Memory(const RefinePass& op, int workers)
        : pieces(pieces_of(op.row_grid_, size_bytes(op.of_.dtype), workers)),
          state(add(DType::uint64, State::size(op.wanted()))),
          prefixes(add<std::uint64_t>(op.wanted())),
          counters(add<std::int64_t>((op.first_ ? 1 : op.wanted()) << op.pass_.digit_bits, workers)),
          nans(add<std::int64_t>(1, workers)),
          piece(add(op.of_.dtype, piece_elements(pieces))) {}
    ChunkGrid pieces;
    expr::Elements state;
    expr::Region<std::uint64_t> prefixes;
    expr::Region<std::int64_t> counters;  ///< of one worker; and of the NaN it met
    expr::Region<std::int64_t> nans;
    expr::Elements piece;
  };

  [[nodiscard]] std::int64_t wanted() const { return 2 * of_.wanted.count(); }

  // `row` is the box of the states of one kept element.
  void run_row(const Box& row, const StridedView& out, const Memory& memory,
               expr::OperatorContext& context) const {
    const State state{reinterpret_cast<std::uint64_t*>(memory.state.in(context.memory()))};
    std::span<std::uint64_t> prefixes =
        memory.prefixes.in(context.memory()).first(first_ ? 1 : static_cast<std::size_t>(wanted()));
    prefixes[0] = 0;
    if (!first_) {
      const Box states = demand(1, row)[0];
      context.read(1, states, memory.state.view(context.memory(), states.shape()));
      for (std::int64_t i = 0; i < wanted(); ++i) prefixes[static_cast<std::size_t>(i)] = state.prefix(i);
      std::sort(prefixes.begin(), prefixes.end());
      const auto end = std::unique(prefixes.begin(), prefixes.end());
      prefixes = prefixes.first(static_cast<std::size_t>(end - prefixes.begin()));
    }
    count(without_axis(row, row.ndim() - 1), prefixes, memory, context);
    refine(state, prefixes, merged(memory, std::ssize(prefixes), context));
    const std::int64_t last = row.ndim() - 1;
    for (std::int64_t word = row.lo[last]; word < row.hi[last]; ++word) {
      std::memcpy(out.data + (word - row.lo[last]) * out.byte_strides[last], state.words + word, 8);
    }
  }

  // What was counted of one row.
  struct Counted {
    const std::int64_t* counters;
    std::int64_t nans;
  };

  void count(const Box& kept, std::span<const std::uint64_t> known, const Memory& memory,
             expr::OperatorContext& context) const {
    const kernels::SelectKernel& kernel = *kernels::find_select(of_.dtype);
    const std::int64_t width = size_bytes(of_.dtype);
    for (int worker = 0; worker < context.workers(); ++worker) {
      std::ranges::fill(memory.counters.in(context.memory(), worker), 0);
      memory.nans.in(context.memory(), worker)[0] = 0;
    }
    for_each_chunk(memory.pieces, Box(row_grid_.shape()), [&](const ChunkIndex& at) {
      const Box part = of_.axes.above(kept, memory.pieces.box_of(at));
      const StridedView piece = memory.piece.view(context.memory(), part.shape());
      context.read(0, part, piece);
      constexpr std::int64_t kSlice = 1 << 16;
      const std::int64_t n = element_count(part.shape());
      context.for_each(divide_up(n, kSlice), [&](std::int64_t slice, int worker) {
        const std::int64_t length = std::min(kSlice, n - slice * kSlice);
        memory.nans.in(context.memory(), worker)[0] +=
            kernel.count_digits(piece.data + slice * kSlice * width, length, pass_.shift, pass_.digit_bits,
                                known, memory.counters.in(context.memory(), worker).data());
      });
    });
  }

  // Adds all workers' counts to those of the first.
  [[nodiscard]] Counted merged(const Memory& memory, std::int64_t used,
                               expr::OperatorContext& context) const {
    Counted total{memory.counters.in(context.memory()).data(), memory.nans.in(context.memory())[0]};
    for (int worker = 1; worker < context.workers(); ++worker) {
      const std::span<const std::int64_t> counters = memory.counters.in(context.memory(), worker);
      std::int64_t* sums = memory.counters.in(context.memory()).data();
      for (std::int64_t i = 0; i < used << pass_.digit_bits; ++i)
        sums[i] += counters[static_cast<std::size_t>(i)];
      total.nans += memory.nans.in(context.memory(), worker)[0];
    }
    return total;
  }

  void refine(const State& state, std::span<const std::uint64_t> known, const Counted& counted) const {
    const std::int64_t digits = std::int64_t{1} << pass_.digit_bits;
    if (first_) begin(state, counted.nans);
    if (state.numbers() == 0) return;
    for (std::int64_t i = 0; i < wanted(); ++i) {
      const auto place = std::lower_bound(known.begin(), known.end(), state.prefix(i)) - known.begin();
      const std::int64_t* histogram = counted.counters + place * digits;
      auto rank = static_cast<std::int64_t>(state.rank(i));
      std::int64_t digit = 0;
      while (digit + 1 < digits && rank >= histogram[digit]) rank -= histogram[digit++];
      state.prefix(i) = state.prefix(i) << pass_.digit_bits | static_cast<std::uint64_t>(digit);
      state.rank(i) = static_cast<std::uint64_t>(rank);
    }
  }

  // The ranks follow from the number of elements that are not NaN, which the first pass finds.
  void begin(const State& state, std::int64_t nans) const {
    std::fill_n(state.words, State::size(wanted()), 0);
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
    return {with_axis(without_axis(box, 0), box.ndim() - 1, 0, state_size())};
  }
  [[nodiscard]] expr::Workspace workspace(const Shape& box, int) const override { return Memory(*this, box); }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    const Memory memory(*this, box.shape());
    kernels::QuantileValue* values = memory.values.in(context.memory()).data();
    const Box states = demand(0, box)[0];
    const StridedView read = memory.states.view(context.memory(), states.shape());
    context.read(0, states, read);
    auto* words = reinterpret_cast<std::uint64_t*>(read.data);
    const Shape kept = without_axis(box, 0).shape();
    for (std::int64_t number = 0; number < element_count(kept); ++number) {
      find({words + number * state_size()}, values);
      quantiles_.scatter(values, box.lo[0], box.hi[0], index_at<Index>(number, kept), out);
    }
  }

 private:
  struct Memory : expr::Workspace {
    Memory(const RefinedValues& op, const Shape& box)
        : values(add<kernels::QuantileValue>(op.quantiles_.count())),
          states(add(DType::uint64,
                     saturating_multiply(saturating_count(without_axis(box, 0)), op.state_size()))) {}
    expr::Region<kernels::QuantileValue> values;
    expr::Elements states;
  };

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

extern const expr::OperatorRow quantile_pass_row = RefinePass::row();
extern const expr::OperatorRow quantile_values_row = RefinedValues::row();

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
    std::vector<expr::NodePtr> inputs = state ? std::vector{input, state} : std::vector{input};
    state = expr::make_materialised(
        expr::make_operation({shape, chunks}, DType::uint64, std::move(inputs),
                             std::make_shared<RefinePass>(of, row_grid, pass, !state)));
  }
  const ChunkGrid grid = with_quantile_axis({kept, kept}, count);
  return expr::make_operation(grid, quantile_dtype(input->dtype, request.method), {state},
                              std::make_shared<RefinedValues>(input->dtype, request));
}

}  // namespace varve::ops

#include <algorithm>
#include <bit>
#include <cstring>

#include "expr/fields.hpp"
#include "kernels/distinct_counter.hpp"
#include "kernels/sort.hpp"
#include "ops/pieces.hpp"
#include "ops/select/select.hpp"
#include "varve/core/walks.hpp"

namespace varve::ops {
namespace {

// What workers sort at a time.
constexpr std::int64_t kSliceElements = 1 << 16;

/// Streams the input; sorts slices, and merges them into the values found so far. Those lie in the workspace
/// until the end, twice: merging needs a target.
/// Where they do not fit it goes on to the end, to say how many there are.
class CollectDistinct final : public expr::Described<CollectDistinct> {
 public:
  static constexpr std::string_view kKind = "unique_values";
  static constexpr expr::Reading kReading{.again = true};
  static void fields(auto& op, auto& visit) {
    visit("dtype", op.dtype_, "grid", op.grid_, "most", op.most_, "values", op.place_);
  }

  CollectDistinct() = default;
  CollectDistinct(const expr::NodePtr& input, std::int64_t max_bytes,
                  const std::shared_ptr<std::vector<std::byte>>& values)
      : dtype_(input->dtype),
        grid_(input->grid),
        most_(max_bytes / size_bytes(dtype_)),
        place_{std::bit_cast<std::uintptr_t>(values.get()), false, values} {
    prepare();
  }
  void prepare() {
    expr::require_parameter(kernels::find_sort(dtype_) != nullptr && most_ >= 0, "the dtype has no order");
    values_ = place_.as<std::vector<std::byte>>();
  }

  [[nodiscard]] std::vector<Box> demand(int, const Box&) const override { return {Box(grid_.shape())}; }
  [[nodiscard]] expr::Workspace workspace(const Shape&, int workers) const override {
    return Memory(*this, workers);
  }

  void run(const Box&, const StridedView& out, expr::OperatorContext& context) const override {
    const Memory memory(*this, context.workers());
    std::int64_t* counts = memory.counts.in(context.memory()).data();
    Found found{memory.found.in(context.memory()), memory.spare.in(context.memory()), 0};
    kernels::DistinctCounter counter;
    for_each_chunk(memory.pieces, Box(grid_.shape()), [&](const ChunkIndex& at) {
      const Box part = memory.pieces.box_of(at);
      const StridedView piece = memory.piece.view(context.memory(), part.shape());
      context.read(0, part, piece);
      add(piece.data, element_count(part.shape()), counts, found, counter, context);
    });
    if (counter.is_counting()) refuse(counter.most());
    values_->assign(found.keys, found.keys + found.count * width());
    kernels::find_sort(dtype_)->from_keys(values_->data(), found.count, false);
    std::memset(out.data, 0, static_cast<std::size_t>(width()));
  }

 private:
  struct Memory : expr::Workspace {
    Memory(const CollectDistinct& op, int workers)
        : pieces(pieces_of(op.grid_, op.width(), workers)),
          counts(add<std::int64_t>(piece_elements(pieces) / kSliceElements + 1)),
          found(add(op.dtype_, op.capacity())),
          spare(add(op.dtype_, op.capacity())),
          piece(add(op.dtype_, piece_elements(pieces))) {}
    ChunkGrid pieces;
    expr::Region<std::int64_t> counts;  ///< of the distinct values of each slice of a piece
    expr::Elements found;
    expr::Elements spare;
    expr::Elements piece;
  };

  struct Found {
    std::byte* keys;
    std::byte* spare;
    std::int64_t count;
  };

  [[nodiscard]] std::int64_t width() const { return size_bytes(dtype_); }
  // One slice more, so that what a merge gives is known before it is refused; and room to count in.
  [[nodiscard]] std::int64_t capacity() const { return (most_ + kSliceElements + 8) / 8 * 8; }

  void add(std::byte* piece, std::int64_t n, std::int64_t* counts, Found& found,
           kernels::DistinctCounter& counter, expr::OperatorContext& context) const {
    const kernels::SortKernel& kernel = *kernels::find_sort(dtype_);
    const std::int64_t slices = divide_up(n, kSliceElements);
    const auto keys_of = [&](std::int64_t slice) { return piece + slice * kSliceElements * width(); };
    context.for_each(slices, [&](std::int64_t slice, int) {
      const std::int64_t length = std::min(kSliceElements, n - slice * kSliceElements);
      kernel.to_keys(keys_of(slice), length, false);
      kernel.join_zeros(keys_of(slice), length);
      kernel.sort_keys(keys_of(slice), length, length);
      counts[slice] = kernel.drop_repeated(keys_of(slice), length);
    });
    for (std::int64_t slice = 0; slice < slices; ++slice) {
      if (counter.is_counting()) {
        counter.add(keys_of(slice), counts[slice], width());
        continue;
      }
      found.count = kernel.merge(found.keys, found.count, keys_of(slice), counts[slice], found.spare);
      std::swap(found.keys, found.spare);
      if (found.count <= most_) continue;
      // They do not fit: what is left to do is to say how many there are. Their memory is free now.
      counter.begin(found.spare);
      counter.add(found.keys, found.count, width());
    }
  }

  [[noreturn]] void refuse(std::int64_t count) const {
    const std::int64_t bytes = std::min(count, element_count(grid_.shape())) * width();
    throw BudgetError("unique_values: the array has more than " + std::to_string(most_) +
                          " distinct values, about " + std::to_string(count) + ", which take " +
                          std::to_string(bytes) +
                          " bytes, and eight times that to find; give more memory, or "
                          "round the values first",
                      8 * bytes);
  }

  DType dtype_ = DType::float64;
  ChunkGrid grid_;
  std::int64_t most_ = 0;
  expr::Bound place_;
  std::shared_ptr<std::vector<std::byte>> values_;
};

}  // namespace

extern const expr::OperatorRow unique_values_row = CollectDistinct::row();

DistinctValues distinct_values(const expr::NodePtr& input, std::int64_t max_bytes) {
  auto values = std::make_shared<std::vector<std::byte>>();
  const Shape one{1};
  return {expr::make_operation({one, one}, input->dtype, {input},
                               std::make_shared<CollectDistinct>(input, max_bytes, values)),
          values};
}

}  // namespace varve::ops

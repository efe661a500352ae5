#include <algorithm>
#include <cstring>

#include "kernels/sort.hpp"
#include "ops/pieces.hpp"
#include "ops/select.hpp"

namespace varve::ops {
namespace {

// What workers sort at a time.
constexpr std::int64_t kSliceElements = 1 << 16;

/// Streams the input; sorts slices, and merges them into the values found so far. Those lie in the workspace
/// until the end, twice: merging needs a target.
class CollectDistinct final : public expr::BoxOperator {
 public:
  CollectDistinct(const expr::NodePtr& input, std::int64_t most_bytes,
                  std::shared_ptr<std::vector<std::byte>> values)
      : dtype_(input->dtype),
        grid_(input->grid),
        most_(most_bytes / size_bytes(dtype_)),
        values_(std::move(values)) {}

  [[nodiscard]] std::string_view name() const noexcept override { return "unique_values"; }
  [[nodiscard]] std::uint64_t hash() const noexcept override {
    return reinterpret_cast<std::uintptr_t>(values_.get());
  }
  [[nodiscard]] bool rereads_inputs() const noexcept override { return true; }
  [[nodiscard]] std::vector<Box> demand(int, const Box&) const override { return {Box(grid_.shape())}; }
  [[nodiscard]] std::int64_t workspace_bytes(const Shape&, int workers) const override {
    const std::int64_t largest = piece_bytes(pieces_of(grid_, width(), workers), width());
    return count_bytes(largest) + 2 * capacity_bytes() + largest;
  }

  void run(const Box&, const StridedView& out, expr::OperatorContext& context) const override {
    const ChunkGrid pieces = pieces_of(grid_, width(), context.workers());
    const std::int64_t largest = piece_bytes(pieces, width());
    auto* counts = reinterpret_cast<std::int64_t*>(context.workspace().data());
    std::byte* memory = context.workspace().data() + count_bytes(largest);
    Found found{memory, memory + capacity_bytes(), 0};
    std::byte* piece = memory + 2 * capacity_bytes();
    for_each_chunk(pieces, Box(grid_.shape()), [&](const ChunkIndex& at) {
      const Box part = pieces.box_of(at);
      context.read(0, part, {piece, dtype_, part.shape()});
      add(piece, element_count(part.shape()), counts, found, context);
    });
    values_->assign(found.keys, found.keys + found.count * width());
    kernels::find_sort(dtype_)->from_keys(values_->data(), found.count, false);
    std::memset(out.data, 0, static_cast<std::size_t>(width()));
  }

 private:
  struct Found {
    std::byte* keys;
    std::byte* spare;
    std::int64_t count;
  };

  [[nodiscard]] std::int64_t width() const { return size_bytes(dtype_); }
  // Of the distinct values of each slice of a piece.
  [[nodiscard]] std::int64_t count_bytes(std::int64_t piece) const {
    return (piece / width() / kSliceElements + 1) * 8;
  }
  // One slice more, so that what a merge gives is known before it is refused.
  [[nodiscard]] std::int64_t capacity_bytes() const { return (most_ + kSliceElements + 8) / 8 * 8 * width(); }

  void add(std::byte* piece, std::int64_t n, std::int64_t* counts, Found& found,
           expr::OperatorContext& context) const {
    const kernels::SortKernel& kernel = *kernels::find_sort(dtype_);
    const std::int64_t slices = (n + kSliceElements - 1) / kSliceElements;
    const auto keys_of = [&](std::int64_t slice) { return piece + slice * kSliceElements * width(); };
    context.for_each(slices, [&](std::int64_t slice, int) {
      const std::int64_t length = std::min(kSliceElements, n - slice * kSliceElements);
      kernel.to_keys(keys_of(slice), length, false);
      kernel.join_zeros(keys_of(slice), length);
      kernel.sort_keys(keys_of(slice), length, length);
      counts[slice] = kernel.drop_repeated(keys_of(slice), length);
    });
    for (std::int64_t slice = 0; slice < slices; ++slice) {
      found.count = kernel.merge(found.keys, found.count, keys_of(slice), counts[slice], found.spare);
      std::swap(found.keys, found.spare);
      if (found.count > most_) refuse();
    }
  }

  [[noreturn]] void refuse() const {
    const std::int64_t bytes = most_ * width();
    throw BudgetError("unique_values: the array has more than " + std::to_string(most_) +
                          " distinct values, which take over " + std::to_string(bytes) +
                          " bytes; give more memory, or round the values first",
                      8 * bytes);
  }

  DType dtype_;
  ChunkGrid grid_;
  std::int64_t most_;
  std::shared_ptr<std::vector<std::byte>> values_;
};

}  // namespace

DistinctValues distinct_values(const expr::NodePtr& input, std::int64_t most_bytes) {
  auto values = std::make_shared<std::vector<std::byte>>();
  const Shape one{1};
  return {expr::make_operation({one, one}, input->dtype, {input},
                               std::make_shared<CollectDistinct>(input, most_bytes, values)),
          values};
}

}  // namespace varve::ops

#include "ops/select/external_sort.hpp"

#include <algorithm>
#include <bit>

#include "expr/fields.hpp"
#include "varve/core/walks.hpp"

namespace varve::ops {
namespace {

// More runs than this make stretches of them short; longer rows have longer runs.
constexpr std::int64_t kMaxRuns = 1024;
constexpr std::int64_t kMaxCuts = 2048;
// Bytes of so many can be counted, with what is held beside them.
constexpr std::int64_t kMaxElements = INT64_MAX / 4096;
// Rows that lie across others are merged side by side, up to so much of them: their elements are neighbours
// where they are written. Their parts are short, but long against what is read beside them.
constexpr std::int64_t kSideBySideBytes = 32 << 20;
constexpr std::int64_t kSideBySideStride = 16 << 10;
// Runs and cuts are read by stretches of up to this much.
constexpr std::int64_t kReadBytes = 256 << 10;

// As many whole chunks as fit, or parts of one; a chunk that is a few times too large counts as one.
std::int64_t in_chunks(std::int64_t elements, std::int64_t chunk) {
  if (chunk <= elements) return elements / chunk * chunk;
  return chunk <= 4 * elements ? chunk : elements;
}

expr::NodePtr read_in_stretches(const expr::NodePtr& node) {
  Shape chunks(node->shape.size(), 1);
  chunks.back() = std::min(kReadBytes / size_bytes(node->dtype), node->shape.back());
  return expr::with_grid(node, ChunkGrid(node->shape, chunks));
}

}  // namespace

RunSizes::RunSizes(const expr::NodePtr& input, const LongSortRequest& request)
    : axis(request.axis),
      length(input->shape[request.axis]),
      step(request.sample_step),
      descending(request.descending),
      positions(request.positions),
      items(kernels::item_kind(size_bytes(input->dtype), request.positions, length)) {
  const std::int64_t item = kernel().bytes;
  const std::int64_t min_run = std::max(request.run_bytes / item, divide_up(length, kMaxRuns));
  run = std::min(in_chunks(std::max<std::int64_t>(min_run, 1), input->grid.chunks()[axis]), length);
  std::int64_t trailing = 1;
  for (std::int64_t other = axis + 1; other < input->shape.size(); ++other) trailing *= input->shape[other];
  const auto max_stride = static_cast<std::uint64_t>(divide_up(length, kMaxCuts));
  stride = std::max(trailing > 1 ? std::min(request.cut_stride, kSideBySideStride) : request.cut_stride,
                    static_cast<std::int64_t>(std::bit_ceil(max_stride)));
  const std::int64_t min_part = (2 * slack() / stride + 1) * stride;
  rows = trailing > 1 ? std::clamp<std::int64_t>(kSideBySideBytes / (min_part * item), 1, trailing) : 1;
  part = std::max(request.part_bytes / item / rows / stride * stride, rows > 1 ? min_part : stride);
}

void RunSizes::prepare() const {
  const bool fits = expr::is_axis(axis) && std::min({length, run, step, stride, rows, part}) >= 1 &&
                    run <= length && std::max({length, step, stride, rows, part}) <= kMaxElements &&
                    part % stride == 0 && items <= kernels::ItemKind::widest_position;
  expr::require_parameter(fits, "runs, samples and parts are some of a row");
}

void RunSizes::require_items_of(DType dtype) const {
  const bool fits = kernels::find_sort(dtype) != nullptr &&
                    items == kernels::item_kind(size_bytes(dtype), positions, length);
  expr::require_parameter(fits, "items are those of the dtype");
}

void RunOperator::prepare() {
  sizes_.require_items_of(dtype_);
  expr::require_parameter(expr::is_axis(last_) && sizes_.axis <= last_, "rows lie along an axis");
  items_ = &sizes_.kernel();
  keys_ = kernels::find_sort(dtype_);
}

expr::NodePtr sort_rows(const expr::NodePtr& input, const LongSortRequest& request) {
  const std::int64_t length = input->shape[request.axis];
  const auto is_held = [&](bool positions) {
    const kernels::ItemKind kind = kernels::item_kind(size_bytes(input->dtype), positions, length);
    return length * kernels::find_items(kind).bytes <= request.gathered_bytes;
  };
  const SortRequest whole{request.axis, length, length, request.descending};
  if (is_held(true)) {
    const SortedNodes sorted = sort_with_positions(input, whole);
    return request.positions ? sorted.positions : sorted.values;
  }
  if (!request.positions && is_held(false)) return sort_blocks(input, whole);
  const RunSizes sizes(input, request);
  const expr::NodePtr runs = read_in_stretches(expr::make_materialised(sorted_runs(input, sizes)));
  const expr::NodePtr cuts = read_in_stretches(expr::make_materialised(cuts_of_runs(runs, sizes)));
  return merged_runs(runs, cuts, input, sizes);
}

}  // namespace varve::ops

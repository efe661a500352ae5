#include "ops/contract/tile_product.hpp"

#include <algorithm>

#include "varve/core/walks.hpp"

namespace varve::ops {
namespace {

using kernels::Into;

// Blocks whose packed operands stay in the second cache.
constexpr std::int64_t kBlockSlivers = 16;
constexpr std::int64_t kBlockColumns = 512;
// Work that is worth handing to another thread.
constexpr std::int64_t kMinMultiplications = 1 << 19;
constexpr std::int64_t kMinPacked = 1 << 15;

bool is_packed(DType dtype) { return is_floating(dtype) || is_complex(dtype); }

}  // namespace

TileMemory::TileMemory(expr::Workspace& workspace, DType dtype, const TileExtents& of)
    : extents(of),
      left(workspace.add(dtype, of.left_batch * of.rows * of.depth)),
      right(workspace.add(dtype, of.right_batch * of.columns * of.depth)) {
  if (!is_packed(dtype)) return;
  const kernels::ProductKernel& kernel = kernels::product_kernel(real_of(dtype));
  const std::int64_t depth = std::min(of.depth, kernels::kProductSlice);
  packed_left = workspace.add(dtype, of.left_batch * kernel.packed_rows(of.rows) * depth);
  packed_right = workspace.add(dtype, of.right_batch * kernel.packed_columns(of.columns) * depth);
}

TileProduct::TileProduct(const TileMemory& memory, expr::OperatorContext& context,
                         std::function<BatchItem(std::int64_t)> item)
    : dtype_(memory.left.dtype()),
      extents_(memory.extents),
      context_(context),
      item_(std::move(item)),
      kernel_(kernels::product_kernel(real_of(dtype_))),
      element_(size_bytes(dtype_)),
      left_(memory.left.in(context.memory())),
      right_(memory.right.in(context.memory())) {
  if (!is_packed(dtype_)) return;
  packed_left_ = memory.packed_left.in(context.memory());
  packed_right_ = memory.packed_right.in(context.memory());
}

void TileProduct::add(std::int64_t depth) {
  if (!is_packed(dtype_)) {
    multiply_plain(depth);
  } else {
    const std::int64_t slices = divide_up(depth, kernels::kProductSlice);
    const std::int64_t step = divide_up(depth, slices);
    for (std::int64_t first = 0; first < depth; first += step) {
      const Slice slice{first, std::min(step, depth - first), depth};
      pack(slice);
      multiply(slice);
      if (into_ == Into::replace) into_ = Into::add;
    }
  }
  if (into_ == Into::replace) into_ = Into::add;
}

std::int64_t TileProduct::packed_left_bytes(std::int64_t depth) const {
  return kernel_.packed_rows(extents_.rows) * depth * element_;
}

std::int64_t TileProduct::packed_right_bytes(std::int64_t depth) const {
  return kernel_.packed_columns(extents_.columns) * depth * element_;
}

void TileProduct::pack(const Slice& slice) {
  const std::int64_t slivers = extents_.left_batch * divide_up(extents_.rows, kernel_.row_lanes) +
                               extents_.right_batch * divide_up(extents_.columns, kernel_.column_lanes);
  const std::int64_t group = std::max<std::int64_t>(kMinPacked / (slice.depth * kernel_.column_lanes), 1);
  context_.for_each(divide_up(slivers, group), [&](std::int64_t number, int) {
    const std::int64_t last = std::min((number + 1) * group, slivers);
    for (std::int64_t sliver = number * group; sliver < last; ++sliver) pack_sliver(sliver, slice);
  });
}

void TileProduct::pack_sliver(std::int64_t number, const Slice& slice) {
  const std::int64_t row_slivers = divide_up(extents_.rows, kernel_.row_lanes);
  const bool is_row = number < extents_.left_batch * row_slivers;
  if (!is_row) number -= extents_.left_batch * row_slivers;
  const std::int64_t slivers = is_row ? row_slivers : divide_up(extents_.columns, kernel_.column_lanes);
  const std::int64_t lanes = is_row ? kernel_.row_lanes : kernel_.column_lanes;
  const std::int64_t extent = is_row ? extents_.rows : extents_.columns;
  const std::int64_t matrix = number / slivers;
  const std::int64_t first = number % slivers * lanes;

  kernels::Packing packing;
  packing.lanes = std::min(lanes, extent - first);
  packing.depth = slice.depth;
  packing.lane_stride = is_row ? slice.panel_depth * element_ : element_;
  packing.depth_stride = is_row ? element_ : extent * element_;
  packing.source = (is_row ? left_ : right_) + matrix * extent * slice.panel_depth * element_ +
                   first * packing.lane_stride + slice.first * packing.depth_stride;
  const std::int64_t matrix_bytes = is_row ? packed_left_bytes(slice.depth) : packed_right_bytes(slice.depth);
  packing.target = (is_row ? packed_left_ : packed_right_) + matrix * matrix_bytes +
                   first * slice.depth * kernel_.element_bytes;
  const auto function = is_row ? kernel_.pack_rows : kernel_.pack_columns;
  function(packing);
  if (!is_complex(dtype_)) return;
  packing.source += kernel_.element_bytes;
  packing.target += matrix_bytes / 2;
  function(packing);
}

// Smaller blocks where there would be too few for all threads.
std::int64_t TileProduct::row_step(std::int64_t column_step) const {
  const std::int64_t column_blocks = extents_.batch * divide_up(extents_.columns, column_step);
  std::int64_t slivers = kBlockSlivers;
  while (slivers > 1 &&
         column_blocks * divide_up(extents_.rows, slivers * kernel_.row_lanes) < 4 * context_.workers()) {
    slivers /= 2;
  }
  return slivers * kernel_.row_lanes;
}

void TileProduct::multiply(const Slice& slice) {
  for_each_block(row_step(kBlockColumns), kBlockColumns, slice.depth,
                 [&](const BatchItem& item, std::int64_t row, std::int64_t column) {
                   multiply_block(item, row, column, slice);
                 });
}

void TileProduct::multiply_block(const BatchItem& item, std::int64_t row, std::int64_t column,
                                 const Slice& slice) {
  const std::int64_t left_bytes = packed_left_bytes(slice.depth);
  const std::int64_t right_bytes = packed_right_bytes(slice.depth);
  kernels::PackedProduct product;
  product.left = packed_left_ + item.left * left_bytes + row * slice.depth * kernel_.element_bytes;
  product.right = packed_right_ + item.right * right_bytes + column * slice.depth * kernel_.element_bytes;
  product.depth = slice.depth;
  product.rows = std::min(row_step(kBlockColumns), extents_.rows - row);
  product.columns = std::min(kBlockColumns, extents_.columns - column);
  product.out = item.out.from(row, column);
  product.into = into_;
  if (is_complex(dtype_)) {
    multiply_packed(product, left_bytes / 2, right_bytes / 2);
  } else {
    kernel_.multiply(product);
  }
}

// (a + bi)(c + di): the imaginary parts lie so many bytes behind the real ones.
void TileProduct::multiply_packed(const kernels::PackedProduct& product, std::int64_t left,
                                  std::int64_t right) {
  kernels::PackedProduct part = product;
  kernel_.multiply(part);
  part.left += left;
  part.right += right;
  part.into = Into::subtract;
  kernel_.multiply(part);
  part.out.data += kernel_.element_bytes;
  part.right = product.right;
  part.into = product.into;
  kernel_.multiply(part);
  part.left = product.left;
  part.right = product.right + right;
  part.into = Into::add;
  kernel_.multiply(part);
}

void TileProduct::multiply_plain(std::int64_t depth) {
  const kernels::PlainProductFunction function = kernels::plain_product(dtype_);
  const std::int64_t rows = row_step(kBlockColumns);
  for_each_block(rows, kBlockColumns, depth,
                 [&](const BatchItem& item, std::int64_t row, std::int64_t column) {
                   const kernels::MatrixView left{left_ + item.left * extents_.rows * depth * element_,
                                                  depth * element_, element_};
                   const kernels::MatrixView right{right_ + item.right * depth * extents_.columns * element_,
                                                   extents_.columns * element_, element_};
                   function({left.from(row, 0), right.from(0, column), std::min(rows, extents_.rows - row),
                             std::min(kBlockColumns, extents_.columns - column), depth,
                             item.out.from(row, column), into_});
                 });
}

void TileProduct::for_each_block(
    std::int64_t row_step, std::int64_t column_step, std::int64_t depth,
    const std::function<void(const BatchItem&, std::int64_t, std::int64_t)>& work) {
  const std::int64_t row_blocks = divide_up(extents_.rows, row_step);
  const std::int64_t blocks = extents_.batch * divide_up(extents_.columns, column_step) * row_blocks;
  const std::int64_t per_matrix = blocks / extents_.batch;
  const std::int64_t cost =
      std::min(row_step, extents_.rows) * std::min(column_step, extents_.columns) * depth;
  const std::int64_t group = std::max<std::int64_t>(kMinMultiplications / std::max<std::int64_t>(cost, 1), 1);
  context_.for_each(divide_up(blocks, group), [&](std::int64_t number, int) {
    const std::int64_t last = std::min((number + 1) * group, blocks);
    for (std::int64_t block = number * group; block < last; ++block) {
      const std::int64_t within = block % per_matrix;
      work(item_(block / per_matrix), within % row_blocks * row_step, within / row_blocks * column_step);
    }
  });
}

}  // namespace varve::ops

#include "varve/masking.hpp"

#include "api/run_while_building.hpp"
#include "ops/gather/mask.hpp"
#include "varve/compute.hpp"
#include "varve/rearranging.hpp"
#include "varve/reductions.hpp"

namespace varve {
namespace {

// Counts the true elements of each block, in one scan.
std::vector<std::int64_t> counts_of(const Array& mask, const ops::MaskBlocks& blocks) {
  std::vector<std::int64_t> axes;
  for (std::int64_t axis = blocks.axis; axis < mask.ndim(); ++axis) axes.push_back(axis);
  if (blocks.per_row() == 1) return to_vector<std::int64_t>(count_nonzero(mask, {.axis = axes}));
  // Whole blocks of a row, and what remains of it.
  const std::int64_t whole = blocks.row / blocks.block;
  std::vector<IndexItem> first(static_cast<std::size_t>(blocks.axis), Slice{});
  std::vector<IndexItem> last = first;
  first.emplace_back(Slice{0, whole * blocks.stretch});
  last.emplace_back(Slice{whole * blocks.stretch, {}});
  Shape cut = mask.shape();
  cut[blocks.axis] = blocks.stretch;
  cut.insert(blocks.axis, whole);
  std::vector<std::int64_t> inner = axes;
  for (std::int64_t& axis : inner) ++axis;
  const auto results = compute(count_nonzero(reshape(mask(first), cut), {.axis = inner}),
                               count_nonzero(mask(last), {.axis = axes}));
  const std::vector<std::int64_t> per_block = to_vector<std::int64_t>(results[0]);
  const std::vector<std::int64_t> per_rest = to_vector<std::int64_t>(results[1]);
  std::vector<std::int64_t> counts;
  for (std::int64_t row = 0; row < blocks.rows; ++row) {
    counts.insert(counts.end(), per_block.begin() + row * whole, per_block.begin() + (row + 1) * whole);
    if (blocks.per_row() > whole) counts.push_back(per_rest[static_cast<std::size_t>(row)]);
  }
  return counts;
}

// What is taken where nothing was counted: all of each block. Fewer true elements need no more.
std::vector<std::int64_t> all_of(const Array& mask, const ops::MaskBlocks& blocks) {
  std::vector<std::int64_t> counts;
  for (std::int64_t block = 0; block < blocks.count(); ++block) {
    const std::int64_t end = block + 1 == blocks.count() ? mask.size() : blocks.start(block + 1);
    counts.push_back(end - blocks.start(block));
  }
  return counts;
}

}  // namespace

Array extract(const Array& x, const Array& mask) {
  if (mask.dtype() != DType::boolean) {
    throw DTypeError("a mask must be bool, not " + std::string(name_of(mask.dtype())) +
                     "; compare, or cast with astype");
  }
  bool fits = mask.ndim() > 0 && mask.ndim() <= x.ndim();
  for (std::int64_t axis = 0; fits && axis < mask.ndim(); ++axis)
    fits = mask.shape()[axis] == x.shape()[axis];
  if (!fits) {
    throw IndexError("a mask of shape " + to_string(mask.shape()) + " does not suit an array of shape " +
                     to_string(x.shape()) + "; it must have the extents of the leading axes");
  }
  const ops::MaskBlocks blocks(mask.shape());
  auto before = std::make_shared<std::vector<std::int64_t>>(1, 0);
  bool guessed = false;
  if (mask.size() > 0) {
    const auto guess = [&] {
      guessed = true;
      return all_of(mask, blocks);
    };
    const auto counts = api::run_while_building(
        {count_nonzero(mask)}, [&] { return counts_of(mask, blocks); }, guess);
    for (const std::int64_t count : counts) before->push_back(before->back() + count);
  }
  return Array(ops::take_true(x.node(), mask.node(),
                              {expr::Held(std::span<const std::int64_t>(*before), before), guessed}));
}

}  // namespace varve

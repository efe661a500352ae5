#include "exec/steps_ahead.hpp"

#include <algorithm>

#include "plan/footprint.hpp"
#include "varve/core/counting.hpp"

namespace varve::exec {
namespace {

// Enough for a disk to be busy while a step is computed, little enough to be still in the page cache then.
constexpr std::int64_t kBytesAhead = std::int64_t{32} << 20U;
constexpr std::int64_t kMaxStepsAhead = 16;

std::int64_t steps_ahead(const plan::Stage& stage) {
  std::int64_t bytes = 1;
  for (const plan::Leaf& leaf : stage.program.leaves) {
    const Shape demand = plan::demand_shape(leaf, stage.tiling.steps.chunks());
    if (leaf.dataset() != nullptr) bytes += element_count(demand) * size_bytes(leaf.dtype);
  }
  return std::clamp<std::int64_t>(kBytesAhead / bytes, 1, kMaxStepsAhead);
}

}  // namespace

StepsAhead::StepsAhead(const plan::Stage& stage) : steps_(stage.tiling.steps), depth_(steps_ahead(stage)) {}

void StepsAhead::begin(const Box& tile, const std::optional<Box>& next) {
  tile_ = tile;
  next_ = next;
  count_ = element_count(steps_.chunks_touching(tile).shape());
  announced_ = 1;
}

Box StepsAhead::step_of(const Box& tile, std::int64_t number) const {
  const auto step = index_at<ChunkIndex>(number, steps_.chunks_touching(tile));
  return intersect(steps_.box_of(step), tile);
}

void StepsAhead::announce_behind(std::int64_t number, ProgramInputs& inputs) {
  const std::int64_t next_count = next_ ? element_count(steps_.chunks_touching(*next_).shape()) : 0;
  const std::int64_t end = std::min(number + depth_ + 1, count_ + next_count);
  for (; announced_ < end; ++announced_)
    inputs.announce(announced_ < count_ ? step(announced_) : step_of(*next_, announced_ - count_));
}

}  // namespace varve::exec

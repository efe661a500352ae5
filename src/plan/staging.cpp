#include "plan/staging.hpp"

#include <algorithm>

#include "plan/reduction_blocks.hpp"

namespace varve::plan {
namespace {

ReduceSink make_reduce_sink(const Task& task, int input) {
  const expr::NodePtr& node = task.input;
  ReduceSink sink;
  sink.input = input;
  sink.op = task.reduce->op;
  sink.input_dtype = node->dtype;
  sink.axes = task.reduce->axes;
  sink.blocks = reduction_blocks(node->grid, sink.axes, size_bytes(node->dtype));
  sink.correction = task.reduce->correction;
  sink.value = task.value;
  return sink;
}

// Tiles hold whole reduction blocks, so sinks that share tiles must agree on the blocks of the axes that both
// reduce.
bool blocks_agree(const std::vector<const Task*>& group, const Task& task) {
  if (task.reduce == nullptr) return true;
  const ReduceSink mine = make_reduce_sink(task, -1);
  for (const Task* other : group) {
    if (other->reduce == nullptr) continue;
    const ReduceSink theirs = make_reduce_sink(*other, -1);
    for (std::int64_t axis = 0; axis < task.input->shape.size(); ++axis) {
      if (!mine.reduces(axis) || !theirs.reduces(axis)) continue;
      if (mine.blocks.chunks()[axis] != theirs.blocks.chunks()[axis]) return false;
      if (mine.blocks.offset()[axis] != theirs.blocks.offset()[axis]) return false;
    }
  }
  return true;
}

bool share_a_source(const Task& left, const Task& right) {
  std::vector<std::uint64_t> common;
  std::set_intersection(left.sources.begin(), left.sources.end(), right.sources.begin(), right.sources.end(),
                        std::back_inserter(common));
  return !common.empty();
}

bool can_join(const std::vector<const Task*>& group, const Task& task) {
  const Task& first = *group.front();
  if (first.level != task.level || !(first.input->shape == task.input->shape)) return false;
  const bool related = std::any_of(group.begin(), group.end(),
                                   [&](const Task* other) { return share_a_source(*other, task); });
  return related && blocks_agree(group, task);
}

Stage make_stage(Lowering& lowering, const std::vector<const Task*>& group) {
  Stage stage;
  stage.domain = group.front()->input->shape;
  stage.natural = group.front()->input->grid;
  ProgramBuilder builder;
  std::vector<int> outputs;
  for (const Task* task : group) {
    const int input = lowering.emit_task(*task, builder);
    outputs.push_back(input);
    if (task->reduce != nullptr) {
      stage.reduces.push_back(make_reduce_sink(*task, input));
    } else {
      stage.writes.push_back({input, task->value});
    }
  }
  stage.program = builder.finish(outputs);
  return stage;
}

}  // namespace

bool ReduceSink::reduces(std::int64_t axis) const noexcept {
  return std::binary_search(axes.begin(), axes.end(), axis);
}

std::vector<Stage> make_stages(Lowering& lowering, bool share_scans) {
  std::vector<std::vector<const Task*>> groups;
  for (const Task& task : lowering.tasks()) {
    auto group = groups.end();
    if (share_scans) {
      group = std::find_if(groups.begin(), groups.end(),
                           [&](const auto& other) { return can_join(other, task); });
    }
    if (group == groups.end()) {
      groups.push_back({&task});
    } else {
      group->push_back(&task);
    }
  }
  std::stable_sort(groups.begin(), groups.end(), [](const auto& left, const auto& right) {
    return left.front()->level < right.front()->level;
  });
  std::vector<Stage> stages;
  for (const auto& group : groups) stages.push_back(make_stage(lowering, group));
  return stages;
}

}  // namespace varve::plan

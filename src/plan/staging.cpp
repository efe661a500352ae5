#include "plan/staging.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "expr/equality.hpp"
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

// So many tasks cost far more than the reading that they share; more in one stage would only take memory.
constexpr std::size_t kMaxTasks = 256;

/// Tasks that share a stage, and what further ones must agree with.
class Group {
 public:
  explicit Group(const Task& task) { add(task); }

  [[nodiscard]] const std::vector<const Task*>& tasks() const noexcept { return tasks_; }

  void add(const Task& task) {
    tasks_.push_back(&task);
    if (task.reduce == nullptr) return;
    const ReduceSink sink = make_reduce_sink(task, -1);
    for (const std::int64_t axis : sink.axes) blocks_.emplace(axis, blocks_along(sink, axis));
  }

  // Tiles hold whole reduction blocks, so sinks that share tiles must agree on the blocks of the axes that
  // both reduce.
  [[nodiscard]] bool takes(const Task& task) const {
    if (tasks_.size() >= kMaxTasks) return false;
    // What makes several outputs at one time does nothing else.
    const Task& first = *tasks_.front();
    if (first.is_of_several || task.is_of_several)
      return first.is_of_several && task.is_of_several && expr::are_equal(*first.input, *task.input);
    if (task.reduce == nullptr) return true;
    const ReduceSink sink = make_reduce_sink(task, -1);
    return std::all_of(sink.axes.begin(), sink.axes.end(), [&](std::int64_t axis) {
      const auto known = blocks_.find(axis);
      return known == blocks_.end() || known->second == blocks_along(sink, axis);
    });
  }

 private:
  using Blocks = std::pair<std::int64_t, std::int64_t>;  // extent and offset
  static Blocks blocks_along(const ReduceSink& sink, std::int64_t axis) {
    return {sink.blocks.chunks()[axis], sink.blocks.offset()[axis]};
  }

  std::vector<const Task*> tasks_;
  std::map<std::int64_t, Blocks> blocks_;
};

/// Puts each task that shares into the first group of its level and domain that streams one of its sources
/// and takes it, and others into groups of their own.
class Grouping {
 public:
  explicit Grouping(Sharing sharing) : sharing_(sharing) {}

  void add(const Task& task) {
    std::set<std::size_t> candidates;
    for (const int source : task.sources) {
      if (!shares(task)) break;
      const auto& open = open_[{source, task.level, domain_of(task)}];
      candidates.insert(open.begin(), open.end());
    }
    const auto found = std::find_if(candidates.begin(), candidates.end(),
                                    [&](std::size_t at) { return groups_[at].takes(task); });
    const bool joins = found != candidates.end();
    const std::size_t at = joins ? *found : groups_.size();
    if (joins) {
      groups_[at].add(task);
    } else {
      groups_.emplace_back(task);
    }
    for (const int source : task.sources) {
      auto& open = open_[{source, task.level, domain_of(task)}];
      open.insert(at);
      if (groups_[at].tasks().size() >= kMaxTasks) open.erase(at);
    }
  }

  [[nodiscard]] std::vector<Group> take() { return std::move(groups_); }

 private:
  using Key = std::tuple<int, int, std::vector<std::int64_t>>;
  static std::vector<std::int64_t> domain_of(const Task& task) {
    return {task.input->shape.begin(), task.input->shape.end()};
  }

  [[nodiscard]] bool shares(const Task& task) const {
    return sharing_ == Sharing::scans || (sharing_ == Sharing::outputs && task.is_of_several);
  }

  Sharing sharing_;
  std::vector<Group> groups_;
  std::map<Key, std::set<std::size_t>> open_;  ///< by source, level and domain
};

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
      stage.writes.push_back({input, task->value, task->output});
    }
  }
  stage.program = builder.finish(outputs);
  return stage;
}

}  // namespace

bool ReduceSink::reduces(std::int64_t axis) const noexcept {
  return std::binary_search(axes.begin(), axes.end(), axis);
}

std::vector<Stage> make_stages(Lowering& lowering, Sharing sharing) {
  Grouping grouping(sharing);
  for (const Task& task : lowering.tasks()) grouping.add(task);
  std::vector<Group> groups = grouping.take();
  std::stable_sort(groups.begin(), groups.end(), [](const Group& left, const Group& right) {
    return left.tasks().front()->level < right.tasks().front()->level;
  });
  std::vector<Stage> stages;
  stages.reserve(groups.size());
  for (const Group& group : groups) stages.push_back(make_stage(lowering, group.tasks()));
  return stages;
}

}  // namespace varve::plan

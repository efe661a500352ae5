#include "exec/operator_runner.hpp"

#include "varve/core/error.hpp"

namespace varve::exec {
namespace {

plan::Stage writing_stage(const plan::InputProgram& input) {
  plan::Stage stage;
  stage.domain = input.domain;
  stage.program = input.program;
  stage.writes.push_back({input.output, -1});
  return stage;
}

}  // namespace

BoxEvaluator::BoxEvaluator(const plan::InputProgram& input, const RunResources& resources)
    : stage_(writing_stage(input)),
      inputs_(stage_.program, input.cells, 1, resources),
      program_(stage_, resources.engine.memory()->pool) {}

std::int64_t BoxEvaluator::evaluate(const Box& box, const StridedView& target) {
  const std::int64_t bytes = inputs_.load(box);
  program_.run(box, box.lo, inputs_.loaded(), {{target.data, target.byte_strides}}, {});
  return bytes;
}

OperatorRunner::OperatorRunner(const plan::Leaf& leaf, const Shape& largest, int workers,
                               const RunResources& resources)
    : leaf_(leaf),
      workers_(workers),
      resources_(resources),
      workspace_(
          resources.engine.memory()->pool.allocate(leaf.operation()->workspace_bytes(largest, workers))) {
  for (const auto& input : leaf.inputs) {
    auto& evaluators = evaluators_.emplace_back();
    for (int worker = 0; worker < workers; ++worker) {
      evaluators.push_back(std::make_unique<BoxEvaluator>(*input, resources));
    }
  }
}

std::int64_t OperatorRunner::produce(const Box& box, const StridedView& target) {
  bytes_read_ = 0;
  leaf_.operation()->run(box, target, *this);
  return bytes_read_;
}

void OperatorRunner::read(int input, const Box& box, const StridedView& target) {
  if (box.empty()) return;
  if (resources_.context.should_stop())
    throw CancelledError("the run was cancelled; unfinished outputs were removed");
  const auto at = static_cast<std::size_t>(input);
  const ChunkGrid& grid = leaf_.inputs[at]->cells;
  const Box cells = grid.chunks_touching(box);
  const Shape counts = cells.shape();
  for_each(element_count(counts), [&](std::int64_t number, int worker) {
    ChunkIndex cell(counts.size(), 0);
    for (std::int64_t axis = counts.size() - 1; axis >= 0; --axis) {
      cell[axis] = cells.lo[axis] + number % counts[axis];
      number /= counts[axis];
    }
    const Box piece = intersect(grid.box_of(cell), box);
    bytes_read_ += evaluators_[at][static_cast<std::size_t>(worker)]->evaluate(
        piece, target.sub(relative_to(piece, box.lo)));
  });
}

void OperatorRunner::for_each(std::int64_t count, const std::function<void(std::int64_t, int)>& work) {
  if (workers_ == 1 || count <= 1) {
    for (std::int64_t i = 0; i < count; ++i) work(i, 0);
    return;
  }
  std::atomic<std::int64_t> next{0};
  const auto workers = static_cast<int>(std::min<std::int64_t>(workers_, count));
  resources_.engine.for_each_slot(workers, [&](int worker) {
    for (std::int64_t i = next++; i < count; i = next++) work(i, worker);
  });
}

}  // namespace varve::exec

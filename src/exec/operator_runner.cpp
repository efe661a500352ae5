#include "exec/operator_runner.hpp"

#include <algorithm>

#include "varve/core/counting.hpp"
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

bool is_one_leaf(const plan::Stage& stage) {
  const plan::Program& program = stage.program;
  return program.instructions.empty() && program.leaves.size() == 1 &&
         program.leaves.front().register_id == stage.writes.front().input;
}

}  // namespace

BoxEvaluator::BoxEvaluator(const plan::InputProgram& input, const RunResources& resources,
                           std::shared_ptr<ChunkCaches> caches)
    : stage_(writing_stage(input)),
      may_decode_(caches == nullptr && is_one_leaf(stage_)),
      inputs_(stage_.program, input.cells, 1, resources, false, std::move(caches)),
      program_(stage_, resources.engine.memory()->pool) {}

std::int64_t BoxEvaluator::evaluate(const Box& box, const StridedView& target) {
  if (may_decode_) {
    const std::int64_t bytes = inputs_.decode(box, target);
    if (bytes >= 0) return bytes;
  }
  const std::int64_t bytes = inputs_.load(box);
  program_.run(box, box.lo, inputs_.loaded(), {{target.data, target.byte_strides}}, {});
  return bytes;
}

OperatorRunner::OperatorRunner(const plan::Leaf& leaf, const Shape& largest, int workers,
                               const RunResources& resources)
    : leaf_(leaf),
      workers_(workers),
      resources_(resources),
      memory_(
          resources.engine.memory()->pool.allocate(leaf.operation()->workspace(largest, workers).bytes())),
      caches_(static_cast<std::size_t>(workers)) {
  if (!leaf.operation()->reading().together) return;
  for (auto& caches : caches_) caches = std::make_shared<ChunkCaches>();
}

// An operator that a plan from elsewhere gives other inputs than it was made for must not read beside them.
void OperatorRunner::require_readable(const expr::InputBox& wanted) const {
  const auto input = static_cast<std::size_t>(wanted.input);
  if (wanted.input < 0 || input >= leaf_.inputs.size())
    throw Error("an operation reads an input that it has not");
  const plan::InputProgram& program = *leaf_.inputs[input];
  const DType dtype = program.program.registers[static_cast<std::size_t>(program.output)].dtype;
  if (wanted.box.ndim() != program.domain.size() || !Box(program.domain).contains(wanted.box) ||
      wanted.target.dtype != dtype || !(wanted.target.shape == wanted.box.shape()))
    throw Error("an operation reads what its input is not");
}

// The input that was read longest ago makes room.
OperatorRunner::InputEvaluators& OperatorRunner::evaluators_of(int input) {
  const auto found = std::find_if(evaluators_.begin(), evaluators_.end(),
                                  [&](const InputEvaluators& other) { return other.input == input; });
  if (found != evaluators_.end()) {
    std::rotate(found, found + 1, evaluators_.end());
    return evaluators_.back();
  }
  if (evaluators_.size() == static_cast<std::size_t>(leaf_.operation()->reading().in_turn))
    evaluators_.erase(evaluators_.begin());
  evaluators_.push_back(
      {input, std::vector<std::unique_ptr<BoxEvaluator>>(static_cast<std::size_t>(workers_))});
  return evaluators_.back();
}

std::int64_t OperatorRunner::produce(const Box& box, std::span<const StridedView> outputs) {
  bytes_read_ = 0;
  outputs_ = outputs;
  leaf_.operation()->run(box, outputs.front(), *this);
  return bytes_read_;
}

void OperatorRunner::read(int input, const Box& box, const StridedView& target) {
  read_together({{input, box, target}});
}

void OperatorRunner::read_together(const std::vector<expr::InputBox>& boxes) {
  const Box& box = boxes.front().box;
  if (box.empty()) return;
  for (const expr::InputBox& each : boxes) require_readable(each);
  if (resources_.context.should_stop())
    throw CancelledError("the run was cancelled; unfinished outputs were removed");
  const ChunkGrid& grid = leaf_.inputs[static_cast<std::size_t>(boxes.front().input)]->cells;
  for (const expr::InputBox& other : boxes) static_cast<void>(evaluators_of(other.input));
  const Box cells = grid.chunks_touching(box);
  const std::int64_t count = element_count(cells.shape());
  const auto piece_of = [&](std::int64_t number) {
    return intersect(grid.box_of(index_at<ChunkIndex>(number, cells)), box);
  };
  for_each(count, [&](std::int64_t number, int worker) {
    const Box piece = piece_of(number);
    // The inputs that are read stand last, in the order of reading.
    auto evaluators = evaluators_.end() - std::ssize(boxes);
    for (const expr::InputBox& each : boxes) {
      BoxEvaluator& evaluator = evaluator_of(*evaluators++, worker);
      if (number + workers_ < count) evaluator.announce(piece_of(number + workers_));
      bytes_read_ += evaluator.evaluate(piece, each.target.sub(relative_to(piece, box.lo)));
    }
  });
}

BoxEvaluator& OperatorRunner::evaluator_of(InputEvaluators& evaluators, int worker) {
  const auto at = static_cast<std::size_t>(worker);
  auto& evaluator = evaluators.of_workers[at];
  if (!evaluator) {
    const plan::InputProgram& program = *leaf_.inputs[static_cast<std::size_t>(evaluators.input)];
    evaluator = std::make_unique<BoxEvaluator>(program, resources_, caches_[at]);
  }
  return *evaluator;
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

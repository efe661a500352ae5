#pragma once

#include <atomic>

#include "exec/program_inputs.hpp"
#include "exec/tile_program.hpp"

namespace varve::exec {

/// Evaluates one input of an operation, box by box. Belongs to one thread at a time.
class BoxEvaluator {
 public:
  /// `caches`: shared with evaluators of other inputs, or null.
  BoxEvaluator(const plan::InputProgram& input, const RunResources& resources,
               std::shared_ptr<ChunkCaches> caches);

  /// Evaluates `box`, which lies in one cell of the input, into a view of its shape. Returns the bytes read
  /// from stores.
  std::int64_t evaluate(const Box& box, const StridedView& target);
  /// Announces that `box` will be evaluated soon.
  void announce(const Box& box) { inputs_.announce(box); }

 private:
  plan::Stage stage_;  ///< the program with one write
  bool may_decode_;    ///< the program only moves a dataset whose chunks no other program wants
  ProgramInputs inputs_;
  TileProgram program_;
};

/// Runs an operation on behalf of the leaf that it is: reads its inputs through evaluators, one per input and
/// worker, for as many inputs as the operation reads by turns.
class OperatorRunner final : public BoxProducer, private expr::OperatorContext {
 public:
  /// `largest`: the extents of the largest box that will be asked for.
  OperatorRunner(const plan::Leaf& leaf, const Shape& largest, int workers, const RunResources& resources);

  std::int64_t produce(const Box& box, std::span<const StridedView> outputs) override;

 private:
  void read(int input, const Box& box, const StridedView& target) override;
  void read_together(const std::vector<expr::InputBox>& boxes) override;
  void for_each(std::int64_t count, const std::function<void(std::int64_t, int)>& work) override;
  [[nodiscard]] int workers() const noexcept override { return workers_; }
  [[nodiscard]] expr::WorkMemory memory() const noexcept override { return expr::WorkMemory(memory_.span()); }
  [[nodiscard]] StridedView output(std::size_t number) const override {
    return number < outputs_.size() ? outputs_[number] : StridedView();
  }

  struct InputEvaluators {
    int input = -1;
    std::vector<std::unique_ptr<BoxEvaluator>> of_workers;  ///< each made when its worker first reads
  };
  void require_readable(const expr::InputBox& wanted) const;
  InputEvaluators& evaluators_of(int input);
  BoxEvaluator& evaluator_of(InputEvaluators& evaluators, int worker);

  const plan::Leaf& leaf_;
  int workers_;
  RunResources resources_;
  Buffer memory_;
  std::span<const StridedView> outputs_;  ///< of the box that is being made
  /// Of workers; null where inputs are not read together.
  std::vector<std::shared_ptr<ChunkCaches>> caches_;
  std::vector<InputEvaluators> evaluators_;  ///< the input that was read last stands last
  std::atomic<std::int64_t> bytes_read_{0};
};

}  // namespace varve::exec

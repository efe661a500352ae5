#pragma once

#include <map>
#include <memory>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "plan/plan.hpp"
#include "plan/wanted_outputs.hpp"

namespace varve::plan {

/// Names sources, seen through index maps, that are copied to a value of their own first, because tiles would
/// decode the same chunks over and over; with the boxes that are then read of them, and those of the copies
/// before the last one.
struct Rechunk {
  Shape box;
  std::vector<Shape> through = {};
};
using Rechunks = std::map<std::uint64_t, Rechunk>;
[[nodiscard]] std::uint64_t rechunk_key(const expr::Node& source, const expr::IndexMap& map);

/// One thing that must be computed whole: a reduction, or an array written element by element. Tasks that
/// stream the same sources over the same domain share a stage.
struct Task {
  expr::NodePtr input;                   ///< streamed over its own shape, the task's domain
  const expr::Reduce* reduce = nullptr;  ///< null: write `input` as it is
  bool is_of_several = false;            ///< `input` is the first output of an operator of several
  int output = 0;                        ///< the one that is written
  ValueId value = -1;
  int level = 0;              ///< one more than that of every value it reads
  std::vector<int> sources;   ///< ids of what it streams, but for memory and values; sorted
  std::uint64_t rechunk = 0;  ///< the key of the source that this task copies
};

/// Turns expressions into programs and tasks. Views are pushed to the sources by carrying an index map down
/// the expression; finished reductions and costly stretched operands become values.
class Lowering {
 public:
  /// With `in_passes`, operations that can read their inputs several times as they lie do so.
  Lowering(const Rechunks& rechunks, bool in_passes, const WantedOutputs& wanted)
      : rechunks_(rechunks), in_passes_(in_passes), wanted_(wanted) {}

  /// Makes the tasks that a requested array needs and returns how to get at its result.
  Root add_request(const Request& request, int output);

  /// Emits `node`, seen through `map`, into a program; returns its register.
  int emit(const expr::NodePtr& node, const expr::IndexMap& map, ProgramBuilder& builder);

  /// Emits what a task streams.
  int emit_task(const Task& task, ProgramBuilder& builder);

  [[nodiscard]] const std::vector<Task>& tasks() const noexcept { return tasks_; }
  [[nodiscard]] std::vector<Value> take_values() noexcept { return std::move(values_); }
  [[nodiscard]] std::vector<SourcePtr> take_sources() noexcept { return sources_.take(); }

 private:
  /// A node that is to be emitted, seen through a map.
  struct Emission {
    expr::NodePtr node;
    expr::IndexMap map;
    expr::IndexMap inner;   ///< through which its inputs are seen, if it is fused
    std::uint64_t key = 0;  ///< numbers of the two in the builder
    std::uint64_t inner_key = 0;
    bool is_fused = false;  ///< evaluated in the program that reads it, from registers that hold its inputs
  };
  [[nodiscard]] static Emission emission_of(const expr::NodePtr& node, const expr::IndexMap& map,
                                            ProgramBuilder& builder);
  [[nodiscard]] static const expr::NodePtr* first_missing_input(const Emission& reader,
                                                                const ProgramBuilder& builder);
  int emit_new(const Emission& emission, ProgramBuilder& builder);
  int emit_elementwise(const expr::NodePtr& node, std::uint64_t map_key, ProgramBuilder& builder);
  int emit_materialised(const expr::NodePtr& node, const expr::IndexMap& map, ProgramBuilder& builder);
  [[nodiscard]] expr::NodePtr in_chosen_way(const expr::NodePtr& operation) const;
  [[nodiscard]] bool is_made_with_others(const expr::Node& node) const;
  std::shared_ptr<const InputProgram> input_program(const expr::NodePtr& input, bool is_reread);
  int emit_operation(const expr::NodePtr& given, const expr::IndexMap& map, ProgramBuilder& builder);
  int emit_value(const expr::NodePtr& node, const expr::IndexMap& map, ProgramBuilder& builder);
  int emit_rechunk(const expr::NodePtr& source, const expr::IndexMap& map, ProgramBuilder& builder);
  [[nodiscard]] const Shape* rechunk_within(const Program& program) const;
  ValueId value_of(const expr::NodePtr& node, std::uint64_t rechunk = 0);
  ValueId add_task(const expr::NodePtr& input, const expr::Reduce* reduce, Value value,
                   std::uint64_t rechunk = 0);

  const Rechunks& rechunks_;
  bool in_passes_;
  const WantedOutputs& wanted_;
  std::uint64_t copying_ = 0;         ///< the key of the source that is being copied: read from where it lies
  const expr::Node* root_ = nullptr;  ///< what the task computes that is being emitted
  bool makes_all_outputs_ = false;    ///< whether that is the first of several outputs
  std::map<ValueId, Shape> rechunk_boxes_;
  std::vector<Task> tasks_;
  std::vector<Value> values_;
  SourceTable sources_;
  std::vector<expr::NodePtr> kept_;  ///< owners of the nodes that tasks and keys point into
  /// By input, whether it is reread, and what is being copied.
  std::map<std::tuple<const expr::Node*, bool, std::uint64_t>, std::shared_ptr<const InputProgram>>
      input_programs_;
  std::unordered_multimap<std::uint64_t, std::pair<expr::NodePtr, ValueId>> known_values_;  ///< by hash
};

}  // namespace varve::plan

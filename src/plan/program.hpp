#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <unordered_map>
#include <vector>

#include "plan/source.hpp"

namespace varve::plan {

/// Numbers an array that must exist whole between two stages, or at the end.
using ValueId = int;

struct InputProgram;

/// One streamed input of a stage: a source, an operation, or a value of an earlier stage, seen through an
/// index map.
struct Leaf {
  SourcePtr source;  ///< null for a value
  ValueId value = -1;
  Shape source_shape;
  DType dtype = DType::float64;
  expr::IndexMap map;  ///< domain of the stage -> source
  int register_id = -1;
  std::vector<std::shared_ptr<const InputProgram>> inputs = {};  ///< of an operation

  [[nodiscard]] const expr::BoxOperator* operation() const noexcept {
    return source ? source->op.get() : nullptr;
  }
  /// Returns what planning knows of the dataset that the leaf reads; null if it reads none.
  [[nodiscard]] const DatasetFacts* dataset() const noexcept {
    return source ? source->dataset.get() : nullptr;
  }
  [[nodiscard]] bool reads(Source::Kind kind) const noexcept { return source && source->kind == kind; }
};

/// A virtual register of a program: what a leaf loads, a constant, or the result of an instruction. While
/// the program runs, it holds up to kVectorElements elements.
struct Register {
  enum class Kind : std::uint8_t { leaf, constant, result };
  Kind kind = Kind::result;
  DType dtype = DType::float64;
  int index = -1;                                    ///< of the leaf or the instruction
  alignas(16) std::array<std::byte, 16> constant{};  ///< read by kernels as an element of the dtype
  int slot = -1;  ///< physical vector; shared by registers that do not live at the same time
};

/// One step of a fused program: a kernel and the registers it reads and writes.
struct Instruction {
  bool is_cast = false;
  kernels::ElementwiseOp op{};
  DType compute_dtype = DType::float64;  ///< for a cast: the dtype it converts from
  int input_count = 0;
  std::array<int, 4> inputs{-1, -1, -1, -1};
  int output = -1;
};

/// The fused elementwise work of a stage: straight-line code over vectors. A value: printable, comparable,
/// no pointers to functions.
struct Program {
  std::vector<Leaf> leaves;
  std::vector<Register> registers;
  std::vector<Instruction> instructions;
  int slot_count = 0;
};

/// An input of an operation: a program that is evaluated box by box, a cell of its natural chunks at a
/// time.
struct InputProgram {
  Shape domain;
  ChunkGrid cells;
  Program program;
  int output = -1;  ///< register
};

/// Calls `visit` for every leaf of a program and of the programs inside its operations.
template <class Visit>
void for_each_leaf(const Program& program, const Visit& visit) {
  for (const Leaf& leaf : program.leaves) {
    visit(leaf);
    for (const auto& input : leaf.inputs) for_each_leaf(input->program, visit);
  }
}

/// Builds a program, sharing whatever is equal: leaves, constants and instructions.
class ProgramBuilder {
 public:
  int add_source(const SourcePtr& source, const expr::IndexMap& map,
                 std::vector<std::shared_ptr<const InputProgram>> inputs = {});
  int add_value(ValueId value, const Shape& shape, DType dtype, const expr::IndexMap& map);
  int add_constant(DType dtype, const std::array<std::byte, 16>& element);
  int add_instruction(Instruction instruction, DType dtype);

  /// Returns a number for a map: equal maps have one, others have others.
  std::uint64_t number_of(const expr::IndexMap& map);
  /// Remembers which register holds a node under a map of that number, so that shared subexpressions are
  /// walked once.
  [[nodiscard]] const int* find(const expr::Node* node, std::uint64_t map_number) const;
  void remember(const expr::Node* node, std::uint64_t map_number, int register_id);

  [[nodiscard]] const Program& program() const noexcept { return program_; }
  /// Assigns physical slots: `outputs` stay alive to the end.
  [[nodiscard]] Program finish(const std::vector<int>& outputs);

 private:
  int add_leaf(Leaf leaf, std::uint64_t source_key);
  int new_register(Register value);
  [[nodiscard]] const Leaf& leaf_in(int register_id) const;

  Program program_;
  std::map<std::vector<std::uint64_t>, int> shared_;  ///< leaves by hashes: the first of those that collide
  std::map<std::pair<const expr::Node*, std::uint64_t>, int> known_;   ///< by node and number of the map
  std::vector<expr::IndexMap> maps_;                                   ///< by number
  std::unordered_multimap<std::uint64_t, std::uint64_t> map_numbers_;  ///< by hash
};

}  // namespace varve::plan

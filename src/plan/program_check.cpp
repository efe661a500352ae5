#include "plan/program_check.hpp"

#include <algorithm>
#include <limits>

#include "ops/elementwise/elementwise_table.hpp"

namespace varve::plan {
namespace {

bool is_empty(const Shape& shape) { return std::find(shape.begin(), shape.end(), 0) != shape.end(); }

// Whether the first and the last coordinate lie in the source: the others are between them.
bool is_inside(const expr::AxisMap& map, std::int64_t extent, std::int64_t source_extent) {
  std::int64_t last = 0;
  if (__builtin_mul_overflow(map.step, extent - 1, &last) || __builtin_add_overflow(map.offset, last, &last))
    return false;
  return map.offset >= 0 && map.offset < source_extent && last >= 0 && last < source_extent;
}

void require_axis(const expr::AxisMap& map, const Shape& domain, std::int64_t source_extent) {
  const bool reads = !is_empty(domain);
  if (map.is_constant()) {
    require_rule(!map.is_listed(), "a constant lists no positions");
    require_rule(!reads || is_inside(map, 1, source_extent), "a map leads out of its source");
    return;
  }
  require_rule(map.output_axis < domain.size(), "a map has no such axis");
  const std::int64_t extent = domain[map.output_axis];
  if (!map.is_listed()) {
    require_rule(map.step != 0, "a map without steps along an axis is constant along it");
    require_rule(!reads || is_inside(map, extent, source_extent), "a map leads out of its source");
    return;
  }
  require_rule(std::ssize(*map.positions) == extent, "a map lists one position for each along its axis");
  require_rule(std::all_of(map.positions->begin(), map.positions->end(),
                           [&](std::int64_t at) { return at >= 0 && at < source_extent; }),
               "a map lists positions that its source has not");
}

const Register& register_at(const Program& program, int number) {
  return program.registers[static_cast<std::size_t>(number)];
}

void require_registers(const Program& program) {
  const auto& registers = program.registers;
  require_rule(program.slot_count >= 0 && static_cast<std::size_t>(program.slot_count) <= registers.size(),
               "a program has no more vectors than registers");
  for (int number = 0; number < std::ssize(registers); ++number) {
    const Register& each = register_at(program, number);
    const int min = each.kind == Register::Kind::constant ? -1 : 0;
    require_rule(each.slot >= min && each.slot < program.slot_count, "a register has no such vector");
    if (each.kind == Register::Kind::leaf) {
      require_in(each.index, program.leaves, "a register has no such leaf");
      require_rule(program.leaves[static_cast<std::size_t>(each.index)].register_id == number,
                   "a leaf has another register");
    } else if (each.kind == Register::Kind::result) {
      require_in(each.index, program.instructions, "a register has no such instruction");
      require_rule(program.instructions[static_cast<std::size_t>(each.index)].output == number,
                   "an instruction has another register");
    } else {
      require_rule(each.dtype != DType::boolean || each.constant[0] <= std::byte{1},
                   "a truth value is neither 0 nor 1");
    }
  }
}

DType output_of(const Instruction& instruction) {
  switch (ops::elementwise_row(instruction.op).rule) {
    case ops::DTypeRule::predicate:
      return DType::boolean;
    case ops::DTypeRule::magnitude:
      return real_of(instruction.compute_dtype);
    case ops::DTypeRule::keep:
    case ops::DTypeRule::floating:
    case ops::DTypeRule::select:
      break;
  }
  return instruction.compute_dtype;
}

// The dtype that a kernel takes as its operand.
DType operand_of(const Instruction& instruction, int input) {
  const bool selects = !instruction.is_cast && instruction.op == kernels::ElementwiseOp::where;
  return selects && input == 0 ? DType::boolean : instruction.compute_dtype;
}

void require_kernel(const Instruction& instruction, DType output) {
  if (instruction.is_cast) {
    require_rule(instruction.input_count == 1, "a cast has one input");
    return;
  }
  require_rule(instruction.input_count == ops::elementwise_row(instruction.op).arity,
               "an operation has another number of inputs");
  require_rule(kernels::find_elementwise(instruction.op, instruction.compute_dtype) != nullptr,
               "there is no such operation of that dtype");
  require_rule(output == output_of(instruction), "an operation makes another dtype");
}

void require_instruction(const Program& program, int at) {
  const Instruction& instruction = program.instructions[static_cast<std::size_t>(at)];
  require_in(instruction.output, program.registers, "an instruction has no such register");
  const Register& output = register_at(program, instruction.output);
  require_rule(output.kind == Register::Kind::result && output.index == at,
               "an instruction has a register of its own");
  require_kernel(instruction, output.dtype);
  for (int i = 0; i < instruction.input_count; ++i) {
    const int input = instruction.inputs[static_cast<std::size_t>(i)];
    require_in(input, program.registers, "an instruction has no such register");
    const Register& read = register_at(program, input);
    require_rule(read.kind != Register::Kind::result || read.index < at,
                 "an instruction reads what was written before it");
    require_rule(read.dtype == operand_of(instruction, i), "an instruction takes another dtype");
  }
}

}  // namespace

void require_rule(bool holds, const char* rule) {
  if (!holds) throw FormatError(rule);
}

void require_countable(const Shape& shape, DType dtype) {
  require_rule(std::all_of(shape.begin(), shape.end(), [](std::int64_t extent) { return extent >= 0; }),
               "an array has no negative extents");
  require_rule(saturating_multiply(saturating_count(shape), size_bytes(dtype)) <
                   std::numeric_limits<std::int64_t>::max(),
               "an array is too large");
}

void require_map(const expr::IndexMap& map, const Shape& domain, const Shape& source) {
  require_rule(map.output_shape() == domain, "a map has the domain of what it is for");
  require_rule(map.input_ndim() == source.size(), "a map has one axis for each of its source");
  for (std::int64_t axis = 0; axis < source.size(); ++axis)
    require_axis(map.axes()[static_cast<std::size_t>(axis)], domain, source[axis]);
}

void ProgramCheck::require_valid(const Program& program, const Shape& domain) {
  require_registers(program);
  for (std::size_t leaf = 0; leaf < program.leaves.size(); ++leaf) require_leaf(program, leaf, domain);
  for (int at = 0; at < std::ssize(program.instructions); ++at) require_instruction(program, at);
}

void ProgramCheck::require_leaf(const Program& program, std::size_t number, const Shape& domain) {
  const Leaf& leaf = program.leaves[number];
  require_in(leaf.register_id, program.registers, "a leaf has no such register");
  const Register& target = register_at(program, leaf.register_id);
  require_rule(target.kind == Register::Kind::leaf && target.index == static_cast<int>(number) &&
                   target.dtype == leaf.dtype,
               "a leaf has a register of its own, of its dtype");
  if (leaf.source) {
    require_rule(leaf.value == -1, "a leaf reads a source or a value");
    require_rule(leaf.source_shape == leaf.source->shape && leaf.dtype == leaf.source->dtype,
                 "a leaf has the shape and the dtype of its source");
  } else {
    require_read_value(leaf);
  }
  require_map(leaf.map, domain, leaf.source_shape);
  require_inputs(leaf);
}

void ProgramCheck::require_read_value(const Leaf& leaf) const {
  require_in(leaf.value, plan_.values, "a leaf has no such value");
  const Value& value = plan_.values[static_cast<std::size_t>(leaf.value)];
  require_rule(value.placement != Placement::output, "outputs are not read");
  require_rule(value.made_by < stage_ && value.last_used >= stage_,
               "a value is read after the stage that makes it, while it lives");
  require_rule(leaf.source_shape == value.shape && leaf.dtype == value.dtype,
               "a leaf has the shape and the dtype of its value");
}

void ProgramCheck::require_inputs(const Leaf& leaf) {
  require_rule(leaf.operation() != nullptr || leaf.inputs.empty(), "operations alone have inputs");
  require_rule(leaf.operation() == nullptr || !leaf.map.has_lists(), "operations make boxes, not lists");
  require_rule(++depth_ <= expr::kMaxNested + 1, "too many operations run inside one another");
  for (const auto& input : leaf.inputs) {
    if (!checked_.insert(input.get()).second) continue;
    require_countable(input->domain, DType::uint8);
    require_rule(input->cells.shape() == input->domain, "cells cut the domain of an input");
    static_cast<void>(input->cells.chunk_count());
    require_in(input->output, input->program.registers, "an input of an operation has no register to give");
    require_valid(input->program, input->domain);
  }
  --depth_;
}

}  // namespace varve::plan

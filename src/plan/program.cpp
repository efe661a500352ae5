#include "plan/program.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace varve::plan {
namespace {

enum class Key : std::uint64_t { source, value, constant, instruction };

std::uint64_t word(Key key) { return static_cast<std::uint64_t>(key); }
std::uint64_t word(int value) { return static_cast<std::uint64_t>(value); }
std::uint64_t word(DType dtype) { return static_cast<std::uint64_t>(dtype); }

// Of leaves with one key. The hash in it may be equal by chance.
bool is_same(const Leaf& left, const Leaf& right) {
  if (!(left.map == right.map) || left.value != right.value) return false;
  return left.source == right.source;
}

}  // namespace

int ProgramBuilder::new_register(Register value) {
  program_.registers.push_back(value);
  return static_cast<int>(program_.registers.size()) - 1;
}

int ProgramBuilder::add_leaf(Leaf leaf, std::uint64_t source_key) {
  const std::uint64_t kind = word(leaf.source ? Key::source : Key::value);
  const std::vector<std::uint64_t> key = {kind, source_key, leaf.map.hash()};
  if (const auto found = shared_.find(key); found != shared_.end() && is_same(leaf, leaf_in(found->second)))
    return found->second;
  const int index = static_cast<int>(program_.leaves.size());
  leaf.register_id = new_register({Register::Kind::leaf, leaf.dtype, index, {}, -1});
  program_.leaves.push_back(leaf);
  return shared_[key] = leaf.register_id;
}

int ProgramBuilder::add_source(const SourcePtr& source, const expr::IndexMap& map,
                               std::vector<std::shared_ptr<const InputProgram>> inputs) {
  return add_leaf({source, -1, source->shape, source->dtype, map, -1, std::move(inputs)}, word(source->id));
}

int ProgramBuilder::add_value(ValueId value, const Shape& shape, DType dtype, const expr::IndexMap& map) {
  return add_leaf({nullptr, value, shape, dtype, map, -1}, word(value));
}

int ProgramBuilder::add_constant(DType dtype, const std::array<std::byte, 16>& element) {
  std::uint64_t halves[2];
  std::memcpy(halves, element.data(), sizeof halves);
  const std::vector<std::uint64_t> key = {word(Key::constant), word(dtype), halves[0], halves[1]};
  if (const auto found = shared_.find(key); found != shared_.end()) return found->second;
  return shared_[key] = new_register({Register::Kind::constant, dtype, -1, element, -1});
}

int ProgramBuilder::add_instruction(Instruction instruction, DType dtype) {
  std::vector<std::uint64_t> key = {word(Key::instruction), word(instruction.is_cast ? 1 : 0),
                                    static_cast<std::uint64_t>(instruction.op),
                                    word(instruction.compute_dtype), word(dtype)};
  for (const int input : instruction.inputs) key.push_back(word(input));
  if (const auto found = shared_.find(key); found != shared_.end()) return found->second;
  const int index = static_cast<int>(program_.instructions.size());
  instruction.output = new_register({Register::Kind::result, dtype, index, {}, -1});
  program_.instructions.push_back(instruction);
  return shared_[key] = instruction.output;
}

const Leaf& ProgramBuilder::leaf_in(int register_id) const {
  const Register& found = program_.registers[static_cast<std::size_t>(register_id)];
  return program_.leaves[static_cast<std::size_t>(found.index)];
}

std::uint64_t ProgramBuilder::number_of(const expr::IndexMap& map) {
  const std::uint64_t hash = map.hash();
  const auto [first, last] = map_numbers_.equal_range(hash);
  const auto known = std::find_if(first, last, [&](const auto& item) { return maps_[item.second] == map; });
  if (known != last) return known->second;
  maps_.push_back(map);
  return map_numbers_.emplace(hash, maps_.size() - 1)->second;
}

const int* ProgramBuilder::find(const expr::Node* node, std::uint64_t map_number) const {
  const auto found = known_.find({node, map_number});
  return found == known_.end() ? nullptr : &found->second;
}

void ProgramBuilder::remember(const expr::Node* node, std::uint64_t map_number, int register_id) {
  known_[{node, map_number}] = register_id;
}

Program ProgramBuilder::finish(const std::vector<int>& outputs) {
  const int end = static_cast<int>(program_.instructions.size());
  std::vector<int> last_use(program_.registers.size(), -1);
  for (int at = 0; at < end; ++at) {
    const Instruction& instruction = program_.instructions[static_cast<std::size_t>(at)];
    for (int i = 0; i < instruction.input_count; ++i) {
      last_use[static_cast<std::size_t>(instruction.inputs[static_cast<std::size_t>(i)])] = at;
    }
  }
  for (const int output : outputs) last_use[static_cast<std::size_t>(output)] = end;
  std::vector<std::size_t> by_last_use(last_use.size());
  std::iota(by_last_use.begin(), by_last_use.end(), std::size_t{0});
  std::stable_sort(by_last_use.begin(), by_last_use.end(),
                   [&](std::size_t left, std::size_t right) { return last_use[left] < last_use[right]; });
  auto ended = by_last_use.begin();

  std::vector<int> free_slots;
  const auto take = [&](Register& target) {
    if (free_slots.empty()) free_slots.push_back(program_.slot_count++);
    target.slot = free_slots.back();
    free_slots.pop_back();
  };
  // Leaves are loaded before the first instruction, so their slots live from the start.
  for (Register& target : program_.registers) {
    if (target.kind == Register::Kind::leaf) take(target);
  }
  for (int at = 0; at < end; ++at) {
    const Instruction& instruction = program_.instructions[static_cast<std::size_t>(at)];
    take(program_.registers[static_cast<std::size_t>(instruction.output)]);
    for (; ended != by_last_use.end() && last_use[*ended] <= at; ++ended) {
      const Register& used = program_.registers[*ended];
      if (last_use[*ended] == at && used.slot >= 0) free_slots.push_back(used.slot);
    }
  }
  return program_;
}

}  // namespace varve::plan

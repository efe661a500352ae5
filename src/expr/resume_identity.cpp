#include "expr/resume_identity.hpp"

#include <cstring>
#include <string>
#include <unordered_map>

#include "expr/byte_hash.hpp"
#include "expr/walk.hpp"

namespace varve::expr {
namespace {

std::uint64_t hash_values(const ConstStridedView& view) {
  ByteHash hash;
  const auto element_bytes = static_cast<std::size_t>(size_bytes(view.dtype));
  if (view.is_c_contiguous()) {
    hash.add(view.data, element_bytes * static_cast<std::size_t>(element_count(view.shape)));
  } else if (element_bytes >= sizeof(std::uint64_t)) {
    for_each_element([&](const std::byte* element) { hash.add(element, element_bytes); }, view);
  } else {
    // Packed into words first, so that the hash follows from the values alone, not from their strides.
    std::array<std::byte, sizeof(std::uint64_t)> word{};
    std::size_t filled = 0;
    const auto pack = [&](const std::byte* element) {
      std::memcpy(word.data() + filled, element, element_bytes);
      filled = (filled + element_bytes) % word.size();
      if (filled == 0) hash.add(word.data(), word.size());
    };
    for_each_element(pack, view);
    hash.add(word.data(), filled);
  }
  return hash.value();
}

class Identities {
 public:
  std::uint64_t of(const Node& root) {
    walk_inputs_first(root, [this](const Node& node) { known_[&node] = compute(node); });
    return known_.at(&root);
  }

 private:
  std::uint64_t compute(const Node& node) {
    std::uint64_t seed = 0;
    if (const auto* memory = node.as<MemorySource>()) {
      seed = mix_hash(hash_values(memory->view), static_cast<std::uint64_t>(node.dtype));
      for (const std::int64_t extent : node.shape) seed = mix_hash(seed, static_cast<std::uint64_t>(extent));
    } else {
      require_lasting(node);
      std::vector<std::uint64_t> inputs;
      for (const NodePtr& input : node.inputs) inputs.push_back(known_.at(input.get()));
      seed = hash_of(node, inputs);
    }
    return mix_hash(seed, hash_of(node.grid));
  }

  static void require_lasting(const Node& node) {
    const auto* generator = node.as<GeneratorSource>();
    const auto* operation = node.as<Operation>();
    const Definition* made = nullptr;
    if (generator != nullptr) made = generator->generator.get();
    if (operation != nullptr) made = operation->op.get();
    if (made == nullptr || made->lasting()) return;
    const std::string name(made->name());
    throw Error("resume: the values of a " + name + " of shape " + to_string(node.shape) +
                " cannot be told from those of another function; give it an identity that changes when the "
                "function does, or save without resume");
  }

  std::unordered_map<const Node*, std::uint64_t> known_;
};

}  // namespace

std::uint64_t resume_identity(const NodePtr& node) { return Identities().of(*node); }

}  // namespace varve::expr

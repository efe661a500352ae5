#include "labels/provenance.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "expr/equality.hpp"
#include "expr/labelled_operator.hpp"
#include "expr/walk.hpp"
#include "io/location.hpp"
#include "io/variable_name.hpp"
#include "labels/cf_decoding.hpp"
#include "labels/shared_lists.hpp"
#include "ops/value_origins.hpp"

namespace varve::labels {
namespace {

using expr::ValueOrigin;
using Op = kernels::ElementwiseOp;

/// Places of variables, as datasets have them.
using SourceLists = SharedLists<const std::string*>;

ValueSource source_of(const std::string& location) {
  io::Location place = io::opened_location(location);
  return {std::move(place.path), std::move(place.variable)};
}

/// What is known of the values of a node. All sources are of one unit. Elements of several sources are those
/// of one: the sources say the same of them.
struct Values {
  ValueOrigin origin = ValueOrigin::other;
  const io::DatasetInfo* first = nullptr;  ///< of the sources
  SourceLists::List sources = 0;
  bool packed = false;  ///< one of the sources is
  bool stored = false;
  bool plain = false;  ///< made of no file: a constant, in whatever unit its neighbours have
};

bool is_packed(const io::DatasetInfo& info) {
  return info.attributes.contains("scale_factor") || info.attributes.contains("add_offset");
}

bool same_unit(const io::DatasetInfo& left, const io::DatasetInfo& right) {
  return left.attributes.values.value("units", nlohmann::json()) ==
         right.attributes.values.value("units", nlohmann::json());
}

// Arithmetic on packed numbers leaves nothing that their attributes would say.
Values limited(Values values, ValueOrigin to) {
  values.origin = std::min(values.origin, to);
  if (values.origin == ValueOrigin::elements) return values;
  const bool is_packed_number = values.stored && values.packed;
  values.stored = false;
  if (is_packed_number || values.origin == ValueOrigin::other) return {.plain = values.plain};
  return values;
}

/// Follows values up from the sources.
class ValueWalk {
 public:
  explicit ValueWalk(const expr::Node& root) {
    expr::walk_inputs_first(root, [this](const expr::Node& node) { note_read(node); });
    expr::walk_inputs_first(root, [this](const expr::Node& node) { known_.emplace(&node, make(node)); });
  }

  [[nodiscard]] const Values& of(const expr::Node& node) const { return known_.at(&node); }
  // The places of the sources, each once.
  [[nodiscard]] std::vector<std::string> sources_of(const Values& values) const {
    std::set<std::string_view> seen;
    std::vector<std::string> places;
    for (const std::string* place : lists_.items(values.sources)) {
      if (seen.insert(*place).second) places.push_back(*place);
    }
    return places;
  }

  /// Returns the places of all that is read, each once.
  [[nodiscard]] const std::vector<std::string>& inputs() const noexcept { return inputs_; }
  /// Returns the name that all variables have; "" if they differ.
  [[nodiscard]] std::string common_name() const { return names_.size() == 1 ? *names_.begin() : ""; }

 private:
  [[nodiscard]] const Values& values(const expr::NodePtr& input) const { return known_.at(input.get()); }

  // Notes what is read; and what a dataset looks like when it is decoded: nodes that equal it are the
  // variable itself.
  void note_read(const expr::Node& node) {
    const auto* memory = node.as<expr::MemorySource>();
    if (memory != nullptr && memory->descent) {
      for (const std::string& place : memory->descent->inputs) note_input(place);
    }
    const auto* source = node.as<expr::DatasetSource>();
    if (source == nullptr) return;
    const io::DatasetInfo& info = source->dataset->info();
    expr::NodePtr decoded = decode_cf(expr::make_dataset(source->dataset), cf_encoding(info));
    const std::uint64_t hash = decoded->hash;
    decoded_.emplace(hash, Decoded{std::move(decoded), &info});
    note_input(info.location);
  }

  void note_input(const std::string& location) {
    if (!seen_.insert(location).second) return;
    inputs_.push_back(location);
    names_.insert(io::base_of(source_of(location).variable));
  }

  Values make(const expr::Node& node) {
    if (const auto* source = node.as<expr::DatasetSource>())
      return elements_of(source->dataset->info(), true);
    if (const auto* memory = node.as<expr::MemorySource>(); memory != nullptr && memory->descent)
      return remembered(*memory->descent);
    if (const auto decoded = decoded_.find(node.hash);
        decoded != decoded_.end() && expr::are_equal(*decoded->second.node, node))
      return elements_of(*decoded->second.info, false);
    if (node.inputs.empty()) return {.plain = true};
    if (const auto* cast = node.as<expr::Cast>(); cast != nullptr) return converted(node);
    if (const auto* reduce = node.as<expr::Reduce>())
      return limited(values(node.inputs[0]), ops::origin_of(reduce->op));
    if (const auto* elementwise = node.as<expr::Elementwise>()) return combined(node, elementwise->op);
    if (const auto* operation = node.as<expr::Operation>()) {
      // What one of several outputs means is told by the operator that makes nothing else.
      const auto op = operation->is_of_several() ? operation->op->only(operation->output) : operation->op;
      const auto* labelled = dynamic_cast<const expr::LabelledOperator*>(op.get());
      return combined(node, [&](std::size_t input) {
        return labelled == nullptr ? ValueOrigin::other : labelled->value_origin(static_cast<int>(input));
      });
    }
    return values(node.inputs[0]);
  }

  Values elements_of(const io::DatasetInfo& info, bool stored) {
    return {ValueOrigin::elements, &info, lists_.add(&info.location), is_packed(info), stored};
  }

  Values remembered(const expr::Descent& descent) {
    Values result{descent.origin, descent.first.get(), 0, descent.packed, descent.stored};
    for (const std::string& place : descent.variables)
      result.sources = lists_.join(result.sources, lists_.add(&place));
    return result;
  }

  // Packed numbers of another dtype would not decode to the same.
  Values converted(const expr::Node& node) {
    Values result = values(node.inputs[0]);
    if (node.dtype == node.inputs[0]->dtype || result.plain) return result;
    if (node.dtype == DType::boolean) return {};
    if (!result.stored) return result;
    result.stored = false;
    return result.packed ? Values{} : result;
  }

  Values combined(const expr::Node& node, Op op) {
    const ValueOrigin origin = ops::origin_of(op);
    if (origin == ValueOrigin::quantity && node.inputs.size() > 1) {
      // Who adds a number to a temperature may well mean another unit.
      for (const expr::NodePtr& input : node.inputs) {
        if (values(input).plain) return plain_or_unknown(node);
      }
    }
    const std::size_t chooser = op == Op::where ? 0 : node.inputs.size();
    return combined(node, [&](std::size_t input) { return input == chooser ? ValueOrigin::other : origin; });
  }

  Values plain_or_unknown(const expr::Node& node) {
    const bool plain = std::all_of(node.inputs.begin(), node.inputs.end(),
                                   [this](const expr::NodePtr& input) { return values(input).plain; });
    return {.plain = plain};
  }

  // Returns one number for arrays that say the same of themselves: an array takes part in many nodes, and its
  // attributes may be long.
  std::size_t number_of_attributes(const io::DatasetInfo& info) {
    const auto [place, is_new] = attribute_numbers_.try_emplace(&info, 0);
    if (is_new) {
      const std::size_t next = attribute_texts_.size();
      place->second =
          attribute_texts_.try_emplace({io::to_json_text(info.attributes), info.dtype}, next).first->second;
    }
    return place->second;
  }

  // Joins what the inputs say that give values; `origin_of_input` tells which do.
  template <class OriginOf>
  Values combined(const expr::Node& node, const OriginOf& origin_of_input) {
    Values result = plain_or_unknown(node);
    if (result.plain) return result;
    bool first = true;
    bool constants = false;
    bool alike = true;  // do the sources of elements say the same of them?
    for (std::size_t input = 0; input < node.inputs.size(); ++input) {
      const ValueOrigin origin = origin_of_input(input);
      if (origin == ValueOrigin::other) continue;
      Values part = limited(values(node.inputs[input]), origin);
      constants = constants || part.plain;
      if (part.plain) continue;
      if (part.origin == ValueOrigin::other || !(first || joined(result, part))) return {};
      if (first) result = part;
      first = false;
      if (result.origin == ValueOrigin::elements)
        alike = alike && number_of_attributes(*result.first) == number_of_attributes(*part.first);
    }
    return constants || !alike ? limited(result, ValueOrigin::quantity) : result;
  }

  // Returns false if the two are of different units.
  bool joined(Values& result, const Values& part) {
    if (result.stored != part.stored || !same_unit(*result.first, *part.first)) return false;
    result.origin = std::min(result.origin, part.origin);
    result.packed = result.packed || part.packed;
    result.sources = lists_.join(result.sources, part.sources);
    return true;
  }

  SourceLists lists_;
  std::unordered_map<const expr::Node*, Values> known_;
  struct Decoded {
    expr::NodePtr node;
    const io::DatasetInfo* info = nullptr;
  };
  std::unordered_map<std::uint64_t, Decoded> decoded_;                    ///< by hash
  std::map<std::pair<std::string, DType>, std::size_t> attribute_texts_;  ///< numbered as they come
  std::unordered_map<const io::DatasetInfo*, std::size_t> attribute_numbers_;
  std::set<std::string> names_;
  std::set<std::string, std::less<>> seen_;  ///< the inputs
  std::vector<std::string> inputs_;
};

Provenance::Kind kind_of(ValueOrigin origin) {
  if (origin == ValueOrigin::elements) return Provenance::Kind::elements;
  return origin == ValueOrigin::quantity ? Provenance::Kind::quantity : Provenance::Kind::unknown;
}

}  // namespace

Provenance provenance(const Array& x) {
  const ValueWalk walk(*x.node());
  const Values& values = walk.of(*x.node());
  Provenance result{kind_of(values.origin), {}, values.stored, {}, walk.common_name()};
  for (const std::string& place : walk.inputs()) result.inputs.push_back(source_of(place));
  if (result.kind == Provenance::Kind::unknown) return result;
  std::set<std::string> names;
  for (const std::string& place : walk.sources_of(values)) {
    result.sources.push_back(source_of(place));
    names.insert(io::base_of(result.sources.back().variable));
  }
  if (names.size() == 1) result.name = *names.begin();
  return result;
}

std::shared_ptr<const expr::Descent> descent_of(const Array& x) {
  const ValueWalk walk(*x.node());
  if (walk.inputs().empty()) return nullptr;
  const Values& values = walk.of(*x.node());
  auto result = std::make_shared<expr::Descent>();
  result->inputs = walk.inputs();
  if (values.origin == ValueOrigin::other) return result;
  result->origin = values.origin;
  result->first = std::make_shared<const io::DatasetInfo>(*values.first);
  result->variables = walk.sources_of(values);
  result->packed = values.packed;
  result->stored = values.stored;
  return result;
}

}  // namespace varve::labels

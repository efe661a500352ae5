#include "varve/provenance.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "api/cf_decoding.hpp"
#include "api/source_location.hpp"
#include "expr/equality.hpp"
#include "expr/labelled_operator.hpp"
#include "expr/walk.hpp"
#include "ops/value_origins.hpp"

namespace varve {
namespace {

using expr::ValueOrigin;
using Op = kernels::ElementwiseOp;

/// What is known of the values of a node.
struct Values {
  ValueOrigin origin = ValueOrigin::other;
  std::vector<const io::DatasetInfo*> sources = {};
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

bool same_array(const io::DatasetInfo& left, const io::DatasetInfo& right) {
  return left.location == right.location;
}

std::string base_of(const std::string& variable) { return variable.substr(variable.rfind('/') + 1); }

// Arithmetic on packed numbers leaves nothing that their attributes would say.
Values limited(Values values, ValueOrigin to) {
  values.origin = std::min(values.origin, to);
  if (values.origin == ValueOrigin::elements) return values;
  const bool packed = values.stored && std::any_of(values.sources.begin(), values.sources.end(),
                                                   [](const auto* info) { return is_packed(*info); });
  values.stored = false;
  if (packed) values.origin = ValueOrigin::other;
  if (values.origin == ValueOrigin::other) values.sources.clear();
  return values;
}

/// Follows values up from the sources.
class ValueWalk {
 public:
  explicit ValueWalk(const expr::Node& root) {
    expr::walk_inputs_first(root, [this](const expr::Node& node) { note_decoded(node); });
    expr::walk_inputs_first(root, [this](const expr::Node& node) { known_.emplace(&node, make(node)); });
  }

  [[nodiscard]] const Values& of(const expr::Node& node) const { return known_.at(&node); }

  [[nodiscard]] const std::vector<ValueSource>& inputs() const noexcept { return inputs_; }
  /// Returns the name that all variables have; "" if they differ.
  [[nodiscard]] std::string common_name() const { return names_.size() == 1 ? *names_.begin() : ""; }

 private:
  [[nodiscard]] const Values& values(const expr::NodePtr& input) const { return known_.at(input.get()); }

  // Notes what a dataset looks like when it is decoded: nodes that equal it are the variable itself.
  void note_decoded(const expr::Node& node) {
    const auto* source = node.as<expr::DatasetSource>();
    if (source == nullptr) return;
    const io::DatasetInfo& info = source->dataset->info();
    expr::NodePtr decoded = api::decode_cf(expr::make_dataset(source->dataset), api::cf_encoding(info));
    const std::uint64_t hash = decoded->hash;
    decoded_.emplace(hash, Decoded{std::move(decoded), &info});
    ValueSource place = api::source_of(info);
    names_.insert(base_of(place.variable));
    if (std::find(inputs_.begin(), inputs_.end(), place) == inputs_.end())
      inputs_.push_back(std::move(place));
  }

  Values make(const expr::Node& node) {
    if (const auto* source = node.as<expr::DatasetSource>())
      return {ValueOrigin::elements, {&source->dataset->info()}, true};
    if (const auto decoded = decoded_.find(node.hash);
        decoded != decoded_.end() && expr::are_equal(*decoded->second.node, node))
      return {ValueOrigin::elements, {decoded->second.info}};
    if (node.inputs.empty()) return {ValueOrigin::other, {}, false, true};
    if (const auto* cast = node.as<expr::Cast>(); cast != nullptr) return converted(node);
    if (const auto* reduce = node.as<expr::Reduce>())
      return limited(values(node.inputs[0]), ops::origin_of(reduce->op));
    if (const auto* elementwise = node.as<expr::Elementwise>()) return combined(node, elementwise->op);
    if (const auto* operation = node.as<expr::Operation>()) {
      const auto* labelled = dynamic_cast<const expr::LabelledOperator*>(operation->op.get());
      return combined(node, [&](std::size_t input) {
        return labelled == nullptr ? ValueOrigin::other : labelled->value_origin(static_cast<int>(input));
      });
    }
    return values(node.inputs[0]);
  }

  // Packed numbers of another dtype would not decode to the same.
  Values converted(const expr::Node& node) {
    Values result = values(node.inputs[0]);
    if (node.dtype == node.inputs[0]->dtype || result.plain) return result;
    if (node.dtype == DType::boolean) return {};
    if (!result.stored) return result;
    const bool packed = is_packed(*result.sources.front());
    result.stored = false;
    return packed ? Values{} : result;
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
    return {ValueOrigin::other, {}, false, plain};
  }

  // Elements of several arrays are those of one if these say the same of them.
  bool same_attributes(const Values& values) {
    return std::all_of(values.sources.begin(), values.sources.end(), [&](const io::DatasetInfo* info) {
      return number_of_attributes(*info) == number_of_attributes(*values.sources.front());
    });
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
    for (std::size_t input = 0; input < node.inputs.size(); ++input) {
      const ValueOrigin origin = origin_of_input(input);
      if (origin == ValueOrigin::other) continue;
      Values part = limited(values(node.inputs[input]), origin);
      constants = constants || part.plain;
      if (part.plain) continue;
      if (part.origin == ValueOrigin::other || !(first || joined(result, part))) return {};
      if (first) result = std::move(part);
      first = false;
    }
    const bool differ = result.origin == ValueOrigin::elements && !same_attributes(result);
    return constants || differ ? limited(std::move(result), ValueOrigin::quantity) : result;
  }

  // Returns false if the two are of different units.
  static bool joined(Values& result, const Values& part) {
    result.origin = std::min(result.origin, part.origin);
    if (result.stored != part.stored) return false;
    for (const io::DatasetInfo* source : part.sources) {
      if (!same_unit(*result.sources.front(), *source)) return false;
      const auto same = [source](const io::DatasetInfo* known) { return same_array(*known, *source); };
      if (std::none_of(result.sources.begin(), result.sources.end(), same)) result.sources.push_back(source);
    }
    return true;
  }

  std::unordered_map<const expr::Node*, Values> known_;
  struct Decoded {
    expr::NodePtr node;
    const io::DatasetInfo* info = nullptr;
  };
  std::unordered_map<std::uint64_t, Decoded> decoded_;                    ///< by hash
  std::map<std::pair<std::string, DType>, std::size_t> attribute_texts_;  ///< numbered as they come
  std::unordered_map<const io::DatasetInfo*, std::size_t> attribute_numbers_;
  std::set<std::string> names_;
  std::vector<ValueSource> inputs_;
};

Provenance::Kind kind_of(ValueOrigin origin) {
  if (origin == ValueOrigin::elements) return Provenance::Kind::elements;
  return origin == ValueOrigin::quantity ? Provenance::Kind::quantity : Provenance::Kind::unknown;
}

}  // namespace

Provenance provenance(const Array& x) {
  const ValueWalk walk(*x.node());
  const Values& values = walk.of(*x.node());
  Provenance result{kind_of(values.origin), {}, values.stored, walk.inputs(), walk.common_name()};
  if (result.kind == Provenance::Kind::unknown) return result;
  std::set<std::string> names;
  for (const io::DatasetInfo* source : values.sources) {
    result.sources.push_back(api::source_of(*source));
    names.insert(base_of(result.sources.back().variable));
  }
  if (names.size() == 1) result.name = *names.begin();
  return result;
}

}  // namespace varve

#include "varve/indexing.hpp"

#include <algorithm>

#include "api/selection.hpp"
#include "expr/node.hpp"
#include "varve/array.hpp"

namespace varve {
namespace {

using Items = std::vector<IndexItem>;

template <class Kind>
const Kind* as(const IndexItem& item) {
  return std::get_if<Kind>(&item.value());
}

bool consumes_axis(const IndexItem& item) {
  return as<Ellipsis>(item) == nullptr && as<NewAxis>(item) == nullptr;
}

// Spells lists as positions of one axis, and positions of no axes as the integer that they are.
Items spelled_alike(const Items& items) {
  Items result;
  for (const IndexItem& item : items) {
    const auto* positions = as<Positions>(item);
    if (const auto* list = as<std::vector<std::int64_t>>(item)) {
      result.emplace_back(Positions(*list, {static_cast<std::int64_t>(list->size())}));
    } else if (positions != nullptr && positions->shape().empty()) {
      result.emplace_back(positions->values().front());
    } else {
      result.push_back(item);
    }
  }
  return result;
}

// Replaces the ellipsis, or the missing end, by full slices. Errors: IndexError.
Items expand_ellipsis(const Items& items, const Shape& shape) {
  std::int64_t consumed = 0;
  std::int64_t ellipses = 0;
  for (const IndexItem& item : items) {
    consumed += consumes_axis(item) ? 1 : 0;
    ellipses += as<Ellipsis>(item) != nullptr ? 1 : 0;
  }
  if (ellipses > 1) throw IndexError("an index can have only one ellipsis");
  if (consumed > shape.size()) {
    throw IndexError("too many indices: " + std::to_string(consumed) + " for an array of shape " +
                     to_string(shape));
  }
  const Items missing(static_cast<std::size_t>(shape.size() - consumed), IndexItem(Slice{}));
  Items expanded;
  for (const IndexItem& item : items) {
    if (as<Ellipsis>(item) != nullptr) {
      expanded.insert(expanded.end(), missing.begin(), missing.end());
    } else {
      expanded.push_back(item);
    }
  }
  if (ellipses == 0) expanded.insert(expanded.end(), missing.begin(), missing.end());
  return expanded;
}

Shape broadcast_positions(const Shape& left, const Shape& right) {
  try {
    return broadcast_shapes(left, right, "index");
  } catch (const ShapeError&) {
    throw IndexError(
        "positions of shapes " + to_string(left) + " and " + to_string(right) +
        " in one index do not go together; from the last axis on, their extents must be equal or 1");
  }
}

std::int64_t varying_axes(const Shape& shape) {
  return std::count_if(shape.begin(), shape.end(), [](std::int64_t extent) { return extent != 1; });
}

// How the positions of an index go together: element by element, along common axes.
struct PositionRule {
  bool present = false;
  Shape shape;            // to which all are broadcast
  bool in_front = false;  // something stands between them, so their axes come first, as in NumPy
  bool apart = true;      // each varies along one axis at most, which its axis of the array can follow
};

PositionRule rule_for_positions(const Items& items) {
  PositionRule rule;
  bool seen = false;
  bool gap = false;
  for (const IndexItem& item : items) {
    const auto* positions = as<Positions>(item);
    if (positions == nullptr && as<std::int64_t>(item) == nullptr) {
      gap = seen;
      continue;
    }
    // Beside positions an integer counts as a list of one.
    rule.in_front = rule.in_front || gap;
    seen = true;
    if (positions == nullptr) continue;
    rule.present = true;
    rule.shape = broadcast_positions(rule.shape, positions->shape());
    rule.apart = rule.apart && varying_axes(positions->shape()) <= 1;
  }
  return rule;
}

// Repeats positions as broadcasting to `shape`, which is not empty, does.
Positions listed(const Positions& positions, const Shape& shape) {
  std::vector<std::int64_t> values;
  values.reserve(static_cast<std::size_t>(element_count(shape)));
  const Shape& given = positions.shape();
  Index strides(shape.size(), 0);
  std::int64_t stride = 1;
  for (std::int64_t axis = given.size() - 1; axis >= 0; --axis) {
    strides[axis + shape.size() - given.size()] = given[axis] == 1 ? 0 : stride;
    stride *= given[axis];
  }
  Index at(shape.size(), 0);
  do {
    std::int64_t from = 0;
    for (std::int64_t axis = 0; axis < at.size(); ++axis) from += at[axis] * strides[axis];
    values.push_back(positions.values()[static_cast<std::size_t>(from)]);
  } while (next_index(at, shape));
  const auto count = static_cast<std::int64_t>(values.size());
  return {std::move(values), {count}};
}

// Lists all positions along one axis. Errors: IndexError.
Items listed(const Items& items, const Shape& shape) {
  const std::int64_t count = saturating_count(shape);
  if (count > kMaxPositions) {
    throw IndexError("the positions of an index have the shape " + to_string(shape) +
                     " together, which is too many: there can be " + std::to_string(kMaxPositions) +
                     "; use slices, or select in several steps");
  }
  Items result;
  for (const IndexItem& item : items) {
    const auto* positions = as<Positions>(item);
    if (positions == nullptr) {
      result.push_back(item);
    } else if (const auto size = static_cast<std::int64_t>(positions->values().size());
               size == 1 || count == 0) {
      result.emplace_back(
          Positions(positions->values(), {size}));  // their bounds count even if nothing is picked
    } else {
      result.emplace_back(listed(*positions, shape));
    }
  }
  return result;
}

// Builds the map item by item, from left to right.
class MapBuilder {
 public:
  MapBuilder(const Shape& input, const PositionRule& rule) : input_(input), rule_(rule) {
    if (rule_.present && rule_.in_front) first_axis();
  }

  void add(const IndexItem& item) {
    if (as<NewAxis>(item) != nullptr) return output_.push_back(1);
    const std::int64_t axis = static_cast<std::int64_t>(maps_.size());
    if (const auto* slice = as<Slice>(item)) {
      const api::Selection selection = api::resolve(*slice, input_[axis]);
      maps_.push_back({output_.size(), selection.start, selection.step, nullptr});
      output_.push_back(selection.count);
    } else if (const auto* position = as<std::int64_t>(item)) {
      if (rule_.present) first_axis();
      maps_.push_back({-1, api::resolve_position(*position, axis, input_, ""), 0, nullptr});
    } else {
      maps_.push_back(follow(*as<Positions>(item), axis));
    }
  }

  [[nodiscard]] expr::IndexMap map() && { return {output_, std::move(maps_)}; }
  /// Returns the first output axis of the positions.
  [[nodiscard]] std::int64_t place() const { return first_axis_; }

 private:
  // The output axes of the positions, placed where the first of them is met.
  std::int64_t first_axis() {
    if (first_axis_ < 0) {
      first_axis_ = output_.size();
      for (const std::int64_t extent : rule_.shape) output_.push_back(extent);
    }
    return first_axis_;
  }

  // An axis of the input follows the output axis along which its positions vary.
  expr::AxisMap follow(const Positions& positions, std::int64_t axis) {
    const Shape& shape = positions.shape();
    std::int64_t along = rule_.shape.size() - 1;
    for (std::int64_t i = 0; i < shape.size(); ++i) {
      if (shape[i] != 1) along = i + rule_.shape.size() - shape.size();
    }
    return api::pick(positions.values(), axis, input_, first_axis() + along, rule_.shape[along], "");
  }

  const Shape& input_;
  PositionRule rule_;
  Shape output_;
  std::vector<expr::AxisMap> maps_;
  std::int64_t first_axis_ = -1;
};

}  // namespace

Positions::Positions(std::vector<std::int64_t> values, const Shape& shape)
    : values_(std::move(values)), shape_(shape) {
  const bool valid =
      std::all_of(shape_.begin(), shape_.end(), [](std::int64_t extent) { return extent >= 0; });
  if (valid && saturating_count(shape_) == static_cast<std::int64_t>(values_.size())) return;
  throw IndexError(std::to_string(values_.size()) + " positions do not have the shape " + to_string(shape_) +
                   "; give one value per element");
}

Array Array::operator()(const std::vector<IndexItem>& given) const {
  const Items items = spelled_alike(given);
  PositionRule rule = rule_for_positions(items);
  const Shape positions = rule.shape;
  Items expanded = expand_ellipsis(items, shape());
  if (!rule.apart) {
    expanded = listed(expanded, positions);
    rule.shape = {saturating_count(positions)};
  }
  MapBuilder builder(shape(), rule);
  for (const IndexItem& item : expanded) builder.add(item);
  const std::int64_t place = builder.place();
  const Array selected(expr::make_view(node_, std::move(builder).map()));
  return rule.apart ? selected : api::with_axes(selected, place, positions);
}

}  // namespace varve

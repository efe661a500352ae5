#include "varve/indexing.hpp"

#include "api/selection.hpp"
#include "expr/node.hpp"
#include "varve/array.hpp"

namespace varve {
namespace {

using Positions = std::vector<std::int64_t>;
using Items = std::vector<IndexItem>;

template <class Kind>
const Kind* as(const IndexItem& item) {
  return std::get_if<Kind>(&item.value());
}

bool consumes_axis(const IndexItem& item) {
  return as<Ellipsis>(item) == nullptr && as<NewAxis>(item) == nullptr;
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

// How the lists of an index go together: element by element, along one output axis.
struct ListRule {
  bool present = false;
  std::int64_t extent = 1;
  bool in_front = false;  // something stands between the lists, so their axis comes first, as in NumPy
};

ListRule rule_for_lists(const Items& items) {
  ListRule rule;
  bool seen = false;
  bool gap = false;
  for (const IndexItem& item : items) {
    const auto* list = as<Positions>(item);
    if (list == nullptr && as<std::int64_t>(item) == nullptr) {
      gap = seen;
      continue;
    }
    // Beside a list an integer counts as a list of one.
    rule.in_front = rule.in_front || gap;
    seen = true;
    if (list == nullptr) continue;
    rule.present = true;
    const auto extent = static_cast<std::int64_t>(list->size());
    if (extent != 1 && rule.extent != 1 && extent != rule.extent) {
      throw IndexError(
          "lists of " + std::to_string(rule.extent) + " and " + std::to_string(extent) +
          " positions in one index do not go together; they must be of equal length or of length 1");
    }
    if (extent != 1) rule.extent = extent;
  }
  return rule;
}

// Builds the map item by item, from left to right.
class MapBuilder {
 public:
  MapBuilder(const Shape& input, const ListRule& lists) : input_(input), lists_(lists) {
    if (lists_.present && lists_.in_front) list_axis();
  }

  void add(const IndexItem& item) {
    if (as<NewAxis>(item) != nullptr) return output_.push_back(1);
    const std::int64_t axis = static_cast<std::int64_t>(maps_.size());
    if (const auto* slice = as<Slice>(item)) {
      const api::Selection selection = api::resolve(*slice, input_[axis]);
      maps_.push_back({output_.size(), selection.start, selection.step, nullptr});
      output_.push_back(selection.count);
    } else if (const auto* position = as<std::int64_t>(item)) {
      if (lists_.present) list_axis();
      maps_.push_back({-1, api::resolve_position(*position, axis, input_, ""), 0, nullptr});
    } else {
      maps_.push_back(api::pick(*as<Positions>(item), axis, input_, list_axis(), lists_.extent, ""));
    }
  }

  [[nodiscard]] expr::IndexMap map() && { return {output_, std::move(maps_)}; }

 private:
  // The output axis of the lists, placed where the first of them is met.
  std::int64_t list_axis() {
    if (list_axis_ < 0) {
      list_axis_ = output_.size();
      output_.push_back(lists_.extent);
    }
    return list_axis_;
  }

  const Shape& input_;
  ListRule lists_;
  Shape output_;
  std::vector<expr::AxisMap> maps_;
  std::int64_t list_axis_ = -1;
};

}  // namespace

Array Array::operator()(const std::vector<IndexItem>& items) const {
  const Items expanded = expand_ellipsis(items, shape());
  MapBuilder builder(shape(), rule_for_lists(items));
  for (const IndexItem& item : expanded) builder.add(item);
  return Array(expr::make_view(node_, std::move(builder).map()));
}

}  // namespace varve

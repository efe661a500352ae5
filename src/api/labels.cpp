#include "varve/labels.hpp"

#include <algorithm>

#include "api/axis_list.hpp"
#include "api/label_surroundings.hpp"
#include "expr/node.hpp"
#include "labels/source_variables.hpp"
#include "varve/core/error.hpp"

namespace varve {
namespace {

const expr::AxisLabels& labels_of(const Array& x) {
  static const expr::AxisLabels none;
  return x.node()->labels ? *x.node()->labels : none;
}

void require_names(const Array& x, const std::vector<std::string>& names) {
  if (static_cast<std::int64_t>(names.size()) != x.ndim()) {
    throw ShapeError("with_dims: " + std::to_string(names.size()) + " names for the shape " +
                     to_string(x.shape()) + "; give one per axis, \"\" for an axis without");
  }
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (!name->empty() && std::find(names.begin(), name, *name) != name)
      throw ShapeError("with_dims: the name '" + *name + "' is given twice");
  }
}

}  // namespace

std::vector<std::string> Array::dims() const {
  std::vector<std::string> names(static_cast<std::size_t>(ndim()));
  const expr::AxisLabels& labels = labels_of(*this);
  for (std::size_t axis = 0; axis < labels.size(); ++axis) names[axis] = labels[axis].name;
  return names;
}

std::map<std::string, Array> Array::coords() const {
  const labels::Surroundings surroundings = api::label_surroundings(Runtime::current());
  labels::SourceVariables variables(surroundings);
  std::map<std::string, Array> found;
  for (const expr::AxisLabel& label : labels_of(*this)) {
    if (!label.positions || found.contains(label.name)) continue;
    if (const expr::NodePtr values = variables.decoded(*label.positions))
      found.emplace(label.name, Array(expr::with_labels(values, expr::shared_labels({label}))));
  }
  return found;
}

Array Array::coordinate(const std::string& name) const {
  const std::map<std::string, Array> all = coords();
  if (const auto found = all.find(name); found != all.end()) return found->second;
  std::string known;
  for (const auto& [each, array] : all) known += (known.empty() ? "; there are '" : ", '") + each + "'";
  throw ArgumentError("the array has no coordinate '" + name + "'" + known);
}

Array with_dims(const Array& x, const std::vector<std::string>& names) {
  require_names(x, names);
  expr::AxisLabels labels = labels_of(x);
  labels.resize(names.size());
  for (std::size_t axis = 0; axis < names.size(); ++axis) {
    if (names[axis].empty()) labels[axis] = {};
    labels[axis].name = names[axis];
  }
  return Array(expr::with_labels(x.node(), expr::shared_labels(std::move(labels))));
}

Array isel(const Array& x, const std::vector<NamedIndex>& items) {
  Array result = x;
  for (const auto& [name, item] : items) {
    std::vector<IndexItem> index(static_cast<std::size_t>(api::axis_of(name, result, "isel")), Slice{});
    index.push_back(item);
    result = result(index);
  }
  return result;
}

}  // namespace varve

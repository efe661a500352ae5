#include "labels/axis_naming.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "io/formats.hpp"
#include "io/store/file_place.hpp"
#include "io/variable_name.hpp"
#include "labels/kept_metadata.hpp"

namespace varve::labels {
namespace {

using expr::AxisLabel;
using io::group_of;

std::int64_t extent_of(const expr::Node& node, std::size_t axis) {
  return node.shape[static_cast<std::int64_t>(axis)];
}

class AxisNamer {
 public:
  AxisNamer(const std::vector<Output>& outputs, SourceVariables& variables) : variables_(variables) {
    for (const Output& output : outputs) {
      if (!output.path.empty()) taken_.insert(file_of(output).key + ":" + output.variable);
    }
    for (const Output& output : outputs) {
      if (is_named_here(output)) note_kept(output, outputs);
    }
  }

  [[nodiscard]] static bool is_named_here(const Output& output) {
    return !output.path.empty() && output.options.keep_labels && output.options.dimension_names.empty();
  }

  void name_axes(Output& output) {
    const expr::Node& node = *output.array.node();
    if (!node.labels) return;
    std::vector<std::string> names;
    for (std::size_t axis = 0; axis < node.labels->size(); ++axis) {
      const AxisLabel& label = (*node.labels)[axis];
      const bool repeated = std::find(names.begin(), names.end(), label.name) != names.end();
      if (label.name.empty() || repeated) {
        names.push_back("dim_" + std::to_string(axis));
      } else {
        names.push_back(name_in_file(label, extent_of(node, axis), output));
      }
    }
    output.options.dimension_names = std::move(names);
  }

  std::vector<Output> take_coordinates() { return std::move(coordinates_); }

 private:
  // A file that is written.
  struct File {
    std::string key;  // one for all spellings of its path
    const io::Format* format;
  };

  const File& file_of(const Output& output) {
    const auto [place, is_new] = files_.try_emplace(output.path);
    if (is_new) {
      place->second = {io::FilePlace(output.path).key(),
                       io::OutputPlace(output.path, output.options.zarr_format).format};
    }
    return place->second;
  }

  bool takes_coordinates(const Output& output) {
    return !output.variable.empty() && file_of(output).format->keeps.coordinates;
  }

  struct Known {
    AxisLabel label;
    std::int64_t count = 0;
  };

  // Of a file that is updated, the coordinates that it keeps are axes already.
  void note_kept(const Output& output, const std::vector<Output>& outputs) {
    if (output.options.existing != Existing::update) return;
    const std::string& key = file_of(output).key;
    if (!updated_.insert(key).second) return;
    std::vector<std::string> replaced;
    for (const Output& other : outputs) {
      if (!other.path.empty() && file_of(other).key == key) replaced.push_back(other.variable);
    }
    const auto kept = variables_.guarded(output.path, [&] {
      std::map<std::string, expr::NodePtr> arrays;
      for (const std::string& name : kept_variables(output.path, replaced))
        arrays.emplace(name, open(output.path, name, {.raw = true}).node());
      return arrays;
    });
    for (const auto& [name, node] : kept) {
      taken_.insert(key + ":" + name);
      if (!node->labels) continue;
      for (std::size_t axis = 0; axis < node->labels->size(); ++axis) {
        const AxisLabel& label = (*node->labels)[axis];
        if (label.name.empty()) continue;
        axes_.try_emplace(key + ":" + group_of(name) + label.name, Known{label, extent_of(*node, axis)});
      }
    }
  }

  std::string name_in_file(const AxisLabel& label, std::int64_t count, const Output& output) {
    const std::string start = file_of(output).key + ":" + group_of(output.variable);
    std::string name = label.name;
    for (int attempt = 2;; ++attempt) {
      const auto [known, is_new] = axes_.try_emplace(start + name, Known{label, count});
      if (is_new) break;
      if (known->second.count == count && is_same(known->second.label, label)) return name;
      name = label.name + "_" + std::to_string(attempt);
    }
    if (label.positions && count > 0 && takes_coordinates(output) && taken_.insert(start + name).second) {
      if (auto coordinate = coordinate_of(label, name, output))
        coordinates_.push_back(std::move(*coordinate));
    }
    return name;
  }

  [[nodiscard]] bool is_same(const AxisLabel& left, const AxisLabel& right) const {
    if (!left.positions || !right.positions || same_positions(left, right))
      return !left.positions == !right.positions;
    return left.positions->sources() != right.positions->sources() &&
           !variables_.differ(*left.positions, *right.positions);
  }

  // Returns the coordinate variable along the axis, if there is one that holds for all operands.
  std::optional<Output> coordinate_of(const AxisLabel& label, const std::string& name, const Output& output) {
    std::vector<const SourceVariable*> sources;
    const expr::NodePtr values = label.positions->select([&](const expr::AxisSource& axis) -> expr::NodePtr {
      const SourceVariable* found = variables_.coordinate_of(axis);
      if (found == nullptr) return nullptr;
      sources.push_back(found);
      return variables_.open(*found, {.raw = true});
    });
    if (!values || !is_one_coordinate(sources, label.name)) return std::nullopt;
    for (const auto& other : label.others()) {
      if (variables_.differ(*label.positions, *other)) return std::nullopt;
    }
    Output coordinate{Array(values), output.path, group_of(output.variable) + name, {}};
    SaveOptions& options = coordinate.options;
    options.codec = output.options.codec;
    options.existing = output.options.existing;
    options.zarr_format = output.options.zarr_format;
    options.sync = output.options.sync;
    keep_metadata(sources.front()->info, *file_of(output).format, options);
    drop_references(options);
    options.dimension_names = {name};
    return coordinate;
  }

  // Stored numbers of several files can be joined only if they mean the same.
  [[nodiscard]] bool is_one_coordinate(const std::vector<const SourceVariable*>& sources,
                                       const std::string& name) const {
    const VariableInfo& first = sources.front()->info;
    for (const SourceVariable* source : sources) {
      const VariableInfo& other = source->info;
      if (other.attributes == first.attributes && other.dtype == first.dtype) continue;
      variables_.surroundings().warn("the coordinate " + name + " is left out: its attributes or dtypes in " +
                                     sources.front()->file->path + " and " + source->file->path + " differ");
      return false;
    }
    return true;
  }

  SourceVariables& variables_;
  std::map<std::string, File> files_;  // by the path as it is written
  std::map<std::string, Known> axes_;
  std::set<std::string> taken_;    // names of arrays, by file
  std::set<std::string> updated_;  // files
  std::vector<Output> coordinates_;
};

}  // namespace

std::vector<Output> name_axes(std::vector<Output>& outputs, SourceVariables& variables) {
  AxisNamer namer(outputs, variables);
  for (Output& output : outputs) {
    if (AxisNamer::is_named_here(output)) namer.name_axes(output);
  }
  return namer.take_coordinates();
}

}  // namespace varve::labels

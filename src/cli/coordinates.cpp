#include "cli/coordinates.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "api/file_place.hpp"
#include "cli/guard.hpp"
#include "cli/kept_metadata.hpp"
#include "cli/run_outputs.hpp"
#include "io/formats.hpp"

namespace varve::cli {
namespace {

std::string name_of(const AxisSource& axis) {
  return axis.variable.empty() ? axis.path : axis.path + ":" + axis.variable;
}

class AxisNamer {
 public:
  AxisNamer(const std::vector<Output>& outputs, const Options& options, SourceVariables& variables)
      : options_(options), variables_(variables) {
    for (const Output& output : outputs) {
      if (!output.path.empty()) taken_.insert(file_of(output).key + ":" + output.variable);
    }
    for (const Output& output : outputs) note_kept(output, outputs);
  }

  void name_axes(Output& output) {
    const std::vector<AxisLabel> labels = axis_labels(output.array);
    const auto named = [](const AxisLabel& label) { return !label.name.empty(); };
    if (std::none_of(labels.begin(), labels.end(), named)) return;
    std::vector<std::string>& names = output.options.dimension_names;
    names.clear();
    for (std::size_t axis = 0; axis < labels.size(); ++axis) {
      const std::int64_t count = output.array.shape()[static_cast<std::int64_t>(axis)];
      const std::string& name = labels[axis].name;
      const bool repeated = std::find(names.begin(), names.end(), name) != names.end();
      if (name.empty() || repeated) {
        names.push_back("dim_" + std::to_string(axis));
      } else {
        names.push_back(name_in_file(labels[axis], count, output));
      }
    }
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
      place->second = {api::FilePlace(output.path).key(),
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
    if (output.path.empty() || output.options.existing != Existing::update) return;
    const std::string& key = file_of(output).key;
    if (!updated_.insert(key).second) return;
    std::vector<std::string> replaced;
    for (const Output& other : outputs) {
      if (!other.path.empty() && file_of(other).key == key) replaced.push_back(other.variable);
    }
    const auto names = guarded(output.path, [&] { return kept_variables(output.path, replaced); });
    for (const std::string& name : names) {
      taken_.insert(key + ":" + name);
      const Array kept = open_guarded(output.path, name, {.raw = true});
      const std::vector<AxisLabel> labels = axis_labels(kept);
      for (std::size_t axis = 0; axis < labels.size(); ++axis) {
        if (labels[axis].name.empty()) continue;
        axes_.try_emplace(key + ":" + group_of(name) + labels[axis].name,
                          Known{labels[axis], kept.shape()[static_cast<std::int64_t>(axis)]});
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
    const auto values = label.positions->select([&](const AxisSource& axis) -> std::optional<Array> {
      const SourceVariable* found = variables_.coordinate_of(axis);
      if (found == nullptr) return std::nullopt;
      sources.push_back(found);
      return open_guarded(found->file->path, found->info.name, {.raw = true});
    });
    if (!values || !is_one_coordinate(sources, label.name)) return std::nullopt;
    for (const auto& other : label.others) {
      if (variables_.differ(*label.positions, *other)) return std::nullopt;
    }
    const io::Format& format = *file_of(output).format;
    Output coordinate{*values, output.path, group_of(output.variable) + name,
                      save_options(options_, format, false)};
    coordinate.options.existing = output.options.existing;
    coordinate.options.chunks = {};
    keep_metadata(sources.front()->info, format, coordinate.options);
    drop_references(coordinate.options);
    coordinate.options.dimension_names = {name};
    return coordinate;
  }

  // Stored numbers of several files can be joined only if they mean the same.
  [[nodiscard]] bool is_one_coordinate(const std::vector<const SourceVariable*>& sources,
                                       const std::string& name) const {
    const VariableInfo& first = sources.front()->info;
    for (const SourceVariable* source : sources) {
      const VariableInfo& other = source->info;
      if (other.attributes == first.attributes && other.dtype == first.dtype) continue;
      warn(options_, "the coordinate " + name + " is left out: its attributes or dtypes in " +
                         sources.front()->file->path + " and " + source->file->path + " differ");
      return false;
    }
    return true;
  }

  const Options& options_;
  SourceVariables& variables_;
  std::map<std::string, File> files_;  // by the path as it is written
  std::map<std::string, Known> axes_;
  std::set<std::string> taken_;    // names of arrays, by file
  std::set<std::string> updated_;  // files
  std::vector<Output> coordinates_;
};

}  // namespace

std::vector<Output> name_axes(std::vector<Output>& outputs, const Options& options,
                              SourceVariables& variables) {
  AxisNamer namer(outputs, options, variables);
  for (Output& output : outputs) {
    if (!output.path.empty()) namer.name_axes(output);
  }
  return namer.take_coordinates();
}

void warn_of_meetings(const std::vector<Array>& arrays, const Options& options, SourceVariables& variables) {
  if (options.quiet) return;
  std::set<std::string> told;
  for (const AxisMeeting& meeting : axis_meetings(arrays)) {
    const AxisSource& left = meeting.left->sources().front();
    const AxisSource& right = meeting.right->sources().front();
    const std::string which = meeting.name + " of " + name_of(left) + " and of " + name_of(right);
    if (told.contains(which) || !variables.differ(*meeting.left, *meeting.right)) continue;
    told.insert(which);
    warn(options, which + " differ (" + variables.range(*meeting.left) + ", " +
                      variables.range(*meeting.right) + "): elements are combined by position");
  }
}

}  // namespace varve::cli

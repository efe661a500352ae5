#include "cli/coordinates.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>

#include "cli/dataset_name.hpp"
#include "cli/kept_metadata.hpp"
#include "cli/run_outputs.hpp"

namespace varve::cli {
namespace {

namespace fs = std::filesystem;

std::string group_of(const std::string& variable) {
  const std::size_t slash = variable.rfind('/');
  return slash == std::string::npos ? "" : variable.substr(0, slash + 1);
}

std::string file_key(const std::string& path) {
  std::error_code error;
  const fs::path clean = fs::weakly_canonical(fs::absolute(path, error), error);
  return (clean.has_filename() ? clean : clean.parent_path()).string();
}

bool takes_coordinates(const Output& output) {
  const std::string_view ending = output_ending(output.path);
  return !output.variable.empty() && (ending == ".nc" || ending == ".nc4" || ending == ".zarr");
}

// The positions of a full coordinate along which an axis of an output runs.
Array cut(const Array& coordinate, const AxisLabel& label, std::int64_t count) {
  if (label.offset == 0 && label.step == 1 && count == label.extent) return coordinate;
  const std::int64_t stop = label.offset + label.step * count;
  Slice slice{label.offset, std::nullopt, label.step};
  if (stop >= 0) slice.stop = stop;
  return coordinate(slice);
}

// Returns the coordinate variable beside the array that has the axis, if there is one.
std::optional<Output> coordinate_of(const AxisLabel& label, std::int64_t count, const std::string& name,
                                    const Output& output, const Options& options) {
  const DatasetName source = input_name(label.location);
  if (source.variable.empty() || count == 0) return std::nullopt;
  const std::string beside = group_of(source.variable) + label.name;
  try {
    const FileInfo file = describe(source.path, beside);
    const VariableInfo& variable = file.variables.front();
    if (variable.shape != Shape{label.extent}) return std::nullopt;
    const Array values = open(source.path, beside, {.raw = true});
    Output coordinate{cut(values, label, count), output.path, group_of(output.variable) + name,
                      save_options(options, output.path)};
    coordinate.options.chunks = {};
    keep_metadata(variable, output.path, coordinate.options);
    coordinate.options.dimension_names = {name};
    return coordinate;
  } catch (const Error&) {  // no such variable, or one that cannot be read
    return std::nullopt;
  }
}

bool same_axis(const AxisLabel& left, const AxisLabel& right) {
  return left.extent == right.extent && left.offset == right.offset && left.step == right.step &&
         left.location.empty() == right.location.empty();
}

class AxisNamer {
 public:
  explicit AxisNamer(const std::vector<Output>& outputs, const Options& options) : options_(options) {
    for (const Output& output : outputs) taken_.emplace(file_key(output.path) + ":" + output.variable, 0);
  }

  void name_axes(Output& output) {
    const std::vector<AxisLabel> labels = axis_labels(output.array);
    const auto named = [](const AxisLabel& label) { return !label.name.empty(); };
    if (std::none_of(labels.begin(), labels.end(), named)) return;
    std::vector<std::string>& names = output.options.dimension_names;
    names.clear();
    for (std::size_t axis = 0; axis < labels.size(); ++axis) {
      const std::int64_t count = output.array.shape()[static_cast<std::int64_t>(axis)];
      std::string name = labels[axis].name;
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
  struct Known {
    AxisLabel label;
    std::int64_t count = 0;
  };

  std::string name_in_file(const AxisLabel& label, std::int64_t count, const Output& output) {
    const std::string start = file_key(output.path) + ":" + group_of(output.variable);
    std::string name = label.name;
    for (int attempt = 2;; ++attempt) {
      const auto [known, is_new] = axes_.try_emplace(start + name, Known{label, count});
      if (is_new) break;
      if (known->second.count == count && same_axis(known->second.label, label)) return name;
      name = label.name + "_" + std::to_string(attempt);
    }
    if (!label.location.empty() && takes_coordinates(output) && taken_.emplace(start + name, 0).second) {
      if (auto coordinate = coordinate_of(label, count, name, output, options_)) {
        coordinates_.push_back(std::move(*coordinate));
      }
    }
    return name;
  }

  const Options& options_;
  std::map<std::string, Known> axes_;
  std::map<std::string, int> taken_;  // names of arrays, by file
  std::vector<Output> coordinates_;
};

}  // namespace

std::vector<Output> name_axes(std::vector<Output>& outputs, const Options& options) {
  AxisNamer namer(outputs, options);
  for (Output& output : outputs) {
    if (!output.path.empty()) namer.name_axes(output);
  }
  return namer.take_coordinates();
}

}  // namespace varve::cli

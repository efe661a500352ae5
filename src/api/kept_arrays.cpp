#include "api/kept_arrays.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "api/file_place.hpp"
#include "expr/node.hpp"
#include "io/format.hpp"
#include "varve/core/error.hpp"

namespace varve {
namespace {

using Datasets = std::map<std::string, std::shared_ptr<const io::Dataset>>;

std::string group_of(const std::string& name) { return name.substr(0, name.rfind('/') + 1); }
std::string base_of(const std::string& name) { return name.substr(name.rfind('/') + 1); }

bool is_coordinate(const std::string& name, const io::DatasetInfo& info) {
  return info.dimension_names.size() == 1 && info.dimension_names.front() == base_of(name);
}

[[noreturn]] void refuse_to_lose(const std::string& path, const std::string& what, const std::string& why) {
  throw ArgumentError(path + ": " + what + " cannot be kept: " + why +
                      "; write another file, or replace this one whole");
}

Datasets datasets_of(const std::string& path, const io::FileSummary& file) {
  Datasets datasets;
  for (const io::VariableSummary& variable : file.variables) {
    if (!variable.problem.empty())
      refuse_to_lose(path, "its array \"" + variable.name + "\"", variable.problem);
    datasets.emplace(variable.name, io::open_dataset(path, variable.name));
  }
  return datasets;
}

// Attributes that cannot be read would be lost with the rest of the old file.
void require_attributes(const std::string& path, const Datasets& kept, const io::FileSummary& file) {
  const auto require = [&path](const io::Attributes& attributes, const std::string& of) {
    if (!attributes.left_out.empty())
      refuse_to_lose(path, "an attribute of " + of, attributes.left_out.front());
  };
  require(file.attributes, "the file");
  for (const auto& [group, attributes] : file.group_attributes) require(attributes, "the group " + group);
  for (const auto& [name, dataset] : kept) require(dataset->info().attributes, "the array " + name);
}

// Returns the name of the coordinate along an axis of an array in a group: that of the innermost group around
// it which has one. "" if there is none.
std::string coordinate_in(std::string group, const std::string& dimension, std::int64_t extent,
                          const Datasets& datasets) {
  for (;;) {
    const auto found = datasets.find(group + dimension);
    const bool fits = found != datasets.end() && is_coordinate(found->first, found->second->info()) &&
                      found->second->info().shape == Shape{extent};
    if (fits) return found->first;
    if (group.empty()) return "";
    group.pop_back();
    group = group_of(group);
  }
}

std::set<std::string> coordinates_of(const std::string& name, const io::DatasetInfo& info,
                                     const Datasets& datasets) {
  std::set<std::string> coordinates;
  for (std::size_t axis = 0; axis < info.dimension_names.size(); ++axis) {
    const std::int64_t extent = info.shape[static_cast<std::int64_t>(axis)];
    coordinates.insert(coordinate_in(group_of(name), info.dimension_names[axis], extent, datasets));
  }
  coordinates.erase("");
  return coordinates;
}

// Drops replaced arrays, and the coordinates that nothing else needs.
void drop_replaced(const std::vector<std::string>& replaced, Datasets& datasets) {
  const std::set<std::string> names(replaced.begin(), replaced.end());
  std::set<std::string> orphaned;
  std::set<std::string> needed;
  for (const auto& [name, dataset] : datasets) {
    if (is_coordinate(name, dataset->info())) continue;
    (names.contains(name) ? orphaned : needed).merge(coordinates_of(name, dataset->info(), datasets));
  }
  std::erase_if(datasets, [&](const auto& entry) {
    const std::string& name = entry.first;
    return names.contains(name) || (orphaned.contains(name) && !needed.contains(name));
  });
}

bool exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

// The codec of an array as it is, where we can write it; "" for a default.
std::string codec_of(const io::DatasetInfo& info, const std::string& path, int zarr_format) {
  const std::size_t comma = info.codecs.rfind(", ");
  std::string codec = comma == std::string::npos ? info.codecs : info.codecs.substr(comma + 2);
  try {
    io::DatasetSpec spec;
    spec.shape = info.shape;
    spec.dtype = info.dtype;
    spec.chunks = info.chunk_shape;
    spec.codec = io::parse_codec(codec.empty() ? "none" : codec);
    static_cast<void>(io::write_workspace_bytes(path, zarr_format, spec));
    return codec.empty() ? "none" : codec;
  } catch (const Error&) {
    return "";
  }
}

Output kept_output(const std::string& name, const std::shared_ptr<const io::Dataset>& dataset,
                   const Output& beside, const io::FileSummary& file) {
  const io::DatasetInfo& info = dataset->info();
  Output output{Array(expr::make_dataset(dataset)), beside.path, name, {}};
  SaveOptions& options = output.options;
  if (info.layout == "chunked" || file.format.starts_with("zarr")) options.chunks = info.chunk_shape;
  options.existing = beside.options.existing;
  options.zarr_format = beside.options.zarr_format;
  options.sync = beside.options.sync;
  options.codec = codec_of(info, beside.path, options.zarr_format);
  options.dimension_names = info.dimension_names;
  options.attributes = io::to_json_text(info.attributes);
  options.attribute_dtypes = info.attributes.dtypes;
  // NetCDF writes a fill value as the attribute that says what is missing.
  const bool may_mark = info.format == "netcdf4" && !info.attributes.contains("_FillValue");
  if (!may_mark) options.fill_value = info.fill_value;
  options.group_attributes[""] = io::to_json_text(file.attributes);
  options.group_attribute_dtypes[""] = file.attributes.dtypes;
  for (const auto& [group, attributes] : file.group_attributes) {
    options.group_attributes[group] = io::to_json_text(attributes);
    options.group_attribute_dtypes[group] = attributes.dtypes;
  }
  return output;
}

}  // namespace

std::vector<std::string> kept_variables(const std::string& path, const std::vector<std::string>& replaced) {
  if (!exists(path)) return {};
  Datasets datasets = datasets_of(path, io::summarize_file(path));
  drop_replaced(replaced, datasets);
  std::vector<std::string> names;
  for (const auto& [name, dataset] : datasets) names.push_back(name);
  return names;
}

namespace api {

std::vector<Output> with_kept_arrays(std::vector<Output> outputs) {
  std::map<std::string, std::vector<std::size_t>> updated;  // outputs, by the file that they are in
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Output& output = outputs[i];
    if (output.path.empty() || output.options.existing != Existing::update || !exists(output.path)) continue;
    updated[FilePlace(output.path).key()].push_back(i);
  }
  for (const auto& [key, numbers] : updated) {
    const io::FileSummary file = io::summarize_file(outputs[numbers.front()].path);
    std::vector<std::string> names;
    for (const std::size_t i : numbers) {
      names.push_back(outputs[i].variable);
      if (file.format.starts_with("zarr")) outputs[i].options.zarr_format = file.format == "zarr v2" ? 2 : 3;
    }
    const Output beside = outputs[numbers.front()];
    Datasets datasets = datasets_of(beside.path, file);
    drop_replaced(names, datasets);
    require_attributes(beside.path, datasets, file);
    for (const auto& [name, dataset] : datasets) {
      if (name.empty())
        throw ArgumentError(beside.path + ": holds an array without a name, beside which there can be no " +
                            "other; write another file, or replace this one whole");
      outputs.push_back(kept_output(name, dataset, beside, file));
    }
  }
  return outputs;
}

}  // namespace api
}  // namespace varve

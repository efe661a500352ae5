#include "api/kept_arrays.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

#include "expr/node.hpp"
#include "io/format.hpp"
#include "labels/kept_variables.hpp"
#include "varve/core/error.hpp"

namespace varve {
namespace {

using labels::Datasets;

// Attributes that cannot be read would be lost with the rest of the old file.
void require_attributes(const std::string& path, const Datasets& kept, const io::FileSummary& file) {
  const auto require = [&path](const io::Attributes& attributes, const std::string& of) {
    if (!attributes.left_out.empty())
      labels::refuse_to_lose(path, "an attribute of " + of, attributes.left_out.front());
  };
  require(file.attributes, "the file");
  for (const auto& [group, attributes] : file.group_attributes) require(attributes, "the group " + group);
  for (const auto& [name, dataset] : kept) require(dataset->info().attributes, "the array " + name);
}

bool exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

// The codec of an array as it is, where we can write it; "" for a default.
std::string codec_of(const io::DatasetInfo& info, const io::Format& format) {
  const std::size_t comma = info.codecs.rfind(", ");
  std::string codec = comma == std::string::npos ? info.codecs : info.codecs.substr(comma + 2);
  try {
    io::DatasetSpec spec;
    spec.shape = info.shape;
    spec.dtype = info.dtype;
    spec.chunks = info.chunk_shape;
    spec.codec = io::parse_codec(codec.empty() ? "none" : codec);
    static_cast<void>(format.write_workspace_bytes(spec));
    return codec.empty() ? "none" : codec;
  } catch (const Error&) {
    return "";
  }
}

Output kept_output(const std::string& name, const std::shared_ptr<const io::Dataset>& dataset,
                   const api::ResolvedOutput& beside, const io::FileSummary& file) {
  const io::DatasetInfo& info = dataset->info();
  const io::OutputPlace& place = beside.target->place;
  Output output{Array(expr::make_dataset(dataset)), place.path, name, {}};
  SaveOptions& options = output.options;
  if (info.layout == "chunked") options.chunks = info.chunk_shape;
  options.existing = beside.wanted.options.existing;
  options.zarr_format = place.format->version;
  options.sync = beside.wanted.options.sync;
  options.codec = codec_of(info, *place.format);
  options.dimension_names = info.dimension_names;
  options.attributes = io::to_json_text(info.attributes);
  options.attribute_dtypes = info.attributes.dtypes;
  // Where every fill value says what is missing, it is written as the attribute that says so.
  const io::Format* format = io::format_named(info.format);
  const bool says_missing = format != nullptr && format->keeps.fill == io::FillMeaning::missing;
  const bool may_mark = says_missing && !info.attributes.contains("_FillValue");
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

namespace api {

// Outputs into a file that exists are of its version of the format.
void take_version(const io::FileSummary& file, ResolvedOutput& output) {
  const io::Format* found = io::format_named(file.format);
  const io::OutputPlace& place = output.target->place;
  if (found == nullptr || found->version == 0 || found->version == place.format->version) return;
  output.target = std::make_shared<OutputTarget>(
      OutputTarget{io::OutputPlace(place.path, found->version), output.target->file});
}

std::vector<ResolvedOutput> with_kept_arrays(std::vector<ResolvedOutput> outputs) {
  std::map<std::string, std::vector<std::size_t>> updated;  // outputs, by the file that they are in
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Output& output = outputs[i].wanted;
    if (output.path.empty() || output.options.existing != Existing::update || !exists(output.path)) continue;
    updated[outputs[i].target->file.key()].push_back(i);
  }
  std::vector<Output> kept;
  for (const auto& [key, numbers] : updated) {
    const ResolvedOutput& beside = outputs[numbers.front()];
    const std::string& path = beside.wanted.path;
    const io::FileSummary file = io::summarize_file(path);
    std::vector<std::string> names;
    for (const std::size_t i : numbers) {
      names.push_back(outputs[i].wanted.variable);
      take_version(file, outputs[i]);
    }
    const Datasets datasets = labels::kept_datasets(path, file, names);
    require_attributes(path, datasets, file);
    for (const auto& [name, dataset] : datasets) {
      if (name.empty())
        throw ArgumentError(path + ": holds an array without a name, beside which there can be no " +
                            "other; write another file, or replace this one whole");
      kept.push_back(kept_output(name, dataset, beside, file));
    }
  }
  for (ResolvedOutput& output : resolve(std::move(kept))) outputs.push_back(std::move(output));
  return outputs;
}

}  // namespace api
}  // namespace varve

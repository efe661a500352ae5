#include "api/resolved_output.hpp"

#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "api/output_grid.hpp"
#include "varve/core/error.hpp"

namespace varve::api {
namespace {

// Finds the targets of outputs, each file once.
class Targets {
 public:
  std::shared_ptr<const OutputTarget> of(const Output& output) {
    const int version = output.options.zarr_format;
    std::shared_ptr<const OutputTarget>& target = targets_[{output.path, version}];
    if (!target) {
      target = std::make_shared<OutputTarget>(
          OutputTarget{io::OutputPlace(output.path, version), io::FilePlace(output.path)});
    }
    return target;
  }

 private:
  std::map<std::pair<std::string, int>, std::shared_ptr<const OutputTarget>> targets_;
};

io::CodecSpec codec_of(const Output& output, const io::Format& format) {
  return io::parse_codec(output.options.codec.empty() ? format.default_codec : output.options.codec);
}

}  // namespace

std::vector<ResolvedOutput> resolve(std::vector<Output> outputs) {
  Targets targets;
  std::vector<ResolvedOutput> resolved;
  resolved.reserve(outputs.size());
  for (Output& output : outputs) {
    ResolvedOutput& result = resolved.emplace_back(ResolvedOutput{std::move(output), nullptr, {}, {}});
    const Output& wanted = result.wanted;
    const bool is_written = !wanted.path.empty();
    if (is_written && wanted.sink)
      throw ArgumentError(wanted.path + ": an output goes to a file or to a sink, not to both");
    if (is_written || wanted.sink) result.chunks = output_chunks(wanted);
    if (!is_written) continue;
    result.target = targets.of(wanted);
    result.target->place.require_dtype(wanted.array.dtype());
    result.codec = codec_of(wanted, *result.target->place.format);
  }
  return resolved;
}

io::Attributes parse_attributes(const std::string& text, const AttributeDTypes& dtypes) {
  if (text.empty()) return {};
  nlohmann::json attributes = nlohmann::json::parse(text, nullptr, false);
  if (!attributes.is_object()) throw ArgumentError("save: the attributes are not a JSON object: " + text);
  return io::with_dtypes(std::move(attributes), dtypes);
}

io::DatasetSpec dataset_spec(const ResolvedOutput& output) {
  const SaveOptions& options = output.wanted.options;
  io::DatasetSpec spec;
  spec.shape = output.wanted.array.shape();
  spec.dtype = output.wanted.array.dtype();
  spec.chunks = output.chunks;
  spec.codec = output.codec;
  spec.dimension_names = options.dimension_names;
  spec.fill_value = options.fill_value;
  spec.attributes = parse_attributes(options.attributes, options.attribute_dtypes);
  return spec;
}

std::vector<plan::Request> plan_requests(const std::vector<ResolvedOutput>& outputs) {
  std::vector<plan::Request> requests;
  requests.reserve(outputs.size());
  for (const ResolvedOutput& output : outputs) {
    const Array& array = output.wanted.array;
    plan::Request request{array.node()};
    if (output.target || output.wanted.sink) request.output_chunks = ChunkGrid(array.shape(), output.chunks);
    if (output.target)
      request.write_workspace_bytes =
          output.target->place.format->write_workspace_bytes(dataset_spec(output));
    requests.push_back(std::move(request));
  }
  return requests;
}

}  // namespace varve::api

#include "cli/results.hpp"

#include <filesystem>
#include <set>
#include <string_view>

#include "cli/edges.hpp"
#include "cli/evaluate.hpp"
#include "cli/guard.hpp"
#include "cli/meetings.hpp"
#include "cli/run_outputs.hpp"
#include "labels/output_labels.hpp"
#include "varve/creation.hpp"

namespace varve::cli {
namespace {

using catalogue::Value;
using catalogue::ValueSequence;

struct Inputs {
  Names arrays;
  std::map<std::string, Array> opened;  // by PATH[:VAR], so that each is opened once
};

void open_input(const std::string& key, const io::Location& dataset, const Options& options, Inputs& inputs) {
  inputs.opened.emplace(key, open_guarded(dataset.path, dataset.variable, {.raw = options.raw}));
}

Inputs open_inputs(const Options& options) {
  Inputs inputs;
  for (const std::string& text : options.inputs) {
    const auto [name, dataset] = named_input(text);
    const std::string key = text.substr(name.size());
    if (!inputs.opened.contains(key)) open_input(key, dataset, options, inputs);
    if (!inputs.arrays.emplace(name, inputs.opened.at(key)).second) {
      throw UsageError("-i " + text + ": the name '" + name + "' is given twice");
    }
  }
  return inputs;
}

std::vector<Destination> destinations(const Options& options) {
  std::vector<Destination> found;
  for (const std::string& text : options.outputs) found.push_back(destination(text, options.zarr_format));
  return found;
}

// Finds what cannot be written before masks and positions are computed.
void check_destinations(const std::vector<Destination>& written, const Inputs& inputs,
                        const Options& options) {
  if (options.command != Command::compute) return;
  std::vector<std::string> paths;
  std::vector<Array> arrays;
  for (const Destination& destination : written) paths.push_back(destination.place.path);
  for (const auto& [name, array] : inputs.opened) arrays.push_back(array);
  require_places(paths, arrays, options);
}

void collect_arrays(const Value& value, const std::string& expression, std::vector<Array>& arrays) {
  const auto* sequence = value.get<ValueSequence>();
  if (sequence && sequence->is_tuple) {
    for (const Value& item : sequence->items) collect_arrays(item, expression, arrays);
  } else if (sequence || value.get<Array>() || value.get<Scalar>()) {
    arrays.push_back(to_array(value));
  } else {
    throw ExpressionError("the expression " + expression + " gives " + describe(value) +
                          ", not an array or a number");
  }
}

// The name of a file is often taken for an expression.
Value value_of(const std::string& text, const Names& inputs) {
  try {
    return evaluate(text, inputs);
  } catch (const ExpressionError&) {
    const io::Location name = io::input_location(text);
    std::error_code error;
    if (!std::filesystem::exists(name.path, error)) throw;
    throw ExpressionError(text + ": is a file and no expression; -i x=" + text +
                          " gives it the name x for expressions");
  }
}

void require_different(const std::vector<std::string>& outputs) {
  std::set<std::string_view> known;
  for (const std::string& output : outputs) {
    if (!known.insert(output).second) throw UsageError("-o " + output + " is given twice");
  }
}

void add_outputs(Result& result, const Options& options, std::int64_t whole_bytes,
                 std::vector<Output>& outputs) {
  result.first_output = outputs.size();
  if (result.destination) {
    const auto& [place, variable] = *result.destination;
    outputs.push_back(
        {result.array, place.path, variable, save_options(options, *place.format, !variable.empty())});
  } else if (options.json || result.array.size_bytes() <= whole_bytes) {
    outputs.push_back({result.array, "", "", {.keep_labels = false}});
  } else {
    for (const Array& piece : printed_pieces(result.array))
      outputs.push_back({piece, "", "", {.keep_labels = false}});
  }
  result.output_count = outputs.size() - result.first_output;
}

ResultSet arrange(std::vector<Result> results, const Options& options, std::int64_t whole_bytes,
                  labels::SourceVariables& variables) {
  ResultSet set{std::move(results), {}};
  std::vector<const io::Format*> written;
  for (Result& result : set.results) {
    add_outputs(result, options, whole_bytes, set.outputs);
    if (result.destination) written.push_back(result.destination->place.format);
  }
  require_options_apply(options, written);
  set.outputs = labels::with_kept_labels(std::move(set.outputs), variables);
  return set;
}

}  // namespace

ResultSet gather_results(const Options& options, std::int64_t whole_bytes) {
  require_different(options.outputs);
  const Inputs inputs = open_inputs(options);
  const std::vector<Destination> written = destinations(options);
  check_destinations(written, inputs, options);
  std::vector<Array> arrays;
  for (const std::string& text : options.expressions) {
    collect_arrays(value_of(text, inputs.arrays), text, arrays);
  }
  if (arrays.empty()) throw UsageError("the expressions give nothing to compute");
  if (options.outputs.size() > arrays.size()) {
    throw UsageError("-o " + options.outputs.back() + ": there are " +
                     std::to_string(options.outputs.size()) + " outputs for " +
                     std::to_string(arrays.size()) + " results");
  }
  const labels::Surroundings surroundings = label_surroundings(options);
  labels::SourceVariables variables(surroundings);
  warn_of_meetings(arrays, options, variables);
  std::vector<Result> results;
  for (std::size_t i = 0; i < arrays.size(); ++i)
    results.push_back({arrays[i], i < written.size() ? std::optional(written[i]) : std::nullopt, 0, 0});
  return arrange(std::move(results), options, whole_bytes, variables);
}

std::optional<ResultSet> with_corners(const ResultSet& set, const Options& options) {
  const labels::Surroundings surroundings = label_surroundings(options);
  labels::SourceVariables variables(surroundings);
  ResultSet cornered = arrange(set.results, options, 0, variables);
  if (cornered.outputs.size() == set.outputs.size()) return std::nullopt;
  return cornered;
}

}  // namespace varve::cli

#include "cli/results.hpp"

#include <filesystem>
#include <set>
#include <string_view>

#include "cli/coordinates.hpp"
#include "cli/edges.hpp"
#include "cli/evaluate.hpp"
#include "cli/guard.hpp"
#include "cli/output_metadata.hpp"
#include "cli/run_outputs.hpp"
#include "varve/creation.hpp"
#include "varve/provenance.hpp"

namespace varve::cli {
namespace {

using catalogue::Value;
using catalogue::ValueSequence;

struct Inputs {
  Names arrays;
  std::map<std::string, Array> opened;  // by PATH[:VAR], so that each is opened once
};

void open_input(const std::string& key, const DatasetName& dataset, const Options& options, Inputs& inputs) {
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

// Finds what cannot be written before masks and positions are computed.
void check_destinations(const Inputs& inputs, const Options& options) {
  if (options.command != Command::compute) return;
  std::vector<std::string> paths;
  std::vector<Array> arrays;
  for (const std::string& text : options.outputs) paths.push_back(output_name(text).path);
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

// Without a name, NetCDF gives a variable that of its source.
std::string variable_name(const DatasetName& destination, const Provenance& from) {
  const std::string_view ending = output_ending(destination.path);
  if (!destination.variable.empty() || (ending != ".nc" && ending != ".nc4")) return destination.variable;
  return from.name.empty() ? "data" : from.name;
}

// The name of a file is often taken for an expression.
Value value_of(const std::string& text, const Names& inputs) {
  try {
    return evaluate(text, inputs);
  } catch (const ExpressionError&) {
    const DatasetName name = input_name(text);
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

void add_outputs(Result& result, const Options& options, std::int64_t whole_bytes, SourceVariables& variables,
                 std::vector<Output>& outputs) {
  result.first_output = outputs.size();
  if (result.destination) {
    const Provenance from = provenance(result.array);
    Output output{result.array, result.destination->path, variable_name(*result.destination, from),
                  save_options(options, result.destination->path, !result.destination->variable.empty())};
    keep_source_metadata(from, variables, output);
    outputs.push_back(std::move(output));
  } else if (options.json || result.array.size_bytes() <= whole_bytes) {
    outputs.push_back({result.array});
  } else {
    for (const Array& piece : printed_pieces(result.array)) outputs.push_back({piece});
  }
  result.output_count = outputs.size() - result.first_output;
}

ResultSet arrange(const std::vector<Array>& arrays, const Options& options, std::int64_t whole_bytes,
                  SourceVariables& variables) {
  ResultSet set;
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    Result result{arrays[i], std::nullopt, 0, 0};
    if (i < options.outputs.size()) result.destination = output_name(options.outputs[i]);
    add_outputs(result, options, whole_bytes, variables, set.outputs);
    set.results.push_back(std::move(result));
  }
  require_options_apply(options, set.outputs);
  for (Output& coordinate : name_axes(set.outputs, options, variables))
    set.outputs.push_back(std::move(coordinate));
  return set;
}

}  // namespace

ResultSet gather_results(const Options& options, std::int64_t whole_bytes) {
  require_different(options.outputs);
  const Inputs inputs = open_inputs(options);
  check_destinations(inputs, options);
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
  SourceVariables variables;
  warn_of_meetings(arrays, options, variables);
  return arrange(arrays, options, whole_bytes, variables);
}

std::optional<ResultSet> with_corners(const ResultSet& set, const Options& options) {
  std::vector<Array> arrays;
  for (const Result& result : set.results) arrays.push_back(result.array);
  SourceVariables variables;
  ResultSet cornered = arrange(arrays, options, 0, variables);
  if (cornered.outputs.size() == set.outputs.size()) return std::nullopt;
  return cornered;
}

}  // namespace varve::cli

#pragma once

#include <memory>
#include <vector>

#include "io/dataset.hpp"
#include "io/formats.hpp"
#include "io/store/file_place.hpp"
#include "plan/plan.hpp"
#include "varve/compute.hpp"

namespace varve::api {

/// A file that a run writes: its format, and where the system has it. Shared by the arrays in it.
struct OutputTarget {
  io::OutputPlace place;
  io::FilePlace file;
};

/// An output of a run with all that its path and its options say, looked up once.
struct ResolvedOutput {
  Output wanted;
  std::shared_ptr<const OutputTarget> target;  ///< null if it stays in memory or goes to a sink
  Shape chunks;                                ///< of what is written or handed on; else empty
  io::CodecSpec codec;                         ///< a fast default of the format if none was asked for
};

/// Looks up where outputs go and how they are written. Errors: ArgumentError for an ending that says no
/// format, an unknown version or codec, or a sink beside a path; DTypeError if the format lacks the dtype;
/// ShapeError if chunks do not fit the array.
[[nodiscard]] std::vector<ResolvedOutput> resolve(std::vector<Output> outputs);

/// Parses attributes; none for an empty text. Errors: ArgumentError if it is not a JSON object.
[[nodiscard]] io::Attributes parse_attributes(const std::string& text, const AttributeDTypes& dtypes);

/// Returns how the dataset of an output is to be written. Errors: ArgumentError for attributes that are not a
/// JSON object.
[[nodiscard]] io::DatasetSpec dataset_spec(const ResolvedOutput& output);

/// Returns what the planner needs to know of the outputs.
[[nodiscard]] std::vector<plan::Request> plan_requests(const std::vector<ResolvedOutput>& outputs);

}  // namespace varve::api

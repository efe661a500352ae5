#pragma once

#include <vector>

#include "io/dataset.hpp"
#include "plan/plan.hpp"
#include "varve/compute.hpp"

namespace varve::api {

/// Returns the chunk extents that an output gets: those asked for, or the natural chunks of the array where
/// these are of a useful size (256 KiB to 64 MiB), or about 4 MiB; those of operations, which are cut for
/// their work, are halved to that. Errors: ShapeError if those asked for do not fit the array.
[[nodiscard]] Shape output_chunks(const Output& output);

/// Parses attributes; none for an empty text. Errors: ArgumentError if it is not a JSON object.
[[nodiscard]] io::Attributes parse_attributes(const std::string& text, const AttributeDTypes& dtypes);

/// Returns how the output's dataset is to be written: chunks, codec (a fast default of the format if none was
/// asked for), attributes and dimension names. Errors: Error for an unknown codec or attributes that are not
/// a JSON object.
[[nodiscard]] io::DatasetSpec dataset_spec(const Output& output);

/// Returns what the planner needs to know of the outputs.
[[nodiscard]] std::vector<plan::Request> plan_requests(const std::vector<Output>& outputs);

}  // namespace varve::api

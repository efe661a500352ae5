#pragma once

#include "cli/options.hpp"
#include "varve/storage.hpp"

namespace varve::cli {

/// Makes an output that holds the stored numbers of a variable mean the same: its attributes, dimension names
/// and fill value. A number that means "missing" by the format of the source becomes `_FillValue`.
/// `options.zarr_format` is set already.
void keep_metadata(const VariableInfo& variable, const std::string& path, SaveOptions& options);

/// Does so for an output that holds the decoded numbers: what said how to decode them is left out.
void keep_decoded_metadata(const VariableInfo& variable, SaveOptions& options);

}  // namespace varve::cli

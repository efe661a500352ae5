#pragma once

#include "io/formats.hpp"
#include "varve/storage.hpp"

namespace varve::labels {

/// Makes an output that holds the stored numbers of a variable mean the same: its attributes, dimension names
/// and fill value. A number that means "missing" by the format of the source becomes `_FillValue`, but for
/// NetCDF's defaults, which stay fill values of the array. `format`: of the output.
void keep_metadata(const VariableInfo& variable, const io::Format& format, SaveOptions& options);

/// Does so for an output that holds the decoded numbers: what said how to decode them is left out.
void keep_decoded_metadata(const VariableInfo& variable, SaveOptions& options);

/// Gives an output the attributes of a file and its groups: of those above `variable`, or of all if it is
/// empty.
void keep_group_metadata(const FileInfo& file, const std::string& variable, SaveOptions& options);
/// Drops attributes that name other variables of the source, which the output does not have.
void drop_references(SaveOptions& options);
/// Drops what was observed over all elements of a variable, for outputs of some of them.
void drop_observed_range(SaveOptions& options);

/// Drops, from attributes that hold for elements of a variable, those that do not for means and sums of them.
void keep_quantity_metadata(SaveOptions& options);

/// Keeps of the attributes only those that `other` has as well, with the same value.
void keep_common_metadata(const SaveOptions& other, SaveOptions& options);

}  // namespace varve::labels

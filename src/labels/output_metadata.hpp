#pragma once

#include "io/formats.hpp"
#include "labels/provenance.hpp"
#include "labels/source_variables.hpp"
#include "varve/compute.hpp"

namespace varve::labels {

/// Gives an output the attributes that still hold for its values, by where these come from:
///
/// - elements of a variable (selections, extremes, sorted values): all, and stored numbers keep what says how
///   they are packed and which are missing;
/// - the same quantity (means, sums, differences of equal units): all but those on cells, flags and ranges;
/// - of several variables: those on which they agree;
/// - others (products, counts, comparisons): none.
///
/// Attributes of the files, where all that are read agree, become those of the output. Nothing happens where
/// the format has no attributes, and options that say attributes keep theirs.
void keep_source_metadata(const Provenance& from, const io::Format& format, SourceVariables& variables,
                          Output& output);

}  // namespace varve::labels

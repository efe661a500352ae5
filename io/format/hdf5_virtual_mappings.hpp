#pragma once

#include <hdf5.h>

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "varve/core/box.hpp"

namespace varve::io::hdf5 {

/// A source of a virtual dataset as that one names it; "." is the file of the virtual dataset.
struct SourceName {
  std::string file;
  std::string dataset;
  friend auto operator<=>(const SourceName&, const SourceName&) = default;
};

/// A block of a virtual dataset, and the block of a source that it shows: of one shape but for axes of
/// extent 1, which either may have anywhere.
struct Mapping {
  Box place;               ///< in the virtual dataset
  bool is_whole = false;   ///< shows all of the source, whose shape the mapping does not tell
  Index start;             ///< first element in the source
  Index along;             ///< per axis of the source: the axis of `place` that it runs along; -1 for none
  std::size_t source = 0;  ///< its number
  std::string problem;     ///< why it cannot be read; "" if it can
};

/// The sources of a virtual dataset, each once, and its mappings in their order: later ones win.
struct Mappings {
  std::vector<SourceName> sources;
  std::vector<Mapping> blocks;
};

/// Reads the mappings of a virtual dataset of that shape, in linear time. Nothing if one is not plain: a
/// selection that is no block, that grows with its source or lies outside the array, blocks of different
/// shapes, a name with "%" in it (of a family of files), or more than `most` mappings.
[[nodiscard]] std::optional<Mappings> read_mappings(hid_t creation, const Shape& shape, std::size_t most);

/// Tells, per axis of a source's block, which axis of the virtual block it runs along; nothing if the shapes
/// differ in more than axes of extent 1.
[[nodiscard]] std::optional<Index> match_axes(const Shape& source, const Shape& place);

}  // namespace varve::io::hdf5

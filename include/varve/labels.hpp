#pragma once

#include <string>
#include <utility>
#include <vector>

#include "varve/array.hpp"

namespace varve {

/// Names the axes of `x`, one name each, "" for none. Its coordinates stay along their axes, and are called
/// as these are.
///
/// Errors:  ShapeError if there are not as many names as axes, or one is repeated.
Array with_dims(const Array& x, const std::vector<std::string>& names);

/// The selection along one axis, by the name of the axis.
using NamedIndex = std::pair<std::string, IndexItem>;

/// Selects by position along named axes, as xarray's `isel`: `isel(x, {{"time", 3}, {"lat", Slice{0, 10}}})`.
/// Each axis is selected by itself: lists along two axes give all combinations.
///
/// Shape:   integers drop their axis, slices and lists keep it, positions put their shape in its place.
/// Errors:  ShapeError if no axis has the name, listing those that there are; IndexError.
Array isel(const Array& x, const std::vector<NamedIndex>& items);

}  // namespace varve

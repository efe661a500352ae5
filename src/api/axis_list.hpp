#pragma once

#include <optional>
#include <string>
#include <vector>

#include "varve/array.hpp"
#include "varve/axes.hpp"

namespace varve::api {

/// Returns the number of the axis that has a name; nothing if none has.
[[nodiscard]] std::optional<std::int64_t> find_axis(const std::string& name,
                                                    const std::vector<std::string>& dims);
/// Says that no axis has a name, and which names there are.
[[nodiscard]] std::string no_such_axis(const std::string& name, const std::vector<std::string>& dims);

/// Returns axes as they were given, with numbers in place of names; nothing for all. Errors: ShapeError,
/// naming `operation`, if no axis of `x` has a name.
[[nodiscard]] std::optional<std::vector<std::int64_t>> axis_numbers(const Axes& axes, const Array& x,
                                                                    const std::string& operation);
/// Returns an axis of `x`, counted from the front. Errors: ShapeError, naming `operation`, also if it is out
/// of range.
[[nodiscard]] std::int64_t axis_of(const Axis& axis, const Array& x, const std::string& operation);
/// Returns the named axes, or all, in the order given, counted from the front. Errors: ShapeError, naming
/// `operation`, also if one is out of range or repeated.
[[nodiscard]] std::vector<std::int64_t> axis_list(const Axes& axes, const Array& x,
                                                  const std::string& operation);
/// Returns the same, sorted.
[[nodiscard]] std::vector<std::int64_t> sorted_axis_list(const Axes& axes, const Array& x,
                                                         const std::string& operation);

}  // namespace varve::api

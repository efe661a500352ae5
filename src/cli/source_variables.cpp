#include "cli/source_variables.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/guard.hpp"
#include "varve/compute.hpp"
#include "varve/elementwise.hpp"
#include "varve/postponed_refusals.hpp"
#include "varve/reductions.hpp"

namespace varve::cli {
namespace {

constexpr double kTolerance = 1e-6;  // float32 and float64 of one coordinate are the same coordinate

bool equal_values(const Array& left, const Array& right) {
  const Array a = astype(left, DType::float64);
  const Array b = astype(right, DType::float64);
  const Array close = abs(a - b) <= kTolerance * max(abs(a));
  return item<bool>(all(close || a == b || (isnan(a) && isnan(b))));
}

}  // namespace

std::string group_of(const std::string& variable) { return variable.substr(0, variable.rfind('/') + 1); }

const FileInfo* SourceVariables::find(const std::string& path, const std::string& variable) {
  const auto [place, is_new] = files_.try_emplace({path, variable});
  if (is_new) {
    try {
      place->second = guarded(path, [&] { return describe(path, variable); });
      if (place->second->variables.size() != 1 || !place->second->variables.front().problem.empty())
        place->second.reset();
    } catch (const Error&) {  // no such variable, or one that cannot be read
    }
  }
  return place->second ? &*place->second : nullptr;
}

const FileInfo* SourceVariables::coordinate_of(const AxisSource& axis) {
  for (std::string group = group_of(axis.variable);;) {
    const FileInfo* file = find(axis.path, group + axis.name);
    if (file != nullptr && file->variables.front().shape == Shape{axis.extent}) return file;
    if (group.empty()) return nullptr;
    group.pop_back();
    group = group_of(group);
  }
}

std::optional<Array> SourceVariables::decoded(const AxisPositions& positions) {
  try {
    return positions.select([this](const AxisSource& axis) -> std::optional<Array> {
      const FileInfo* file = coordinate_of(axis);
      if (file == nullptr) return std::nullopt;
      return open_guarded(file->path, file->variables.front().name);
    });
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string SourceVariables::units(const AxisPositions& positions) {
  const FileInfo* file = coordinate_of(positions.sources().front());
  if (file == nullptr) return "";
  const auto attributes = nlohmann::json::parse(file->variables.front().attributes, nullptr, false);
  if (!attributes.is_object() || !attributes.contains("units")) return "";
  return attributes["units"].dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool SourceVariables::differ(const AxisPositions& left, const AxisPositions& right) {
  // Coordinates that guessed masks select say nothing, and the run is refused anyway.
  const PostponedRefusals* postponed = PostponedRefusals::current();
  if (postponed != nullptr && postponed->any()) return false;
  const std::optional<Array> a = decoded(left);
  const std::optional<Array> b = decoded(right);
  if (!a || !b || a->size() != b->size() || a->size() == 0) return false;
  if (units(left) != units(right)) return true;
  try {
    return !equal_values(*a, *b);
  } catch (const DTypeError&) {  // complex: no coordinate that could be ordered
    return false;
  }
}

std::string SourceVariables::range(const AxisPositions& positions) {
  const std::optional<Array> values = decoded(positions);
  if (!values) return "";
  const auto end = [&](std::int64_t at) { return item<double>(astype((*values)(at), DType::float64)); };
  return fmt::format("{:g} to {:g}", end(0), end(-1));
}

}  // namespace varve::cli

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

std::string units_of(const VariableInfo& variable) {
  const auto attributes = nlohmann::json::parse(variable.attributes, nullptr, false);
  if (!attributes.is_object() || !attributes.contains("units")) return "";
  return attributes["units"].dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// What cannot be described, because it is not there or cannot be read, is not known.
template <class Describe>
std::optional<std::invoke_result_t<Describe>> known_or_none(const Describe& describe) {
  try {
    return describe();
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

std::string group_of(const std::string& variable) { return variable.substr(0, variable.rfind('/') + 1); }

const FileInfo* SourceVariables::find_file(const std::string& path) {
  const auto [place, is_new] = files_.try_emplace(path);
  if (is_new)
    place->second = known_or_none([&] { return guarded(path, [&] { return describe_file(path); }); });
  return place->second ? &*place->second : nullptr;
}

const SourceVariable* SourceVariables::find(const std::string& path, const std::string& variable) {
  const auto [place, is_new] = variables_.try_emplace({path, variable});
  if (is_new) {
    place->second = known_or_none([&] {
      return guarded(path, [&] { return SourceVariable{nullptr, describe_variable(path, variable)}; });
    });
    const FileInfo* file = place->second ? find_file(path) : nullptr;
    if (file == nullptr)
      place->second.reset();
    else
      place->second->file = file;
  }
  return place->second ? &*place->second : nullptr;
}

const SourceVariable* SourceVariables::coordinate_of(const AxisSource& axis) {
  for (std::string group = group_of(axis.variable);;) {
    const SourceVariable* found = find(axis.path, group + axis.name);
    if (found != nullptr && found->info.shape == Shape{axis.extent}) return found;
    if (group.empty()) return nullptr;
    group.pop_back();
    group = group_of(group);
  }
}

std::optional<Array> SourceVariables::decoded(const AxisPositions& positions) {
  try {
    return positions.select([this](const AxisSource& axis) -> std::optional<Array> {
      const SourceVariable* found = coordinate_of(axis);
      if (found == nullptr) return std::nullopt;
      return open_guarded(found->file->path, found->info.name);
    });
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string SourceVariables::units(const AxisPositions& positions) {
  const SourceVariable* found = coordinate_of(positions.sources().front());
  return found == nullptr ? "" : units_of(found->info);
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

bool SourceVariables::are_same(const io::Location& left, const io::Location& right) {
  const SourceVariable* a = find(left.path, left.variable);
  const SourceVariable* b = find(right.path, right.variable);
  if (a == nullptr || b == nullptr || a->info.shape.size() != 1 || a->info.shape != b->info.shape)
    return false;
  if (units_of(a->info) != units_of(b->info)) return false;
  if (a->info.shape[0] == 0) return true;
  try {
    return equal_values(open_guarded(left.path, left.variable), open_guarded(right.path, right.variable));
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

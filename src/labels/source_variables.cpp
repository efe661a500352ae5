#include "labels/source_variables.hpp"

#include <nlohmann/json.hpp>

#include "io/variable_name.hpp"

namespace varve::labels {
namespace {

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

const SourceVariable* SourceVariables::coordinate_of(const expr::AxisSource& axis) {
  for (std::string group = io::group_of(axis.variable);;) {
    const SourceVariable* found = find(axis.path, group + axis.name);
    if (found != nullptr && found->info.shape == Shape{axis.extent}) return found;
    if (group.empty()) return nullptr;
    group.pop_back();
    group = io::group_of(group);
  }
}

expr::NodePtr SourceVariables::open(const SourceVariable& variable, const OpenOptions& options) {
  const std::string& path = variable.file->path;
  return guarded(path, [&] { return varve::open(path, variable.info.name, options).node(); });
}

expr::NodePtr SourceVariables::decoded(const expr::AxisPositions& positions) {
  try {
    return positions.select([this](const expr::AxisSource& axis) {
      const SourceVariable* found = coordinate_of(axis);
      return found == nullptr ? nullptr : open(*found);
    });
  } catch (const Error&) {
    return nullptr;
  }
}

std::string SourceVariables::units(const expr::AxisPositions& positions) {
  const SourceVariable* found = coordinate_of(positions.sources().front());
  return found == nullptr ? "" : units_of(found->info);
}

bool SourceVariables::differ(const expr::AxisPositions& left, const expr::AxisPositions& right) {
  const expr::NodePtr a = decoded(left);
  const expr::NodePtr b = decoded(right);
  if (!a || !b || !(a->shape == b->shape) || a->shape[0] == 0) return false;
  return units(left) != units(right) || surroundings_.differ(a, b);
}

bool SourceVariables::are_same(const io::Location& left, const io::Location& right) {
  const SourceVariable* a = find(left.path, left.variable);
  const SourceVariable* b = find(right.path, right.variable);
  if (a == nullptr || b == nullptr || a->info.shape.size() != 1 || a->info.shape != b->info.shape)
    return false;
  if (units_of(a->info) != units_of(b->info)) return false;
  return a->info.shape[0] == 0 || !surroundings_.differ(open(*a), open(*b));
}

}  // namespace varve::labels

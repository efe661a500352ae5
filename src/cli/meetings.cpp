#include "cli/meetings.hpp"

#include <fmt/format.h>

#include <set>

#include "api/label_surroundings.hpp"
#include "cli/guard.hpp"
#include "cli/run_outputs.hpp"
#include "varve/elementwise.hpp"
#include "varve/postponed_refusals.hpp"

namespace varve::cli {
namespace {

std::string name_of(const expr::AxisSource& axis) {
  return axis.variable.empty() ? axis.path : axis.path + ":" + axis.variable;
}

// Says from where to where the coordinate goes: "90 to -90".
std::string range(labels::SourceVariables& variables, const expr::AxisPositions& positions) {
  const expr::NodePtr values = variables.decoded(positions);
  if (!values) return "";
  const Array coordinate(values);
  const auto end = [&](std::int64_t at) { return item<double>(astype(coordinate(at), DType::float64)); };
  return fmt::format("{:g} to {:g}", end(0), end(-1));
}

}  // namespace

labels::Surroundings label_surroundings(const Options& options) {
  labels::Surroundings surroundings = api::label_surroundings(Runtime::current());
  surroundings.guard = [](const std::string& path, const std::function<void()>& look) {
    guarded(path, look);
  };
  surroundings.warn = [&options](const std::string& message) { warn(options, message); };
  return surroundings;
}

void warn_of_meetings(const std::vector<Array>& arrays, const Options& options,
                      labels::SourceVariables& variables) {
  const PostponedRefusals* postponed = PostponedRefusals::current();
  if (options.quiet || (postponed != nullptr && postponed->any())) return;
  std::vector<expr::NodePtr> roots;
  for (const Array& array : arrays) roots.push_back(array.node());
  std::set<std::string> told;
  for (const expr::AxisMeeting& meeting : expr::axis_meetings(roots)) {
    const expr::AxisSource& left = meeting.left->sources().front();
    const expr::AxisSource& right = meeting.right->sources().front();
    const std::string which = meeting.name + " of " + name_of(left) + " and of " + name_of(right);
    if (told.contains(which) || !variables.differ(*meeting.left, *meeting.right)) continue;
    told.insert(which);
    warn(options, which + " differ (" + range(variables, *meeting.left) + ", " +
                      range(variables, *meeting.right) + "): elements are combined by position");
  }
}

}  // namespace varve::cli

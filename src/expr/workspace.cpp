#include "expr/workspace.hpp"

#include <algorithm>

#include "varve/core/error.hpp"

namespace varve::expr {
namespace {

constexpr std::int64_t kLine = 64;
// No machine has so much, and sums of a few fit.
constexpr std::int64_t kMaxBytes = std::int64_t{1} << 60;

std::int64_t in_lines(std::int64_t bytes) { return (bytes + kLine - 1) / kLine * kLine; }

}  // namespace

void Place::refuse() { throw Error("an operation works in memory that it did not ask for"); }

Workspace::Appended Workspace::append(std::int64_t count, std::int64_t value_bytes, std::int64_t copies) {
  const std::int64_t offset = in_lines(bytes_);
  const std::int64_t bytes = std::min(saturating_multiply(count, value_bytes), kMaxBytes);
  const std::int64_t stride = in_lines(bytes);
  const std::int64_t before =
      std::min(saturating_multiply(stride, std::max<std::int64_t>(copies - 1, 0)), kMaxBytes);
  bytes_ = std::min(offset + before + (copies > 0 ? bytes : 0), kMaxBytes);
  return {offset, bytes, stride};
}

}  // namespace varve::expr

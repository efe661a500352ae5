#include "api/cgroup.hpp"

#include <algorithm>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace varve::api {
namespace {

namespace fs = std::filesystem;

// "max" (version 2: no limit) is no number. Version 1 says the same by a number beyond any memory.
std::optional<std::int64_t> read_limit(const fs::path& path) {
  std::ifstream file(path);
  std::int64_t value = 0;
  if (file >> value && value > 0) return value;
  return std::nullopt;
}

// One line of the list: "0::/a/b" in version 2, "5:cpu,memory:/a/b" in version 1.
struct Membership {
  std::string controllers;  ///< with a comma before, between and after
  fs::path group;           ///< below the root of its hierarchy
};

std::vector<Membership> read_memberships(const fs::path& path) {
  std::ifstream file(path);
  std::vector<Membership> result;
  for (std::string line; std::getline(file, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    Membership entry{",", fs::path(line.substr(second + 1)).relative_path()};
    entry.controllers.append(line, first + 1, second - first - 1).push_back(',');
    result.push_back(std::move(entry));
  }
  return result;
}

class MinLimit {
 public:
  // A group is bound by those above it. A group that lies outside of what a container sees ("/../x") has no
  // folder here, but the root of the hierarchy still does.
  void add_group_and_above(const fs::path& root, const fs::path& group, const char* file) {
    add(root / file);
    fs::path folder = root;
    for (const fs::path& part : group) {
      if (part == "..") return;
      folder /= part;
      add(folder / file);
    }
  }
  [[nodiscard]] std::optional<std::int64_t> value() const noexcept { return min_; }

 private:
  void add(const fs::path& path) {
    const std::optional<std::int64_t> limit = read_limit(path);
    if (limit) min_ = std::min(min_.value_or(*limit), *limit);
  }

  std::optional<std::int64_t> min_;
};

}  // namespace

std::optional<std::int64_t> cgroup_memory_limit(const fs::path& membership, const fs::path& mount) {
  constexpr const char* kVersion2 = "memory.max";
  constexpr const char* kVersion1 = "memory.limit_in_bytes";
  MinLimit min;
  min.add_group_and_above(mount, {}, kVersion2);
  min.add_group_and_above(mount / "memory", {}, kVersion1);
  for (const Membership& entry : read_memberships(membership)) {
    if (entry.controllers == ",,") {
      min.add_group_and_above(mount, entry.group, kVersion2);
      min.add_group_and_above(mount / "unified", entry.group, kVersion2);
    } else if (entry.controllers.find(",memory,") != std::string::npos) {
      min.add_group_and_above(mount / "memory", entry.group, kVersion1);
    }
  }
  return min.value();
}

}  // namespace varve::api

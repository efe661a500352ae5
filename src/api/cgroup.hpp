#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace varve::api {

/// Returns the smallest memory limit, in bytes, of the control groups that a process belongs to and of all
/// groups above them, of version 1 and 2; nothing where none is set.
///
/// `membership` is the list of its groups (/proc/self/cgroup), `mount` the folder that holds the hierarchies
/// (/sys/fs/cgroup). What cannot be read sets no limit.
[[nodiscard]] std::optional<std::int64_t> cgroup_memory_limit(const std::filesystem::path& membership,
                                                              const std::filesystem::path& mount);

}  // namespace varve::api

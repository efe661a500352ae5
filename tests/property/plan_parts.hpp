#pragma once

#include <filesystem>
#include <vector>

#include "exec/run_plan.hpp"
#include "plan/plan_json.hpp"

// Runs a plan stage by stage in several processes, which share the plan's JSON and files in a folder, and
// nothing else. All files hold elements in C order:
//
//     plan.json                   the plan
//     held-HASH-DTYPE, source-ID  what operators hold; arrays in memory
//     value-ID                    a value that is whole
//     part-STAGE-PART             what the tiles of a part gave: accumulators, pieces of values
namespace varve::test {

/// Writes what all processes need.
void share_plan(const plan::Plan& plan, const std::filesystem::path& folder);

/// Runs each `parts`-th tile of a stage, from number `part` on, in this process, from the files.
void run_part(const std::filesystem::path& folder, std::size_t stage, std::int64_t part, std::int64_t parts);

/// Makes whole values of what the parts of a stage gave, from the files.
void join_parts(const std::filesystem::path& folder, std::size_t stage, std::int64_t parts);

[[nodiscard]] std::vector<std::byte> read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes);

}  // namespace varve::test

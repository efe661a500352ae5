#pragma once

#include <string>
#include <vector>

#include "ops/blocks/blocks.hpp"
#include "varve/blocks.hpp"

namespace varve::api {

/// Returns what tells a function from others: its name, else a number that no other call has, in this run of
/// the program or another.
[[nodiscard]] std::uint64_t identity_of_function(const std::string& operation, const std::string& identity);

/// Wraps a function of the program's own. Errors: Error, naming `operation`, if it is empty.
[[nodiscard]] ops::BlockTask task_of(const std::string& operation, BlockFunction function,
                                     std::int64_t workspace_bytes, const std::string& identity);

/// Runs a part of the program's own. What it throws is thrown again as an Error that names the block.
void naming_block(const std::string& operation, const ops::BlockPlace& place,
                  const std::function<void()>& work);

[[nodiscard]] std::vector<expr::NodePtr> nodes_of(const std::vector<Array>& arrays);

}  // namespace varve::api

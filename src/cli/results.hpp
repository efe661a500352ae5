#pragma once

#include <optional>
#include <vector>

#include "cli/dataset_name.hpp"
#include "cli/options.hpp"
#include "varve/compute.hpp"

namespace varve::cli {

/// One result of the expressions: where its pieces lie among the outputs of the run.
struct Result {
  Array array;
  std::optional<Destination> destination;  ///< absent: it is printed
  std::size_t first_output = 0;
  std::size_t output_count = 0;
};

/// Everything that one run computes.
struct ResultSet {
  std::vector<Result> results;
  std::vector<Output> outputs;
};

/// Opens the inputs, evaluates the expressions, and gives each result its destination. A tuple gives several
/// results. A result that is printed is computed whole if it takes at most `whole_bytes`, else its printed
/// corners are. Errors: UsageError, ExpressionError, and those of varve::open.
[[nodiscard]] ResultSet gather_results(const Options& options, std::int64_t whole_bytes);

/// Arranges the same results again, with only the corners of those that printing shortens; nothing where that
/// would change nothing.
[[nodiscard]] std::optional<ResultSet> with_corners(const ResultSet& set, const Options& options);

}  // namespace varve::cli

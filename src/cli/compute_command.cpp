#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "cli/array_json.hpp"
#include "cli/array_text.hpp"
#include "cli/commands.hpp"
#include "cli/edges.hpp"
#include "cli/results.hpp"
#include "cli/run_outputs.hpp"

namespace varve::cli {
namespace {

// Says what the printed values do not show.
std::string note(const Shape& shape, DType dtype) {
  if (shape.empty()) return "";
  const bool evident = dtype == DType::boolean || dtype == DType::int64 || dtype == DType::float64 ||
                       dtype == DType::complex128;
  const bool shortened = printed_shape(shape) != shape || element_count(shape) == 0;
  if (shortened) return fmt::format("shape {}, dtype {}\n", to_string(shape), name_of(dtype));
  return evident ? "" : fmt::format("dtype {}\n", name_of(dtype));
}

void print_result(const Result& result, const std::vector<Array>& computed, bool json) {
  const auto first = computed.begin() + static_cast<std::ptrdiff_t>(result.first_output);
  std::vector<Array> pieces(first, first + static_cast<std::ptrdiff_t>(result.output_count));
  if (json) return write_json(stdout, pieces.front().view());
  const Shape& shape = result.array.shape();
  if (result.output_count == 1) pieces = compute(printed_pieces(pieces.front()));
  const DenseValues values = join_pieces(pieces, shape);
  fmt::print("{}\n{}", array_text(values.view(), shape), note(shape, values.dtype));
}

}  // namespace

void compute_command(const Options& options) {
  const Runtime runtime(options.runtime);
  // Small results are cheaper to compute at once than corner by corner.
  const ResultSet set = gather_results(options, std::min<std::int64_t>(16_MiB, runtime.memory() / 8));
  const RunResult run = run_outputs(set.outputs, options);
  for (const Result& result : set.results) {
    if (!result.destination) print_result(result, run.arrays, options.json);
  }
}

void explain_command(const Options& options) {
  const Runtime runtime(options.runtime);
  const ResultSet set = gather_results(options, runtime.memory() / 2);
  const Explanation explanation = explain(set.outputs);
  const bool corners = std::any_of(set.results.begin(), set.results.end(),
                                   [](const Result& result) { return result.output_count > 1; });
  if (corners)
    fmt::print(
        "the array does not fit the budget: this is the plan for its printed corners; add -o OUT for that of "
        "the whole\n");
  const std::string& text = options.json ? explanation.json : explanation.text;
  fmt::print("{}{}", text, text.ends_with('\n') ? "" : "\n");
}

}  // namespace varve::cli

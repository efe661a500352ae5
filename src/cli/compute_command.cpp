#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <set>

#include "api/catalogue/catalogue.hpp"
#include "cli/array_json.hpp"
#include "cli/array_text.hpp"
#include "cli/commands.hpp"
#include "cli/edges.hpp"
#include "cli/results.hpp"
#include "cli/run_outputs.hpp"
#include "varve/postponed_refusals.hpp"

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

template <class T>
bool all_nan(const ConstStridedView& values) {
  constexpr std::int64_t kMax = 1000;  // of what is printed whole
  const std::int64_t count = element_count(values.shape);
  if (count == 0 || count > kMax) return false;
  bool all = true;
  for_each_element(
      [&](const std::byte* element) {
        T value = 0;
        std::memcpy(&value, element, sizeof value);
        all = all && std::isnan(value);
      },
      values);
  return all;
}

bool is_all_nan(const Array& values) {
  if (values.dtype() == DType::float64) return all_nan<double>(values.view());
  return values.dtype() == DType::float32 && all_nan<float>(values.view());
}

// The nan forms of the functions that the expressions call: "nanmean(x)".
std::set<std::string> nan_forms(const std::vector<std::string>& expressions) {
  std::set<std::string> forms;
  for (const std::string& text : expressions) {
    for (std::size_t open = text.find('('); open != std::string::npos; open = text.find('(', open + 1)) {
      std::size_t start = open;
      while (start > 0 &&
             (std::isalnum(static_cast<unsigned char>(text[start - 1])) != 0 || text[start - 1] == '_'))
        --start;
      const std::string name = "nan" + text.substr(start, open - start);
      if (catalogue::find_function(name) != nullptr) forms.insert(name + "(x)");
    }
  }
  return forms;
}

// One missing value makes a mean NaN, which is no news to NumPy's users but to others.
void explain_nan(const ResultSet& set, const RunResult& run, const Options& options) {
  const bool met = std::any_of(set.results.begin(), set.results.end(), [&](const Result& result) {
    return !result.destination && result.output_count == 1 && is_all_nan(run.arrays[result.first_output]);
  });
  const std::set<std::string> forms = met ? nan_forms(options.expressions) : std::set<std::string>();
  if (forms.empty()) return;
  warn(options, fmt::format("a result is NaN, as with any NaN or missing value in the data, or with no "
                            "elements; {} leaves missing ones out",
                            fmt::join(forms, " or ")));
}

// Gathers the results; one refusal speaks of all that the expressions need. Where something was guessed, what
// is built around it may not suit it: that is no mistake of the user's.
ResultSet gather(const Options& options, std::int64_t whole_bytes) {
  const PostponedRefusals postponed;
  try {
    ResultSet set = gather_results(options, whole_bytes);
    postponed.rethrow(set.outputs);
    return set;
  } catch (const BudgetError&) {
    throw;
  } catch (const Error&) {
    postponed.rethrow();
    throw;
  }
}

// Runs the results; those that are printed and do not fit as a whole are computed corner by corner.
RunResult run_results(ResultSet& set, const Options& options) {
  try {
    return run_outputs(set.outputs, options);
  } catch (const BudgetError&) {
    auto cornered = with_corners(set, options);
    if (!cornered) throw;
    set = *std::move(cornered);
    return run_outputs(set.outputs, options);
  }
}

}  // namespace

void compute_command(const Options& options) {
  const Runtime runtime(options.runtime);
  // Small results are cheaper to compute at once than corner by corner.
  ResultSet set = gather(options, std::min<std::int64_t>(16_MiB, runtime.memory() / 8));
  const RunResult run = run_results(set, options);
  for (const Result& result : set.results) {
    if (!result.destination) print_result(result, run.arrays, options.json);
  }
  explain_nan(set, run, options);
  std::fflush(stdout);
  require_written(run.report);
}

void explain_command(const Options& options) {
  const Runtime runtime(options.runtime);
  const ResultSet set = gather(options, runtime.memory() / 2);
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

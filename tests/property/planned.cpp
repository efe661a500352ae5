#include "property/planned.hpp"

#include <algorithm>

#include "api/resolved_output.hpp"
#include "exec/run_plan.hpp"
#include "property/function_rows.hpp"
#include "support/temporary_directory.hpp"

namespace varve::test {
namespace {

constexpr std::int64_t kMemory = std::int64_t{4} << 20;

// Beside the functions: values that no file holds, from generators whose parameters take all of their bits.
const std::vector<std::string> kGenerated = {"sum(random.normal(size=(9,)))",
                                             "sum(random.uniform(size=(40, 9)), axis=0)",
                                             "random.integers(0, 2**62, size=30) % 1000",
                                             "sum(random.integers(-2**62, 2**62, size=(8, 3)), axis=1)",
                                             "arange(2**60, 2**60 + 9)",
                                             "arange(-2**62, 2**62, 2**60) * 1",
                                             "eye(5, k=1) @ eye(5)",
                                             "var(x, correction=inf)",
                                             "var(x, axis=0, correction=nan)"};

std::vector<std::byte> bytes_of(const ConstStridedView& view) {
  std::vector<std::byte> bytes;
  for_each_element(
      [&](const std::byte* element) { bytes.insert(bytes.end(), element, element + size_bytes(view.dtype)); },
      view);
  return bytes;
}

}  // namespace

std::vector<std::string> planned_expressions() {
  std::vector<std::string> all = kGenerated;
  for (const FunctionRow& row : function_rows()) all.push_back(row.expression);
  return all;
}

std::vector<plan::Request> requests_of(const std::string& expression) {
  const Runtime runtime({.memory = 256_MiB, .threads = 2});
  return api::plan_requests(api::resolve(outputs_of(expression)));
}

plan::Plan plan_of(const std::vector<plan::Request>& requests) {
  try {
    return plan::make_plan(requests, {kMemory, 2});
  } catch (const BudgetError& error) {
    return plan::make_plan(requests, {error.required_bytes(), 2});
  }
}

std::vector<expr::NodePtr> nodes_of(const plan::Plan& plan) {
  std::vector<expr::NodePtr> nodes;
  for (const plan::SourcePtr& source : plan.sources)
    nodes.push_back(source->definition() != nullptr ? nullptr : source->origin);
  return nodes;
}

std::vector<std::byte> result_of(const plan::Plan& plan, const exec::Bindings& bindings,
                                 std::int64_t memory_bytes) {
  const TemporaryDirectory scratch;
  const plan::Root& root = plan.roots.front();
  if (root.value < 0) return bytes_of(Array(expr::make_view(bindings.node(root.source), root.view)).view());
  exec::Engine engine({std::max(memory_bytes, kMemory), 2, scratch.path().string()});
  exec::RunContext context;
  exec::RunMeasure measure;
  const auto stores = exec::run_plan(plan, bindings, {nullptr}, engine, context, measure);
  return bytes_of(varve::as_const(stores[static_cast<std::size_t>(root.value)]->memory()));
}

}  // namespace varve::test

#include <catch2/catch.hpp>
#include <cstdlib>

#include "api/output_grid.hpp"
#include "exec/run_plan.hpp"
#include "plan/plan_json.hpp"
#include "property/function_rows.hpp"
#include "property/plan_parts.hpp"
#include "support/temporary_directory.hpp"

// Plans are values: what one process writes down, another may run.
namespace varve::test {
namespace {

constexpr std::int64_t kMemory = std::int64_t{4} << 20;

// Instrumented processes are slow to begin, and there are some three for each stage.
#if defined(VARVE_SANITIZER)
constexpr std::size_t kEachRow = 12;
#else
constexpr std::size_t kEachRow = 1;
#endif

std::vector<plan::Request> requests_of(const std::string& expression) {
  const Runtime runtime({.memory = 256_MiB, .threads = 2});
  return api::plan_requests(outputs_of(expression));
}

// In little memory, so that some values go to scratch; in more where that is too little.
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

std::vector<std::byte> bytes_of(const ConstStridedView& view) {
  std::vector<std::byte> bytes;
  for_each_element(
      [&](const std::byte* element) { bytes.insert(bytes.end(), element, element + size_bytes(view.dtype)); },
      view);
  return bytes;
}

// The elements of the only result.
std::vector<std::byte> result_of(const plan::Plan& plan, const exec::Bindings& bindings) {
  const TemporaryDirectory scratch;
  const plan::Root& root = plan.roots.front();
  if (root.value < 0) return bytes_of(Array(expr::make_view(bindings.node(root.source), root.view)).view());
  exec::Engine engine({std::max(plan.budget_bytes, kMemory), 2, scratch.path().string()});
  exec::RunContext context;
  exec::RunMeasure measure;
  const auto stores = exec::run_plan(plan, bindings, {nullptr}, engine, context, measure);
  return bytes_of(varve::as_const(stores[static_cast<std::size_t>(root.value)]->memory()));
}

// A process of its own.
bool work(const std::filesystem::path& folder, std::size_t stage, const std::string& part) {
  const std::string command = std::string(VARVE_PLAN_WORKER) + " " + folder.string() + " " +
                              std::to_string(stage) + " " + part + " 2";
  return std::system(command.c_str()) == 0;
}

}  // namespace

TEST_CASE("every function: its plan goes to JSON and back without loss, and gives the same bits from there",
          "[property]") {
  for (const FunctionRow& row : function_rows()) {
    INFO(row.expression);
    const std::vector<plan::Request> requests = requests_of(row.expression);
    const plan::Plan made = plan_of(requests);
    const std::string text = plan::write_plan(made);
    const plan::Plan read = plan::read_plan(text, plan::contents_of(made));
    CHECK(read == made);
    CHECK(plan::write_plan(read) == text);
    CHECK(result_of(read, exec::Bindings(read, nodes_of(made))) == result_of(made, exec::Bindings(made)));
  }
}

TEST_CASE("every function: two processes that share the plan's JSON and files give the same bits",
          "[property]") {
  const std::vector<FunctionRow> rows = function_rows();
  for (std::size_t at = 0; at < rows.size(); at += kEachRow) {
    const FunctionRow& row = rows[at];
    INFO(row.expression);
    const plan::Plan made = plan_of(requests_of(row.expression));
    const plan::Root& root = made.roots.front();
    if (root.value < 0) continue;  // nothing to compute
    REQUIRE(plan::contents_of(made).bound.empty());
    const TemporaryDirectory folder;
    share_plan(made, folder.path());
    for (std::size_t stage = 0; stage < made.stages.size(); ++stage) {
      for (const char* part : {"0", "1", "join"}) REQUIRE(work(folder.path(), stage, part));
    }
    CHECK(read_file(folder.path() / ("value-" + std::to_string(root.value))) ==
          result_of(made, exec::Bindings(made)));
  }
}

TEST_CASE("plan: the same expressions and limits give equal plans, others others", "[property]") {
  const auto plan_for = [](const std::string& expression) { return plan_of(requests_of(expression)); };
  CHECK(plan_for("sort(x + y, axis=0)") == plan_for("sort(x + y, axis=0)"));
  CHECK_FALSE(plan_for("sort(x + y, axis=0)") == plan_for("sort(x + y, axis=1)"));
  CHECK_FALSE(plan_for("sum(x)") == plan_for("sum(y)"));
}

TEST_CASE("plan: text that is no plan is refused", "[property]") {
  const plan::Plan made = plan_of(requests_of("sort(exp(x), axis=0) + mean(y)"));
  const std::string text = plan::write_plan(made);
  for (const char* other : {"", "{}", "[1, 2", "{\"varve_plan\": 1}", "{\"varve_plan\": 2}"}) {
    INFO(other);
    CHECK_THROWS_AS(plan::read_plan(other), FormatError);
  }
  // Numbers of registers, values, sources and axes that there are not.
  for (const char* name : {"\"register\":", "\"input\":", "\"value\":", "\"made_by\":", "\"output_axis\":",
                           "\"source\":", "\"output\":"}) {
    const std::size_t at = text.find(name);
    REQUIRE(at != std::string::npos);
    std::string damaged = text;
    damaged.insert(at + std::string(name).size(), "99");
    INFO(damaged.substr(at, 40));
    CHECK_THROWS_AS(plan::read_plan(damaged), FormatError);
  }
}

TEST_CASE("plan: what is bound to a source must be what was planned for", "[property]") {
  const plan::Plan made = plan_of(requests_of("sum(x) + sum(i)"));
  std::vector<expr::NodePtr> nodes = nodes_of(made);
  REQUIRE(nodes.size() == 2);
  CHECK_NOTHROW(exec::Bindings(made, nodes));
  std::swap(nodes[0], nodes[1]);
  CHECK_THROWS_AS(exec::Bindings(made, nodes), ArgumentError);
  CHECK_THROWS_WITH(exec::Bindings(made, {}), Catch::Contains("nothing is bound to"));
}

}  // namespace varve::test

#include <catch2/catch.hpp>
#include <cstdlib>
#include <sstream>

#include "plan/plan_json.hpp"
#include "property/plan_parts.hpp"
#include "property/planned.hpp"
#include "support/temporary_directory.hpp"

// Plans are values: what one process writes down, another may run.
namespace varve::test {
namespace {

// Instrumented processes are slow to begin, and there are some three for each stage.
#if defined(VARVE_SANITIZER)
constexpr std::size_t kEachRow = 12;
#else
constexpr std::size_t kEachRow = 1;
#endif

// A process of its own.
bool work(const std::filesystem::path& folder, std::size_t stage, const std::string& part) {
  std::ostringstream command;
  command << VARVE_PLAN_WORKER << ' ' << folder.string() << ' ' << stage << ' ' << part << " 2";
  return std::system(command.str().c_str()) == 0;
}

// The plan with its first source changed.
template <class Change>
plan::Plan with_first_source(plan::Plan plan, const Change& change) {
  plan::Source source = *plan.sources.front();
  change(source);
  plan.sources.front() = std::make_shared<const plan::Source>(source);
  return plan;
}

}  // namespace

TEST_CASE("every function: its plan goes to JSON and back without loss, and gives the same bits from there",
          "[property]") {
  for (const std::string& expression : planned_expressions()) {
    INFO(expression);
    const std::vector<plan::Request> requests = requests_of(expression);
    const plan::Plan made = plan_of(requests);
    const std::string text = plan::write_plan(made);
    const plan::Plan read = plan::read_plan(text, plan::contents_of(made));
    CHECK(read == made);
    CHECK(plan::write_plan(read) == text);
    CHECK(result_of(read, exec::Bindings(read, nodes_of(made)), made.budget_bytes) ==
          result_of(made, exec::Bindings(made), made.budget_bytes));
  }
}

TEST_CASE("every function: two processes that share the plan's JSON and files give the same bits",
          "[property]") {
  const std::vector<std::string> all = planned_expressions();
  for (std::size_t at = 0; at < all.size(); at += kEachRow) {
    INFO(all[at]);
    const plan::Plan made = plan_of(requests_of(all[at]));
    const plan::Root& root = made.roots.front();
    if (root.value < 0) continue;  // nothing to compute
    REQUIRE(plan::contents_of(made).bound.empty());
    const TemporaryDirectory folder;
    share_plan(made, folder.path());
    for (std::size_t stage = 0; stage < made.stages.size(); ++stage) {
      for (const char* part : {"0", "1", "join"}) REQUIRE(work(folder.path(), stage, part));
    }
    CHECK(read_file(folder.path() / ("value-" + std::to_string(root.value))) ==
          result_of(made, exec::Bindings(made), made.budget_bytes));
  }
}

TEST_CASE("plan: the same expressions and limits give equal plans, others others", "[property]") {
  const auto plan_for = [](const std::string& expression) { return plan_of(requests_of(expression)); };
  CHECK(plan_for("sort(x + y, axis=0)") == plan_for("sort(x + y, axis=0)"));
  CHECK_FALSE(plan_for("sort(x + y, axis=0)") == plan_for("sort(x + y, axis=1)"));
  CHECK_FALSE(plan_for("sum(x)") == plan_for("sum(y)"));
}

TEST_CASE("plan: text that is no plan is refused", "[property]") {
  for (const char* other : {"", "{}", "[1, 2", "{\"varve_plan\": 1}", "{\"varve_plan\": 2}"}) {
    INFO(other);
    CHECK_THROWS_AS(plan::read_plan(other), FormatError);
  }
}

TEST_CASE("plan: what is bound to a source must be what was planned for", "[property]") {
  const plan::Plan made = plan_of(requests_of("sum(x) + sum(i)"));
  std::vector<expr::NodePtr> nodes = nodes_of(made);
  REQUIRE(nodes.size() == 2);
  CHECK_NOTHROW(exec::Bindings(made, nodes));
  std::swap(nodes[0], nodes[1]);
  CHECK_THROWS_AS(exec::Bindings(made, nodes), ArgumentError);
  CHECK_THROWS_WITH(exec::Bindings(made, {nullptr, nullptr}), Catch::Contains("nothing is bound to"));
  CHECK_THROWS_WITH(exec::Bindings(made, {}), Catch::Contains("2 sources"));
  CHECK_THROWS_AS(exec::Bindings(plan::read_plan(plan::write_plan(made))), ArgumentError);
}

TEST_CASE("plan: a dataset that was changed since the plan was made is refused", "[property]") {
  const plan::Plan made = plan_of(requests_of("exp(x)"));
  const plan::Plan older = with_first_source(made, [](plan::Source& source) {
    plan::DatasetFacts facts = *source.dataset;
    facts.identity += " of before";
    source.dataset = std::make_shared<const plan::DatasetFacts>(facts);
  });
  CHECK_THROWS_WITH(exec::Bindings(older, nodes_of(made)), Catch::Contains("was changed"));
}

TEST_CASE("plan: names that are not UTF-8 go to JSON and back, and are shown as far as they are",
          "[property]") {
  const plan::Plan made = with_first_source(plan_of(requests_of("sort(exp(x), axis=0)")),
                                            [](plan::Source& source) { source.name = "caf\xe9.zarr"; });
  const plan::Plan read = plan::read_plan(plan::write_plan(made));
  CHECK(read.sources.front()->name == "caf\xe9.zarr");
  CHECK(read == made);
  plan::Plan shown = made;
  shown.stages.front().program.leaves.front().source = shown.sources.front();
  CHECK(plan::explain_json(shown).find("caf\xef\xbf\xbd.zarr") != std::string::npos);
}

}  // namespace varve::test

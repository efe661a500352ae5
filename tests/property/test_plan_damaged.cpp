#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "plan/plan_json.hpp"
#include "property/planned.hpp"

// A plan's text that was changed anywhere is refused, or is another plan that runs: nothing is read that a
// plan names and that is not there.
namespace varve::test {
namespace {

using Json = nlohmann::json;

// Each has something that others have not: sorting and scratch, lists, positions, generators, joined inputs.
const std::vector<std::string> kPlanned = {"sort(exp(x), axis=0) + mean(y)",
                                           "take(x, [0, 2, 1], axis=0) * 2",
                                           "argmax(x, axis=1)",
                                           "sum(random.normal(size=(9,)), axis=0)",
                                           "var(arange(2**60, 2**60 + 9) % 7, correction=1)",
                                           "sum(eye(4, k=1), axis=0)",
                                           "cumsum(where(x > 0, x, -y), axis=1)",
                                           "matmul(x, matrix_transpose(y))",
                                           "solve(matmul(matrix_transpose(m), m), matrix_transpose(m))"};

// Instrumented runs are slow.
#if defined(VARVE_SANITIZER)
constexpr std::size_t kEach = 41;
#else
constexpr std::size_t kEach = 7;
#endif

std::vector<Json> changes_of(const Json& value) {
  if (value.is_string())
    return {"", "no such word", "float32", "bool", "memory", "output", "leaf", 5, nullptr};
  if (value.is_boolean()) return {!value.get<bool>(), 1, "true"};
  if (!value.is_number()) return {};
  std::vector<Json> changes = {-1,
                               -2,
                               0,
                               1,
                               33,
                               std::int64_t{1} << 32,
                               std::int64_t{1} << 62,
                               1.7,
                               "1",
                               true,
                               nullptr,
                               Json::array(),
                               UINT64_MAX};
  if (value.is_number_integer()) {
    const auto number = static_cast<std::int64_t>(value.get<std::uint64_t>());
    changes.emplace_back(number + 1);
    changes.emplace_back(number - 1);
    changes.emplace_back(-number);
  }
  return changes;
}

// What an operator does with its parameters is its own business; those of generators are numbers of elements.
bool is_operators_own(const Json& plan, const std::string& path) {
  const std::string start = "/sources/";
  if (!path.starts_with(start) || path.find("/definition/parameters/") == std::string::npos) return false;
  const auto source = static_cast<std::size_t>(std::stoll(path.substr(start.size())));
  return plan.at("sources").at(source).at("kind") == "operation";
}

struct Damage {
  std::string path;
  Json value;
};

std::vector<Damage> damages_of(const Json& plan) {
  std::vector<Damage> damages;
  const Json flat = plan.flatten();
  for (const auto& [path, value] : flat.items()) {
    if (is_operators_own(plan, path)) continue;
    for (Json& change : changes_of(value)) damages.push_back({path, std::move(change)});
  }
  return damages;
}

enum class Outcome { refused, ran };

Outcome outcome_of(const std::string& text, const plan::Plan& made) {
  try {
    const plan::Plan read = plan::read_plan(text, plan::contents_of(made));
    static_cast<void>(result_of(read, exec::Bindings(read, nodes_of(made)), made.budget_bytes));
    return Outcome::ran;
  } catch (const Error&) {
    return Outcome::refused;
  }
}

}  // namespace

TEST_CASE("plan: text with one word or number changed is refused, or runs", "[property]") {
  std::size_t number = 0;
  int refused = 0;
  int ran = 0;
  for (const std::string& expression : kPlanned) {
    const plan::Plan made = plan_of(requests_of(expression));
    const Json plan = Json::parse(plan::write_plan(made));
    for (const Damage& damage : damages_of(plan)) {
      if (++number % kEach != 0) continue;
      Json damaged = plan;
      damaged[Json::json_pointer(damage.path)] = damage.value;
      INFO(expression << ": " << damage.path << " = " << damage.value.dump());
      Outcome outcome{};
      REQUIRE_NOTHROW(outcome = outcome_of(damaged.dump(), made));
      ++(outcome == Outcome::ran ? ran : refused);
    }
  }
  INFO(refused << " refused, " << ran << " ran");
  CHECK(refused > ran);
  CHECK(ran > 0);
}

TEST_CASE("plan: tiles that cut the chunks of an output are refused", "[property]") {
  std::vector<plan::Request> requests = requests_of("exp(x)");
  const Shape shape = requests.front().node->shape;
  requests.front().output_chunks = ChunkGrid(shape, shape);
  plan::Plan made = plan_of(requests);
  CHECK_NOTHROW(plan::read_plan(plan::write_plan(made), plan::contents_of(made)));
  plan::Tiling& tiling = made.stages.back().tiling;
  tiling.tiles = tiling.steps = ChunkGrid(shape, Shape(shape.size(), 1));
  CHECK_THROWS_WITH(plan::read_plan(plan::write_plan(made), plan::contents_of(made)),
                    Catch::Contains("whole chunks of an output"));
}

}  // namespace varve::test

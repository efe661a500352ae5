#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "api/catalogue/catalogue.hpp"
#include "property/function_rows.hpp"

// What must hold for every function of the command line, checked over the rows of data/functions.txt. Plans
// say most of it; every expression also runs once, in the smallest budget that was named for it.
namespace varve::test {
namespace {

// What a budget and a number of threads lead to: 0 if a plan is made, else the budget that the refusal names.
std::int64_t asked_for(const std::string& expression, std::int64_t memory, int threads) {
  const Runtime runtime({.memory = memory, .threads = threads});
  const PostponedRefusals postponed;
  try {
    const std::vector<Output> outputs = outputs_of(expression);
    postponed.rethrow(outputs);
    static_cast<void>(explain(outputs));
    return 0;
  } catch (const BudgetError& error) {
    return error.required_bytes();
  }
}

std::int64_t min_budget(const std::string& expression, int threads) {
  return std::max<std::int64_t>(asked_for(expression, 1, threads), 1);
}

void check_above(const std::string& expression, std::int64_t least, int threads) {
  // Steps that are no powers of two, over three octaves, and the byte after the smallest.
  std::int64_t memory = least;
  for (int step = 0; step < 14; ++step) {
    INFO(expression << " with " << memory << " bytes and " << threads << " threads; the least is " << least);
    CHECK(asked_for(expression, memory, threads) == 0);
    memory = step == 0 ? least + 1 : memory + memory / 6 + 977;
  }
}

}  // namespace

TEST_CASE("every function: has a row in the table of expressions", "[property]") {
  std::set<std::string> known;
  for (const FunctionRow& row : function_rows()) known.insert(row.function);
  for (const catalogue::Function& function : catalogue::functions()) {
    const std::string name(function.name);
    INFO(name << " has no row in data/functions.txt");
    CHECK(known.contains(name));
  }
}

TEST_CASE("every function: what fits a budget fits every larger one, and one thread needs no more than two",
          "[property]") {
  for (const FunctionRow& row : function_rows()) {
    INFO(row.expression);
    const std::int64_t one = min_budget(row.expression, 1);
    const std::int64_t two = min_budget(row.expression, 2);
    CHECK(one <= two);
    check_above(row.expression, one, 1);
    check_above(row.expression, two, 2);
    check_above(row.expression, min_budget(row.expression, 8), 8);
  }
}

TEST_CASE("every function: runs in the least budget that a refusal names, and changes no input",
          "[property]") {
  const std::string before = function_inputs_checksum();
  for (const FunctionRow& row : function_rows()) {
    for (const int threads : {1, 2}) {
      const std::int64_t least = min_budget(row.expression, threads);
      INFO(row.expression << " with " << least << " bytes and " << threads << " threads");
      const Runtime runtime({.memory = least, .threads = threads});
      CHECK_NOTHROW(run(outputs_of(row.expression)));
    }
  }
  CHECK(function_inputs_checksum() == before);
}

}  // namespace varve::test

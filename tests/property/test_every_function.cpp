#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "api/catalogue/catalogue.hpp"
#include "cli/evaluate.hpp"
#include "support/sha256.hpp"
#include "support/temporary_directory.hpp"
#include "varve/varve.hpp"

// What must hold for every function of the command line, checked over the rows of data/functions.txt. Plans
// say most of it; every expression also runs once, in the least budget that was named for it.
namespace varve::test {
namespace {

namespace fs = std::filesystem;

struct Row {
  std::string function;
  std::string expression;
};

// An elementwise function without a row has f(x), or f(x, y).
std::vector<Row> rows_of_elementwise(const std::set<std::string>& known) {
  std::vector<Row> found;
  for (const catalogue::Function& function : catalogue::functions()) {
    const std::string name(function.name);
    if (function.family != catalogue::Family::elementwise || known.contains(name)) continue;
    found.push_back({name, name + (function.parameters.size() == 1 ? "(x)" : "(x, y)")});
  }
  return found;
}

std::vector<Row> rows() {
  std::ifstream file(VARVE_FUNCTION_ROWS);
  std::vector<Row> found;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    const std::size_t first = line.find(" | ");
    const std::size_t second = line.find(" | ", first + 3);
    found.push_back({line.substr(0, first), line.substr(first + 3, second - first - 3)});
  }
  std::set<std::string> known;
  for (const Row& row : found) known.insert(row.function);
  for (const Row& row : rows_of_elementwise(known)) found.push_back(row);
  return found;
}

const Shape kShape{40, 36, 30};

void save_input(const Array& x, const fs::path& path, const Shape& chunks) {
  save(x, path.string(), {.chunks = chunks, .codec = "gzip:1"});
}

/// The inputs that the rows name, in files.
class Inputs {
 public:
  Inputs() {
    const Runtime runtime({.memory = 256_MiB, .threads = 1});
    const Shape chunks{16, 36, 7};
    const auto integers = [](const Shape& shape, std::uint64_t seed) {
      return random::integers(shape, 0, 5, {.seed = seed});
    };
    save_input(random::normal(kShape, 0, 1, {.seed = 1}), file("x"), chunks);
    save_input(random::normal(kShape, 0, 1, {.seed = 2}), file("y"), {7, 9, 30});
    save_input(integers(kShape, 3), file("i"), chunks);
    save_input(integers(kShape, 4), file("j"), chunks);
    save_input(integers(kShape, 5) > 2, file("b"), chunks);
    save_input(integers({kShape[0]}, 6), file("l"), {7});
    save_input(random::normal({400, 24}, 0, 1, {.seed = 7}), file("m"), {64, 24});
    for (const char* name : {"x", "y", "i", "j", "b", "l", "m"})
      names_.emplace(name, open(file(name).string()));
  }

  [[nodiscard]] const cli::Names& names() const { return names_; }

  [[nodiscard]] std::string checksum() const {
    std::set<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
      if (entry.is_regular_file()) files.insert(entry.path());
    }
    Sha256 hash;
    for (const fs::path& path : files) {
      std::ifstream content(path, std::ios::binary);
      std::string bytes = path.string();
      bytes.append(std::istreambuf_iterator<char>(content), {});
      hash.update(std::as_bytes(std::span(bytes)));
    }
    return hash.hex_digest();
  }

 private:
  [[nodiscard]] fs::path file(const std::string& name) const { return folder_.path() / (name + ".zarr"); }
  TemporaryDirectory folder_;
  cli::Names names_;
};

const Inputs& inputs() {
  static const Inputs made;
  return made;
}

std::vector<Output> outputs_of(const std::string& expression) {
  return {{catalogue::to_array(cli::evaluate(expression, inputs().names()))}};
}

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

std::int64_t least_budget(const std::string& expression, int threads) {
  return std::max<std::int64_t>(asked_for(expression, 1, threads), 1);
}

void check_above(const std::string& expression, std::int64_t least, int threads) {
  // Steps that are no powers of two, over three octaves, and the byte after the least.
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
  for (const Row& row : rows()) known.insert(row.function);
  for (const catalogue::Function& function : catalogue::functions()) {
    const std::string name(function.name);
    INFO(name << " has no row in " << VARVE_FUNCTION_ROWS);
    CHECK(known.contains(name));
  }
}

TEST_CASE("every function: what fits a budget fits every larger one, and one thread needs no more than two",
          "[property]") {
  for (const Row& row : rows()) {
    INFO(row.expression);
    const std::int64_t one = least_budget(row.expression, 1);
    const std::int64_t two = least_budget(row.expression, 2);
    CHECK(one <= two);
    check_above(row.expression, one, 1);
    check_above(row.expression, two, 2);
    check_above(row.expression, least_budget(row.expression, 8), 8);
  }
}

TEST_CASE("every function: runs in the least budget that a refusal names, and changes no input",
          "[property]") {
  const std::string before = inputs().checksum();
  for (const Row& row : rows()) {
    for (const int threads : {1, 2}) {
      const std::int64_t least = least_budget(row.expression, threads);
      INFO(row.expression << " with " << least << " bytes and " << threads << " threads");
      const Runtime runtime({.memory = least, .threads = threads});
      CHECK_NOTHROW(run(outputs_of(row.expression)));
    }
  }
  CHECK(inputs().checksum() == before);
}

}  // namespace varve::test

#include "property/function_rows.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "api/catalogue/catalogue.hpp"
#include "support/sha256.hpp"
#include "support/temporary_directory.hpp"

namespace varve::test {
namespace {

namespace fs = std::filesystem;

// An elementwise function without a row has f(x), or f(x, y).
std::vector<FunctionRow> rows_of_elementwise(const std::set<std::string>& known) {
  std::vector<FunctionRow> found;
  for (const catalogue::Function& function : catalogue::functions()) {
    const std::string name(function.name);
    if (function.family != catalogue::Family::elementwise || known.contains(name)) continue;
    found.push_back({name, name + (function.parameters.size() == 1 ? "(x)" : "(x, y)")});
  }
  return found;
}

}  // namespace

std::vector<FunctionRow> function_rows() {
  std::vector<FunctionRow> found = function_table();
  std::set<std::string> known;
  for (const FunctionRow& row : found) known.insert(row.function);
  for (const FunctionRow& row : rows_of_elementwise(known)) found.push_back(row);
  return found;
}

namespace {

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

}  // namespace

const cli::Names& function_inputs() { return inputs().names(); }

std::string function_inputs_checksum() { return inputs().checksum(); }

std::vector<Output> outputs_of(const std::string& expression) {
  return {{catalogue::to_array(cli::evaluate(expression, inputs().names()))}};
}

}  // namespace varve::test

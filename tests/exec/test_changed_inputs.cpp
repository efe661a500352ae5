#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>

#include "exec/input_check.hpp"
#include "support/temporary_directory.hpp"
#include "varve/varve.hpp"

// A run reads its inputs at different times, often twice. One that is rewritten in between would give numbers
// of neither its old values nor its new ones.

using namespace varve;
namespace fs = std::filesystem;

namespace {

struct Kind {
  const char* name;
  SaveOptions options;
};

const std::vector<Kind> kKinds = {{"x.npy", {}},
                                  {"chunked.h5", {.chunks = {4, 100}, .codec = "gzip:1"}},
                                  {"plain.h5", {.chunks = {4, 100}, .codec = "none"}},
                                  {"x.nc", {.chunks = {4, 100}, .codec = "none"}},
                                  {"two.zarr", {.chunks = {4, 100}, .codec = "none", .zarr_format = 2}},
                                  {"three.zarr", {.chunks = {4, 100}, .codec = "none"}}};

// Sets all times of modification back, so that a write within the system's tick shows.
void make_old(const fs::path& path) {
  const auto past = fs::file_time_type::clock::now() - std::chrono::hours(1);
  if (fs::is_directory(path)) {
    for (const auto& entry : fs::recursive_directory_iterator(path)) fs::last_write_time(entry.path(), past);
  }
  fs::last_write_time(path, past);
}

// Writes the last byte of a file, or of the last chunk of a store, again: as a writer that has got so far.
void rewrite(const fs::path& path) {
  fs::path file = path;
  if (fs::is_directory(path)) {
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      if (entry.is_regular_file() && entry.path().extension() != ".json" &&
          entry.path().filename().string().front() != '.')
        file = entry.path();
    }
  }
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(-1, std::ios::end);
  const char last = static_cast<char>(stream.get());
  stream.seekp(-1, std::ios::end);
  stream.put(last);
}

// Calls `once` while the first block is worked on, and passes `x` on.
Array passing(const Array& x, const std::function<void()>& once) {
  const auto done = std::make_shared<std::atomic<bool>>(false);
  return map_blocks(
      {x}, [once, done](std::span<const ConstStridedView> inputs, const StridedView& out, const Block&) {
        if (!done->exchange(true)) once();
        for_each_element([](std::byte* to, const std::byte* from) { std::memcpy(to, from, sizeof(double)); },
                         out, inputs[0]);
      });
}

Array values() { return reshape(arange(4000, {.dtype = DType::float64}), {40, 100}); }

}  // namespace

TEST_CASE("run: an input that is rewritten in place while it is read ends the run, and is named", "[exec]") {
  const test::TemporaryDirectory directory;
  for (const Kind& kind : kKinds) {
    INFO(kind.name);
    const std::string path = directory / kind.name;
    save(values(), path, kind.options);
    make_old(path);
    const Array x = open(path);
    CHECK(item<double>(sum(passing(x, [] {}))) == 4000.0 * 3999 / 2);
    const Array spoiled = passing(x, [&] { rewrite(path); });
    CHECK_THROWS_WITH(compute(spoiled - mean(spoiled)),
                      Catch::Contains(kind.name) && Catch::Contains("was changed after it was opened"));
    const std::string target = directory / "result.zarr";
    CHECK_THROWS_AS(save(x * 2.0, target), StorageError);
    CHECK_FALSE(fs::exists(target));
    CHECK(item<double>(sum(open(path))) == 4000.0 * 3999 / 2);
  }
}

TEST_CASE("run: an input that is cut off while it is read is told as changed, not as damaged", "[exec]") {
  const test::TemporaryDirectory directory;
  const std::string path = directory / "x.npy";
  save(values(), path);
  make_old(path);
  const Array x = open(path);
  const Array spoiled = passing(x, [&] { fs::resize_file(path, 200); });
  CHECK_THROWS_WITH(compute(sum(spoiled) + sum(x)), Catch::Contains("was changed after it was opened"));
}

TEST_CASE("run: an input that is replaced while it is open is read to the end as it was", "[exec]") {
  const test::TemporaryDirectory directory;
  for (const char* name : {"x.npy", "x.h5"}) {
    const std::string path = directory / name;
    const std::string other = directory / (std::string("other-") + name);
    save(values(), path);
    save(values() * 3.0, other);
    const Array x = open(path);
    const Array replaced = passing(x, [&] { fs::rename(other, path); });
    CHECK(item<double>(sum(replaced)) == 4000.0 * 3999 / 2);
    CHECK(item<double>(sum(open(path))) == 3 * 4000.0 * 3999 / 2);
  }
}

TEST_CASE("input check: what takes long is done less often, and nothing more than once a second", "[exec]") {
  using exec::InputCheck;
  using std::chrono::milliseconds;
  CHECK(InputCheck::pause_after(milliseconds(0)) == milliseconds(1000));
  CHECK(InputCheck::pause_after(milliseconds(3)) == milliseconds(1000));
  CHECK(InputCheck::pause_after(milliseconds(40'000)) >= 20 * milliseconds(40'000));
}

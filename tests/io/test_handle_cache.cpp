#include <atomic>
#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "io/format.hpp"
#include "io/store/handle_cache.hpp"
#include "io/store/leased_file.hpp"
#include "support/temporary_directory.hpp"
#include "varve/core/error.hpp"

using namespace varve;
using namespace varve::io;
namespace fs = std::filesystem;

namespace {

// A handle that counts how many of its kind are open.
struct Counted {
  explicit Counted(int* count) : open(count) { ++*count; }
  Counted(Counted&& other) noexcept : open(std::exchange(other.open, nullptr)) {}
  Counted& operator=(Counted&&) = delete;
  ~Counted() {
    if (open != nullptr) --*open;
  }
  int* open;
};

using Handles = std::vector<std::unique_ptr<LeasedHandle<Counted>>>;

Handles make_handles(HandleCache& cache, int* open, int* opened, int count) {
  Handles handles;
  for (int i = 0; i < count; ++i) {
    handles.push_back(std::make_unique<LeasedHandle<Counted>>(cache, Counted(open), [open, opened] {
      ++*opened;
      return Counted(open);
    }));
  }
  return handles;
}

std::int64_t open_descriptors() {
  return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
}

void write_some(const std::string& path, std::int64_t value) {
  const auto output = create_output(path, {});
  DatasetSpec spec;
  spec.shape = {1};
  spec.dtype = DType::int64;
  spec.chunks = {1};
  DatasetWriter& writer = output->add_dataset(path.ends_with(".npy") ? "" : "x", spec);
  std::vector<std::byte> bytes(sizeof value);
  std::vector<std::byte> workspace(static_cast<std::size_t>(writer.write_workspace_bytes()));
  std::memcpy(bytes.data(), &value, sizeof value);
  static_cast<void>(writer.write_chunk({0}, bytes, workspace));
  output->commit();
}

std::int64_t read_some(const Dataset& dataset) {
  std::int64_t value = -1;
  std::vector<std::byte> out(static_cast<std::size_t>(dataset.info().chunk_bytes()));
  std::vector<std::byte> workspace(static_cast<std::size_t>(dataset.info().read_workspace_bytes));
  static_cast<void>(dataset.read_chunk({0}, out, workspace));
  std::memcpy(&value, out.data(), sizeof value);
  return value;
}

}  // namespace

TEST_CASE("handle cache: no more handles are open than it may hold, but for those in use", "[io]") {
  int open = 0;
  int opened = 0;
  HandleCache cache(4);
  Handles handles = make_handles(cache, &open, &opened, 10);
  CHECK(open == 4);
  CHECK(cache.open_count() == 4);
  std::vector<std::shared_ptr<const Counted>> leases;
  for (const auto& handle : handles) leases.push_back(handle->lease());
  CHECK(open == 10);
  leases.clear();
  static_cast<void>(handles[0]->lease());
  cache.close_idle();
  CHECK(open == 0);
  static_cast<void>(handles[3]->lease());
  CHECK(open == 1);
  handles.clear();
  CHECK(open == 0);
  CHECK(cache.open_count() == 0);
}

TEST_CASE("handle cache: what was used longest ago is closed first", "[io]") {
  int open = 0;
  int opened = 0;
  HandleCache cache(3);
  const Handles handles = make_handles(cache, &open, &opened, 3);
  const Handles more = make_handles(cache, &open, &opened, 1);  // closes handles[0]
  static_cast<void>(handles[1]->lease());
  CHECK(opened == 0);
  static_cast<void>(handles[0]->lease());  // closes handles[2], used before more[0] and handles[1]
  CHECK(opened == 1);
  static_cast<void>(handles[1]->lease());
  CHECK(opened == 1);
  static_cast<void>(handles[2]->lease());
  CHECK(opened == 2);
}

TEST_CASE("handle cache: threads that share a few handles find each open", "[io]") {
  HandleCache cache(2);
  std::vector<std::unique_ptr<LeasedHandle<int>>> handles;
  for (int i = 0; i < 8; ++i)
    handles.push_back(std::make_unique<LeasedHandle<int>>(cache, int{i}, [i] { return int{i}; }));
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 2000; ++i) {
        const int at = (i * (thread + 1)) % 8;
        wrong += *handles[static_cast<std::size_t>(at)]->lease() == at ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("open: any number of datasets of every format share a bounded number of descriptors", "[io]") {
  const test::TemporaryDirectory directory;
  constexpr std::int64_t kCount = 700;
  const std::int64_t before = open_descriptors();
  std::vector<std::shared_ptr<Dataset>> datasets;
  for (std::int64_t i = 0; i < kCount; ++i) {
    const char* ending = i % 3 == 0 ? ".npy" : i % 3 == 1 ? ".h5" : ".zarr";
    const std::string path = directory / (std::to_string(i) + ending);
    write_some(path, i);
    datasets.push_back(open_dataset(path, i % 3 == 0 ? "" : "x"));
  }
  std::int64_t wrong = 0;
  std::int64_t most = 0;
  for (int round = 0; round < 2; ++round) {
    for (std::int64_t i = 0; i < kCount; ++i) {
      wrong += read_some(*datasets[static_cast<std::size_t>(i * 37 % kCount)]) == i * 37 % kCount ? 0 : 1;
      if (i % 50 == 0) most = std::max(most, open_descriptors());
    }
  }
  CHECK(wrong == 0);
  CHECK(most - before <= static_cast<std::int64_t>(descriptor_cache().capacity()) + 16);
  for (const auto& dataset : datasets) REQUIRE(dataset->current_identity() == dataset->info().identity);
}

TEST_CASE("open: a file that was replaced while it was closed is refused, not read", "[io]") {
  const test::TemporaryDirectory directory;
  for (const char* name : {"x.npy", "x.h5", "x.zarr"}) {
    INFO(name);
    const std::string path = directory / name;
    const std::string other = directory / (std::string("other-") + name);
    write_some(path, 1);
    write_some(other, 2);
    const auto dataset = open_dataset(path, name == std::string("x.npy") ? "" : "x");
    fs::rename(path, directory / (std::string("old-") + name));
    fs::rename(other, path);
    CHECK(read_some(*dataset) == 1);
    descriptor_cache().close_idle();
    CHECK_THROWS_WITH(read_some(*dataset), Catch::Contains(name) && Catch::Contains("was replaced"));
    CHECK_THROWS_AS(dataset->current_identity(), StorageError);
  }
}

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "io/store/directory_store.hpp"
#include "io/store/memory_store.hpp"
#include "io/store/store_threads.hpp"
#include "support/temporary_directory.hpp"
#include "varve/core/error.hpp"

using namespace varve;
using namespace varve::io;
using varve::test::TemporaryDirectory;

namespace {

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

std::string text_at(const ByteStore& store, const std::string& key) {
  return store.read_text(key, 1000).value();
}

// Registers the cases that every store must pass.
void conforms(const std::string& label, ByteStore& store) {
  SECTION(label + ": a value is read back whole, in parts and by size") {
    store.write("a/b/c", bytes_of("hello world"));
    std::vector<std::byte> out(20);
    REQUIRE(store.read("a/b/c", out) == 11);
    REQUIRE(std::memcmp(out.data(), "hello world", 11) == 0);
    REQUIRE(store.size("a/b/c") == 11);
    const auto reader = store.open("a/b/c");
    REQUIRE(reader->size() == 11);
    reader->read(6, std::span(out).first(5));
    REQUIRE(std::memcmp(out.data(), "world", 5) == 0);
    REQUIRE_THROWS_AS(reader->read(7, std::span(out).first(5)), FormatError);
    REQUIRE_THROWS_AS(reader->read(100, std::span(out).first(1)), FormatError);
  }
  SECTION(label + ": ranges are read and fetched, and say how many bytes they are") {
    store.write("a/b", bytes_of("hello world"));
    std::vector<std::byte> out(20);
    REQUIRE(store.read_range("a/b", {6, 5}, out) == 5);
    REQUIRE(std::memcmp(out.data(), "world", 5) == 0);
    REQUIRE(store.read_range("a/b", {6, -1}, out) == 5);
    REQUIRE_THROWS_AS(store.read_range("a/b", {6, 6}, out), FormatError);
    REQUIRE_THROWS_AS(store.read_range("a/b", {0, 11}, std::span(out).first(10)), FormatError);
    std::vector<std::byte> other(20);
    std::vector<FetchedBytes> fetched =
        store.fetch({{"a/b", {0, 5}, out}, {"missing", {}, other}, {"a/b", {}, std::span(other).first(3)}});
    REQUIRE(fetched.at(0).get() == 5);
    REQUIRE(std::memcmp(out.data(), "hello", 5) == 0);
    REQUIRE(fetched.at(1).get() == std::nullopt);
    REQUIRE_THROWS_AS(fetched.at(2).get(), FormatError);
  }
  SECTION(label + ": many requests are under way at one time, and all of them end") {
    for (int i = 0; i < 100; ++i) store.write("n/" + std::to_string(i), bytes_of(std::to_string(i)));
    std::vector<std::array<std::byte, 3>> out(100);
    std::vector<FetchRequest> requests;
    for (int i = 0; i < 100; ++i)
      requests.push_back({"n/" + std::to_string(i), {}, out[static_cast<std::size_t>(i)]});
    std::vector<FetchedBytes> fetched = store.fetch(std::move(requests));
    std::vector<std::string> seen;
    for (std::size_t i = 0; i < out.size(); ++i) {
      const auto bytes = static_cast<std::size_t>(fetched[i].get().value());
      seen.emplace_back(reinterpret_cast<const char*>(out[i].data()), bytes);
    }
    for (std::size_t i = 0; i < out.size(); ++i) REQUIRE(seen[i] == std::to_string(i));
  }
  SECTION(label + ": an empty value exists") {
    store.write("empty", {});
    REQUIRE(store.size("empty") == 0);
    REQUIRE(text_at(store, "empty").empty());
  }
  SECTION(label + ": absence is not an error") {
    std::vector<std::byte> out(1);
    for (const std::string key : {"missing", "missing/below", "file/below"}) {
      store.write("file", bytes_of("x"));
      REQUIRE_FALSE(store.size(key).has_value());
      REQUIRE_FALSE(store.read(key, out).has_value());
      REQUIRE_FALSE(store.open(key));
      REQUIRE_FALSE(store.read_text(key, 10).has_value());
      REQUIRE(store.version(key).empty());
      REQUIRE_NOTHROW(store.remove(key));
      REQUIRE_NOTHROW(store.prefetch(key, {}));
      REQUIRE(store.list(key).empty());
    }
  }
  SECTION(label + ": a value larger than the output is refused") {
    store.write("big", bytes_of("0123456789"));
    std::vector<std::byte> out(9);
    REQUIRE_THROWS_AS(store.read("big", out), FormatError);
    REQUIRE_THROWS_AS(store.read_text("big", 9), FormatError);
  }
  SECTION(label + ": writing replaces, removing removes") {
    store.write("key", bytes_of("first, longer"));
    store.write("key", bytes_of("second"));
    REQUIRE(text_at(store, "key") == "second");
    store.remove("key");
    REQUIRE_FALSE(store.size("key").has_value());
  }
  SECTION(label + ": list gives direct children, sorted, with a slash where more lies below") {
    for (const std::string key : {"z", "g/2", "g/1", "g/h/3", "gg"}) store.write(key, bytes_of("x"));
    REQUIRE(store.list("") == std::vector<std::string>{"g/", "gg", "z"});
    REQUIRE(store.list("g") == std::vector<std::string>{"1", "2", "h/"});
  }
  SECTION(label + ": keys cannot leave the store") {
    std::vector<std::byte> out(10);
    const std::vector<std::string> keys = {"",
                                           "..",
                                           "../x",
                                           "a/../../x",
                                           "/etc/passwd",
                                           "a//b",
                                           "./a",
                                           "a/.",
                                           "a/",
                                           std::string("a\0b", 3),
                                           std::string(300, 'a')};
    for (const std::string& key : keys) {
      REQUIRE_THROWS_AS(store.read(key, out), StorageError);
      REQUIRE_THROWS_AS(store.open(key), StorageError);
      REQUIRE_THROWS_AS(store.size(key), StorageError);
      REQUIRE_THROWS_AS(store.write(key, out), StorageError);
      REQUIRE_THROWS_AS(store.remove(key), StorageError);
      REQUIRE_NOTHROW(store.prefetch(key, {}));
      if (!key.empty()) REQUIRE_THROWS_AS(store.list(key), StorageError);
    }
  }
  SECTION(label + ": readers see the old or the new value, never a part") {
    const std::string one(50000, '1');
    const std::string two(50000, '2');
    store.write("shared", bytes_of(one));
    bool torn = false;
    std::thread writer([&] {
      for (int i = 0; i < 100; ++i) store.write("shared", bytes_of(i % 2 == 0 ? two : one));
    });
    for (int i = 0; i < 100; ++i) {
      const std::string seen = store.read_text("shared", 100000).value();
      torn = torn || (seen != one && seen != two);
    }
    writer.join();
    REQUIRE_FALSE(torn);
  }
}

}  // namespace

TEST_CASE("store: the directory store conforms", "[io][store]") {
  const TemporaryDirectory directory;
  DirectoryStore store(directory.path().string());
  conforms("directory", store);
}

TEST_CASE("store: the memory store conforms", "[io][store]") {
  MemoryStore store;
  conforms("memory", store);
}

TEST_CASE("directory store: a missing directory is a StorageError", "[io][store]") {
  const TemporaryDirectory directory;
  REQUIRE_THROWS_AS(DirectoryStore(directory / "missing"), StorageError);
}

TEST_CASE("directory store: what is not a regular file is refused without waiting", "[io][store]") {
  const TemporaryDirectory directory;
  REQUIRE(::mkfifo((directory / "pipe").c_str(), 0600) == 0);
  REQUIRE(::mkdir((directory / "folder").c_str(), 0700) == 0);
  const DirectoryStore store(directory.path().string());
  std::vector<std::byte> out(10);
  for (const std::string key : {"pipe", "folder"}) {
    REQUIRE_THROWS_AS(store.read(key, out), StorageError);
    REQUIRE_THROWS_AS(store.open(key), StorageError);
    REQUIRE_FALSE(store.size(key).has_value());
  }
}

TEST_CASE("directory store: temporaries of killed writers can be removed", "[io][store]") {
  const TemporaryDirectory directory;
  DirectoryStore store(directory.path().string());
  store.write(".varve-tmp-1-1", bytes_of("left behind"));
  store.write("kept", bytes_of("x"));
  store.remove_temporaries();
  REQUIRE(store.list("") == std::vector<std::string>{"kept"});
}

namespace {

// Bytes of a file that lie in the page cache.
std::int64_t cached_bytes(const File& file, std::int64_t bytes) {
  const auto size = static_cast<std::size_t>(bytes);
  void* map = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.descriptor(), 0);
  REQUIRE(map != MAP_FAILED);
  std::vector<unsigned char> pages((size + 4095) / 4096);
  REQUIRE(::mincore(map, size, pages.data()) == 0);
  ::munmap(map, size);
  return 4096 *
         std::count_if(pages.begin(), pages.end(), [](unsigned char page) { return (page & 1U) != 0; });
}

}  // namespace

// The system begins to read a part alone of what one call asks for.
TEST_CASE("file: a hint covers all that it names, however long", "[io][store]") {
  constexpr std::int64_t kBytes = std::int64_t{24} << 20;
  const TemporaryDirectory directory;
  DirectoryStore store(directory.path().string());
  store.write("value", std::vector<std::byte>(kBytes, std::byte{7}));
  const File file = File::open_read((directory / "value"));
  ::fsync(file.descriptor());
  ::posix_fadvise(file.descriptor(), 0, 0, POSIX_FADV_DONTNEED);
  if (cached_bytes(file, kBytes) > 0) {  // a file system that keeps all in memory
    CHECK_FALSE(file.prefetch(0, kBytes));
    return;
  }
  CHECK(file.prefetch(0, kBytes));
  for (int i = 0; i < 1000 && cached_bytes(file, kBytes) < kBytes; ++i) ::usleep(10'000);
  CHECK(cached_bytes(file, kBytes) == kBytes);
  CHECK_FALSE(file.prefetch(0, kBytes));
}

TEST_CASE("store threads: work that fails is told once all that began has ended", "[io][store]") {
  std::atomic<int> ended{0};
  const auto work = [&](std::size_t i) {
    if (i % 10 == 3) throw StorageError("number " + std::to_string(i));
    ::usleep(1000);
    ++ended;
  };
  CHECK_THROWS_AS(StoreThreads::shared().for_each(100, work), StorageError);
  CHECK(ended == 90);
}

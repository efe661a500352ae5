#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <functional>

#include "cli/failure.hpp"
#include "cli/guard.hpp"
#include "support/temporary_directory.hpp"
#include "varve/core/error.hpp"

using namespace varve;
using namespace varve::cli;

namespace {

struct End {
  int status = -1;  ///< -1: of a signal
  std::string errors;
};

// Runs `work` in a process of its own, whose standard error is read.
End end_of(const std::function<void()>& work) {
  std::array<int, 2> ends = {};
  REQUIRE(::pipe(ends.data()) == 0);
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDERR_FILENO);
    try {
      work();
    } catch (...) {
      static_cast<void>(::dprintf(STDERR_FILENO, "%s\n", current_failure().line.c_str()));
      ::_exit(current_failure().status);
    }
    ::_exit(kDone);
  }
  ::close(ends[1]);
  End end;
  std::array<char, 512> block = {};
  for (::ssize_t count = 0; (count = ::read(ends[0], block.data(), block.size())) > 0;)
    end.errors.append(block.data(), static_cast<std::size_t>(count));
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFEXITED(status)) end.status = WEXITSTATUS(status);
  return end;
}

// A file that might be HDF5.
struct SomeFile {
  SomeFile() { std::ofstream(path, std::ios::binary) << "\x89HDF"; }
  const test::TemporaryDirectory folder;
  const std::string path = folder / "damaged.h5";
};

void spin() {
  volatile bool forever = true;
  while (forever) {
  }
}

}  // namespace

TEST_CASE("guard: what crashes becomes an error that names the file", "[cli][guard]") {
  const SomeFile file;
  for (const int signal : {SIGSEGV, SIGABRT, SIGFPE, SIGBUS, SIGILL}) {
    INFO(signal);
    const End end = end_of([&] {
      guarded(file.path, [&] {
        static_cast<void>(::dprintf(STDERR_FILENO, "words of a C library\n"));
        std::raise(signal);
      });
    });
    CHECK(end.status == kFailed);
    CHECK(end.errors.find("varve: error: " + file.path + ": libhdf5 crashed (") != std::string::npos);
    CHECK(end.errors.ends_with(") when it looked at the file, which is damaged\n"));
  }
}

TEST_CASE("guard: a stack that is used up becomes an error", "[cli][guard]") {
  const SomeFile file;
  const std::function<int(int)> descend = [&](int depth) {
    std::array<volatile char, 4096> block = {};
    block[0] = static_cast<char>(depth);
    return depth < 0 ? 0 : descend(depth + 1) + block[0];
  };
  const End end = end_of([&] { static_cast<void>(guarded(file.path, [&] { return descend(0); })); });
  CHECK(end.status == kFailed);
  CHECK(end.errors.find("libhdf5 crashed (") != std::string::npos);
}

TEST_CASE("guard: what never ends becomes an error", "[cli][guard]") {
  const SomeFile file;
  const End end = end_of([&] {
    const Guard guard(file.path, 0);
    spin();
  });
  CHECK(end.status == kFailed);
  CHECK(end.errors == "varve: error: " + file.path +
                          ": libhdf5 did not end in time when it looked at the file, which is damaged\n");
}

TEST_CASE("guard: the end of time that the user set is not laid on the file", "[cli][guard]") {
  const SomeFile file;
  const End end = end_of([&] {
    const rlimit own = {1, RLIM_INFINITY};
    ::setrlimit(RLIMIT_CPU, &own);
    const Guard guard(file.path, 100);
    spin();
  });
  CHECK(end.status == -1);
  CHECK(end.errors.empty());
}

TEST_CASE("guard: errors keep their text, and the first guard counts", "[cli][guard]") {
  const SomeFile file;
  const End misuse = end_of([&] { guarded(file.path, [] { throw ArgumentError("no such array"); }); });
  CHECK(misuse.status == kMisused);
  CHECK(misuse.errors == "error: no such array\n");
  const End memory = end_of([&] { guarded(file.path, [] { throw std::bad_alloc(); }); });
  CHECK(memory.status == kFailed);
  CHECK(memory.errors.find("error: " + file.path + ": to look at the file takes more than 1 GiB") == 0);
  const SomeFile other;
  const End inner =
      end_of([&] { guarded(file.path, [&] { guarded(other.path, [] { std::raise(SIGBUS); }); }); });
  CHECK(inner.errors.find(file.path) != std::string::npos);
}

TEST_CASE("guard: what it changes of the process is as before when it ends", "[cli][guard]") {
  const SomeFile file;
  const auto limits = [] {
    std::array<rlimit, 2> found = {};
    ::getrlimit(RLIMIT_AS, &found[0]);
    ::getrlimit(RLIMIT_CPU, &found[1]);
    return std::array{found[0].rlim_cur, found[0].rlim_max, found[1].rlim_cur, found[1].rlim_max};
  };
  const auto before = limits();
  CHECK(guarded(file.path, [] { return 42; }) == 42);
  CHECK_THROWS_AS(guarded(file.path, [] { throw FormatError("damaged"); }), FormatError);
  CHECK(limits() == before);
  const End end = end_of([&] {
    guarded(file.path, [] {});
    static_cast<void>(::dprintf(STDERR_FILENO, "heard\n"));
    std::signal(SIGSEGV, SIG_DFL);  // the test program handles it otherwise
    std::raise(SIGSEGV);
  });
  CHECK(end.status == -1);
  CHECK(end.errors == "heard\n");
}

TEST_CASE("guard: files that libhdf5 does not read need none", "[cli][guard]") {
  const test::TemporaryDirectory folder;
  std::ofstream(folder / "array.npy", std::ios::binary) << "\x93NUMPY and more";
  std::ofstream(folder / "array.h5", std::ios::binary) << "\x89HDF";
  CHECK_FALSE(needs_guard(folder / "array.npy"));
  CHECK_FALSE(needs_guard(folder / "absent.h5"));
  CHECK_FALSE(needs_guard(folder.path().string()));
  CHECK(needs_guard(folder / "array.h5"));
}

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>

#include "cli/failure.hpp"
#include "cli/guard.hpp"
#include "support/temporary_directory.hpp"
#include "varve/core/argument_error.hpp"

using namespace varve;
using namespace varve::cli;

namespace {

void do_nothing() {}

void crash(int signal) {
  std::signal(signal, SIG_DFL);  // the test program handles it otherwise
  std::raise(signal);
}

Failure failure_of(const std::vector<GuardedStep>& steps) {
  try {
    run_guarded(steps);
  } catch (const ReportedError& error) {
    return {error.status(), error.what()};
  }
  return {kDone, ""};
}

}  // namespace

TEST_CASE("guard: what crashes becomes an error that names the file", "[cli][guard]") {
  for (const int signal : {SIGSEGV, SIGABRT, SIGFPE, SIGBUS, SIGILL}) {
    INFO(signal);
    const Failure failure = failure_of(
        {{"whole.h5", do_nothing}, {"damaged.h5", [&] { crash(signal); }}, {"other.h5", do_nothing}});
    CHECK(failure.status == kFailed);
    CHECK(failure.line.find("error: damaged.h5: ") == 0);
    CHECK(failure.line.find("crashed") != std::string::npos);
  }
  CHECK(failure_of({{"f.h5", [] { ::_Exit(0); }}}).status == kFailed);  // without having ended the step
}

TEST_CASE("guard: what never ends becomes an error", "[cli][guard]") {
  const auto spin = [] {
    volatile bool forever = true;
    while (forever) {
    }
  };
  const Failure failure = failure_of({{"endless.h5", spin, 0}});
  CHECK(failure.status == kFailed);
  CHECK(failure.line.find("error: endless.h5: libhdf5 did not end in time") == 0);
}

TEST_CASE("guard: errors of the steps keep status and text", "[cli][guard]") {
  const Failure misuse = failure_of({{"f.h5", [] { throw ArgumentError("no such array"); }}});
  CHECK(misuse.status == kMisused);
  CHECK(misuse.line == "error: no such array");
  const Failure damage =
      failure_of({{"f.h5", do_nothing}, {"g.h5", [] { throw FormatError("damaged\nin two lines"); }}});
  CHECK(damage.status == kFailed);
  CHECK(damage.line == "error: damaged\nin two lines");
}

TEST_CASE("guard: steps run to their end, in a process of their own", "[cli][guard]") {
  const test::TemporaryDirectory folder;
  const std::string path = folder / "trace";
  int seen = 0;
  const auto write = [&](const char* text) {
    return [&seen, &path, text] {
      ++seen;
      std::ofstream(path, std::ios::app) << text;
    };
  };
  CHECK(failure_of({{"a", write("first ")}, {"b", write("second")}}).status == kDone);
  CHECK(seen == 0);
  std::ifstream file(path);
  CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == "first second");
  CHECK(failure_of({}).status == kDone);
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

#include "cli/guard.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <new>
#include <string_view>

#include "cli/failure.hpp"
#include "varve/core/error.hpp"

namespace varve::cli {
namespace {

// The child writes kStepDone after each step; a step that threw ends it with kStepFailed, status and line.
constexpr char kStepDone = '.';
constexpr char kStepFailed = '!';

// Beyond what the process has when it starts: metadata of a file never take as much.
constexpr rlim_t kMemoryBytes = rlim_t{1} << 30U;

#ifdef VARVE_SANITIZER
constexpr bool kSanitized = true;  // they map terabytes, and report on stderr
#else
constexpr bool kSanitized = false;
#endif

/// Is both ends of a pipe.
class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) ends_ = {-1, -1};
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_end(0);
    close_end(1);
  }

  [[nodiscard]] bool usable() const noexcept { return ends_[0] >= 0; }
  void close_end(std::size_t which) noexcept {
    if (ends_[which] >= 0) ::close(ends_[which]);
    ends_[which] = -1;
  }

  void write(std::string_view text) const noexcept {
    while (!text.empty()) {
      const ::ssize_t count = ::write(ends_[1], text.data(), text.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  [[nodiscard]] std::string read_all() const {
    std::string text;
    std::array<char, 4096> block = {};
    while (true) {
      const ::ssize_t count = ::read(ends_[0], block.data(), block.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return text;
      text.append(block.data(), static_cast<std::size_t>(count));
    }
  }

 private:
  std::array<int, 2> ends_ = {-1, -1};
};

/// Is a limit of the process that may become lower than it was, and never higher.
class Limit {
 public:
  explicit Limit(__rlimit_resource resource) noexcept : resource_(resource) { ::getrlimit(resource, &own_); }

  void set(rlim_t limit) const noexcept {
    const rlimit lowered = {std::min(limit, own_.rlim_cur), own_.rlim_max};
    ::setrlimit(resource_, &lowered);
  }

 private:
  __rlimit_resource resource_;
  rlimit own_ = {RLIM_INFINITY, RLIM_INFINITY};
};

rlim_t address_space_bytes() {
  std::ifstream file("/proc/self/statm");
  rlim_t pages = 0;
  file >> pages;
  return pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

rlim_t processor_seconds_used() noexcept {
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<rlim_t>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec);
}

// A crash is expected here: it leaves no core, and what the C library says of it helps no user.
void prepare_child(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kFailed);
  Limit(RLIMIT_CORE).set(0);
  if (kSanitized) return;
  if (const rlim_t used = address_space_bytes(); used > 0) Limit(RLIMIT_AS).set(used + kMemoryBytes);
  if (const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC); null >= 0) ::dup2(null, STDERR_FILENO);
}

// The limit is the child's own: no option of the user's would help.
void work_within_memory(const GuardedStep& step) {
  try {
    step.work();
  } catch (const std::bad_alloc&) {
    throw FormatError(step.what + ": to look at the file takes more than 1 GiB of memory; it may be damaged");
  }
}

[[noreturn]] void run_child(const std::vector<GuardedStep>& steps, const Pipe& verdict,
                            pid_t parent) noexcept {
  try {
    prepare_child(parent);
    const Limit processor(RLIMIT_CPU);
    for (const GuardedStep& step : steps) {
      processor.set(processor_seconds_used() + 1 + static_cast<rlim_t>(step.processor_seconds));
      work_within_memory(step);
      verdict.write({&kStepDone, 1});
    }
  } catch (...) {
    const Failure failure = current_failure();
    verdict.write(fmt::format("{}{}\n{}", kStepFailed, failure.status, failure.line));
  }
  std::fflush(stdout);
  ::_exit(kDone);  // without what ends a program: its parent does that
}

int wait_for(pid_t child) noexcept {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

bool is_crash(int signal) noexcept {
  return signal == SIGSEGV || signal == SIGBUS || signal == SIGABRT || signal == SIGFPE || signal == SIGILL ||
         signal == SIGTRAP || signal == SIGSYS;
}

Failure failure_of(const std::string& what, int status) {
  const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  std::string how = "ended the process";
  if (signal == SIGXCPU) how = "did not end in time";
  if (signal == SIGKILL) how = "was killed, perhaps for its memory";
  if (is_crash(signal)) how = fmt::format("crashed ({})", ::strsignal(signal));
  return {kFailed,
          fmt::format("error: {}: libhdf5 {} when it looked at the file, which is damaged", what, how)};
}

[[noreturn]] void die_of(int signal) {
  std::signal(signal, SIG_DFL);
  std::raise(signal);
  ::_exit(128 + signal);
}

// Turns what the child wrote and how it ended into an exception, unless all went well.
void judge(const std::vector<GuardedStep>& steps, const std::string& verdict, int status) {
  const std::size_t done = std::min(verdict.find_first_not_of(kStepDone), verdict.size());
  if (done == steps.size()) return;
  if (done < verdict.size()) {
    const std::size_t line = std::min(verdict.find('\n', done), verdict.size() - 1) + 1;
    throw ReportedError({std::stoi(verdict.substr(done + 1)), verdict.substr(line)});
  }
  const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  if (signal != 0 && signal != SIGKILL && signal != SIGXCPU && !is_crash(signal)) die_of(signal);
  throw ReportedError(failure_of(steps[done].what, status));
}

void run_unguarded(const std::vector<GuardedStep>& steps) {
  for (const GuardedStep& step : steps) step.work();
}

}  // namespace

void run_guarded(const std::vector<GuardedStep>& steps) {
  if (steps.empty()) return;
  Pipe verdict;
  if (!verdict.usable()) return run_unguarded(steps);
  std::fflush(stdout);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return run_unguarded(steps);
  if (child == 0) run_child(steps, verdict, parent);
  verdict.close_end(1);
  const std::string written = verdict.read_all();
  judge(steps, written, wait_for(child));
}

GuardedStep guarded_step(const std::string& path, std::function<void()> work) {
  constexpr std::int64_t kLeastSeconds = 10;
  constexpr std::int64_t kMostSeconds = 600;
  // A thousand times less than what is read where all of the file is metadata.
  constexpr std::uintmax_t kBytesPerSecond = 1U << 20U;
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(path, error);
  const std::int64_t seconds = error ? 0 : static_cast<std::int64_t>(bytes / kBytesPerSecond);
  return {path, std::move(work), std::clamp(kLeastSeconds + seconds, kLeastSeconds, kMostSeconds)};
}

bool needs_guard(const std::string& path) {
  constexpr std::string_view kNumPy = "\x93NUMPY";
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  std::array<char, kNumPy.size()> start = {};
  std::ifstream(path, std::ios::binary).read(start.data(), start.size());
  return std::string_view(start.data(), start.size()) != kNumPy;
}

}  // namespace varve::cli

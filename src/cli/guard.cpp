#include "cli/guard.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>

#include "cli/failure.hpp"
#include "io/formats.hpp"
#include "varve/core/error.hpp"

namespace varve::cli {
namespace {

constexpr std::array kSignals = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT};

// Beyond what the process has when it starts: metadata of a file never take as much.
constexpr rlim_t kMemoryBytes = rlim_t{1} << 30U;
// For a handler that runs because the stack is used up.
constexpr std::size_t kHandlerStackBytes = std::size_t{64} << 10U;

#ifdef VARVE_SANITIZER
constexpr bool kSanitized = true;  // they map terabytes, and report on stderr
#else
constexpr bool kSanitized = false;
#endif

// Tells whether the process's own limit of a resource is higher.
bool is_below_own(__rlimit_resource resource, rlim_t limit) noexcept {
  rlimit own = {};
  return ::getrlimit(resource, &own) == 0 && limit < own.rlim_cur;
}

/// A limit of the process, lowered until the object dies. Never raises it.
class LoweredLimit {
 public:
  LoweredLimit(__rlimit_resource resource, rlim_t limit) noexcept : resource_(resource) {
    if (!is_below_own(resource, limit) || ::getrlimit(resource, &own_) != 0) return;
    const rlimit lowered = {limit, own_.rlim_max};
    is_lowered_ = ::setrlimit(resource, &lowered) == 0;
  }
  LoweredLimit(const LoweredLimit&) = delete;
  LoweredLimit& operator=(const LoweredLimit&) = delete;
  ~LoweredLimit() {
    if (is_lowered_) ::setrlimit(resource_, &own_);
  }

 private:
  __rlimit_resource resource_;
  rlimit own_ = {};
  bool is_lowered_ = false;
};

/// Leads the standard error nowhere until the object dies: what the C library says of a crash helps no user.
class SilencedErrors {
 public:
  SilencedErrors() noexcept : shown_(kSanitized ? -1 : ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)) {
    if (shown_ < 0) return;
    const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null < 0) return;
    ::dup2(null, STDERR_FILENO);
    ::close(null);
  }
  SilencedErrors(const SilencedErrors&) = delete;
  SilencedErrors& operator=(const SilencedErrors&) = delete;
  ~SilencedErrors() {
    if (shown_ < 0) return;
    ::dup2(shown_, STDERR_FILENO);
    ::close(shown_);
  }

  /// Where the standard error leads in truth.
  [[nodiscard]] int shown() const noexcept { return shown_ < 0 ? STDERR_FILENO : shown_; }

 private:
  int shown_;
};

void end_program(int signal) noexcept;

/// Handles signals until the object dies, on a stack of its own. That the time is over only where the guard
/// gave it: a limit of the user's ends the program as ever.
class SignalHandlers {
 public:
  explicit SignalHandlers(bool gave_time) noexcept : gave_time_(gave_time) {
    ::stack_t stack = {};
    stack.ss_sp = stack_bytes_.data();
    stack.ss_size = stack_bytes_.size();
    ::sigaltstack(&stack, &old_stack_);
    struct sigaction action = {};
    action.sa_handler = &end_program;
    action.sa_flags = SA_ONSTACK;
    for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &action, &old_[i]);
    if (gave_time_) ::sigaction(SIGXCPU, &action, &old_time_);
  }
  SignalHandlers(const SignalHandlers&) = delete;
  SignalHandlers& operator=(const SignalHandlers&) = delete;
  ~SignalHandlers() {
    if (gave_time_) ::sigaction(SIGXCPU, &old_time_, nullptr);
    for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &old_[i], nullptr);
    ::sigaltstack(&old_stack_, nullptr);
  }

 private:
  static std::array<char, kHandlerStackBytes> stack_bytes_;
  bool gave_time_;
  struct sigaction old_time_ = {};
  std::array<struct sigaction, kSignals.size()> old_ = {};
  ::stack_t old_stack_ = {};
};

std::array<char, kHandlerStackBytes> SignalHandlers::stack_bytes_;

rlim_t address_space_bytes() {
  if (kSanitized) return 0;
  std::ifstream file("/proc/self/statm");
  rlim_t pages = 0;
  file >> pages;
  return pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

rlim_t memory_limit() {
  const rlim_t used = address_space_bytes();
  return used > 0 ? used + kMemoryBytes : RLIM_INFINITY;
}

rlim_t processor_limit(std::int64_t seconds) noexcept {
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<rlim_t>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + 1 + seconds);
}

/// All that changes while a guard stands by, and what its line begins with.
struct Watch {
  Watch(const std::string& path, rlim_t end_of_time)
      : line("varve: error: " + path + ": libhdf5 "),
        handlers(is_below_own(RLIMIT_CPU, end_of_time)),
        memory(RLIMIT_AS, memory_limit()),
        processor(RLIMIT_CPU, end_of_time) {}

  const std::string line;
  const SilencedErrors errors;
  const SignalHandlers handlers;
  const LoweredLimit memory;
  const LoweredLimit processor;
};

std::optional<Watch>& watch() {
  static std::optional<Watch> of_process;
  return of_process;
}

iovec part(std::string_view text) noexcept { return {const_cast<char*>(text.data()), text.size()}; }

// Calls only what a handler of signals may call, and ends the program without its destructors: memory may be
// in any state.
void end_program(int signal) noexcept {
  const char* name = ::sigdescr_np(signal);
  const bool is_late = signal == SIGXCPU;
  const std::array parts = {part(watch()->line), part(is_late ? "did not end in time" : "crashed ("),
                            part(is_late || name == nullptr ? "" : name), part(is_late ? "" : ")"),
                            part(" when it looked at the file, which is damaged\n")};
  static_cast<void>(::writev(watch()->errors.shown(), parts.data(), static_cast<int>(parts.size())));
  ::_exit(kFailed);
}

// 10 s, and 1 s for each MiB of the file, at most 600 s: a file all of which is metadata is read a thousand
// times faster.
std::int64_t seconds_for(const std::string& path) {
  constexpr std::int64_t kMinSeconds = 10;
  constexpr std::int64_t kMaxSeconds = 600;
  constexpr std::uintmax_t kBytesPerSecond = 1U << 20U;
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(path, error);
  const std::int64_t seconds = error ? 0 : static_cast<std::int64_t>(bytes / kBytesPerSecond);
  return std::clamp(kMinSeconds + seconds, kMinSeconds, kMaxSeconds);
}

}  // namespace

Guard::Guard(const std::string& path) : Guard(path, seconds_for(path)) {}

Guard::Guard(const std::string& path, std::int64_t processor_seconds)
    : path_(path), stands_by_(!watch() && needs_guard(path)) {
  if (stands_by_) watch().emplace(path, processor_limit(processor_seconds));
}

Guard::~Guard() {
  if (stands_by_) watch().reset();
}

void Guard::refuse_memory() const {
  throw FormatError(path_ + ": to look at the file takes more than 1 GiB of memory; it may be damaged");
}

Array open_guarded(const std::string& path, const std::string& variable, const OpenOptions& options) {
  return guarded(path, [&] { return open(path, variable, options); });
}

bool needs_guard(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  try {
    const io::Format* format = io::format_of_content(path);
    return format == nullptr || format->calls_libhdf5;
  } catch (const Error&) {
    return true;
  }
}

}  // namespace varve::cli

#include "varve/runtime.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "api/cgroup.hpp"
#include "exec/engine.hpp"
#include "varve/core/error.hpp"
#include "varve/core/process_wide.hpp"

namespace varve {

namespace api {

// The living runtimes in the order of their making. Copies of the library of another version have a list of
// their own, because what they would share is of another make.
template <int kVersion>
struct LivingRuntimes {
  std::mutex mutex;
  std::vector<Runtime*> oldest_first;
};

}  // namespace api

namespace {

using LivingRuntimes = api::LivingRuntimes<VARVE_ABI_VERSION>;

LivingRuntimes& living_runtimes() { return process_wide<LivingRuntimes>(); }

Runtime* newest_runtime() {
  LivingRuntimes& living = living_runtimes();
  const std::lock_guard lock(living.mutex);
  return living.oldest_first.empty() ? nullptr : living.oldest_first.back();
}

std::int64_t memory_of_environment(const std::string& text) {
  std::int64_t bytes = 0;
  try {
    bytes = parse_bytes(text);
  } catch (const Error& error) {
    throw ArgumentError("VARVE_MEMORY: " + std::string(error.what()));
  }
  if (bytes < 1) throw ArgumentError("VARVE_MEMORY must be positive, got '" + text + "'");
  return bytes;
}

std::int64_t chosen_memory(std::optional<std::int64_t> asked) {
  if (asked && *asked < 1)
    throw ArgumentError("the memory budget must be positive, got " + std::to_string(*asked));
  if (asked) return *asked;
  if (const char* text = std::getenv("VARVE_MEMORY")) return memory_of_environment(text);
  return Runtime::usable_memory() / 2;
}

int usable_processors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(CPU_COUNT(&set), 1);
  return 1;
}

// More threads than twice the processors do no more, and each takes some 100 KiB that no budget counts.
int max_threads() { return std::max(64, 2 * usable_processors()); }

int asked_threads(std::optional<int> asked) {
  if (asked && *asked < 1)
    throw ArgumentError("the number of threads must be positive, got " + std::to_string(*asked));
  if (asked) return *asked;
  const char* text = std::getenv("VARVE_THREADS");
  if (text == nullptr) return usable_processors();
  const std::string_view digits(text);
  int threads = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), threads);
  if (error != std::errc{} || end != digits.data() + digits.size() || threads < 1) {
    throw ArgumentError("VARVE_THREADS must be a positive number, got '" + std::string(text) + "'");
  }
  return threads;
}

int chosen_threads(std::optional<int> asked) { return std::min(asked_threads(asked), max_threads()); }

std::string chosen_scratch(const std::string& asked) {
  if (!asked.empty()) return asked;
  for (const char* name : {"VARVE_SCRATCH", "TMPDIR"}) {
    if (const char* text = std::getenv(name); text != nullptr && *text != '\0') return text;
  }
  return "/tmp";
}

io::ScratchCodec chosen_scratch_codec(const std::string& asked) {
  const char* variable = asked.empty() ? std::getenv("VARVE_SCRATCH_CODEC") : nullptr;
  const std::string name = variable != nullptr ? variable : asked.empty() ? "none" : asked;
  if (const auto codec = io::find_scratch_codec(name)) return *codec;
  const std::string message = "the codec of scratch must be none or lz4, got '" + name + "'";
  if (variable != nullptr) throw ArgumentError("VARVE_SCRATCH_CODEC: " + message);
  throw ArgumentError(message);
}

}  // namespace

std::int64_t Runtime::usable_memory() {
  const std::int64_t bytes = static_cast<std::int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
  const auto limit = api::cgroup_memory_limit("/proc/self/cgroup", "/sys/fs/cgroup");
  return limit ? std::min(bytes, *limit) : bytes;
}

Runtime::Runtime(const RuntimeOptions& options)
    : engine_(std::make_unique<exec::Engine>(exec::EngineOptions{
          chosen_memory(options.memory), chosen_threads(options.threads), chosen_scratch(options.scratch),
          chosen_scratch_codec(options.scratch_codec)})) {
  LivingRuntimes& living = living_runtimes();
  const std::lock_guard lock(living.mutex);
  living.oldest_first.push_back(this);
}

Runtime::~Runtime() {
  LivingRuntimes& living = living_runtimes();
  const std::lock_guard lock(living.mutex);
  std::erase(living.oldest_first, this);
}

Runtime& Runtime::current() {
  if (Runtime* runtime = newest_runtime()) return *runtime;
  // Made once, however many threads come here. Never destroyed: results may outlive main, and the threads end
  // with the process.
  static auto* fallback = new Runtime();
  Runtime* runtime = newest_runtime();
  return runtime != nullptr ? *runtime : *fallback;
}

std::int64_t Runtime::memory() const noexcept { return engine_->options().memory_bytes; }
int Runtime::threads() const noexcept { return engine_->options().threads; }
std::int64_t Runtime::leased_bytes() const noexcept { return engine_->memory()->budget.leased_bytes(); }

}  // namespace varve

#include "varve/runtime.hpp"

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <optional>

#include "exec/engine.hpp"
#include "varve/core/error.hpp"

namespace varve {
namespace {

// The newest living runtime, and the one made at first use where there is none.
Runtime* current_runtime = nullptr;

std::optional<std::int64_t> read_number(const char* path) {
  std::ifstream file(path);
  std::int64_t value = 0;
  if (file >> value) return value;
  return std::nullopt;
}

std::int64_t usable_memory() {
  std::int64_t bytes = static_cast<std::int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
  for (const char* path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    if (const auto limit = read_number(path); limit && *limit > 0) bytes = std::min(bytes, *limit);
  }
  return bytes;
}

std::int64_t chosen_memory(std::int64_t asked) {
  if (asked < 0) throw Error("the memory budget must be positive, got " + std::to_string(asked));
  if (asked > 0) return asked;
  if (const char* text = std::getenv("VARVE_MEMORY")) return parse_bytes(text);
  return usable_memory() / 2;
}

int usable_processors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(CPU_COUNT(&set), 1);
  return 1;
}

int chosen_threads(int asked) {
  if (asked > 0) return asked;
  if (asked < 0) throw Error("the number of threads must be positive, got " + std::to_string(asked));
  const char* text = std::getenv("VARVE_THREADS");
  if (text == nullptr) return usable_processors();
  const int threads = std::atoi(text);
  if (threads < 1) throw Error("VARVE_THREADS must be a positive number, got '" + std::string(text) + "'");
  return threads;
}

std::string chosen_scratch(const std::string& asked) {
  if (!asked.empty()) return asked;
  for (const char* name : {"VARVE_SCRATCH", "TMPDIR"}) {
    if (const char* text = std::getenv(name); text != nullptr && *text != '\0') return text;
  }
  return "/tmp";
}

}  // namespace

Runtime::Runtime(const RuntimeOptions& options)
    : engine_(std::make_unique<exec::Engine>(exec::EngineOptions{
          chosen_memory(options.memory), chosen_threads(options.threads), chosen_scratch(options.scratch)})),
      previous_(current_runtime) {
  current_runtime = this;
}

Runtime::~Runtime() {
  if (current_runtime == this) current_runtime = previous_;
}

Runtime& Runtime::current() {
  if (current_runtime == nullptr) {
    // Never destroyed: results may outlive main, and the threads end with the process.
    new Runtime();
  }
  return *current_runtime;
}

std::int64_t Runtime::memory() const noexcept { return engine_->options().memory_bytes; }
int Runtime::threads() const noexcept { return engine_->options().threads; }
std::int64_t Runtime::leased_bytes() const noexcept { return engine_->memory()->budget.leased_bytes(); }

std::int64_t parse_bytes(const std::string& text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  std::string unit(parsed.ptr, end);
  std::erase_if(unit, [](unsigned char letter) { return std::isspace(letter) != 0; });
  std::transform(unit.begin(), unit.end(), unit.begin(), [](unsigned char letter) { return std::tolower(letter); });
  constexpr std::pair<const char*, double> kUnits[] = {
      {"", 1},          {"b", 1},           {"kib", 1024.0},         {"mib", 1048576.0},       {"gib", 1073741824.0},
      {"k", 1024.0},    {"m", 1048576.0},   {"g", 1073741824.0},     {"tib", 1099511627776.0}, {"t", 1099511627776.0},
      {"kb", 1e3},      {"mb", 1e6},        {"gb", 1e9},             {"tb", 1e12}};
  for (const auto& [name, factor] : kUnits) {
    if (parsed.ec == std::errc() && unit == name && number >= 0 && number * factor < 9e18) {
      return static_cast<std::int64_t>(number * factor);
    }
  }
  throw Error("'" + text + "' is not a number of bytes; write for example 512MiB, 2GiB or 1.5GB");
}

std::string format_bytes(std::int64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  auto value = static_cast<double>(bytes);
  int unit = 0;
  for (; value >= 1024 && unit < 5; ++unit) value /= 1024;
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

}  // namespace varve

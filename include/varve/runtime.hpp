#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "varve/core/byte_size.hpp"

namespace varve {

namespace exec {
class Engine;
}

inline namespace literals {
/// Returns n times 1024 bytes.
constexpr std::int64_t operator""_KiB(unsigned long long n) { return static_cast<std::int64_t>(n) << 10; }
/// Returns n times 1024 KiB.
constexpr std::int64_t operator""_MiB(unsigned long long n) { return static_cast<std::int64_t>(n) << 20; }
/// Returns n times 1024 MiB.
constexpr std::int64_t operator""_GiB(unsigned long long n) { return static_cast<std::int64_t>(n) << 30; }
}  // namespace literals

/// Options of a Runtime.
struct RuntimeOptions {
  /// Bytes of array data that may be held at once. Absent: the environment variable VARVE_MEMORY ("512MiB"),
  /// else half of the memory that this process may use (the cgroup's limit is honoured).
  std::optional<std::int64_t> memory = {};
  /// Worker threads, up to 64 or twice the processors. Absent: VARVE_THREADS, else the processors it may run
  /// on.
  std::optional<int> threads = {};
  /// Directory for temporary data between stages. Empty: VARVE_SCRATCH, else TMPDIR, else "/tmp".
  std::string scratch = {};
  /// How copies of sources in scratch are compressed: "lz4" or "none". Empty: VARVE_SCRATCH_CODEC, else
  /// "none".
  std::string scratch_codec = {};
};

/// The memory budget and the worker threads. Whatever runs takes one as its first argument; without it the
/// newest living Runtime is used, or, without any, a default one that is made at first use. What an
/// expression runs while it is built (masks, labels, `unique_values`) is run by that one. Thread-safe, and
/// they may be destroyed in any order; a runtime must outlive the runs that use it. Results may outlive their
/// runtime.
class Runtime {
 public:
  /// Starts the threads; takes no memory yet.
  ///
  /// Errors:  ArgumentError for options or environment variables that make no sense.
  explicit Runtime(const RuntimeOptions& options = {});
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  /// Returns the Runtime that is used where none is given.
  [[nodiscard]] static Runtime& current();

  /// Returns the bytes that the process may use: those of the machine, or less where its cgroup says so. The
  /// default budget is half of them.
  [[nodiscard]] static std::int64_t usable_memory();

  /// Returns the budget in bytes.
  [[nodiscard]] std::int64_t memory() const noexcept;
  /// Returns the threads that runs may use. Where the system gives fewer, runs go on with those: RunReport.
  [[nodiscard]] int threads() const noexcept;
  /// Returns the bytes leased now: results that are still held.
  [[nodiscard]] std::int64_t leased_bytes() const noexcept;
  /// Returns what runs share: for Varve itself.
  [[nodiscard]] exec::Engine& engine() noexcept { return *engine_; }

 private:
  std::unique_ptr<exec::Engine> engine_;
};

}  // namespace varve

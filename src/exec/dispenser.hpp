#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

namespace varve::exec {

/// A source of the numbers of what a stage has to do, such as its tiles: the only thing that differs between
/// the threads of one process and several processes. Thread-safe.
///
/// Results are the same for any order, and where a number comes again once its work has ended; it must not
/// come while the work goes on, as two runners would store the same elements. Numbers have to come nearly in
/// rising order, each soon after those before it: where a block of a reduction comes long before its
/// neighbours, its accumulator waits for them, and the lease of a stage has room for those that wait between
/// the tiles that run in its slots (`plan::pending_state_bytes`), not for more.
class Dispenser {
 public:
  virtual ~Dispenser() = default;
  Dispenser() = default;
  Dispenser(const Dispenser&) = delete;
  Dispenser& operator=(const Dispenser&) = delete;

  /// Returns the next number, or nothing where no more are to do.
  [[nodiscard]] virtual std::optional<std::int64_t> next() = 0;
};

/// The numbers 0, 1, 2, ... below a count, for the threads of one process.
class CountingDispenser final : public Dispenser {
 public:
  explicit CountingDispenser(std::int64_t count) noexcept : count_(count) {}

  [[nodiscard]] std::optional<std::int64_t> next() override {
    const std::int64_t number = next_.fetch_add(1, std::memory_order_relaxed);
    return number < count_ ? std::optional(number) : std::nullopt;
  }

 private:
  std::int64_t count_;
  std::atomic<std::int64_t> next_{0};
};

}  // namespace varve::exec

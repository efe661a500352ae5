#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

namespace varve::exec {

/// Hands out the numbers of what a stage has to do, such as its tiles: the only thing that differs between
/// the threads of one process and several processes. Thread-safe. A number may come more than once, and in
/// any order: results stay the same.
class Dispenser {
 public:
  virtual ~Dispenser() = default;
  Dispenser() = default;
  Dispenser(const Dispenser&) = delete;
  Dispenser& operator=(const Dispenser&) = delete;

  /// Returns the next number, or nothing where no more are to do.
  [[nodiscard]] virtual std::optional<std::int64_t> next() = 0;
};

/// Hands out 0, 1, 2, ... up to a count to the threads of one process.
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

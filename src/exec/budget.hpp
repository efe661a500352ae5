#pragma once

#include <cstdint>
#include <mutex>

namespace varve::exec {

class Budget;

/// The right to a number of the budget's bytes; gives them back when destroyed. Movable, not copyable.
class Lease {
 public:
  Lease() = default;
  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&& other) noexcept;
  ~Lease();
  [[nodiscard]] std::int64_t bytes() const noexcept { return bytes_; }

 private:
  friend class Budget;
  Lease(Budget* budget, std::int64_t bytes) : budget_(budget), bytes_(bytes) {}
  Budget* budget_ = nullptr;
  std::int64_t bytes_ = 0;
};

/// The ledger of all array bytes of a runtime. Thread-safe.
class Budget {
 public:
  explicit Budget(std::int64_t total_bytes) : total_bytes_(total_bytes) {}

  /// Leases bytes. Errors: BudgetError if they are not free (plans are made for what is free, so this is a
  /// defect or a race between programs that share a runtime).
  [[nodiscard]] Lease acquire(std::int64_t bytes);

  [[nodiscard]] std::int64_t total_bytes() const noexcept { return total_bytes_; }
  [[nodiscard]] std::int64_t leased_bytes() const;

  /// Returns the most bytes leased at one time since the last `reset_peak`.
  [[nodiscard]] std::int64_t peak_bytes() const;
  void reset_peak();

 private:
  friend class Lease;
  void release(std::int64_t bytes);

  const std::int64_t total_bytes_;
  mutable std::mutex mutex_;
  std::int64_t leased_bytes_ = 0;
  std::int64_t peak_bytes_ = 0;
};

}  // namespace varve::exec

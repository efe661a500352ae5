#pragma once

#include <cstddef>
#include <cstdint>

namespace varve::kernels {

/// An estimate of how many distinct keys there are, in memory that does not grow with them: the HyperLogLog
/// of Flajolet et al. (2007). Its standard error is 0.4%.
class DistinctCounter {
 public:
  static constexpr std::int64_t kRegisters = 1 << 16;

  /// Starts to count. `registers` has kRegisters bytes.
  void begin(std::byte* registers) noexcept;
  [[nodiscard]] bool is_counting() const noexcept { return registers_ != nullptr; }
  /// Takes n sorted keys of that many bytes; those that are equal are NaN, each of which is a value of its
  /// own.
  void add(const std::byte* keys, std::int64_t n, std::int64_t width) noexcept;
  /// Returns a number that is hardly ever exceeded: more than the estimate by seven standard errors.
  [[nodiscard]] std::int64_t most() const noexcept;

 private:
  std::byte* registers_ = nullptr;
  std::int64_t repeated_ = 0;
};

}  // namespace varve::kernels

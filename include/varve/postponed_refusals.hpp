#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "varve/compute.hpp"
#include "varve/core/error.hpp"

namespace varve {

/// One budget for all of an expression. Masks, labels and `unique_values` need a run while they are
/// built; while a PostponedRefusals lives, such a run that does not fit is left out, and what it would give
/// is guessed, so that what comes after it can be planned. Of one thread; the newest one counts.
class PostponedRefusals {
 public:
  /// Postpones refusals from here on.
  PostponedRefusals();
  ~PostponedRefusals();
  PostponedRefusals(const PostponedRefusals&) = delete;
  PostponedRefusals& operator=(const PostponedRefusals&) = delete;

  /// Returns the newest living one of this thread, or null.
  [[nodiscard]] static PostponedRefusals* current() noexcept;

  /// Tells whether something was left out: results are guesses then, and must not be computed.
  [[nodiscard]] bool any() const noexcept { return first_.has_value(); }
  /// Takes a refusal.
  void note(const BudgetError& refusal);
  /// Takes the bytes that what was left out would hold from then on.
  void hold(std::int64_t bytes) noexcept { held_bytes_ += bytes; }
  /// Returns the bytes that what was left out would hold.
  [[nodiscard]] std::int64_t held_bytes() const noexcept { return held_bytes_; }
  /// Returns the smallest budget that does for what was left out so far.
  [[nodiscard]] std::int64_t required_bytes() const noexcept { return required_bytes_; }

  /// Throws the first refusal, if there is one.
  ///
  /// Errors:  BudgetError with the smallest budget that does for what was left out and for `outputs`.
  void rethrow(const std::vector<Output>& outputs = {}) const;

 private:
  std::optional<BudgetError> first_;
  std::int64_t required_bytes_ = 0;
  std::int64_t held_bytes_ = 0;
  PostponedRefusals* outer_;
};

/// Copies the numbers of a small array that an expression is built with, as float64. Where refusals are
/// postponed and computing them does not fit, all are taken to be `guess`.
[[nodiscard]] std::vector<double> numbers_to_build_with(const Array& x, double guess = 0);

}  // namespace varve

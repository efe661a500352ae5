#include "exec/budget.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "varve/core/error.hpp"

namespace varve::exec {

Lease::Lease(Lease&& other) noexcept
    : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    if (budget_ != nullptr) budget_->release(bytes_);
    budget_ = std::exchange(other.budget_, nullptr);
    bytes_ = std::exchange(other.bytes_, 0);
  }
  return *this;
}

Lease::~Lease() {
  if (budget_ != nullptr) budget_->release(bytes_);
}

Lease Budget::acquire(std::int64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (bytes > total_bytes_ - leased_bytes_) {
    throw BudgetError("the memory budget is used up: " + std::to_string(bytes) + " bytes wanted, " +
                          std::to_string(total_bytes_ - leased_bytes_) + " of " +
                          std::to_string(total_bytes_) + " free; release results or raise the budget",
                      leased_bytes_ + bytes);
  }
  leased_bytes_ += bytes;
  peak_bytes_ = std::max(peak_bytes_, leased_bytes_);
  return {this, bytes};
}

void Budget::release(std::int64_t bytes) {
  const std::lock_guard lock(mutex_);
  leased_bytes_ -= bytes;
}

std::int64_t Budget::leased_bytes() const {
  const std::lock_guard lock(mutex_);
  return leased_bytes_;
}

std::int64_t Budget::peak_bytes() const {
  const std::lock_guard lock(mutex_);
  return peak_bytes_;
}

void Budget::reset_peak() {
  const std::lock_guard lock(mutex_);
  peak_bytes_ = leased_bytes_;
}

}  // namespace varve::exec

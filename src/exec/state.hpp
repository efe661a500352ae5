#pragma once

#include <memory>

#include "exec/buffer_pool.hpp"
#include "plan/plan.hpp"

namespace varve::exec {

/// Returns the kernel of a reduction.
[[nodiscard]] const kernels::ReduceKernel& kernel_of(const plan::ReduceSink& sink);

/// The accumulator of one reduction block over the kept elements of a tile.
class State {
 public:
  State() = default;
  /// Allocates and initialises planes for `elements` states.
  State(const kernels::ReduceKernel& kernel, std::int64_t elements, BufferPool& pool);

  [[nodiscard]] void* const* planes() const noexcept { return planes_; }
  [[nodiscard]] std::int64_t elements() const noexcept { return elements_; }
  /// The number of array elements behind each state.
  std::int64_t count = 0;

 private:
  std::unique_ptr<std::byte[]> small_;  ///< states below kSmallStateBytes
  Buffer large_;
  void* planes_[kernels::kMaxPlanes] = {};
  std::int64_t elements_ = 0;
};

}  // namespace varve::exec

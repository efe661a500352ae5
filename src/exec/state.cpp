#include "exec/state.hpp"

#include "plan/footprint.hpp"
#include "plan/memory_model.hpp"

namespace varve::exec {

const kernels::ReduceKernel& kernel_of(const plan::ReduceSink& sink) {
  return *kernels::find_reduce(sink.op, sink.input_dtype);
}

State::State(const kernels::ReduceKernel& kernel, std::int64_t elements, BufferPool& pool)
    : elements_(elements) {
  const std::int64_t bytes = plan::state_bytes(kernel, elements);
  std::byte* next = nullptr;
  if (bytes < plan::kSmallStateBytes) {
    small_ = std::make_unique<std::byte[]>(static_cast<std::size_t>(bytes));
    next = small_.get();
  } else {
    large_ = pool.allocate(bytes);
    next = large_.data();
  }
  for (int plane = 0; plane < kernel.plane_count; ++plane) {
    planes_[plane] = next;
    next += (elements * kernel.plane_bytes[plane] + 15) / 16 * 16;
  }
  kernel.init(planes_, elements);
}

}  // namespace varve::exec

#include "kernels/copy/loop_nest.hpp"

#include <utility>

namespace varve::kernels {

void LoopNest::add(std::int64_t extent, std::int64_t source_stride, std::int64_t target_stride) noexcept {
  if (extent <= 0) empty = true;
  if (extent > 1) loops[depth++] = {extent, source_stride, target_stride};
}

CopyLoop LoopNest::take(std::int64_t position) noexcept {
  const CopyLoop taken = loops[position];
  --depth;
  for (std::int64_t i = position; i < depth; ++i) loops[i] = loops[i + 1];
  return taken;
}

void LoopNest::normalize() noexcept {
  if (empty) return;
  point_targets_up();
  sort();
  merge();
  widen_elements();
}

/// Turns loops whose target runs backwards: the order of the elements of a copy is free.
void LoopNest::point_targets_up() noexcept {
  for (std::int64_t i = 0; i < depth; ++i) {
    CopyLoop& loop = loops[i];
    if (loop.target_stride >= 0) continue;
    source += (loop.extent - 1) * loop.source_stride;
    target += (loop.extent - 1) * loop.target_stride;
    loop.source_stride = -loop.source_stride;
    loop.target_stride = -loop.target_stride;
  }
}

void LoopNest::sort() noexcept {
  for (std::int64_t i = 1; i < depth; ++i) {
    for (std::int64_t k = i; k > 0 && loops[k - 1].target_stride < loops[k].target_stride; --k) {
      std::swap(loops[k - 1], loops[k]);
    }
  }
}

/// Joins each loop with the one inside it where both sides step from the end of the inner loop to its next
/// start.
void LoopNest::merge() noexcept {
  for (std::int64_t i = depth - 1; i > 0; --i) {
    const CopyLoop inner = loops[i];
    CopyLoop& outer = loops[i - 1];
    if (outer.source_stride != inner.source_stride * inner.extent) continue;
    if (outer.target_stride != inner.target_stride * inner.extent) continue;
    outer = {outer.extent * inner.extent, inner.source_stride, inner.target_stride};
    take(i);
  }
}

void LoopNest::widen_elements() noexcept {
  if (depth < 2) return;
  const CopyLoop& inner = loops[depth - 1];
  if (inner.source_stride != element_bytes || inner.target_stride != element_bytes) return;
  if (inner.extent > 16) return;
  const std::int64_t run_bytes = inner.extent * element_bytes;
  if (run_bytes != 2 && run_bytes != 4 && run_bytes != 8 && run_bytes != 16) return;
  element_bytes = run_bytes;
  --depth;
}

}  // namespace varve::kernels

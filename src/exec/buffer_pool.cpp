#include "exec/buffer_pool.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <new>
#include <string>
#include <utility>

#include "plan/memory_model.hpp"
#include "varve/core/error.hpp"

namespace varve::exec {
namespace {

constexpr std::int64_t kHugePageBytes = 2 << 20;

std::byte* map_block(std::int64_t bytes) {
  void* block = mmap(nullptr, static_cast<std::size_t>(bytes), PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (block == MAP_FAILED) {
    throw StorageError("the system has no memory for " + std::to_string(bytes) +
                       " bytes; lower the memory budget");
  }
  if (bytes >= kHugePageBytes) madvise(block, static_cast<std::size_t>(bytes), MADV_HUGEPAGE);
  return static_cast<std::byte*>(block);
}

void unmap_block(std::byte* block, std::int64_t bytes) noexcept {
  munmap(block, static_cast<std::size_t>(bytes));
}

}  // namespace

Buffer::Buffer(Buffer&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      block_bytes_(std::exchange(other.block_bytes_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  if (this != &other) {
    reset();
    pool_ = std::exchange(other.pool_, nullptr);
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    block_bytes_ = std::exchange(other.block_bytes_, 0);
  }
  return *this;
}

Buffer::~Buffer() { reset(); }

void Buffer::reset() noexcept {
  if (pool_ != nullptr) pool_->give_back(data_, block_bytes_);
  pool_ = nullptr;
}

BufferPool::~BufferPool() {
  for (auto& [bytes, blocks] : free_blocks_) {
    for (std::byte* block : blocks) unmap_block(block, bytes);
  }
}

Buffer BufferPool::allocate(std::int64_t bytes) {
  const std::int64_t block_bytes = plan::pooled_bytes(bytes);
  if (block_bytes == 0) return {};
  const std::lock_guard lock(mutex_);
  if (used_bytes_ + block_bytes > budget_.leased_bytes()) {
    throw Error("internal error: a buffer of " + std::to_string(block_bytes) + " bytes exceeds the lease (" +
                std::to_string(used_bytes_) + " of " + std::to_string(budget_.leased_bytes()) + " in use)");
  }
  auto& blocks = free_blocks_[block_bytes];
  std::byte* block = nullptr;
  if (!blocks.empty()) {
    block = blocks.back();
    blocks.pop_back();
    free_bytes_ -= block_bytes;
  } else {
    trim(block_bytes);
    block = map_block(block_bytes);
  }
  used_bytes_ += block_bytes;
  return {this, block, bytes, block_bytes};
}

Buffer BufferPool::allocate_untouched(std::int64_t bytes) {
  Buffer buffer = allocate(bytes);
  if (buffer.data() != nullptr)
    madvise(buffer.data(), static_cast<std::size_t>(plan::pooled_bytes(bytes)), MADV_DONTNEED);
  return buffer;
}

// Unmaps waiting blocks, the largest first, until `wanted_bytes` fit in the budget. What is leased but not
// used by the pool counts as used elsewhere: small states live on the heap.
void BufferPool::trim(std::int64_t wanted_bytes) {
  const std::int64_t elsewhere =
      std::max<std::int64_t>(budget_.leased_bytes() - used_bytes_ - wanted_bytes, 0);
  for (auto entry = free_blocks_.rbegin(); entry != free_blocks_.rend(); ++entry) {
    auto& [bytes, blocks] = *entry;
    while (!blocks.empty() && used_bytes_ + free_bytes_ + wanted_bytes + elsewhere > budget_.total_bytes()) {
      unmap_block(blocks.back(), bytes);
      blocks.pop_back();
      free_bytes_ -= bytes;
    }
  }
}

void BufferPool::give_back(std::byte* data, std::int64_t block_bytes) noexcept {
  const std::lock_guard lock(mutex_);
  used_bytes_ -= block_bytes;
  try {
    free_blocks_[block_bytes].push_back(data);
    free_bytes_ += block_bytes;
  } catch (const std::bad_alloc&) {
    unmap_block(data, block_bytes);  // there is no memory to remember it by
  }
}

}  // namespace varve::exec

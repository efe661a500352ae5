#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <vector>

#include "exec/budget.hpp"

namespace varve::exec {

class BufferPool;

/// A block of page-aligned memory on loan from the pool.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer();

  [[nodiscard]] std::byte* data() const noexcept { return data_; }
  /// Returns the bytes that were asked for.
  [[nodiscard]] std::int64_t size() const noexcept { return size_; }
  [[nodiscard]] std::span<std::byte> span() const noexcept {
    return {data_, static_cast<std::size_t>(size_)};
  }

 private:
  friend class BufferPool;
  Buffer(BufferPool* pool, std::byte* data, std::int64_t size, std::int64_t block_bytes)
      : pool_(pool), data_(data), size_(size), block_bytes_(block_bytes) {}
  void reset() noexcept;

  BufferPool* pool_ = nullptr;
  std::byte* data_ = nullptr;
  std::int64_t size_ = 0;
  std::int64_t block_bytes_ = 0;
};

/// Keeps blocks of memory for reuse: first touch of fresh memory is many times slower than memory itself.
/// Whatever is in use is covered by leases, and blocks that wait for reuse are unmapped before the total
/// would pass the budget, so the memory that the pool holds never does. Thread-safe. Blocks of 2 MiB and more
/// ask for huge pages.
class BufferPool {
 public:
  explicit BufferPool(Budget& budget) : budget_(budget) {}
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  /// Returns a block of `plan::pooled_bytes(bytes)`; contents are unspecified. Errors: Error if that is more
  /// than is leased (a footprint was wrong), StorageError if the system has no memory.
  [[nodiscard]] Buffer allocate(std::int64_t bytes);

  /// As `allocate`, but no page of the block is in memory yet: for workspaces a part of which stands for what
  /// codecs take from malloc.
  [[nodiscard]] Buffer allocate_untouched(std::int64_t bytes);

 private:
  friend class Buffer;
  void give_back(std::byte* data, std::int64_t block_bytes) noexcept;
  void trim(std::int64_t wanted_bytes);

  Budget& budget_;
  std::mutex mutex_;
  std::map<std::int64_t, std::vector<std::byte*>> free_blocks_;
  std::int64_t used_bytes_ = 0;
  std::int64_t free_bytes_ = 0;
};

}  // namespace varve::exec

#pragma once

#include <memory>
#include <vector>

#include "exec/fetch_ahead.hpp"
#include "io/dataset.hpp"

namespace varve::exec {

/// Holds the decoded chunks of one dataset for the leaves of one slot that read it, so that leaves which need
/// the same chunk (`x[1:] - x[:-1]`) decode it once. Has room for one chunk per leaf. Not thread-safe.
class ChunkCache {
 public:
  /// `ahead`: where chunks may be on their way; or null.
  ChunkCache(const io::Dataset& dataset, int leaves, BufferPool& pool, FetchAhead* ahead);

  [[nodiscard]] const io::Dataset& dataset() const noexcept { return dataset_; }

  /// Makes room for that many more chunks.
  void add_leaves(int count) { entries_.resize(entries_.size() + static_cast<std::size_t>(count)); }

  /// Starts a step: chunks that were kept for the last one may go.
  void begin_step() noexcept;

  /// Returns a decoded chunk, reading it if it is not here, and adds the bytes read to `bytes_read`. It stays
  /// until the next call, or, if `keep`, until the next step.
  const std::byte* get(const ChunkIndex& chunk, bool keep, std::int64_t& bytes_read);

  [[nodiscard]] bool holds(const ChunkIndex& chunk) const noexcept;
  /// Reads a chunk straight into its place, past the cache; returns the bytes read.
  std::int64_t decode(const ChunkIndex& chunk, std::span<std::byte> target);

 private:
  struct Entry {
    Buffer bytes;
    ChunkIndex chunk;
    bool valid = false;
    bool kept = false;
    std::int64_t last_use = 0;
  };

  Entry& oldest();

  const io::Dataset& dataset_;
  BufferPool& pool_;
  FetchAhead* ahead_;
  std::vector<Entry> entries_;
  Buffer workspace_;
  std::int64_t clock_ = 0;
};

/// Holds the caches of all datasets that one thread decodes for programs that it runs one after the other.
class ChunkCaches {
 public:
  /// Makes room for the chunks of `leaves` more leaves that read a dataset.
  void add(const io::Dataset& dataset, int leaves, BufferPool& pool, FetchAhead* ahead);
  /// Returns the cache of a dataset. Errors: std::logic_error if it was not added.
  [[nodiscard]] ChunkCache& of(const io::Dataset& dataset);
  void begin_step() noexcept;

 private:
  std::vector<std::unique_ptr<ChunkCache>> caches_;
};

}  // namespace varve::exec

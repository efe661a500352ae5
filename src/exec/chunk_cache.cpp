#include "exec/chunk_cache.hpp"

#include <algorithm>
#include <stdexcept>

namespace varve::exec {

ChunkCache::ChunkCache(const io::Dataset& dataset, int leaves, BufferPool& pool)
    : dataset_(dataset),
      pool_(pool),
      entries_(static_cast<std::size_t>(leaves)),
      workspace_(pool.allocate_untouched(dataset.info().read_workspace_bytes)) {}

void ChunkCache::begin_step() noexcept {
  for (Entry& entry : entries_) entry.kept = false;
}

ChunkCache::Entry& ChunkCache::oldest() {
  Entry* result = nullptr;
  for (Entry& entry : entries_) {
    if (!entry.kept && (result == nullptr || entry.last_use < result->last_use)) result = &entry;
  }
  return *result;
}

bool ChunkCache::holds(const ChunkIndex& chunk) const noexcept {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return entry.valid && entry.chunk == chunk; });
}

const std::byte* ChunkCache::get(const ChunkIndex& chunk, bool keep, std::int64_t& bytes_read) {
  ++clock_;
  for (Entry& entry : entries_) {
    if (!entry.valid || !(entry.chunk == chunk)) continue;
    entry.last_use = clock_;
    entry.kept = entry.kept || keep;
    return entry.bytes.data();
  }
  Entry& entry = oldest();
  if (entry.bytes.data() == nullptr) entry.bytes = pool_.allocate(dataset_.info().chunk_bytes());
  entry.valid = false;
  bytes_read += dataset_.read_chunk(chunk, entry.bytes.span(), workspace_.span());
  entry.chunk = chunk;
  entry.valid = true;
  entry.kept = keep;
  entry.last_use = clock_;
  return entry.bytes.data();
}

void ChunkCaches::add(const io::Dataset& dataset, int leaves, BufferPool& pool) {
  for (const auto& cache : caches_) {
    if (&cache->dataset() == &dataset) return cache->add_leaves(leaves);
  }
  caches_.push_back(std::make_unique<ChunkCache>(dataset, leaves, pool));
}

ChunkCache& ChunkCaches::of(const io::Dataset& dataset) {
  for (const auto& cache : caches_) {
    if (&cache->dataset() == &dataset) return *cache;
  }
  throw std::logic_error(dataset.info().location + ": has no cache of chunks in this stage");
}

void ChunkCaches::begin_step() noexcept {
  for (const auto& cache : caches_) cache->begin_step();
}

}  // namespace varve::exec

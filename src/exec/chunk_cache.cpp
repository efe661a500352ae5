#include "exec/chunk_cache.hpp"

#include <algorithm>
#include <stdexcept>

namespace varve::exec {

ChunkCache::ChunkCache(const io::Dataset& dataset, int leaves, BufferPool& pool, FetchAhead* ahead)
    : dataset_(dataset),
      pool_(pool),
      ahead_(ahead),
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
  bytes_read += decode(chunk, entry.bytes.span());
  entry.chunk = chunk;
  entry.valid = true;
  entry.kept = keep;
  entry.last_use = clock_;
  return entry.bytes.data();
}

std::int64_t ChunkCache::decode(const ChunkIndex& chunk, std::span<std::byte> target) {
  std::optional<FetchAhead::Fetched> fetched;
  if (ahead_ != nullptr) fetched = ahead_->take(dataset_, chunk);
  if (!fetched) return dataset_.read_chunk(chunk, target, workspace_.span());
  io::EncodedChunk encoded{chunk, fetched->location, {}};
  const std::optional<std::int64_t> bytes = fetched->bytes.get();
  if (bytes) encoded.bytes = fetched->buffer.span().first(static_cast<std::size_t>(*bytes));
  dataset_.decode_chunk(encoded, target, workspace_.span());
  return bytes.value_or(0);
}

void ChunkCaches::add(const io::Dataset& dataset, int leaves, BufferPool& pool, FetchAhead* ahead) {
  for (const auto& cache : caches_) {
    if (&cache->dataset() == &dataset) return cache->add_leaves(leaves);
  }
  caches_.push_back(std::make_unique<ChunkCache>(dataset, leaves, pool, ahead));
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

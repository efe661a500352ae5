#include "exec/fetch_ahead.hpp"

#include <algorithm>
#include <chrono>

#include "plan/memory_model.hpp"

namespace varve::exec {
namespace {

// Chunks are taken nearly in the order of announcing: one that so many others overtook, or were read without
// being here, was found elsewhere.
constexpr std::int64_t kOvertakenWhenForgotten = 64;

std::int64_t room_of(const io::Dataset& dataset) { return plan::pooled_bytes(dataset.info().encoded_bytes); }

}  // namespace

// Reads go on into the buffers until they end.
FetchAhead::~FetchAhead() {
  for (Entry& entry : entries_) entry.fetched.bytes.wait();
}

FetchAhead::Entries::iterator FetchAhead::find(const io::Dataset& dataset, const ChunkIndex& chunk) {
  return std::find_if(entries_.begin(), entries_.end(),
                      [&](const Entry& entry) { return entry.dataset == &dataset && entry.chunk == chunk; });
}

bool FetchAhead::announce(const io::Dataset& dataset, const ChunkIndex& chunk) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    if (find(dataset, chunk) != entries_.end()) return true;
    drop_forgotten();
    return begin(dataset, chunk);
  } catch (...) {  // NOLINT: who reads the chunk meets the error again
    return true;
  }
}

// One that is still on its way stays: nobody waits under the mutex.
void FetchAhead::drop_forgotten() {
  const auto is_there = [](const Entry& entry) {
    return entry.fetched.bytes.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  };
  while (!entries_.empty() && entries_.front().age > kOvertakenWhenForgotten && is_there(entries_.front()))
    entries_.pop_front();
}

// Returns null where there is none.
std::shared_ptr<const void> FetchAhead::take_room(std::int64_t bytes) {
  if (used_bytes_ + bytes > room_bytes_) return nullptr;
  used_bytes_ += bytes;
  return {this, [this, bytes](const void*) { used_bytes_ -= bytes; }};
}

bool FetchAhead::begin(const io::Dataset& dataset, const ChunkIndex& chunk) {
  std::shared_ptr<const void> room = take_room(room_of(dataset));
  if (!room) return false;
  std::optional<io::ChunkLocation> location = dataset.locate(chunk);
  if (!location || location->source == nullptr) return true;
  Buffer buffer = pool_.allocate(dataset.info().encoded_bytes);
  entries_.push_back({&dataset, chunk, {std::move(room), std::move(buffer), std::move(*location), {}}});
  Fetched& fetched = entries_.back().fetched;
  try {
    const io::ChunkLocation& place = fetched.location;
    fetched.bytes = std::move(place.source->fetch({{place.key, place.range, fetched.buffer.span()}}).front());
  } catch (...) {
    entries_.pop_back();
    throw;
  }
  return true;
}

std::optional<FetchAhead::Fetched> FetchAhead::take(const io::Dataset& dataset, const ChunkIndex& chunk) {
  const std::lock_guard lock(mutex_);
  const auto found = find(dataset, chunk);
  for (auto overtaken = entries_.begin(); overtaken != found; ++overtaken) ++overtaken->age;
  if (found == entries_.end()) return std::nullopt;
  std::optional<Fetched> fetched(std::move(found->fetched));
  entries_.erase(found);
  return fetched;
}

}  // namespace varve::exec

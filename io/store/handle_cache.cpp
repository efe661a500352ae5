#include "io/store/handle_cache.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <ranges>

namespace varve::io {
namespace {

constexpr rlim_t kMaxDescriptors = 512;
constexpr rlim_t kFewestDescriptors = 4;

// The other half is left to chunk files that are open for one read, outputs, scratch and the program around
// us.
std::size_t descriptor_capacity() {
  struct rlimit limit {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return kFewestDescriptors;
  return std::clamp(limit.rlim_cur / 2, kFewestDescriptors, kMaxDescriptors);
}

}  // namespace

void HandleCache::add(Entry& entry) {
  Closing closing;  // outlives the lock
  const std::lock_guard lock(mutex_);
  time_.fetch_add(1, std::memory_order_relaxed);
  if (open_.size() >= capacity_) closing = shrink(capacity_ - (capacity_ + 7) / 8);
  open_.push_back(&entry);
}

void HandleCache::forget(Entry& entry) noexcept {
  const std::lock_guard lock(mutex_);
  std::erase(open_, &entry);
}

void HandleCache::close_idle() {
  Closing closing;
  const std::lock_guard lock(mutex_);
  closing = shrink(0);
}

std::size_t HandleCache::open_count() const {
  const std::lock_guard lock(mutex_);
  return open_.size();
}

// Takes handles out until `wanted` are left, or only those in use.
HandleCache::Closing HandleCache::shrink(std::size_t wanted) {
  Closing closing;
  if (open_.size() <= wanted) return closing;
  closing.reserve(open_.size());  // nothing may throw once handles are given up
  // Sorted by times that stand still: others lease handles meanwhile.
  std::vector<std::pair<std::uint64_t, Entry*>> by_use;
  by_use.reserve(open_.size());
  for (Entry* entry : open_) by_use.emplace_back(entry->last_use_.load(std::memory_order_relaxed), entry);
  std::ranges::stable_sort(by_use, {}, &std::pair<std::uint64_t, Entry*>::first);
  std::ranges::copy(by_use | std::views::values, open_.begin());
  std::size_t count = open_.size();
  const auto taken = [&](Entry* entry) {
    if (count <= wanted) return false;
    std::shared_ptr<const void> handle = entry->give_up();
    if (!handle) return false;
    --count;
    closing.push_back(std::move(handle));
    return true;
  };
  open_.erase(std::remove_if(open_.begin(), open_.end(), taken), open_.end());
  return closing;
}

HandleCache& descriptor_cache() {
  static auto* cache = new HandleCache(descriptor_capacity());  // never destroyed: datasets may be static
  return *cache;
}

}  // namespace varve::io

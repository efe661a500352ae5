#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace varve::io {

/// Bounds how many handles of one kind are open at one time, whatever the number of files in use: of those
/// that nobody uses now, the one that was used longest ago is closed for a new one. Thread-safe.
class HandleCache {
 public:
  /// A handle that can be closed and opened again.
  class Entry {
   public:
    Entry() = default;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   protected:
    virtual ~Entry() = default;
    /// Gives up the handle unless somebody uses it; it closes when the result goes.
    [[nodiscard]] virtual std::shared_ptr<const void> give_up() noexcept = 0;
    std::atomic<std::uint64_t> last_use_{0};

   private:
    friend class HandleCache;
  };

  explicit HandleCache(std::size_t capacity) : capacity_(capacity) {}

  /// Counts a handle that was just opened.
  void add(Entry& entry);
  /// Forgets a handle that goes.
  void forget(Entry& entry) noexcept;
  /// Closes all handles that nobody uses now.
  void close_idle();

  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  /// Returns the handles that are open, those in use among them.
  [[nodiscard]] std::size_t open_count() const;
  /// Returns a number that grows with every handle that is opened: the measure of what was used longest ago.
  [[nodiscard]] std::uint64_t time() const noexcept { return time_.load(std::memory_order_relaxed); }

 private:
  using Closing = std::vector<std::shared_ptr<const void>>;
  [[nodiscard]] Closing shrink(std::size_t wanted);

  const std::size_t capacity_;
  std::atomic<std::uint64_t> time_{1};
  mutable std::mutex mutex_;  ///< nothing is opened or closed under it
  std::vector<Entry*> open_;
};

/// A handle that is opened when it is used, and may be closed between two uses. Thread-safe.
template <class T>
class LeasedHandle final : private HandleCache::Entry {
 public:
  /// `opened` is the handle as it is open now; `reopen` opens it again, or throws.
  LeasedHandle(HandleCache& cache, T opened, std::function<T()> reopen)
      : cache_(cache), reopen_(std::move(reopen)), held_(std::make_shared<const T>(std::move(opened))) {
    last_use_ = cache_.time();
    cache_.add(*this);
  }
  ~LeasedHandle() override { cache_.forget(*this); }

  /// Returns the open handle, which stays open as long as the result lives. Errors: what `reopen` throws.
  [[nodiscard]] std::shared_ptr<const T> lease() {
    const std::lock_guard guard(mutex_);
    if (!held_) {
      held_ = std::make_shared<const T>(reopen_());
      cache_.add(*this);
    }
    last_use_.store(cache_.time(), std::memory_order_relaxed);
    return held_;
  }

  /// Returns the handle if it is open and nobody opens it right now; never waits.
  [[nodiscard]] std::shared_ptr<const T> lease_if_open() noexcept {
    const std::unique_lock guard(mutex_, std::try_to_lock);
    if (!guard || !held_) return nullptr;
    last_use_.store(cache_.time(), std::memory_order_relaxed);
    return held_;
  }

 private:
  std::shared_ptr<const void> give_up() noexcept override {
    const std::unique_lock guard(mutex_, std::try_to_lock);
    if (!guard || held_.use_count() > 1) return nullptr;
    return std::exchange(held_, nullptr);
  }

  HandleCache& cache_;
  std::function<T()> reopen_;
  std::mutex mutex_;
  std::shared_ptr<const T> held_;
};

/// Returns the cache of file descriptors: half of what the process may open when it is first used, at
/// most 512.
[[nodiscard]] HandleCache& descriptor_cache();

}  // namespace varve::io

#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "exec/buffer_pool.hpp"
#include "io/dataset.hpp"

namespace varve::exec {

/// The encoded chunks of one stage that are on their way before they are needed, from stores that take long
/// to answer. A slot announces what it or another will need; whoever needs it takes it. What nobody takes
/// makes room after a while. Thread-safe.
class FetchAhead {
 public:
  /// A chunk that was announced. `room` is given back last.
  struct Fetched {
    std::shared_ptr<const void> room;
    Buffer buffer;
    io::ChunkLocation location;
    io::FetchedBytes bytes;
  };

  /// `room_bytes`: what the buffers may take together, which must be leased.
  FetchAhead(std::int64_t room_bytes, BufferPool& pool) : room_bytes_(room_bytes), pool_(pool) {}
  FetchAhead(const FetchAhead&) = delete;
  FetchAhead& operator=(const FetchAhead&) = delete;
  ~FetchAhead();

  /// Begins to fetch a chunk, unless it is on its way; returns false where there is no room. Errors come to
  /// who takes it, or, of finding where it lies, to who reads it.
  bool announce(const io::Dataset& dataset, const ChunkIndex& chunk) noexcept;
  /// Returns a chunk that was announced, once; nothing if it was not.
  [[nodiscard]] std::optional<Fetched> take(const io::Dataset& dataset, const ChunkIndex& chunk);

 private:
  struct Entry {
    const io::Dataset* dataset;
    ChunkIndex chunk;
    Fetched fetched;
    std::int64_t age = 0;  ///< how many others were wanted since
  };
  using Entries = std::deque<Entry>;

  [[nodiscard]] Entries::iterator find(const io::Dataset& dataset, const ChunkIndex& chunk);
  void drop_forgotten();
  [[nodiscard]] std::shared_ptr<const void> take_room(std::int64_t bytes);
  bool begin(const io::Dataset& dataset, const ChunkIndex& chunk);

  const std::int64_t room_bytes_;
  BufferPool& pool_;
  std::mutex mutex_;
  Entries entries_;                          ///< in the order of announcing
  std::atomic<std::int64_t> used_bytes_{0};  ///< by buffers, those that were taken among them
};

}  // namespace varve::exec

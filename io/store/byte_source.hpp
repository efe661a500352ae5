#pragma once

#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace varve::io {

/// Reads parts of one value of a source. Thread-safe.
class ValueReader {
 public:
  virtual ~ValueReader() = default;
  [[nodiscard]] virtual std::int64_t size() const noexcept = 0;
  /// Reads exactly `out.size()` bytes at `offset`. Errors: FormatError if the value ends before;
  /// StorageError.
  virtual void read(std::int64_t offset, std::span<std::byte> out) const = 0;
};

/// Bytes of a value from `offset` on: so many, or, with -1, all that follow.
struct ByteRange {
  std::int64_t offset = 0;
  std::int64_t bytes = -1;
};

/// A range of the value `key` that is wanted in `out`, which holds it.
struct FetchRequest {
  std::string key;
  ByteRange range;
  std::span<std::byte> out;
};

/// The bytes that a request brought; nothing if there is no such value.
using FetchedBytes = std::future<std::optional<std::int64_t>>;

/// How a source is best read ahead of need.
enum class ReadAhead : std::uint8_t {
  hinted,   ///< the system reads on its own once told (`prefetch`), into memory that is nobody's
  fetched,  ///< only requests under way bring bytes sooner (`fetch`), into memory of the caller
};

/// Values that can be read by key: a store, or a file. Thread-safe. Errors name the source, the key and the
/// action.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  [[nodiscard]] virtual std::string location() const = 0;

  /// Reads a whole value to the start of `out`; returns its bytes, or nothing if it does not exist.
  /// Errors: FormatError, before anything is read, if the value is larger than `out`; StorageError.
  virtual std::optional<std::int64_t> read(const std::string& key, std::span<std::byte> out) const = 0;
  /// Reads a range to the start of `out`; returns its bytes, or nothing if there is no such value. Errors: as
  /// for a whole value; FormatError if the value ends before the range.
  virtual std::optional<std::int64_t> read_range(const std::string& key, const ByteRange& range,
                                                 std::span<std::byte> out) const;
  /// Opens a value for reading parts; null if it does not exist.
  [[nodiscard]] virtual std::unique_ptr<ValueReader> open(const std::string& key) const = 0;

  /// Begins to read; results and errors, those of `read_range`, come with the futures, one per request. The
  /// source and the outputs of the requests must live until every future is ready.
  [[nodiscard]] virtual std::vector<FetchedBytes> fetch(std::vector<FetchRequest> requests) const;
  [[nodiscard]] virtual ReadAhead read_ahead() const noexcept { return ReadAhead::hinted; }
  /// Tells the system that a range will be read soon; returns false where that is known to change nothing.
  /// Never fails.
  virtual bool prefetch(const std::string& key, const ByteRange& range) const noexcept;

  /// Returns a text that changes when the value may have changed; empty if there is no such value.
  [[nodiscard]] virtual std::string version(const std::string& key) const = 0;
};

}  // namespace varve::io

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/store/byte_source.hpp"

namespace varve::io {

/// Maps keys to byte strings. A key is a relative path, "u10/0.1.2"; no key can name anything outside the
/// store: every function throws StorageError for one that is empty, absolute, or has an empty, "." or ".."
/// part or a NUL. Thread-safe. Errors name the store, the key and the action.
class ByteStore : public ByteSource {
 public:
  /// Returns the bytes of a value, if it exists.
  [[nodiscard]] virtual std::optional<std::int64_t> size(const std::string& key) const = 0;
  /// Replaces a value: readers see the old bytes or the new ones, never a part.
  virtual void write(const std::string& key, std::span<const std::byte> bytes) = 0;
  /// Lists what lies directly below `prefix` ("" or "a/b"), sorted; names that have more below them end in
  /// "/".
  [[nodiscard]] virtual std::vector<std::string> list(const std::string& prefix) const = 0;
  /// Calls `visit` with each name directly below `prefix`, in any order and without looking at what it names,
  /// until `visit` returns false.
  virtual void for_each_name(const std::string& prefix,
                             const std::function<bool(std::string_view)>& visit) const;
  /// Removes a value; nothing happens if it does not exist.
  virtual void remove(const std::string& key) = 0;
  /// Returns a text that changes when a value below `prefix` ("" or "a/b") may have changed. Of many values
  /// (4,096 and more) it looks at a part.
  [[nodiscard]] virtual std::string version_below(const std::string& prefix) const = 0;

  /// Returns a small value as text, if it exists. Errors: FormatError if it has more than `limit_bytes`.
  [[nodiscard]] std::optional<std::string> read_text(const std::string& key, std::int64_t limit_bytes) const;
};

/// Tells whether `key` stays inside a store.
[[nodiscard]] bool is_valid_key(std::string_view key) noexcept;

/// Throws StorageError, naming the store and the action, unless the key is valid.
void require_valid_key(std::string_view key, const std::string& location, const char* action);

}  // namespace varve::io

#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "io/store/byte_store.hpp"
#include "io/store/pending_output.hpp"

namespace varve::io {

/// A kind of store, by the scheme of addresses in it.
struct Store {
  std::string_view scheme;
  Publishing publishing;
  /// Opens what exists, to be read by key. Errors: StorageError.
  std::shared_ptr<const ByteStore> (*open)(const std::string& path);
  /// Looks at what an output would replace; nothing is written before the output is claimed. Errors: Error if
  /// the path has no name; StorageError if it may not replace what exists.
  std::unique_ptr<PendingOutput> (*begin)(const OutputRequest& request);
};

/// Returns all kinds of stores; the first is that of paths without a scheme.
[[nodiscard]] std::span<const Store> stores();

/// Opens a store that exists, by its path or address. Errors: StorageError.
[[nodiscard]] std::shared_ptr<const ByteStore> open_store(const std::string& path);

/// Returns where an output is written until it is whole; "" where that is its own place.
[[nodiscard]] std::string place_until_whole(const Store& store, const std::string& path);

}  // namespace varve::io

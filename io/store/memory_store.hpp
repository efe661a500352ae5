#pragma once

#include <map>
#include <shared_mutex>

#include "io/store/byte_store.hpp"

namespace varve::io {

/// Keeps values in memory, for tests. Its bytes are not part of any budget.
class MemoryStore final : public ByteStore {
 public:
  [[nodiscard]] std::string location() const override { return "memory"; }
  [[nodiscard]] std::optional<std::int64_t> size(const std::string& key) const override;
  std::optional<std::int64_t> read(const std::string& key, std::span<std::byte> out) const override;
  [[nodiscard]] std::unique_ptr<ValueReader> open(const std::string& key) const override;
  void write(const std::string& key, std::span<const std::byte> bytes) override;
  [[nodiscard]] std::vector<std::string> list(const std::string& prefix) const override;
  void remove(const std::string& key) override;
  [[nodiscard]] std::string version(const std::string& key) const override;
  [[nodiscard]] std::string version_below(const std::string& prefix) const override;

 private:
  using Value = std::shared_ptr<const std::vector<std::byte>>;
  [[nodiscard]] Value find(const std::string& key, const char* action) const;

  mutable std::shared_mutex mutex_;
  std::map<std::string, Value> values_;
};

}  // namespace varve::io

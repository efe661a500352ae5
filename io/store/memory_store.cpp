#include "io/store/memory_store.hpp"

#include <cstring>
#include <mutex>
#include <set>

#include "varve/core/error.hpp"

namespace varve::io {
namespace {

class MemoryReader final : public ValueReader {
 public:
  explicit MemoryReader(std::shared_ptr<const std::vector<std::byte>> bytes) : bytes_(std::move(bytes)) {}
  [[nodiscard]] std::int64_t size() const noexcept override {
    return static_cast<std::int64_t>(bytes_->size());
  }
  void read(std::int64_t offset, std::span<std::byte> out) const override {
    if (offset < 0 || offset > size() || static_cast<std::int64_t>(out.size()) > size() - offset) {
      throw FormatError("memory: read: the value ends at byte " + std::to_string(size()) +
                        ", before its data");
    }
    if (!out.empty()) std::memcpy(out.data(), bytes_->data() + offset, out.size());
  }

 private:
  std::shared_ptr<const std::vector<std::byte>> bytes_;
};

}  // namespace

MemoryStore::Value MemoryStore::find(const std::string& key, const char* action) const {
  require_valid_key(key, location(), action);
  const std::shared_lock lock(mutex_);
  const auto found = values_.find(key);
  return found == values_.end() ? nullptr : found->second;
}

std::optional<std::int64_t> MemoryStore::size(const std::string& key) const {
  const Value value = find(key, "size");
  if (!value) return std::nullopt;
  return static_cast<std::int64_t>(value->size());
}

std::optional<std::int64_t> MemoryStore::read(const std::string& key, std::span<std::byte> out) const {
  const Value value = find(key, "read");
  if (!value) return std::nullopt;
  if (value->size() > out.size()) {
    throw FormatError("memory: read \"" + key + "\": has " + std::to_string(value->size()) +
                      " bytes, at most " + std::to_string(out.size()) + " are possible");
  }
  if (!value->empty()) std::memcpy(out.data(), value->data(), value->size());
  return static_cast<std::int64_t>(value->size());
}

std::unique_ptr<ValueReader> MemoryStore::open(const std::string& key) const {
  Value value = find(key, "open");
  if (!value) return nullptr;
  return std::make_unique<MemoryReader>(std::move(value));
}

void MemoryStore::write(const std::string& key, std::span<const std::byte> bytes) {
  require_valid_key(key, location(), "write");
  auto value = std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
  const std::unique_lock lock(mutex_);
  values_[key] = std::move(value);
}

std::vector<std::string> MemoryStore::list(const std::string& prefix) const {
  if (!prefix.empty()) require_valid_key(prefix, location(), "list");
  const std::string start = prefix.empty() ? "" : prefix + "/";
  std::set<std::string> names;
  const std::shared_lock lock(mutex_);
  for (auto at = values_.lower_bound(start); at != values_.end() && at->first.starts_with(start); ++at) {
    const std::string rest = at->first.substr(start.size());
    const std::size_t slash = rest.find('/');
    names.insert(slash == std::string::npos ? rest : rest.substr(0, slash + 1));
  }
  return {names.begin(), names.end()};
}

void MemoryStore::remove(const std::string& key) {
  require_valid_key(key, location(), "remove");
  const std::unique_lock lock(mutex_);
  values_.erase(key);
}

std::string MemoryStore::version(const std::string& key) const {
  const Value value = find(key, "version");
  return value ? std::to_string(value->size()) + " bytes" : "";
}

std::string MemoryStore::version_below(const std::string& prefix) const {
  std::string versions;
  const std::shared_lock lock(mutex_);
  for (const auto& [key, value] : values_) {
    if (prefix.empty() || key.starts_with(prefix + "/"))
      versions += key + " " + std::to_string(value->size()) + "\n";
  }
  return versions;
}

}  // namespace varve::io

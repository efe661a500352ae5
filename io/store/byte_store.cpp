#include "io/store/byte_store.hpp"

#include "varve/core/error.hpp"

namespace varve::io {

bool is_valid_key(std::string_view key) noexcept {
  constexpr std::size_t kMaxPart = 255;
  constexpr std::size_t kMaxKey = 4000;
  if (key.size() > kMaxKey || key.find('\0') != std::string_view::npos) return false;
  while (true) {
    const std::size_t slash = key.find('/');
    const std::string_view part = key.substr(0, slash);
    if (part.empty() || part.size() > kMaxPart || part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    key.remove_prefix(slash + 1);
  }
}

void require_valid_key(std::string_view key, const std::string& location, const char* action) {
  if (!is_valid_key(key)) {
    throw StorageError(location + ": " + action + ": \"" + std::string(key) +
                       "\" is not a key; keys are relative paths without \".\" and \"..\"");
  }
}

void ByteStore::for_each_name(const std::string& prefix,
                              const std::function<bool(std::string_view)>& visit) const {
  for (const std::string& name : list(prefix)) {
    if (!visit(std::string_view(name).substr(0, name.size() - (name.ends_with('/') ? 1 : 0)))) return;
  }
}

std::optional<std::string> ByteStore::read_text(const std::string& key, std::int64_t limit_bytes) const {
  const std::unique_ptr<ValueReader> reader = open(key);
  if (!reader) return std::nullopt;
  if (reader->size() > limit_bytes) {
    throw FormatError(location() + ": \"" + key + "\" has " + std::to_string(reader->size()) +
                      " bytes; metadata of more than " + std::to_string(limit_bytes) + " bytes is not read");
  }
  std::string text(static_cast<std::size_t>(reader->size()), '\0');
  reader->read(0, std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace varve::io

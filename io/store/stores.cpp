#include "io/store/stores.hpp"

#include <array>

#include "io/store/directory_store.hpp"
#include "io/store/renamed_output.hpp"

namespace varve::io {
namespace {

std::unique_ptr<PendingOutput> begin_renamed(const OutputRequest& request) {
  return std::make_unique<RenamedOutput>(request);
}

std::shared_ptr<const ByteStore> open_directory(const std::string& path) {
  return std::make_shared<const DirectoryStore>(path);
}

constexpr std::array<Store, 1> kStores = {
    {{.scheme = "file", .publishing = Publishing::rename, .open = open_directory, .begin = begin_renamed}}};

}  // namespace

std::span<const Store> stores() { return kStores; }

// Locations with other schemes are refused where they are taken apart.
std::shared_ptr<const ByteStore> open_store(const std::string& path) { return stores().front().open(path); }

std::string place_until_whole(const Store& store, const std::string& path) {
  return store.publishing == Publishing::rename ? partial_path(path) : "";
}

}  // namespace varve::io

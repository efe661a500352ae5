#include "io/store/stores.hpp"

#include <array>

#include "io/store/renamed_output.hpp"

namespace varve::io {
namespace {

std::unique_ptr<PendingOutput> begin_renamed(const OutputRequest& request) {
  return std::make_unique<RenamedOutput>(request);
}

constexpr std::array<Store, 1> kStores = {
    {{.scheme = "file", .publishing = Publishing::rename, .begin = begin_renamed}}};

}  // namespace

std::span<const Store> stores() { return kStores; }

std::string place_until_whole(const Store& store, const std::string& path) {
  return store.publishing == Publishing::rename ? partial_path(path) : "";
}

}  // namespace varve::io

#include "io/format/zarr_dataset.hpp"

#include "io/format/encoded_dataset.hpp"

namespace varve::io {
namespace {

class ZarrDataset final : public EncodedDataset {
 public:
  ZarrDataset(std::shared_ptr<const ByteStore> store, std::string key, ZarrArray array)
      : EncodedDataset({array.codecs, array.swap_bytes, array.fill}),
        store_(std::move(store)),
        key_(std::move(key)),
        array_(std::move(array)) {
    array_.info.read_ahead = store_->read_ahead();
  }

  [[nodiscard]] const DatasetInfo& info() const noexcept override { return array_.info; }

  [[nodiscard]] std::optional<ChunkLocation> locate(const ChunkIndex& chunk) const override {
    return ChunkLocation{store_.get(), array_.keys.key_of(key_, chunk), {}};
  }

  [[nodiscard]] std::string current_identity() const override { return zarr_identity(*store_, key_, array_); }

  // Listing costs far less than opening each chunk, and nothing where a sample says that most chunks exist.
  // The list takes up to 2 MiB, which no ledger counts.
  [[nodiscard]] std::optional<std::vector<std::int64_t>> stored_chunks() const override {
    constexpr std::int64_t kMaxListed = 1 << 18;
    if (!array_.mostly_absent) return std::nullopt;
    return list_zarr_chunks(*store_, key_, array_.keys, array_.info.grid, kMaxListed);
  }

 private:
  std::shared_ptr<const ByteStore> store_;
  std::string key_;
  ZarrArray array_;
};

}  // namespace

std::string zarr_identity(const ByteStore& store, const std::string& key, const ZarrArray& array) {
  return array.info.location + " " + store.version(array.metadata_key) + " " + store.version_below(key);
}

std::shared_ptr<Dataset> make_zarr_dataset(std::shared_ptr<const ByteStore> store, const std::string& key,
                                           ZarrArray array) {
  return std::make_shared<ZarrDataset>(std::move(store), key, std::move(array));
}

}  // namespace varve::io

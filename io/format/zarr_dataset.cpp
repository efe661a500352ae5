#include "io/format/zarr_dataset.hpp"

#include <algorithm>

#include "io/codec/byte_order.hpp"
#include "io/format/box_reader.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

class ZarrDataset final : public Dataset {
 public:
  ZarrDataset(std::shared_ptr<const ByteStore> store, std::string key, ZarrArray array)
      : store_(std::move(store)), key_(std::move(key)), array_(std::move(array)) {
    DatasetInfo& info = array_.info;
    encoded_bytes_ = static_cast<std::size_t>(array_.codecs.encoded_bound(info.chunk_bytes()));
    chain_offset_ = (encoded_bytes_ + 63) / 64 * 64;
    // Without codecs a chunk is read straight into the output; only partial reads need room.
    if (info.partial_reads) info.read_workspace_bytes = kBoxWorkspaceBytes;
  }

  [[nodiscard]] const DatasetInfo& info() const noexcept override { return array_.info; }

  std::int64_t read_chunk(const ChunkIndex& chunk, std::span<std::byte> out,
                          std::span<std::byte> workspace) const override {
    const std::string key = array_.keys.key_of(key_, chunk);
    out = out.first(static_cast<std::size_t>(array_.info.chunk_bytes()));
    try {
      const std::optional<std::int64_t> bytes =
          array_.codecs.empty() ? read_plain(key, out) : read_encoded(key, out, workspace);
      if (!bytes) fill(out);
      if (bytes && array_.swap_bytes > 0) reverse_words(out, out, array_.swap_bytes);
      if (bytes && array_.info.dtype == DType::boolean) {
        normalize_booleans(StridedView(out.data(), DType::boolean, Shape{array_.info.chunk_bytes()}));
      }
      return bytes.value_or(0);
    } catch (const FormatError& error) {
      throw FormatError(array_.info.location + ": chunk " + to_string(chunk) + ": " + error.what());
    }
  }

  std::int64_t read_part(const ChunkIndex& chunk, const Box& part, const StridedView& out,
                         std::span<std::byte> workspace) const override {
    if (!array_.info.partial_reads) return Dataset::read_part(chunk, part, out, workspace);
    const std::string key = array_.keys.key_of(key_, chunk);
    try {
      const std::unique_ptr<ValueReader> reader = store_->open(key);
      if (!reader) {
        fill_view(out, array_.fill.data());
        return 0;
      }
      require_length(reader->size());
      const auto read = [&](std::int64_t offset, std::span<std::byte> to) { reader->read(offset, to); };
      const Box inside = relative_to(part, array_.info.grid.box_of(chunk).lo);
      return read_box(read, {0, array_.info.chunk_strides, array_.swap_bytes}, inside, out, workspace);
    } catch (const FormatError& error) {
      throw FormatError(array_.info.location + ": chunk " + to_string(chunk) + ": " + error.what());
    }
  }

  [[nodiscard]] std::string current_identity() const override { return zarr_identity(*store_, key_, array_); }

  // Listing costs far less than opening each chunk, and nothing where a sample says that most chunks exist.
  // The list takes up to 2 MiB, which no ledger counts.
  [[nodiscard]] std::optional<std::vector<std::int64_t>> stored_chunks() const override {
    constexpr std::int64_t kMostListed = 1 << 18;
    if (!array_.mostly_absent) return std::nullopt;
    return list_zarr_chunks(*store_, key_, array_.keys, array_.info.grid, kMostListed);
  }

  void prefetch(const ChunkIndex& chunk) const noexcept override {
    try {
      store_->prefetch(array_.keys.key_of(key_, chunk));
    } catch (...) {  // a hint: without memory for the key there is none
    }
  }

 private:
  void require_length(std::int64_t bytes) const {
    if (bytes != array_.info.chunk_bytes()) {
      throw FormatError("has " + std::to_string(bytes) + " bytes instead of " +
                        std::to_string(array_.info.chunk_bytes()));
    }
  }

  std::optional<std::int64_t> read_plain(const std::string& key, std::span<std::byte> out) const {
    const std::optional<std::int64_t> bytes = store_->read(key, out);
    if (bytes) require_length(*bytes);
    return bytes;
  }

  std::optional<std::int64_t> read_encoded(const std::string& key, std::span<std::byte> out,
                                           std::span<std::byte> workspace) const {
    const std::span<std::byte> encoded = workspace.first(encoded_bytes_);
    const std::optional<std::int64_t> bytes = store_->read(key, encoded);
    if (bytes) {
      array_.codecs.decode(encoded.first(static_cast<std::size_t>(*bytes)), out,
                           workspace.subspan(chain_offset_));
    }
    return bytes;
  }

  void fill(std::span<std::byte> out) const {
    const std::int64_t count = array_.info.chunk_bytes() / size_bytes(array_.info.dtype);
    fill_view(StridedView(out.data(), array_.info.dtype, Shape{count}), array_.fill.data());
  }

  std::shared_ptr<const ByteStore> store_;
  std::string key_;
  ZarrArray array_;
  std::size_t encoded_bytes_ = 0;
  std::size_t chain_offset_ =
      0;  // the codec chain's own workspace lies behind the encoded bytes, on a cache line
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

#include <algorithm>

#include "io/format/encoded_dataset.hpp"
#include "io/format/hdf5_chunk_locator.hpp"
#include "io/format/hdf5_dataset.hpp"
#include "io/store/file_source.hpp"

namespace varve::io::hdf5 {
namespace {

/// Bounds a stored chunk: what our codecs produce, and what others may (deflate's quick levels spend 9 bits a
/// byte).
std::int64_t largest_stored_bytes(const CodecChain& chain, std::int64_t chunk_bytes) {
  constexpr std::int64_t kHeaders = 4096;
  return std::max(chain.encoded_bound(chunk_bytes), chunk_bytes + chunk_bytes / 8 + kHeaders);
}

ChunkCoding coding_of(const OpenArray& array) {
  ChunkCoding coding{array.pipeline.chain, array.element.swap_bytes};
  std::copy(array.fill.begin(), array.fill.end(), coding.fill.begin());
  return coding;
}

class ChunkedReader final : public EncodedDataset {
 public:
  explicit ChunkedReader(OpenArray array)
      : EncodedDataset(coding_of(array)),
        array_(std::move(array)),
        source_(array_.raw, array_.info.location),
        locator_(array_.handles, array_.info,
                 largest_stored_bytes(array_.pipeline.chain, array_.info.chunk_bytes()), array_.file_bytes) {
    describe_coding(array_.pipeline.chain,
                    largest_stored_bytes(array_.pipeline.chain, array_.info.chunk_bytes()), array_.info);
  }

  [[nodiscard]] const DatasetInfo& info() const noexcept override { return array_.info; }

  [[nodiscard]] std::optional<ChunkLocation> locate(const ChunkIndex& chunk) const override {
    const std::optional<StoredChunk> stored = locator_.locate(chunk);
    if (!stored) return ChunkLocation{};
    return ChunkLocation{
        &source_, "", {stored->offset, stored->size}, is_unfiltered_edge(chunk) ? ~0U : stored->skip_mask};
  }

  [[nodiscard]] std::string current_identity() const override { return hdf5::current_identity(array_); }

  [[nodiscard]] std::optional<std::vector<std::int64_t>> stored_chunks() const override {
    return locator_.list();
  }

 private:
  [[nodiscard]] bool is_unfiltered_edge(const ChunkIndex& chunk) const {
    return array_.edges_unfiltered && array_.info.grid.box_of(chunk).shape() != array_.info.chunk_shape;
  }

  OpenArray array_;
  FileSource source_;
  ChunkLocator locator_;
};

}  // namespace

std::shared_ptr<Dataset> make_chunked_reader(OpenArray array) {
  return std::make_shared<ChunkedReader>(std::move(array));
}

}  // namespace varve::io::hdf5

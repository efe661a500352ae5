#include <algorithm>

#include "io/format/box_reader.hpp"
#include "io/format/hdf5_chunk_locator.hpp"
#include "io/format/hdf5_dataset.hpp"
#include "varve/core/error.hpp"

namespace varve::io::hdf5 {
namespace {

// Below this the advice costs more than the read-ahead saves.
constexpr std::int64_t kSmallestPrefetchBytes = std::int64_t{64} << 10U;
constexpr std::int64_t kAlignment = 64;

/// Bounds a stored chunk: what our codecs produce, and what others may (deflate's quick levels spend 9 bits a
/// byte).
std::int64_t largest_stored_bytes(const CodecChain& chain, std::int64_t chunk_bytes) {
  constexpr std::int64_t kHeaders = 4096;
  const std::int64_t bytes =
      std::max(chain.encoded_bound(chunk_bytes), chunk_bytes + chunk_bytes / 8 + kHeaders);
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

class ChunkedReader final : public Dataset {
 public:
  explicit ChunkedReader(OpenArray array)
      : array_(std::move(array)),
        stored_bound_(largest_stored_bytes(array_.pipeline.chain, array_.info.chunk_bytes())),
        locator_(array_.handles, array_.info, stored_bound_, array_.file_bytes) {
    DatasetInfo& info = array_.info;
    const CodecChain& chain = array_.pipeline.chain;
    info.partial_reads = chain.empty();
    info.read_workspace_bytes =
        chain.empty() ? kBoxWorkspaceBytes : stored_bound_ + chain.decode_workspace_bytes(info.chunk_bytes());
  }

  [[nodiscard]] const DatasetInfo& info() const noexcept override { return array_.info; }

  std::int64_t read_chunk(const ChunkIndex& chunk, std::span<std::byte> out,
                          std::span<std::byte> workspace) const override {
    out = out.first(static_cast<std::size_t>(array_.info.chunk_bytes()));
    const auto stored = locator_.locate(chunk);
    if (!stored) {
      const Shape elements = {array_.info.chunk_bytes() / size_bytes(array_.info.dtype)};
      fill_view(StridedView(out.data(), array_.info.dtype, elements), array_.fill.data());
      return 0;
    }
    if (array_.pipeline.chain.empty() || is_unfiltered_edge(chunk)) {
      read_raw(chunk, *stored, out);
    } else {
      decode(chunk, *stored, out, workspace);
    }
    normalize_elements(array_.element, out);
    return stored->size;
  }

  std::int64_t read_part(const ChunkIndex& chunk, const Box& part, const StridedView& out,
                         std::span<std::byte> workspace) const override {
    const auto stored = locator_.locate(chunk);
    if (!stored) {
      fill_view(out, array_.fill.data());
      return 0;
    }
    check_raw_size(chunk, *stored);
    Index origin(chunk.size(), 0);
    for (std::int64_t axis = 0; axis < chunk.size(); ++axis)
      origin[axis] = chunk[axis] * array_.info.chunk_shape[axis];
    const auto file = array_.raw->lease();
    const auto read = [&](std::int64_t offset, std::span<std::byte> bytes) {
      read_bytes(file->descriptor(), offset, bytes, array_.info.location);
    };
    const StoredLayout layout{stored->offset, array_.info.chunk_strides, array_.element.swap_bytes};
    return read_box(read, layout, relative_to(part, origin), out, workspace);
  }

  [[nodiscard]] std::string current_identity() const override { return hdf5::current_identity(array_); }

  [[nodiscard]] std::optional<std::vector<std::int64_t>> stored_chunks() const override {
    return locator_.list();
  }

  void prefetch(const ChunkIndex& chunk) const noexcept override {
    if (stored_bound_ < kSmallestPrefetchBytes) return;
    try {
      const auto stored = locator_.locate(chunk);
      if (!stored || stored->size < kSmallestPrefetchBytes) return;
      array_.raw->lease()->prefetch(stored->offset, stored->size);
    } catch (...) {  // NOLINT: the read that follows reports it
    }
  }

 private:
  [[nodiscard]] std::string name_of(const ChunkIndex& chunk) const {
    return array_.info.location + ": chunk " + to_string(chunk);
  }

  [[nodiscard]] bool is_unfiltered_edge(const ChunkIndex& chunk) const {
    return array_.edges_unfiltered && array_.info.grid.box_of(chunk).shape() != array_.info.chunk_shape;
  }

  void check_raw_size(const ChunkIndex& chunk, const StoredChunk& stored) const {
    if (stored.size == array_.info.chunk_bytes()) return;
    throw FormatError(name_of(chunk) + ": has " + std::to_string(stored.size) + " bytes instead of " +
                      std::to_string(array_.info.chunk_bytes()));
  }

  void read_raw(const ChunkIndex& chunk, const StoredChunk& stored, std::span<std::byte> out) const {
    check_raw_size(chunk, stored);
    read_bytes(array_.raw->lease()->descriptor(), stored.offset, out, array_.info.location);
  }

  void decode(const ChunkIndex& chunk, const StoredChunk& stored, std::span<std::byte> out,
              std::span<std::byte> workspace) const {
    const auto encoded = workspace.first(stored.size);
    read_bytes(array_.raw->lease()->descriptor(), stored.offset, encoded, array_.info.location);
    try {
      array_.pipeline.chain.decode(encoded, out, workspace.subspan(static_cast<std::size_t>(stored_bound_)),
                                   stored.skip_mask);
    } catch (const FormatError& error) {
      throw FormatError(name_of(chunk) + ": " + error.what());
    }
  }

  OpenArray array_;
  std::int64_t stored_bound_;
  ChunkLocator locator_;
};

}  // namespace

std::shared_ptr<Dataset> make_chunked_reader(OpenArray array) {
  return std::make_shared<ChunkedReader>(std::move(array));
}

}  // namespace varve::io::hdf5

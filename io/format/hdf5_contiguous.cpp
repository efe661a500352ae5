#include "io/format/box_reader.hpp"
#include "io/format/hdf5_dataset.hpp"

namespace varve::io::hdf5 {
namespace {

class ContiguousReader final : public Dataset {
 public:
  explicit ContiguousReader(OpenArray array) : array_(std::move(array)) {
    array_.info.partial_reads = true;
    array_.info.read_workspace_bytes = kBoxWorkspaceBytes;
    stored_ = {array_.data_offset, c_order_strides(array_.info.shape, size_bytes(array_.info.dtype)),
               array_.element.swap_bytes};
  }

  [[nodiscard]] const DatasetInfo& info() const noexcept override { return array_.info; }

  std::int64_t read_chunk(const ChunkIndex& chunk, std::span<std::byte> out,
                          std::span<std::byte> workspace) const override {
    const Box box = array_.info.grid.box_of(chunk);
    const StridedView block(out.data(), array_.info.dtype, array_.info.chunk_shape);
    return read_part(chunk, box, block.sub(relative_to(box, box.lo)), workspace);
  }

  std::int64_t read_part(const ChunkIndex&, const Box& part, const StridedView& out,
                         std::span<std::byte> workspace) const override {
    if (stored_.offset_bytes < 0) {
      fill_view(out, array_.fill.data());
      return 0;
    }
    const auto file = array_.raw->lease();
    const auto read = [&](std::int64_t offset, std::span<std::byte> bytes) {
      read_bytes(file->descriptor(), offset, bytes, array_.info.location);
    };
    return read_box(read, stored_, part, out, workspace);
  }

  [[nodiscard]] std::string current_identity() const override { return hdf5::current_identity(array_); }

  bool prefetch(const ChunkIndex& chunk) const noexcept override {
    if (stored_.offset_bytes < 0) return false;
    const Box box = array_.info.grid.box_of(chunk);
    std::int64_t offset = stored_.offset_bytes;
    for (std::int64_t axis = 0; axis < box.ndim(); ++axis)
      offset += box.lo[axis] * stored_.byte_strides[axis];
    try {
      return array_.raw->lease()->prefetch(offset, array_.info.chunk_bytes());
    } catch (...) {  // a hint: the read that follows reports it
      return true;
    }
  }

 private:
  OpenArray array_;
  StoredLayout stored_;  ///< offset -1: nothing was written
};

}  // namespace

std::shared_ptr<Dataset> make_contiguous_reader(OpenArray array) {
  return std::make_shared<ContiguousReader>(std::move(array));
}

std::shared_ptr<Dataset> make_reader(OpenArray array) {
  if (array.layout == Layout::contiguous) return make_contiguous_reader(std::move(array));
  if (array.layout == Layout::chunked && !array.pipeline.by_library)
    return make_chunked_reader(std::move(array));
  if (array.layout == Layout::virtual_sources) return make_virtual_reader(std::move(array));
  return make_library_reader(std::move(array));
}

}  // namespace varve::io::hdf5

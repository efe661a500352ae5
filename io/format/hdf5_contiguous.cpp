#include <fcntl.h>

#include "io/format/hdf5_dataset.hpp"
#include "io/format/hdf5_raw_array.hpp"

namespace varve::io::hdf5 {
namespace {

class ContiguousReader final : public Dataset {
 public:
  explicit ContiguousReader(OpenArray array) : array_(std::move(array)) {
    array_.info.partial_reads = true;
    array_.info.read_workspace_bytes = kRawWorkspaceBytes;
    raw_ = {array_.descriptor, array_.data_offset, array_.info.shape, array_.element};
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
    if (raw_.offset < 0) {
      fill_elements(array_.fill, out);
      return 0;
    }
    return read_box(raw_, part, out, workspace, array_.info.location);
  }

  void prefetch(const ChunkIndex& chunk) const noexcept override {
    if (raw_.offset < 0) return;
    const Box box = array_.info.grid.box_of(chunk);
    const ByteStrides strides = c_order_strides(raw_.shape, size_bytes(array_.info.dtype));
    std::int64_t offset = raw_.offset;
    for (std::int64_t axis = 0; axis < box.ndim(); ++axis) offset += box.lo[axis] * strides[axis];
    ::posix_fadvise(raw_.descriptor, offset, array_.info.chunk_bytes(), POSIX_FADV_WILLNEED);
  }

 private:
  OpenArray array_;
  RawArray raw_;
};

}  // namespace

std::shared_ptr<Dataset> make_contiguous_reader(OpenArray array) {
  return std::make_shared<ContiguousReader>(std::move(array));
}

std::shared_ptr<Dataset> make_reader(OpenArray array) {
  if (array.layout == Layout::contiguous) return make_contiguous_reader(std::move(array));
  if (array.layout == Layout::chunked && !array.pipeline.by_library)
    return make_chunked_reader(std::move(array));
  return make_library_reader(std::move(array));
}

}  // namespace varve::io::hdf5

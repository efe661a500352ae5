#include <algorithm>
#include <array>
#include <cstring>

#include "io/format/box_reader.hpp"
#include "io/format/npy.hpp"
#include "io/format/npy_header.hpp"
#include "io/store/leased_file.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

// Blocks in which a contiguous array is read: large enough for a disk, small enough for a cache.
constexpr std::int64_t kBlockBytes = 1 << 20;

// Takes whole axes from the fastest on while they fit, then a part of the next one.
Shape choose_blocks(const NpyHeader& header) {
  const std::int64_t ndim = header.shape.size();
  Shape blocks(ndim, 1);
  std::int64_t room = kBlockBytes / size_bytes(header.dtype);
  for (std::int64_t i = 0; i < ndim && room > 1; ++i) {
    const std::int64_t axis = header.fortran_order ? i : ndim - 1 - i;
    blocks[axis] = std::clamp<std::int64_t>(header.shape[axis], 1, room);
    room = blocks[axis] < header.shape[axis] ? 1 : room / blocks[axis];
  }
  return blocks;
}

ByteStrides strides_of(const Shape& shape, std::int64_t element_bytes, bool fortran_order) {
  if (!fortran_order) return c_order_strides(shape, element_bytes);
  ByteStrides strides(shape.size(), 0);
  std::int64_t step = element_bytes;
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
    strides[axis] = step;
    step = saturating_multiply(step, std::max<std::int64_t>(shape[axis], 1));  // (0, 2^62, 2^62) is empty
  }
  return strides;
}

class NpyDataset final : public Dataset {
 public:
  explicit NpyDataset(const std::string& path) : file_(path) {
    const auto file = file_.lease();
    const NpyHeader header = read_npy_header(*file, path);
    const std::int64_t size = size_bytes(header.dtype);
    info_.location = path;
    info_.format = "npy";
    info_.shape = header.shape;
    info_.dtype = header.dtype;
    info_.chunk_shape = choose_blocks(header);
    info_.grid = ChunkGrid(info_.shape, info_.chunk_shape);
    info_.chunk_strides = strides_of(info_.chunk_shape, size, header.fortran_order);
    info_.layout = "contiguous";
    info_.byte_order = header.big_endian ? "big" : "little";
    info_.partial_reads = true;
    info_.read_workspace_bytes = kBoxWorkspaceBytes;
    info_.stored_bytes = element_count(info_.shape) * size;
    info_.identity = path + " " + version_of(file->require_regular(path));
    stored_ = {header.data_offset, strides_of(info_.shape, size, header.fortran_order),
               header.big_endian ? size_bytes(real_of(header.dtype)) : 0};
  }

  [[nodiscard]] const DatasetInfo& info() const noexcept override { return info_; }

  std::int64_t read_chunk(const ChunkIndex& chunk, std::span<std::byte> out,
                          std::span<std::byte> workspace) const override {
    const Box box = info_.grid.box_of(chunk);
    return read_part(chunk, box, StridedView(out.data(), info_.dtype, box.shape(), info_.chunk_strides),
                     workspace);
  }

  std::int64_t read_part(const ChunkIndex& /*chunk*/, const Box& part, const StridedView& out,
                         std::span<std::byte> workspace) const override {
    const auto file = file_.lease();
    const auto read = [&](std::int64_t offset, std::span<std::byte> to) {
      file->read_at(offset, to, info_.location);
    };
    return read_box(read, stored_, part, out, workspace);
  }

  [[nodiscard]] std::string current_identity() const override {
    return info_.location + " " + file_.version();
  }

  bool prefetch(const ChunkIndex& chunk) const noexcept override {
    const Box box = info_.grid.box_of(chunk);
    std::int64_t first = stored_.offset_bytes;
    std::int64_t last = first;
    for (std::int64_t axis = 0; axis < box.ndim(); ++axis) {
      first += box.lo[axis] * stored_.byte_strides[axis];
      last += (box.hi[axis] - 1) * stored_.byte_strides[axis];
    }
    try {
      return file_.lease()->prefetch(first, last - first + size_bytes(info_.dtype));
    } catch (...) {  // a hint: the read that follows reports it
      return true;
    }
  }

 private:
  LeasedFile file_;
  DatasetInfo info_;
  StoredLayout stored_;
};

}  // namespace

std::shared_ptr<Dataset> open_npy(const std::string& path, const std::string& variable) {
  if (!variable.empty()) {
    throw ArgumentError(path + ": has no array \"" + variable +
                        "\"; an npy file holds one array without a name");
  }
  return std::make_shared<NpyDataset>(path);
}

FileSummary summarize_npy(const std::string& path) {
  FileSummary summary;
  summary.format = "npy";
  VariableSummary variable;
  try {
    const NpyDataset check(path);
  } catch (const FormatError& error) {
    variable.problem = error.what();
  }
  summary.variables.push_back(std::move(variable));
  return summary;
}

}  // namespace varve::io

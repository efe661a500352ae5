#include <unistd.h>

#include <cerrno>

#include "io/format/npy.hpp"
#include "io/format/npy_header.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

// Writes chunks to their places in one dense C-order array, in an empty file that others keep open.
class NpyWriter final : public DatasetWriter {
 public:
  NpyWriter(const File& file, const std::string& path, const DatasetSpec& spec)
      : path_(path), file_(file), grid_(spec.shape, spec.chunks), size_(size_bytes(spec.dtype)) {
    const std::string header = format_npy_header(spec.dtype, spec.shape);
    data_offset_ = static_cast<std::int64_t>(header.size());
    const std::int64_t bytes = checked_multiply(element_count(spec.shape), size_, "array");
    file_.write_at(0, std::as_bytes(std::span(header)), path_);
    if (::ftruncate(file_.descriptor(), data_offset_ + bytes) != 0) {
      throw StorageError(path_ + ": cannot be extended to " + std::to_string(bytes) +
                         " bytes: " + system_message(errno));
    }
    array_strides_ = c_order_strides(spec.shape, size_);
    chunk_strides_ = c_order_strides(grid_.chunks(), size_);
  }

  [[nodiscard]] const ChunkGrid& grid() const noexcept override { return grid_; }
  [[nodiscard]] std::int64_t write_workspace_bytes() const noexcept override { return 0; }

  std::int64_t write_chunk(const ChunkIndex& chunk, std::span<std::byte> bytes,
                           std::span<std::byte> /*workspace*/) override {
    const Box box = grid_.box_of(chunk);
    const Shape extents = box.shape();
    // Trailing axes that the chunk covers in full make one run with the axis before them.
    std::int64_t axis = box.ndim() - 1;
    std::int64_t run = size_;
    for (; axis >= 0; --axis) {
      run *= extents[axis];
      if (extents[axis] != grid_.shape()[axis] || extents[axis] != grid_.chunks()[axis]) break;
    }
    Shape outer(std::max<std::int64_t>(axis, 0), 1);
    for (std::int64_t k = 0; k < outer.size(); ++k) outer[k] = extents[k];
    Index at(outer.size(), 0);
    do {
      write_run(box, at, bytes, run);
    } while (next_index(at, outer));
    return element_count(extents) * size_;
  }

 private:
  void write_run(const Box& box, const Index& at, std::span<std::byte> bytes, std::int64_t run) const {
    std::int64_t to = data_offset_;
    std::int64_t from = 0;
    for (std::int64_t axis = 0; axis < box.ndim(); ++axis) {
      const std::int64_t inside = axis < at.size() ? at[axis] : 0;
      to += (box.lo[axis] + inside) * array_strides_[axis];
      from += inside * chunk_strides_[axis];
    }
    file_.write_at(to, bytes.subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(run)), path_);
  }

  std::string path_;
  const File& file_;
  ChunkGrid grid_;
  std::int64_t size_;
  std::int64_t data_offset_ = 0;
  ByteStrides array_strides_;
  ByteStrides chunk_strides_;
};

class NpyOutput final : public OutputFile {
 public:
  explicit NpyOutput(std::unique_ptr<PendingOutput> output) : output_(std::move(output)) { output_->claim(); }

  DatasetWriter& add_dataset(const std::string& name, const DatasetSpec& spec) override {
    if (!name.empty()) {
      throw ArgumentError(output_->target() + ":" + name +
                          ": an npy file holds one array without a name; leave the name out");
    }
    if (writer_)
      throw ArgumentError(output_->target() + ": an npy file holds one array; write several to Zarr or HDF5");
    if (spec.codec.name != "none") {
      throw ArgumentError(output_->target() +
                          ": npy files are not compressed; use the codec none, or Zarr or HDF5");
    }
    output_->clear();
    writer_ = std::make_unique<NpyWriter>(output_->file(), output_->place(), spec);
    return *writer_;
  }

  void commit() override {
    if (!writer_) throw Error(output_->target() + ": an npy file needs one array");
    output_->publish();
  }

 private:
  std::unique_ptr<PendingOutput> output_;
  std::unique_ptr<DatasetWriter> writer_;
};

}  // namespace

std::unique_ptr<OutputFile> create_npy(std::unique_ptr<PendingOutput> output,
                                       const OutputOptions& /*options*/) {
  return std::make_unique<NpyOutput>(std::move(output));
}

}  // namespace varve::io

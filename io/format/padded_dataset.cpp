#include "io/format/padded_dataset.hpp"

#include <algorithm>

#include "io/format/box_reader.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

class PaddedDataset final : public Dataset {
 public:
  PaddedDataset(std::shared_ptr<Dataset> inner, const Shape& shape, std::vector<std::byte> fill)
      : inner_(std::move(inner)), info_(inner_->info()), fill_(std::move(fill)) {
    info_.shape = shape;
    info_.grid = ChunkGrid(shape, info_.chunk_shape);
  }

  [[nodiscard]] const DatasetInfo& info() const noexcept override { return info_; }

  std::int64_t read_chunk(const ChunkIndex& chunk, std::span<std::byte> out,
                          std::span<std::byte> workspace) const override {
    const Box box(info_.chunk_shape);
    const StridedView whole(out.data(), info_.dtype, info_.chunk_shape, info_.chunk_strides);
    if (!is_stored(chunk)) {
      fill_view(whole, fill_.data());
      return 0;
    }
    const std::int64_t bytes = inner_->read_chunk(chunk, out, workspace);
    fill_beyond(box, stored_part(box, origin_of(chunk)), whole);
    return bytes;
  }

  std::int64_t read_part(const ChunkIndex& chunk, const Box& part, const StridedView& out,
                         std::span<std::byte> workspace) const override {
    const Box stored = stored_part(part, Index(part.ndim(), 0));
    if (!is_stored(chunk) || stored.empty()) {
      fill_view(out, fill_.data());
      return 0;
    }
    fill_beyond(part, stored, out);
    return inner_->read_part(chunk, stored, out.sub(relative_to(stored, part.lo)), workspace);
  }

  [[nodiscard]] std::string current_identity() const override { return inner_->current_identity(); }

  bool prefetch(const ChunkIndex& chunk) const noexcept override {
    return is_stored(chunk) && inner_->prefetch(chunk);
  }

 private:
  [[nodiscard]] bool is_stored(const ChunkIndex& chunk) const noexcept {
    for (std::int64_t axis = 0; axis < chunk.size(); ++axis) {
      if (chunk[axis] >= inner_->info().grid.count(axis)) return false;
    }
    return true;
  }

  [[nodiscard]] Index origin_of(const ChunkIndex& chunk) const {
    Index origin(chunk.size(), 0);
    for (std::int64_t axis = 0; axis < chunk.size(); ++axis)
      origin[axis] = chunk[axis] * info_.chunk_shape[axis];
    return origin;
  }

  // The part of a box, whose coordinates count from `origin`, that the inner dataset has.
  [[nodiscard]] Box stored_part(Box box, const Index& origin) const {
    for (std::int64_t axis = 0; axis < box.ndim(); ++axis) {
      const std::int64_t end = inner_->info().shape[axis] - origin[axis];
      box.hi[axis] = std::max(std::min(box.hi[axis], end), box.lo[axis]);
    }
    return box;
  }

  // Fills what `whole` has beyond `stored`, a part of it that starts where it does, axis by axis.
  void fill_beyond(Box whole, const Box& stored, const StridedView& out) const {
    const Index first = whole.lo;
    for (std::int64_t axis = 0; axis < whole.ndim(); ++axis) {
      Box beyond = whole;
      beyond.lo[axis] = stored.hi[axis];
      if (!beyond.empty()) fill_view(out.sub(relative_to(beyond, first)), fill_.data());
      whole.hi[axis] = stored.hi[axis];
    }
  }

  std::shared_ptr<Dataset> inner_;
  DatasetInfo info_;
  std::vector<std::byte> fill_;
};

}  // namespace

std::shared_ptr<Dataset> pad_dataset(std::shared_ptr<Dataset> inner, const Shape& shape,
                                     std::vector<std::byte> fill) {
  try {
    static_cast<void>(checked_multiply(element_count(shape), size_bytes(inner->info().dtype), "bytes"));
  } catch (const ShapeError&) {
    throw FormatError(inner->info().location + ": shape " + to_string(shape) + " does not fit in 63 bits");
  }
  return std::make_shared<PaddedDataset>(std::move(inner), shape, std::move(fill));
}

}  // namespace varve::io

#include "io/scratch/scratch_array.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "varve/core/byte_size.hpp"

namespace varve::io {
namespace {

[[noreturn]] void fail(const std::string& directory, const char* action) {
  throw StorageError("scratch directory " + directory + ": cannot " + action + ": " + std::strerror(errno) +
                     "; choose another one with --scratch or VARVE_SCRATCH");
}

int open_nameless(const std::string& directory) {
  const int file = open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0) return file;
  // Not every file system knows O_TMPFILE: make a name and take it away at once.
  std::string path = directory + "/varve-scratch-XXXXXX";
  const int named = mkostemp(path.data(), O_CLOEXEC);
  if (named < 0) fail(directory, "make a temporary file");
  unlink(path.c_str());
  return named;
}

// Runs below this are gathered and moved as one piece: a system call costs as much as copying some 10 KiB.
constexpr std::int64_t kShortRunBytes = 32 << 10;

// Calls move(element of the piece, byte of the view, elements) for each run of `part` that lies densely both
// in the piece, which is C order, and in a view of `part` with those strides.
template <class Move>
void for_each_run(const Box& piece, const Box& part, const ByteStrides& strides, std::int64_t element_bytes,
                  const Move& move) {
  const ByteStrides places = c_order_strides(piece.shape(), 1);
  std::int64_t inner = part.ndim();
  std::int64_t run = 1;
  while (inner > 0 && strides[inner - 1] == run * element_bytes && places[inner - 1] == run) {
    --inner;
    run *= part.extent(inner);
  }
  Shape outer(inner, 0);
  for (std::int64_t axis = 0; axis < inner; ++axis) outer[axis] = part.extent(axis);
  Index index(inner, 0);
  do {
    std::int64_t place = 0;
    std::int64_t byte = 0;
    for (std::int64_t axis = 0; axis < part.ndim(); ++axis) {
      const std::int64_t along = axis < inner ? index[axis] : 0;
      place += (part.lo[axis] - piece.lo[axis] + along) * places[axis];
      byte += along * strides[axis];
    }
    move(place, byte, run);
  } while (next_index(index, outer));
}

std::int64_t offset_of(const Box& box, const Index& origin, const ByteStrides& strides) {
  std::int64_t offset = 0;
  for (std::int64_t axis = 0; axis < box.ndim(); ++axis)
    offset += (box.lo[axis] - origin[axis]) * strides[axis];
  return offset;
}

std::span<std::byte> bytes_at(std::byte* data, std::int64_t count) {
  return {data, static_cast<std::size_t>(count)};
}

}  // namespace

void require_scratch_room(const std::string& directory, std::int64_t bytes) {
  struct statvfs status {};
  if (statvfs(directory.c_str(), &status) != 0) fail(directory, "find its free space");
  const auto free = static_cast<std::int64_t>(status.f_bavail) * static_cast<std::int64_t>(status.f_frsize);
  if (bytes <= free) return;
  throw StorageError("scratch directory " + directory + ": " + format_bytes(bytes) + " needed, " + format_bytes(free) +
                     " free; choose another one with --scratch or VARVE_SCRATCH");
}

ScratchArray::ScratchArray(const std::string& directory, const Shape& shape, DType dtype,
                           const ScratchLayout& layout)
    : layout_(layout), name_("scratch directory " + directory), file_(open_nameless(directory)) {
  info_.location = "scratch";
  info_.format = "scratch";
  info_.shape = shape;
  info_.dtype = dtype;
  info_.chunk_shape = shape;
  info_.grid = ChunkGrid(shape, shape);
  info_.chunk_strides = c_order_strides(shape, size_bytes(dtype));
  info_.partial_reads = true;
  info_.stored_bytes = element_count(shape) * size_bytes(dtype);
}

std::int64_t ScratchArray::read_chunk(const ChunkIndex& chunk, std::span<std::byte> out,
                                      std::span<std::byte> workspace) const {
  return read_part(chunk, Box(info_.shape), {out.data(), info_.dtype, info_.shape}, workspace);
}

std::int64_t ScratchArray::read_part(const ChunkIndex& /*chunk*/, const Box& part, const StridedView& out,
                                     std::span<std::byte> workspace) const {
  const std::int64_t element = size_bytes(info_.dtype);
  layout_.for_each_piece(part, [&](const Box& piece, std::int64_t position) {
    const Box wanted = intersect(piece, part);
    std::byte* target = out.data + offset_of(wanted, part.lo, out.byte_strides);
    const std::int64_t bytes = element_count(piece.shape()) * element;
    const bool gather = wanted == piece && bytes <= static_cast<std::int64_t>(workspace.size()) &&
                        piece.ndim() > 0 && piece.extent(piece.ndim() - 1) * element < kShortRunBytes;
    if (gather) file_.read_at(position * element, workspace.first(static_cast<std::size_t>(bytes)), name_);
    for_each_run(piece, wanted, out.byte_strides, element,
                 [&](std::int64_t place, std::int64_t byte, std::int64_t run) {
                   if (gather) {
                     std::memcpy(target + byte, workspace.data() + place * element,
                                 static_cast<std::size_t>(run * element));
                   } else {
                     file_.read_at((position + place) * element, bytes_at(target + byte, run * element),
                                   name_);
                   }
                 });
  });
  return element_count(part.shape()) * element;
}

std::int64_t ScratchArray::write_box(const Box& box, const std::byte* values,
                                     std::span<std::byte> workspace) {
  const std::int64_t element = size_bytes(info_.dtype);
  const ByteStrides strides = c_order_strides(box.shape(), element);
  layout_.for_each_piece(box, [&](const Box& piece, std::int64_t position) {
    const Box given = intersect(piece, box);
    const std::byte* source = values + offset_of(given, box.lo, strides);
    const std::int64_t bytes = element_count(piece.shape()) * element;
    const bool gather = given == piece && bytes <= static_cast<std::int64_t>(workspace.size()) &&
                        piece.ndim() > 0 && piece.extent(piece.ndim() - 1) * element < kShortRunBytes;
    for_each_run(
        piece, given, strides, element, [&](std::int64_t place, std::int64_t byte, std::int64_t run) {
          const std::span<const std::byte> from(source + byte, static_cast<std::size_t>(run * element));
          if (gather) {
            std::memcpy(workspace.data() + place * element, from.data(), from.size());
          } else {
            file_.write_at((position + place) * element, from, name_);
          }
        });
    if (gather) file_.write_at(position * element, workspace.first(static_cast<std::size_t>(bytes)), name_);
  });
  return element_count(box.shape()) * element;
}

}  // namespace varve::io

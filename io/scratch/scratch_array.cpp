#include "io/scratch/scratch_array.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

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

void require_room(int file, const std::string& directory, std::int64_t bytes) {
  struct statvfs status {};
  if (fstatvfs(file, &status) != 0) fail(directory, "find its free space");
  const auto free = static_cast<std::int64_t>(status.f_bavail) * static_cast<std::int64_t>(status.f_frsize);
  if (bytes > free) {
    throw StorageError("scratch directory " + directory + ": " + std::to_string(bytes) + " bytes needed, " +
                       std::to_string(free) + " free; choose another one with --scratch or VARVE_SCRATCH");
  }
}

// Calls move(file offset, run) for each run of elements of `box` that lies contiguously in the file.
template <class Move>
void for_each_run(const Shape& shape, const Box& box, std::int64_t element_bytes, const Move& move) {
  if (box.empty()) return;
  // The run spans the trailing axes that the box holds whole, and one axis more.
  std::int64_t run_axis = box.ndim() - 1;
  while (run_axis > 0 && box.extent(run_axis) == shape[run_axis]) --run_axis;
  const ByteStrides strides = c_order_strides(shape, element_bytes);
  std::int64_t run_bytes = element_bytes;
  for (std::int64_t axis = std::max<std::int64_t>(run_axis, 0); axis < box.ndim(); ++axis) run_bytes *= box.extent(axis);
  Shape outer = box.shape();
  for (std::int64_t axis = std::max<std::int64_t>(run_axis, 0); axis < box.ndim(); ++axis) outer[axis] = 1;
  Index index(box.ndim(), 0);
  do {
    std::int64_t offset = 0;
    for (std::int64_t axis = 0; axis < box.ndim(); ++axis) offset += (box.lo[axis] + index[axis]) * strides[axis];
    move(offset, run_bytes, index);
  } while (next_index(index, outer));
}

}  // namespace

ScratchArray::ScratchArray(const std::string& directory, const Shape& shape, DType dtype) : directory_(directory) {
  info_.location = "scratch";
  info_.format = "scratch";
  info_.shape = shape;
  info_.dtype = dtype;
  info_.chunk_shape = shape;
  info_.grid = ChunkGrid(shape, shape);
  info_.chunk_strides = c_order_strides(shape, size_bytes(dtype));
  info_.partial_reads = true;
  info_.stored_bytes = element_count(shape) * size_bytes(dtype);
  file_ = open_nameless(directory);
  try {
    require_room(file_, directory, info_.stored_bytes);
  } catch (...) {
    close(file_);
    throw;
  }
}

ScratchArray::~ScratchArray() { close(file_); }

std::int64_t ScratchArray::read_chunk(const ChunkIndex& chunk, std::span<std::byte> out,
                                      std::span<std::byte> workspace) const {
  return read_part(chunk, Box(info_.shape), {out.data(), info_.dtype, info_.shape}, workspace);
}

std::int64_t ScratchArray::read_part(const ChunkIndex& /*chunk*/, const Box& part, const StridedView& out,
                                     std::span<std::byte> /*workspace*/) const {
  const std::int64_t element = size_bytes(info_.dtype);
  std::int64_t total = 0;
  // A view with gaps between rows is read row by row: the run then never crosses one.
  const bool dense = out.is_c_contiguous();
  const auto read_run = [&](std::int64_t offset, std::int64_t bytes, std::byte* target) {
    for (std::int64_t done = 0; done < bytes;) {
      const ssize_t n = pread(file_, target + done, static_cast<std::size_t>(bytes - done), offset + done);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) fail(directory_, "read temporary data");
      done += n;
    }
    total += bytes;
  };
  if (dense) {
    std::byte* target = out.data;
    for_each_run(info_.shape, part, element, [&](std::int64_t offset, std::int64_t bytes, const Index&) {
      read_run(offset, bytes, target);
      target += bytes;
    });
    return total;
  }
  const ByteStrides strides = c_order_strides(info_.shape, element);
  const std::int64_t last = part.ndim() - 1;
  const bool rows = last >= 0 && out.byte_strides[last] == element;
  Shape outer = part.shape();
  if (rows) outer[last] = 1;
  Index index(part.ndim(), 0);
  do {
    std::int64_t offset = 0;
    std::byte* target = out.data;
    for (std::int64_t axis = 0; axis <= last; ++axis) {
      offset += (part.lo[axis] + index[axis]) * strides[axis];
      target += index[axis] * out.byte_strides[axis];
    }
    read_run(offset, rows ? part.extent(last) * element : element, target);
  } while (next_index(index, outer));
  return total;
}

std::int64_t ScratchArray::write_box(const Box& box, const std::byte* values) {
  std::int64_t total = 0;
  for_each_run(info_.shape, box, size_bytes(info_.dtype), [&](std::int64_t offset, std::int64_t bytes, const Index&) {
    for (std::int64_t done = 0; done < bytes;) {
      const ssize_t n = pwrite(file_, values + total + done, static_cast<std::size_t>(bytes - done), offset + done);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) fail(directory_, "write temporary data");
      done += n;
    }
    total += bytes;
  });
  return total;
}

}  // namespace varve::io

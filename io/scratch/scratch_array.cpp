#include "io/scratch/scratch_array.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

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

// Writers that meet in one file wait for each other: the system locks a file while it is written to.
constexpr std::int64_t kFilesPerWriter = 4;

std::string file_name(const std::string& name, std::int64_t number) {
  return name + "." + std::to_string(number);
}

std::string table_name(const std::string& name) { return name + ".table"; }

int make_named(const std::string& path) {
  const int file = open_descriptor(AT_FDCWD, path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0) return file;
  throw StorageError("scratch " + path + ": cannot be made: " + system_message(errno) +
                     (errno == EEXIST ? "; each run needs a directory of its own for named scratch" : ""));
}

std::vector<File> make_files(const std::string& directory, const ScratchOptions& options,
                             std::int64_t regions) {
  const std::int64_t writers = options.writers;
  std::int64_t count = writers > 1 ? std::min(kFilesPerWriter * writers, kMaxScratchFiles) : 1;
  count = std::clamp<std::int64_t>(regions, 1, count);
  std::vector<File> files;
  for (std::int64_t i = 0; i < count; ++i)
    files.emplace_back(options.name.empty() ? open_nameless(directory)
                                            : make_named(file_name(options.name, i)));
  return files;
}

std::vector<File> open_files(const std::string& name, std::int64_t count) {
  std::vector<File> files;
  for (std::int64_t i = 0; i < count; ++i) files.push_back(File::open_read(file_name(name, i)));
  return files;
}

const ScratchDescription& require_expected(const std::string& name, const ScratchDescription& found,
                                           const std::optional<ScratchDescription>& expected) {
  if (expected && !(found == *expected)) throw FormatError("scratch " + name + ": it is another array's");
  return found;
}

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

std::size_t bytes_of(const Box& box, std::int64_t element_bytes) {
  return static_cast<std::size_t>(element_count(box.shape()) * element_bytes);
}

// Whether a part of a piece is moved through the workspace: the whole piece, if its rows are short.
bool gathers(const Box& piece, const Box& part, std::int64_t element_bytes, std::span<std::byte> workspace) {
  return part == piece && bytes_of(piece, element_bytes) <= workspace.size() && piece.ndim() > 0 &&
         piece.extent(piece.ndim() - 1) * element_bytes < kShortRunBytes;
}

}  // namespace

void require_scratch_room(const std::string& directory, std::int64_t bytes) {
  struct statvfs status {};
  if (statvfs(directory.c_str(), &status) != 0) fail(directory, "find its free space");
  const auto free = static_cast<std::int64_t>(status.f_bavail) * static_cast<std::int64_t>(status.f_frsize);
  if (bytes <= free) return;
  throw StorageError("scratch directory " + directory + ": " + format_bytes(bytes) + " needed, " +
                     format_bytes(free) + " free; choose another one with --scratch or VARVE_SCRATCH");
}

ScratchArray::ScratchArray(const std::string& directory, const Shape& shape, DType dtype,
                           const ScratchLayout& layout, const ScratchOptions& options)
    : ScratchArray({dtype, layout, options.codec},
                   "scratch directory " + (options.name.empty() ? directory : options.name),
                   make_files(directory, options, layout.region_count())) {
  if (!(layout.shape() == shape)) throw Error("scratch: the layout is one of another shape");
  name_ = options.name;
}

ScratchArray::ScratchArray(const std::string& name, const std::optional<ScratchDescription>& expected)
    : ScratchArray(name, ScratchTable(table_name(name)), expected) {}

ScratchArray::ScratchArray(const std::string& name, const ScratchTable& table,
                           const std::optional<ScratchDescription>& expected)
    : ScratchArray(require_expected(name, table.description(), expected), "scratch " + name,
                   open_files(name, table.files())) {
  table.read_lengths(lengths_);
  require_lengths(name);
}

ScratchArray::ScratchArray(const ScratchDescription& description, const std::string& what,
                           std::vector<File> files)
    : description_(description),
      what_(what),
      element_bytes_(description.element_bytes()),
      files_(std::move(files)) {
  const Shape& shape = description.layout.shape();
  info_.location = "scratch";
  info_.format = "scratch";
  info_.shape = shape;
  info_.dtype = description.dtype;
  info_.chunk_shape = shape;
  info_.grid = ChunkGrid(shape, shape);
  info_.chunk_strides = c_order_strides(shape, element_bytes_);
  info_.partial_reads = true;
  info_.stored_bytes = element_count(shape) * element_bytes_;
  if (description.codec == ScratchCodec::none) return;
  coding_ = std::make_unique<ScratchCoding>(element_bytes_);
  blocks_per_piece_ = ScratchCoding::blocks_in(description.layout.largest_piece() * element_bytes_);
  lengths_.resize(static_cast<std::size_t>(description.length_count()));
}

// Every piece must have been written, to lengths that its blocks may have.
void ScratchArray::require_lengths(const std::string& name) const {
  if (!coding_) return;
  description_.layout.for_each_piece(Box(info_.shape), [&](const ScratchPiece& piece) {
    auto left = static_cast<std::int64_t>(bytes_of(piece.box, element_bytes_));
    for (const std::uint32_t length : lengths_of(piece)) {
      const std::int64_t block = std::min(left, ScratchCoding::kBlockBytes);
      if (length > block || (length == 0) != (block == 0))
        throw FormatError("scratch " + name + ": a piece is missing, or the length of a block is wrong");
      left -= block;
    }
  });
}

void ScratchArray::finish() {
  if (name_.empty()) return;
  write_scratch_table(table_name(name_), description_, static_cast<std::int64_t>(files_.size()), lengths_);
}

ScratchArray::Place ScratchArray::place_of(const ScratchPiece& piece) const {
  const auto count = static_cast<std::int64_t>(files_.size());
  const std::int64_t element = piece.region / count * description_.layout.region_elements() + piece.place;
  return {files_[static_cast<std::size_t>(piece.region % count)], element * element_bytes_};
}

std::span<const std::uint32_t> ScratchArray::lengths_of(const ScratchPiece& piece) const {
  return std::span(lengths_).subspan(static_cast<std::size_t>(piece.number * blocks_per_piece_),
                                     static_cast<std::size_t>(blocks_per_piece_));
}

std::int64_t ScratchArray::read_chunk(const ChunkIndex& chunk, std::span<std::byte> out,
                                      std::span<std::byte> workspace) const {
  return read_part(chunk, Box(info_.shape), {out.data(), info_.dtype, info_.shape}, workspace);
}

std::int64_t ScratchArray::read_part(const ChunkIndex& /*chunk*/, const Box& part, const StridedView& out,
                                     std::span<std::byte> workspace) const {
  std::int64_t bytes = 0;
  description_.layout.for_each_piece(part, [&](const ScratchPiece& piece) {
    const Box wanted = intersect(piece.box, part);
    std::byte* target = out.data + offset_of(wanted, part.lo, out.byte_strides);
    bytes += coding_ ? read_encoded(piece, wanted, target, out.byte_strides, workspace)
                     : read_plain(piece, wanted, target, out.byte_strides, workspace);
  });
  return bytes;
}

std::int64_t ScratchArray::read_plain(const ScratchPiece& piece, const Box& wanted, std::byte* target,
                                      const ByteStrides& strides, std::span<std::byte> workspace) const {
  const auto [file, start] = place_of(piece);
  const bool gather = gathers(piece.box, wanted, element_bytes_, workspace);
  if (gather) file.read_at(start, workspace.first(bytes_of(piece.box, element_bytes_)), what_);
  for_each_run(piece.box, wanted, strides, element_bytes_,
               [&](std::int64_t place, std::int64_t byte, std::int64_t run) {
                 const auto bytes = static_cast<std::size_t>(run * element_bytes_);
                 if (gather) {
                   std::memcpy(target + byte, workspace.data() + place * element_bytes_, bytes);
                 } else {
                   file.read_at(start + place * element_bytes_, {target + byte, bytes}, what_);
                 }
               });
  return static_cast<std::int64_t>(bytes_of(wanted, element_bytes_));
}

std::int64_t ScratchArray::read_encoded(const ScratchPiece& piece, const Box& wanted, std::byte* target,
                                        const ByteStrides& strides, std::span<std::byte> workspace) const {
  const Place place = place_of(piece);
  Index last = wanted.hi;
  for (std::int64_t axis = 0; axis < last.size(); ++axis) last[axis] -= 1;
  const std::int64_t end =
      offset_of(Box(last, wanted.hi), piece.box.lo, c_order_strides(piece.box.shape(), element_bytes_)) +
      element_bytes_;
  PieceDecoder decoder(*coding_, static_cast<std::int64_t>(bytes_of(piece.box, element_bytes_)), end,
                       lengths_of(piece), workspace, [&](std::int64_t offset, std::span<std::byte> bytes) {
                         place.file.read_at(place.offset + offset, bytes, what_);
                       });
  for_each_run(piece.box, wanted, strides, element_bytes_,
               [&](std::int64_t element, std::int64_t byte, std::int64_t run) {
                 decoder.copy(element * element_bytes_,
                              {target + byte, static_cast<std::size_t>(run * element_bytes_)});
               });
  return decoder.bytes_fetched();
}

std::int64_t ScratchArray::write_box(const Box& box, const std::byte* values,
                                     std::span<std::byte> workspace) {
  const ByteStrides strides = c_order_strides(box.shape(), element_bytes_);
  std::int64_t bytes = 0;
  description_.layout.for_each_piece(box, [&](const ScratchPiece& piece) {
    const Box given = intersect(piece.box, box);
    const std::byte* source = values + offset_of(given, box.lo, strides);
    bytes += coding_ ? write_encoded(piece, given, source, strides, workspace)
                     : write_plain(piece, given, source, strides, workspace);
  });
  stored_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  return bytes;
}

std::int64_t ScratchArray::write_plain(const ScratchPiece& piece, const Box& given, const std::byte* source,
                                       const ByteStrides& strides, std::span<std::byte> workspace) const {
  const auto [file, start] = place_of(piece);
  const bool gather = gathers(piece.box, given, element_bytes_, workspace);
  for_each_run(piece.box, given, strides, element_bytes_,
               [&](std::int64_t place, std::int64_t byte, std::int64_t run) {
                 const auto bytes = static_cast<std::size_t>(run * element_bytes_);
                 if (gather) {
                   std::memcpy(workspace.data() + place * element_bytes_, source + byte, bytes);
                 } else {
                   file.write_at(start + place * element_bytes_, {source + byte, bytes}, what_);
                 }
               });
  if (gather) file.write_at(start, workspace.first(bytes_of(piece.box, element_bytes_)), what_);
  return static_cast<std::int64_t>(bytes_of(given, element_bytes_));
}

std::int64_t ScratchArray::write_encoded(const ScratchPiece& piece, const Box& given, const std::byte* source,
                                         const ByteStrides& strides, std::span<std::byte> workspace) {
  if (!(given == piece.box)) throw Error("scratch: only whole pieces can be written with a codec");
  const Place place = place_of(piece);
  const std::span<std::uint32_t> lengths =
      std::span(lengths_).subspan(static_cast<std::size_t>(piece.number * blocks_per_piece_),
                                  static_cast<std::size_t>(blocks_per_piece_));
  std::int64_t stored = 0;
  PieceEncoder encoder(*coding_, static_cast<std::int64_t>(bytes_of(piece.box, element_bytes_)), lengths,
                       workspace, [&](std::int64_t offset, std::span<const std::byte> bytes) {
                         place.file.write_at(place.offset + offset, bytes, what_);
                         stored += static_cast<std::int64_t>(bytes.size());
                       });
  for_each_run(piece.box, given, strides, element_bytes_,
               [&](std::int64_t, std::int64_t byte, std::int64_t run) {
                 encoder.append({source + byte, static_cast<std::size_t>(run * element_bytes_)});
               });
  return stored;
}

}  // namespace varve::io

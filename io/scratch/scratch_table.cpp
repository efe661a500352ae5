#include "io/scratch/scratch_table.hpp"

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <vector>

#include "io/codec/crc32c.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

constexpr std::int64_t kMagic = 0x3154415243535256;  // "VRSCRAT1", and another number in other byte orders

// The header is words of 64 bits: these, five per axis, and the sum of all that.
enum Word : std::size_t { magic, dtype, codec, ndim, files, lengths, lengths_sum, kFixedWords };
constexpr std::size_t kWordsPerAxis = 5;
constexpr std::size_t kMaxWords = kFixedWords + kWordsPerAxis * kMaxNdim + 1;

// No extent, chunk or offset is larger, so that sums of two of them fit.
constexpr std::int64_t kMaxExtent = std::int64_t{1} << 61;

std::vector<std::int64_t> header_of(const ScratchDescription& description) {
  const ChunkGrid& readers = description.layout.readers();
  const ChunkGrid& writers = description.layout.writers();
  std::vector<std::int64_t> words(kFixedWords);
  words[magic] = kMagic;
  words[dtype] = static_cast<std::int64_t>(description.dtype);
  words[codec] = static_cast<std::int64_t>(description.codec);
  words[ndim] = readers.ndim();
  words[lengths] = description.length_count();
  for (std::int64_t axis = 0; axis < readers.ndim(); ++axis) {
    for (const std::int64_t word : {readers.shape()[axis], readers.chunks()[axis], readers.offset()[axis],
                                    writers.chunks()[axis], writers.offset()[axis]})
      words.push_back(word);
  }
  return words;
}

std::uint32_t sum_of(std::span<const std::int64_t> words) { return crc32c(std::as_bytes(words)); }

bool multiply(std::int64_t& product, std::int64_t factor) {
  return !__builtin_mul_overflow(product, factor, &product);
}

bool product_fits(const Shape& factors, std::int64_t times) {
  std::int64_t product = times;
  for (const std::int64_t factor : factors) {
    if (!multiply(product, factor)) return false;
  }
  return true;
}

// Whether offsets into the files can be counted.
bool offsets_fit(const ScratchLayout& layout, std::int64_t element_bytes) {
  const ChunkGrid& readers = layout.readers();
  if (!product_fits(readers.shape(), element_bytes) || !product_fits(readers.chunks(), element_bytes) ||
      !product_fits(readers.counts(), 1) || !product_fits(layout.writers().counts(), 1))
    return false;
  std::int64_t bytes = layout.region_elements() * element_bytes;
  return multiply(bytes, std::max<std::int64_t>(layout.region_count(), 1));
}

// The grid of one of both sides, if it is one: its chunks cut the shape, and are as ChunkGrid keeps them.
bool read_grid(const Shape& shape, std::span<const std::int64_t> axes, std::size_t first, ChunkGrid& grid) {
  Shape chunks(shape.size(), 1);
  Index offset(shape.size(), 0);
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
    const std::size_t at = static_cast<std::size_t>(axis) * kWordsPerAxis + first;
    chunks[axis] = axes[at];
    offset[axis] = axes[at + 1];
    if (chunks[axis] < 1 || chunks[axis] > kMaxExtent || offset[axis] < 0 || offset[axis] >= chunks[axis])
      return false;
  }
  grid = ChunkGrid(shape, chunks, offset);
  return grid.chunks() == chunks && grid.offset() == offset;
}

bool read_layout(std::span<const std::int64_t> axes, ScratchLayout& layout) {
  Shape shape(static_cast<std::int64_t>(axes.size() / kWordsPerAxis), 0);
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
    shape[axis] = axes[static_cast<std::size_t>(axis) * kWordsPerAxis];
    if (shape[axis] < 0 || shape[axis] > kMaxExtent) return false;
  }
  ChunkGrid readers;
  ChunkGrid writers;
  if (!read_grid(shape, axes, 1, readers) || !read_grid(shape, axes, 3, writers)) return false;
  layout = ScratchLayout(readers, writers);
  return true;
}

bool is_below(std::int64_t word, std::int64_t bound) { return word >= 0 && word < bound; }

}  // namespace

std::int64_t scratch_table_bytes(const ScratchLayout& layout, std::int64_t element_bytes) {
  std::int64_t bytes = ScratchCoding::blocks_in(layout.largest_piece() * element_bytes);
  if (__builtin_mul_overflow(bytes, layout.number_bound(), &bytes)) return INT64_MAX;
  if (__builtin_mul_overflow(bytes, sizeof(std::uint32_t), &bytes)) return INT64_MAX;
  return bytes;
}

std::int64_t ScratchDescription::length_count() const {
  if (codec == ScratchCodec::none) return 0;
  const std::int64_t bytes = scratch_table_bytes(layout, element_bytes());
  return bytes == INT64_MAX ? bytes : bytes / static_cast<std::int64_t>(sizeof(std::uint32_t));
}

void write_scratch_table(const std::string& path, const ScratchDescription& description, std::int64_t files,
                         std::span<const std::uint32_t> lengths) {
  std::vector<std::int64_t> words = header_of(description);
  words[Word::files] = files;
  words[Word::lengths_sum] = crc32c(std::as_bytes(lengths));
  words.push_back(sum_of(words));
  const std::string part = path + ".part";
  {
    const File file(open_descriptor(AT_FDCWD, part.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600));
    if (!file.is_open()) throw StorageError(part + ": cannot be made: " + system_message(errno));
    file.write_at(0, std::as_bytes(std::span(words)), part);
    file.write_at(static_cast<std::int64_t>(words.size() * sizeof(std::int64_t)), std::as_bytes(lengths),
                  part);
  }
  if (std::rename(part.c_str(), path.c_str()) != 0)
    throw StorageError(path + ": cannot be made: " + system_message(errno));
}

ScratchTable::ScratchTable(const std::string& path) : path_(path), file_(File::open_read(path)) {
  const auto require = [&path](bool holds, const char* what) {
    if (!holds) throw FormatError(path + ": table of scratch: " + what);
  };
  const std::int64_t size = file_.require_regular(path).st_size;
  std::array<std::int64_t, kMaxWords> room{};
  file_.read_at(0, std::as_writable_bytes(std::span(room).first(kFixedWords)), path);
  require(room[Word::magic] == kMagic, "it is none, or of another version or kind of machine");
  require(is_below(room[Word::ndim], kMaxNdim + 1), "it has too many axes");
  const std::size_t axis_words = static_cast<std::size_t>(room[Word::ndim]) * kWordsPerAxis;
  const std::size_t words = kFixedWords + axis_words;
  header_bytes_ = static_cast<std::int64_t>((words + 1) * sizeof(std::int64_t));
  file_.read_at(0, std::as_writable_bytes(std::span(room).first(words + 1)), path);
  require(room[words] == sum_of(std::span(room).first(words)), "its header is damaged");
  require(is_below(room[Word::dtype], kDTypeCount), "it has no such dtype");
  require(is_below(room[Word::codec], 2), "it has no such codec");
  description_.dtype = static_cast<DType>(room[Word::dtype]);
  description_.codec = static_cast<ScratchCodec>(room[Word::codec]);
  require(read_layout(std::span(room).subspan(kFixedWords, axis_words), description_.layout) &&
              offsets_fit(description_.layout, description_.element_bytes()),
          "it has no such layout");
  files_ = room[Word::files];
  require(files_ >= 1 && files_ <= kMaxScratchFiles, "it has no such number of files");
  const std::int64_t count = room[Word::lengths];
  require(count == description_.length_count(), "it has another number of blocks");
  require((size - header_bytes_) / 4 == count && (size - header_bytes_) % 4 == 0, "it has another length");
  require(is_below(room[Word::lengths_sum], std::int64_t{1} << 32), "its header is damaged");
  lengths_sum_ = static_cast<std::uint32_t>(room[Word::lengths_sum]);
}

void ScratchTable::read_lengths(std::span<std::uint32_t> lengths) const {
  file_.read_at(header_bytes_, std::as_writable_bytes(lengths), path_);
  if (crc32c(std::as_bytes(lengths)) != lengths_sum_)
    throw FormatError(path_ + ": table of scratch: its lengths are damaged");
}

}  // namespace varve::io

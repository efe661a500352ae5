#include "io/scratch/scratch_coding.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "varve/core/error.hpp"

namespace varve::io {
namespace {

constexpr std::int64_t kBlocksPerStrip = ScratchCoding::kStripBytes / ScratchCoding::kBlockBytes;
// What lz4 may add to a block that does not shrink, and room to round up to cache lines.
constexpr std::int64_t kSlackBytes = 1024;
constexpr unsigned kManyMisses = 8;
constexpr unsigned kTryOneIn = 16;

std::vector<CodecPtr> codecs_for(std::int64_t element_bytes) {
  if (element_bytes == 1) return {make_lz4(1)};
  return {make_shuffle(element_bytes), make_lz4(1)};
}

std::int64_t block_room(std::int64_t piece_bytes) {
  return std::min(piece_bytes, ScratchCoding::kBlockBytes) + kSlackBytes;
}

// The parts of a workspace.
struct Rooms {
  std::span<std::byte> block;
  std::span<std::byte> shuffled;
  std::span<std::byte> strip;
};

Rooms rooms_of(std::span<std::byte> workspace, std::int64_t piece_bytes) {
  const auto block = static_cast<std::size_t>(block_room(piece_bytes));
  return {workspace.first(block), workspace.subspan(block, block), workspace.subspan(2 * block)};
}

}  // namespace

std::string_view name_of(ScratchCodec codec) noexcept { return codec == ScratchCodec::lz4 ? "lz4" : "none"; }

std::optional<ScratchCodec> find_scratch_codec(std::string_view name) noexcept {
  if (name == "none") return ScratchCodec::none;
  if (name == "lz4") return ScratchCodec::lz4;
  return std::nullopt;
}

ScratchCoding::ScratchCoding(std::int64_t element_bytes) : chain_(codecs_for(element_bytes)) {}

std::int64_t ScratchCoding::workspace_bytes(std::int64_t piece_bytes) noexcept {
  return 2 * block_room(piece_bytes) + std::min(piece_bytes, kStripBytes) + kSlackBytes;
}

std::int64_t ScratchCoding::encode(std::span<const std::byte> block, std::span<std::byte> out,
                                   std::span<std::byte> shuffled, unsigned& misses) const {
  const auto size = static_cast<std::int64_t>(block.size());
  if (misses < kManyMisses || misses % kTryOneIn == 0) {
    const std::int64_t bytes = chain_.encode(block, out, shuffled);
    if (bytes <= size - size / 10) {
      misses = 0;
      return bytes;
    }
  }
  ++misses;
  std::memcpy(out.data(), block.data(), block.size());
  return size;
}

void ScratchCoding::decode(std::span<const std::byte> encoded, std::span<std::byte> block,
                           std::span<std::byte> shuffled) const {
  if (encoded.size() == block.size()) {
    std::memcpy(block.data(), encoded.data(), block.size());
  } else {
    chain_.decode(encoded, block, shuffled);
  }
}

PieceEncoder::PieceEncoder(const ScratchCoding& coding, std::int64_t piece_bytes,
                           std::span<std::uint32_t> lengths, std::span<std::byte> workspace, Store store)
    : coding_(coding), piece_bytes_(piece_bytes), lengths_(lengths), store_(std::move(store)) {
  const Rooms rooms = rooms_of(workspace, piece_bytes);
  block_ = rooms.block;
  shuffled_ = rooms.shuffled;
  strip_ = rooms.strip;
}

std::size_t PieceEncoder::block_size() const noexcept {
  return static_cast<std::size_t>(std::min(ScratchCoding::kBlockBytes, piece_bytes_ - done_));
}

void PieceEncoder::append(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const std::size_t size = block_size();
    const std::size_t taken = std::min(bytes.size(), size - filled_);
    if (taken == size) {
      encode(bytes.first(size));
    } else {
      std::memcpy(block_.data() + filled_, bytes.data(), taken);
      filled_ += taken;
      if (filled_ == size) encode(block_.first(size));
    }
    bytes = bytes.subspan(taken);
  }
}

void PieceEncoder::encode(std::span<const std::byte> block) {
  const std::int64_t number = done_ / ScratchCoding::kBlockBytes;
  const std::int64_t bytes = coding_.encode(block, strip_.subspan(packed_), shuffled_, misses_);
  lengths_[static_cast<std::size_t>(number)] = static_cast<std::uint32_t>(bytes);
  packed_ += static_cast<std::size_t>(bytes);
  filled_ = 0;
  done_ += static_cast<std::int64_t>(block.size());
  if ((number + 1) % kBlocksPerStrip != 0 && done_ < piece_bytes_) return;
  store_(number / kBlocksPerStrip * ScratchCoding::kStripBytes, strip_.first(packed_));
  packed_ = 0;
}

PieceDecoder::PieceDecoder(const ScratchCoding& coding, std::int64_t piece_bytes, std::int64_t end,
                           std::span<const std::uint32_t> lengths, std::span<std::byte> workspace,
                           Fetch fetch)
    : coding_(coding),
      piece_bytes_(piece_bytes),
      last_((end - 1) / ScratchCoding::kBlockBytes),
      lengths_(lengths),
      fetch_(std::move(fetch)) {
  const Rooms rooms = rooms_of(workspace, piece_bytes);
  block_ = rooms.block;
  shuffled_ = rooms.shuffled;
  strip_ = rooms.strip;
}

std::size_t PieceDecoder::size_of(std::int64_t number) const noexcept {
  return static_cast<std::size_t>(
      std::min(ScratchCoding::kBlockBytes, piece_bytes_ - number * ScratchCoding::kBlockBytes));
}

void PieceDecoder::copy(std::int64_t offset, std::span<std::byte> out) {
  while (!out.empty()) {
    const std::int64_t number = offset / ScratchCoding::kBlockBytes;
    const auto inside = static_cast<std::size_t>(offset % ScratchCoding::kBlockBytes);
    const std::size_t size = size_of(number);
    const std::size_t taken = std::min(out.size(), size - inside);
    if (taken == size) {
      decode(number, out.first(size));
    } else {
      if (decoded_ != number) decode(number, block_.first(size));
      decoded_ = number;
      std::memcpy(out.data(), block_.data() + inside, taken);
    }
    out = out.subspan(taken);
    offset += static_cast<std::int64_t>(taken);
  }
}

void PieceDecoder::decode(std::int64_t number, std::span<std::byte> out) {
  coding_.decode(encoded(number), out, shuffled_);
}

// Lengths may come from a file: one that is longer than its block would not fit in the strip.
std::int64_t PieceDecoder::bytes_between(std::int64_t from, std::int64_t to) const {
  std::int64_t bytes = 0;
  for (std::int64_t i = from; i < to; ++i) {
    const std::uint32_t length = lengths_[static_cast<std::size_t>(i)];
    if (length == 0 || length > size_of(i))
      throw FormatError("scratch: a block is not there, or its length is wrong");
    bytes += length;
  }
  return bytes;
}

// Fetches the blocks of a strip that are still to come together.
std::span<const std::byte> PieceDecoder::encoded(std::int64_t number) {
  const std::int64_t strip_start = number / kBlocksPerStrip * kBlocksPerStrip;
  if (number < first_ || number >= behind_) {
    first_ = number;
    behind_ = std::min(strip_start + kBlocksPerStrip, last_ + 1);
    const std::int64_t bytes = bytes_between(first_, behind_);
    const std::int64_t offset =
        number / kBlocksPerStrip * ScratchCoding::kStripBytes + bytes_between(strip_start, first_);
    fetch_(offset, strip_.first(static_cast<std::size_t>(bytes)));
    fetched_ += bytes;
  }
  return strip_.subspan(static_cast<std::size_t>(bytes_between(first_, number)),
                        lengths_[static_cast<std::size_t>(number)]);
}

}  // namespace varve::io

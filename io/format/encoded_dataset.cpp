#include "io/format/encoded_dataset.hpp"

#include <algorithm>
#include <cstring>

#include "io/codec/byte_order.hpp"
#include "io/format/box_reader.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

constexpr std::int64_t kAlignment = 64;  // codecs find what they decode on a cache line
// Below this the hint costs more than the read-ahead saves.
constexpr std::int64_t kSmallestHint = std::int64_t{64} << 10U;

template <class Work>
auto naming_chunk(const DatasetInfo& info, const ChunkIndex& chunk, const Work& work) {
  try {
    return work();
  } catch (const FormatError& error) {
    throw FormatError(info.location + ": chunk " + to_string(chunk) + ": " + error.what());
  }
}

void require_value(const std::optional<std::int64_t>& bytes) {
  if (!bytes) throw FormatError("its value is gone from the store");
}

}  // namespace

void describe_coding(const CodecChain& codecs, std::int64_t encoded_bytes, DatasetInfo& info) {
  info.partial_reads = codecs.empty();
  info.encoded_bytes = (encoded_bytes + kAlignment - 1) / kAlignment * kAlignment;
  // Without codecs a chunk is read straight into the output; only partial reads need room.
  info.read_workspace_bytes = codecs.empty()
                                  ? kBoxWorkspaceBytes
                                  : info.encoded_bytes + codecs.decode_workspace_bytes(info.chunk_bytes());
}

bool EncodedDataset::is_plain(const ChunkLocation& location) const {
  return coding_.codecs.empty() || location.skipped_codecs == ~0U;
}

void EncodedDataset::require_chunk_bytes(std::int64_t bytes) const {
  if (bytes == info().chunk_bytes()) return;
  throw FormatError("has " + std::to_string(bytes) + " bytes instead of " +
                    std::to_string(info().chunk_bytes()));
}

std::int64_t EncodedDataset::read_chunk(const ChunkIndex& chunk, std::span<std::byte> out,
                                        std::span<std::byte> workspace) const {
  const ChunkLocation location = *locate(chunk);
  out = out.first(static_cast<std::size_t>(info().chunk_bytes()));
  return naming_chunk(info(), chunk, [&] {
    EncodedChunk encoded{chunk, location, {}};
    if (location.source != nullptr) {
      if (is_plain(location) && location.range.bytes >= 0) require_chunk_bytes(location.range.bytes);
      const auto room =
          is_plain(location) ? out : workspace.first(static_cast<std::size_t>(info().encoded_bytes));
      const std::optional<std::int64_t> bytes =
          location.source->read_range(location.key, location.range, room);
      if (bytes) encoded.bytes = room.first(static_cast<std::size_t>(*bytes));
    }
    decode(encoded, out, workspace);
    return encoded.bytes ? static_cast<std::int64_t>(encoded.bytes->size()) : 0;
  });
}

void EncodedDataset::decode_chunk(const EncodedChunk& encoded, std::span<std::byte> out,
                                  std::span<std::byte> workspace) const {
  naming_chunk(info(), encoded.index, [&] {
    decode(encoded, out.first(static_cast<std::size_t>(info().chunk_bytes())), workspace);
  });
}

void EncodedDataset::decode(const EncodedChunk& encoded, std::span<std::byte> out,
                            std::span<std::byte> workspace) const {
  if (!encoded.bytes) {
    const Shape elements = {info().chunk_bytes() / size_bytes(info().dtype)};
    return fill_view(StridedView(out.data(), info().dtype, elements), coding_.fill.data());
  }
  if (is_plain(encoded.location)) {
    require_chunk_bytes(static_cast<std::int64_t>(encoded.bytes->size()));
    if (encoded.bytes->data() != out.data())
      std::copy(encoded.bytes->begin(), encoded.bytes->end(), out.begin());
  } else {
    coding_.codecs.decode(*encoded.bytes, out,
                          workspace.subspan(static_cast<std::size_t>(info().encoded_bytes)),
                          encoded.location.skipped_codecs);
  }
  if (coding_.swap_bytes > 1) reverse_words(out, out, coding_.swap_bytes);
  if (info().dtype == DType::boolean)
    normalize_booleans(StridedView(out.data(), DType::boolean, Shape{info().chunk_bytes()}));
}

std::int64_t EncodedDataset::read_part(const ChunkIndex& chunk, const Box& part, const StridedView& out,
                                       std::span<std::byte> workspace) const {
  if (!info().partial_reads) return Dataset::read_part(chunk, part, out, workspace);
  const ChunkLocation location = *locate(chunk);
  return naming_chunk(info(), chunk, [&]() -> std::int64_t {
    std::unique_ptr<ValueReader> value;  // of chunks that are whole values: how long they are must be asked
    if (location.source != nullptr && location.range.bytes < 0) value = location.source->open(location.key);
    if (location.source == nullptr || (location.range.bytes < 0 && !value)) {
      fill_view(out, coding_.fill.data());
      return 0;
    }
    require_chunk_bytes(value ? value->size() : location.range.bytes);
    const auto read = [&](std::int64_t offset, std::span<std::byte> to) {
      if (value) return value->read(offset, to);
      require_value(location.source->read_range(location.key, {offset, std::ssize(to)}, to));
    };
    const Box inside = relative_to(part, info().grid.box_of(chunk).lo);
    return read_box(read, {location.range.offset, info().chunk_strides, coding_.swap_bytes}, inside, out,
                    workspace);
  });
}

bool EncodedDataset::prefetch(const ChunkIndex& chunk) const noexcept {
  try {
    const ChunkLocation location = *locate(chunk);
    if (location.source == nullptr) return false;
    if (location.range.bytes >= 0 && location.range.bytes < kSmallestHint) return false;
    return location.source->prefetch(location.key, location.range);
  } catch (...) {  // NOLINT: a hint: the read that follows reports it
    return true;
  }
}

}  // namespace varve::io

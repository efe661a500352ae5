#include <algorithm>
#include <cstring>

#include "io/codec/codec.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

// Halves start on cache lines, so that vector code in the codecs does not straddle them.
constexpr std::int64_t kAlignment = 64;

std::int64_t round_up(std::int64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

std::span<const std::byte> copy_bytes(std::span<const std::byte> from, std::span<std::byte> to) {
  if (!from.empty()) std::memcpy(to.data(), from.data(), from.size());
  return from;
}

}  // namespace

std::int64_t Codec::encoder_bytes(std::int64_t /*decoded_bytes*/) const { return 0; }

std::int64_t Codec::decoder_bytes(std::int64_t /*decoded_bytes*/) const { return 0; }

std::int64_t Codec::encode_with(std::span<const std::byte> decoded, std::span<std::byte> encoded,
                                std::span<std::byte> /*tables*/) const {
  return encode(decoded, encoded);
}

CodecChain::CodecChain(std::vector<CodecPtr> codecs) : codecs_(std::move(codecs)) {}

bool CodecChain::decodes_slowly() const {
  return std::any_of(codecs_.begin(), codecs_.end(),
                     [](const CodecPtr& codec) { return codec->decodes_slowly(); });
}

std::string CodecChain::description() const {
  std::string text;
  for (const CodecPtr& codec : codecs_) text += (text.empty() ? "" : ", ") + codec->name();
  return text;
}

std::int64_t CodecChain::encoded_bound(std::int64_t decoded_bytes) const {
  for (const CodecPtr& codec : codecs_) decoded_bytes = codec->encoded_bound(decoded_bytes);
  return decoded_bytes;
}

std::int64_t CodecChain::workspace_bytes(std::int64_t decoded_bytes) const {
  const std::size_t between = codecs_.empty() ? 0 : codecs_.size() - 1;
  std::int64_t half = 0;
  for (std::size_t i = 0; i < between; ++i) {
    decoded_bytes = codecs_[i]->encoded_bound(decoded_bytes);
    half = std::max(half, decoded_bytes);
  }
  return round_up(half) * static_cast<std::int64_t>(std::min<std::size_t>(between, 2));
}

std::int64_t CodecChain::decode_workspace_bytes(std::int64_t decoded_bytes) const {
  const std::int64_t between = workspace_bytes(decoded_bytes);
  std::int64_t most = 0;
  for (const CodecPtr& codec : codecs_) {
    most = std::max(most, codec->decoder_bytes(decoded_bytes));
    decoded_bytes = codec->encoded_bound(decoded_bytes);
  }
  return between + round_up(most);
}

std::int64_t CodecChain::encode_workspace_bytes(std::int64_t decoded_bytes) const {
  const std::int64_t between = workspace_bytes(decoded_bytes);
  std::int64_t tables = 0;
  for (const CodecPtr& codec : codecs_) {
    tables = std::max(tables, codec->encoder_bytes(decoded_bytes));
    decoded_bytes = codec->encoded_bound(decoded_bytes);
  }
  return between + round_up(tables);
}

void CodecChain::decode(std::span<const std::byte> encoded, std::span<std::byte> decoded,
                        std::span<std::byte> workspace, unsigned skip_mask) const {
  const auto applied = [&](std::size_t i) { return i >= 32 || (skip_mask >> i & 1U) == 0; };
  std::size_t last = 0;  // the step that writes the output: the first one that was applied
  while (last < codecs_.size() && !applied(last)) ++last;

  const auto total = static_cast<std::int64_t>(decoded.size());
  const auto half = static_cast<std::size_t>(workspace_bytes(total)) / (codecs_.size() > 2 ? 2 : 1);
  if (workspace.size() < (codecs_.size() > 2 ? 2 * half : half))
    throw Error("decode: the workspace is too small");
  bool second = false;
  for (std::size_t i = codecs_.size(); i-- > last + 1;) {
    if (!applied(i)) continue;
    const std::span<std::byte> target = workspace.subspan(second ? half : 0, half);
    const std::int64_t bytes = codecs_[i]->decode(encoded, target);
    encoded = target.first(static_cast<std::size_t>(bytes));
    second = !second && codecs_.size() > 2;
  }
  std::int64_t bytes = static_cast<std::int64_t>(encoded.size());
  if (last < codecs_.size()) {
    bytes = codecs_[last]->decode(encoded, decoded);
  } else if (encoded.size() == decoded.size()) {
    copy_bytes(encoded, decoded);
  }
  if (bytes != total) {
    throw FormatError("decoded length " + std::to_string(bytes) + " differs from the chunk's " +
                      std::to_string(total) + " bytes");
  }
}

std::int64_t CodecChain::encode(std::span<const std::byte> decoded, std::span<std::byte> encoded,
                                std::span<std::byte> workspace) const {
  if (codecs_.empty()) return static_cast<std::int64_t>(copy_bytes(decoded, encoded).size());
  const std::size_t halves = std::min<std::size_t>(codecs_.size() - 1, 2);
  const auto needed = static_cast<std::size_t>(workspace_bytes(static_cast<std::int64_t>(decoded.size())));
  if (workspace.size() < needed) throw Error("encode: the workspace is too small");
  const std::size_t half = halves == 0 ? 0 : needed / halves;
  const std::span<std::byte> tables = workspace.subspan(needed);
  for (std::size_t i = 0; i + 1 < codecs_.size(); ++i) {
    const std::span<std::byte> target = workspace.subspan(i % 2 == 0 ? 0 : half, half);
    decoded = target.first(static_cast<std::size_t>(codecs_[i]->encode_with(decoded, target, tables)));
  }
  return codecs_.back()->encode_with(decoded, encoded, tables);
}

}  // namespace varve::io

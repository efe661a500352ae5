#include <algorithm>
#include <cstring>

#include "io/codec/codec.hpp"
#include "varve/core/error.hpp"
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace varve::io {
namespace {

// Byte j of element i lies at plane j, position i: shuffled[j * count + i] == plain[i * size + j].
struct Layout {
  std::size_t count;  // elements
  std::size_t size;   // bytes of an element
};

// Moves elements [first, count) one byte at a time.
void shuffle_plain(const std::byte* plain, std::byte* shuffled, Layout layout, std::size_t first) {
  for (std::size_t j = 0; j < layout.size; ++j) {
    for (std::size_t i = first; i < layout.count; ++i) {
      shuffled[j * layout.count + i] = plain[i * layout.size + j];
    }
  }
}

void unshuffle_plain(const std::byte* shuffled, std::byte* plain, Layout layout, std::size_t first) {
  constexpr std::size_t kBlock = 4096;  // elements: their bytes stay in L1 while all planes are visited
  for (std::size_t start = first; start < layout.count; start += kBlock) {
    const std::size_t end = std::min(start + kBlock, layout.count);
    for (std::size_t j = 0; j < layout.size; ++j) {
      for (std::size_t i = start; i < end; ++i) plain[i * layout.size + j] = shuffled[j * layout.count + i];
    }
  }
}

#if defined(__SSE2__)
constexpr std::size_t kLanes = 16;  // elements per step: one register per plane

// Interleaves the first half of `r` with the second, byte by byte. On 16 * size bytes this rotates the bits
// of the byte address left by one: log2(size) times turns planes into elements, four times elements into
// planes.
template <std::size_t size>
inline void interleave_halves(__m128i (&r)[size]) {
  __m128i mixed[size];
  for (std::size_t k = 0; k < size / 2; ++k) {
    mixed[2 * k] = _mm_unpacklo_epi8(r[k], r[k + size / 2]);
    mixed[2 * k + 1] = _mm_unpackhi_epi8(r[k], r[k + size / 2]);
  }
  for (std::size_t k = 0; k < size; ++k) r[k] = mixed[k];
}

inline __m128i load(const std::byte* from) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)); }
inline void store(std::byte* to, __m128i value) { _mm_storeu_si128(reinterpret_cast<__m128i*>(to), value); }

// Both return the number of elements done; fewer than 16 are left.
template <std::size_t size>
std::size_t shuffle_vector(const std::byte* plain, std::byte* shuffled, std::size_t count) {
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    __m128i r[size];
    for (std::size_t k = 0; k < size; ++k) r[k] = load(plain + i * size + k * 16);
    for (int stage = 0; stage < 4; ++stage) interleave_halves(r);
    for (std::size_t k = 0; k < size; ++k) store(shuffled + k * count + i, r[k]);
  }
  return i;
}

template <std::size_t size>
std::size_t unshuffle_vector(const std::byte* shuffled, std::byte* plain, std::size_t count) {
  constexpr int kStages = size == 2 ? 1 : size == 4 ? 2 : size == 8 ? 3 : 4;
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    __m128i r[size];
    for (std::size_t k = 0; k < size; ++k) r[k] = load(shuffled + k * count + i);
    for (int stage = 0; stage < kStages; ++stage) interleave_halves(r);
    for (std::size_t k = 0; k < size; ++k) store(plain + i * size + k * 16, r[k]);
  }
  return i;
}

std::size_t shuffle_fast(const std::byte* plain, std::byte* shuffled, Layout layout) {
  switch (layout.size) {
    case 2:
      return shuffle_vector<2>(plain, shuffled, layout.count);
    case 4:
      return shuffle_vector<4>(plain, shuffled, layout.count);
    case 8:
      return shuffle_vector<8>(plain, shuffled, layout.count);
    case 16:
      return shuffle_vector<16>(plain, shuffled, layout.count);
    default:
      return 0;
  }
}

std::size_t unshuffle_fast(const std::byte* shuffled, std::byte* plain, Layout layout) {
  switch (layout.size) {
    case 2:
      return unshuffle_vector<2>(shuffled, plain, layout.count);
    case 4:
      return unshuffle_vector<4>(shuffled, plain, layout.count);
    case 8:
      return unshuffle_vector<8>(shuffled, plain, layout.count);
    case 16:
      return unshuffle_vector<16>(shuffled, plain, layout.count);
    default:
      return 0;
  }
}
#else
std::size_t shuffle_fast(const std::byte*, std::byte*, Layout) { return 0; }
std::size_t unshuffle_fast(const std::byte*, std::byte*, Layout) { return 0; }
#endif

class Shuffle final : public Codec {
 public:
  explicit Shuffle(std::int64_t element_bytes)
      : element_bytes_(static_cast<std::size_t>(std::max<std::int64_t>(element_bytes, 1))) {}

  [[nodiscard]] std::string name() const override { return "shuffle"; }
  [[nodiscard]] std::int64_t encoded_bound(std::int64_t decoded_bytes) const override {
    return decoded_bytes;
  }

  std::int64_t decode(std::span<const std::byte> encoded, std::span<std::byte> decoded) const override {
    if (encoded.size() > decoded.size()) throw FormatError("shuffle: more bytes than the chunk holds");
    const Layout layout = layout_of(encoded);
    if (layout.size > 1) {
      const std::size_t done = unshuffle_fast(encoded.data(), decoded.data(), layout);
      unshuffle_plain(encoded.data(), decoded.data(), layout, done);
    }
    return copy_tail(encoded, decoded, layout);
  }

  std::int64_t encode(std::span<const std::byte> decoded, std::span<std::byte> encoded) const override {
    const Layout layout = layout_of(decoded);
    if (layout.size > 1) {
      const std::size_t done = shuffle_fast(decoded.data(), encoded.data(), layout);
      shuffle_plain(decoded.data(), encoded.data(), layout, done);
    }
    return copy_tail(decoded, encoded, layout);
  }

 private:
  [[nodiscard]] Layout layout_of(std::span<const std::byte> bytes) const {
    return {bytes.size() / element_bytes_, element_bytes_};
  }

  // The bytes after the last whole element stay where they are; so does everything where elements have one
  // byte.
  static std::int64_t copy_tail(std::span<const std::byte> from, std::span<std::byte> to, Layout layout) {
    const std::size_t done = layout.size > 1 ? layout.count * layout.size : 0;
    if (from.size() > done) std::memcpy(to.data() + done, from.data() + done, from.size() - done);
    return static_cast<std::int64_t>(from.size());
  }

  std::size_t element_bytes_;
};

}  // namespace

CodecPtr make_shuffle(std::int64_t element_bytes) { return std::make_shared<Shuffle>(element_bytes); }

}  // namespace varve::io

#include <catch2/catch.hpp>

#include "io/format/hdf5_bitshuffle.hpp"
#include "varve/core/error.hpp"

using namespace varve;
using io::hdf5::BitshuffleCompressor;
using io::hdf5::make_bitshuffle;

namespace {

std::vector<std::byte> pattern(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * i / 7 + i % 5);
  return bytes;
}

std::vector<std::byte> encode(const io::Codec& codec, const std::vector<std::byte>& decoded) {
  std::vector<std::byte> encoded(
      static_cast<std::size_t>(codec.encoded_bound(static_cast<std::int64_t>(decoded.size()))));
  encoded.resize(static_cast<std::size_t>(codec.encode(decoded, encoded)));
  return encoded;
}

bool bit_of(std::byte value, std::size_t bit) { return (std::to_integer<unsigned>(value) >> bit & 1U) != 0; }

}  // namespace

TEST_CASE("bitshuffle: a block holds one plane for each bit of an element", "[io][hdf5]") {
  constexpr std::size_t kElements = 24;
  constexpr std::size_t kBytes = 4;
  const auto codec = make_bitshuffle(kBytes, 24, BitshuffleCompressor::none);
  const auto decoded = pattern(kElements * kBytes);
  const auto encoded = encode(*codec, decoded);
  REQUIRE(encoded.size() == decoded.size());
  bool equal = true;
  for (std::size_t element = 0; element < kElements; ++element) {
    for (std::size_t bit = 0; bit < 8 * kBytes; ++bit) {
      const std::byte plane = encoded[bit * kElements / 8 + element / 8];
      equal = equal && bit_of(plane, element % 8) == bit_of(decoded[element * kBytes + bit / 8], bit % 8);
    }
  }
  CHECK(equal);
}

TEST_CASE("bitshuffle: decoding undoes encoding for any length, damage is an error", "[io][hdf5]") {
  for (const auto compressor :
       {BitshuffleCompressor::none, BitshuffleCompressor::lz4, BitshuffleCompressor::zstd}) {
    for (const std::int64_t element_bytes : {1, 2, 8}) {
      for (const std::size_t elements : {0, 1, 7, 8, 20, 1000, 9001}) {
        const auto codec = make_bitshuffle(element_bytes, elements % 2 == 0 ? 0 : 64, compressor);
        const auto decoded = pattern(elements * static_cast<std::size_t>(element_bytes));
        const auto encoded = encode(*codec, decoded);
        INFO(codec->name() << ", " << elements << " elements of " << element_bytes << " bytes");
        std::vector<std::byte> again(decoded.size());
        CHECK(codec->decode(encoded, again) == static_cast<std::int64_t>(decoded.size()));
        CHECK(again == decoded);
        if (decoded.empty() || compressor == BitshuffleCompressor::none) continue;
        const std::span<const std::byte> cut(encoded.data(), encoded.size() - 1);
        CHECK_THROWS_AS(codec->decode(cut, again), FormatError);
      }
    }
  }
  CHECK_THROWS_AS(make_bitshuffle(4, 7, BitshuffleCompressor::none), FormatError);
}

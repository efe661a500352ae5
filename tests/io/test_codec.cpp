#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "io/codec/byte_order.hpp"
#include "io/codec/codec.hpp"
#include "io/codec/codec_spec.hpp"
#include "varve/core/error.hpp"

using namespace varve;
using namespace varve::io;

namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes_of(const std::string& text) {
  Bytes bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

// Kinds of content: 0 zeros, 1 a slow ramp of 32-bit numbers, 2 noise.
Bytes sample(std::size_t size, int kind) {
  Bytes bytes(size);
  std::mt19937 random(static_cast<unsigned>(size) + static_cast<unsigned>(kind));
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t value = kind == 0 ? 0 : kind == 1 ? (i / 4 / 3) >> (8 * (i % 4)) : random();
    bytes[i] = static_cast<std::byte>(value & 0xffU);
  }
  return bytes;
}

Bytes encode(const Codec& codec, const Bytes& plain) {
  Bytes encoded(static_cast<std::size_t>(codec.encoded_bound(static_cast<std::int64_t>(plain.size()))));
  encoded.resize(static_cast<std::size_t>(codec.encode(plain, encoded)));
  return encoded;
}

Bytes decode(const Codec& codec, const Bytes& encoded, std::size_t limit) {
  Bytes plain(limit);
  plain.resize(static_cast<std::size_t>(codec.decode(encoded, plain)));
  return plain;
}

struct Row {
  std::string label;
  CodecPtr codec;
  bool detects_damage;  // a checksum covers the data
};

std::vector<Row> all_codecs() {
  std::vector<Row> rows = {{"gzip", make_gzip(1), true},
                           {"gzip default", make_gzip(-1), true},
                           {"gzip stored", make_gzip(0), true},
                           {"zlib", make_zlib(6), true},
                           {"zstd", make_zstd(1), false},
                           {"zstd default", make_zstd(-1), false},
                           {"lz4", make_lz4(1), false},
                           {"lzf", make_lzf(), false},
                           {"hdf5 lz4", make_hdf5_lz4(0), false},
                           {"hdf5 lz4, 64-byte blocks", make_hdf5_lz4(64), false},
                           {"fletcher32", make_fletcher32(), true},
                           {"crc32c", make_crc32c(), true}};
  for (const char* inner : {"lz4", "lz4hc", "zstd", "zlib", "blosclz"}) {
    for (const int shuffle : {0, 1, 2}) {
      rows.push_back({"blosc " + std::string(inner), make_blosc(inner, 5, shuffle, 4, 0), false});
    }
  }
  for (const std::int64_t size : {1, 2, 3, 4, 8, 12, 16}) {
    rows.push_back({"shuffle " + std::to_string(size), make_shuffle(size), false});
  }
  return rows;
}

constexpr std::array<std::size_t, 9> kSizes = {1, 3, 16, 63, 64, 255, 1024, 4099, 100003};

}  // namespace

TEST_CASE("codec: decoding returns what was encoded, within the bound", "[io][codec]") {
  for (const Row& row : all_codecs()) {
    DYNAMIC_SECTION(row.label << " " << row.codec->name()) {
      for (const std::size_t size : kSizes) {
        for (const int kind : {0, 1, 2}) {
          INFO("size " << size << ", kind " << kind);
          const Bytes plain = sample(size, kind);
          const Bytes encoded = encode(*row.codec, plain);
          REQUIRE(decode(*row.codec, encoded, size) == plain);
          REQUIRE(decode(*row.codec, encoded, size + 100) == plain);
        }
      }
    }
  }
}

TEST_CASE("codec: an output buffer that is too small is a FormatError", "[io][codec]") {
  for (const Row& row : all_codecs()) {
    DYNAMIC_SECTION(row.label << " " << row.codec->name()) {
      const Bytes encoded = encode(*row.codec, sample(4099, 1));
      REQUIRE_THROWS_AS(decode(*row.codec, encoded, 4098), FormatError);
      REQUIRE_THROWS_AS(decode(*row.codec, encoded, 0), FormatError);
    }
  }
}

TEST_CASE("codec: cut and flipped bytes give FormatError or other bytes, never a crash", "[io][codec]") {
  std::mt19937 random(7);
  for (const Row& row : all_codecs()) {
    DYNAMIC_SECTION(row.label << " " << row.codec->name()) {
      const Bytes plain = sample(4099, 1);
      const Bytes encoded = encode(*row.codec, plain);
      for (int trial = 0; trial < 300; ++trial) {
        Bytes damaged = encoded;
        const bool cut = trial % 3 == 0;
        if (cut) damaged.resize(random() % encoded.size());
        // The first bytes are where the lengths are: hit them often.
        const std::size_t range = trial % 2 == 0 ? std::min<std::size_t>(damaged.size(), 24) : damaged.size();
        if (!cut) damaged[random() % range] ^= static_cast<std::byte>(1U << (random() % 8));
        Bytes out;
        bool rejected = false;
        try {
          out = decode(*row.codec, damaged, plain.size());
        } catch (const FormatError&) {
          rejected = true;
        }
        if (row.detects_damage && !rejected) {
          // A flipped bit in gzip's time stamp changes nothing, and is allowed to.
          REQUIRE(out == plain);
        }
      }
    }
  }
}

TEST_CASE("shuffle: groups the k-th bytes of all elements, and leaves an odd tail in place", "[io][codec]") {
  for (const std::int64_t element : {2, 3, 4, 8, 16}) {
    for (const std::size_t size : kSizes) {
      const Bytes plain = sample(size, 2);
      const auto e = static_cast<std::size_t>(element);
      const std::size_t count = size / e;
      Bytes expected = plain;
      for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = 0; j < e; ++j) expected[j * count + i] = plain[i * e + j];
      }
      REQUIRE(encode(*make_shuffle(element), plain) == expected);
    }
  }
}

TEST_CASE("reverse_words: reverses every whole word and copies what is left", "[io][codec]") {
  const auto reversed = [](const std::string& text, std::int64_t word_bytes) {
    const Bytes from = bytes_of(text);
    Bytes to(from.size());
    reverse_words(from, to, word_bytes);
    return to;
  };
  REQUIRE(reversed("abcdefghi", 4) == bytes_of("dcbahgfei"));
  REQUIRE(reversed("abcd", 2) == bytes_of("badc"));
  REQUIRE(reversed("abcdefgh", 8) == bytes_of("hgfedcba"));
  REQUIRE(reversed("abcdef", 3) == bytes_of("cbafed"));
}

TEST_CASE("checksums: agree with published values", "[io][codec]") {
  const Bytes crc = encode(*make_crc32c(), bytes_of("123456789"));
  REQUIRE(Bytes(crc.end() - 4, crc.end()) ==
          Bytes{std::byte{0x83}, std::byte{0x92}, std::byte{0x06}, std::byte{0xe3}});

  // HDF5 pairs bytes as big-endian words: "abcd" has the words 0x6162, 0x6364.
  const std::uint32_t first = (0x6162U + 0x6364U) % 65535U;
  const std::uint32_t second = (2 * 0x6162U + 0x6364U) % 65535U;
  const Bytes fletcher = encode(*make_fletcher32(), bytes_of("abcd"));
  std::uint32_t stored = 0;
  std::memcpy(&stored, fletcher.data() + 4, 4);
  REQUIRE(stored == (second << 16U | first));
}

TEST_CASE("fletcher32: equals the definition, word by word, for any length", "[io][codec]") {
  for (const std::size_t size : kSizes) {
    for (const int kind : {0, 2}) {
      Bytes plain = sample(size, kind);
      if (size == 4099)
        std::fill(plain.begin(), plain.end(), std::byte{0xff});  // sums are multiples of 65535
      std::uint32_t first = 0;
      std::uint32_t second = 0;
      for (std::size_t i = 0; i < size; i += 2) {
        first += std::to_integer<std::uint32_t>(plain[i]) << 8U;
        if (i + 1 < size) first += std::to_integer<std::uint32_t>(plain[i + 1]);
        first = (first & 0xffffU) + (first >> 16U);
        second += first;
        second = (second & 0xffffU) + (second >> 16U);
      }
      const Bytes encoded = encode(*make_fletcher32(), plain);
      std::uint32_t stored = 0;
      std::memcpy(&stored, encoded.data() + size, 4);
      REQUIRE(stored == (second << 16U | first));
    }
  }
}

TEST_CASE("gzip: several members are one stream", "[io][codec]") {
  Bytes encoded = encode(*make_gzip(1), bytes_of("first "));
  const Bytes tail = encode(*make_gzip(6), bytes_of("second"));
  encoded.insert(encoded.end(), tail.begin(), tail.end());
  REQUIRE(decode(*make_gzip(1), encoded, 100) == bytes_of("first second"));
}

TEST_CASE("codec chain: any length of chain round-trips, with any step skipped", "[io][codec]") {
  const std::vector<CodecPtr> steps = {make_shuffle(4), make_fletcher32(), make_zlib(1), make_crc32c()};
  const Bytes plain = sample(4096, 1);
  for (std::size_t length = 0; length <= steps.size(); ++length) {
    for (unsigned mask = 0; mask < 1U << length; ++mask) {
      INFO("length " << length << ", mask " << mask);
      std::vector<CodecPtr> used;
      for (std::size_t i = 0; i < length; ++i) {
        if ((mask >> i & 1U) == 0) used.push_back(steps[i]);
      }
      const CodecChain writer(used);
      Bytes workspace(static_cast<std::size_t>(writer.workspace_bytes(4096)));
      Bytes encoded(static_cast<std::size_t>(writer.encoded_bound(4096)));
      encoded.resize(static_cast<std::size_t>(writer.encode(plain, encoded, workspace)));

      const CodecChain reader({steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(length)});
      workspace.resize(static_cast<std::size_t>(reader.workspace_bytes(4096)));
      Bytes decoded(4096);
      reader.decode(encoded, decoded, workspace, mask);
      REQUIRE(decoded == plain);
      Bytes longer(4097);
      workspace.resize(static_cast<std::size_t>(reader.workspace_bytes(4097)));
      REQUIRE_THROWS_AS(reader.decode(encoded, longer, workspace, mask), FormatError);
    }
  }
}

TEST_CASE("codec chain: describes its steps in the order of encoding", "[io][codec]") {
  REQUIRE(CodecChain({make_shuffle(4), make_gzip(1)}).description() == "shuffle, gzip:1");
  REQUIRE(CodecChain().description().empty());
}

TEST_CASE("blosc: an unknown compressor and an oversized chunk are FormatErrors", "[io][codec]") {
  REQUIRE_THROWS_AS(make_blosc("brotli", 5, 1, 4, 0), FormatError);
  REQUIRE_THROWS_AS(make_blosc("lz4", 5, 1, 4, 0)->encoded_bound(std::int64_t{1} << 31), FormatError);
}

TEST_CASE("parse_codec: reads what to_string writes", "[io][codec]") {
  for (const char* text : {"none", "gzip", "gzip:1", "zstd:19", "lz4", "lz4:8", "blosc:lz4", "blosc:zstd:0",
                           "blosc:lz4:5:noshuffle", "gzip:6:noshuffle", "lzf", "lzf:noshuffle"}) {
    REQUIRE(to_string(parse_codec(text)) == text);
  }
  REQUIRE(parse_codec("blosc") == CodecSpec{"blosc", "lz4", -1, true});
  REQUIRE(parse_codec("blosc:7") == CodecSpec{"blosc", "lz4", 7, true});
}

TEST_CASE("parse_codec: wrong texts are rejected, naming the text", "[io][codec]") {
  for (const char* text :
       {"", "gzipp", "gzip:", "gzip:x", "gzip:10", "gzip:-1", "zstd:0", "zstd:20", "none:1", "blosc:foo",
        "blosc:lz4:5:6", "gzip:1:2", "lz4:0", "gzip:1:shuffle", "gzip:99999999999", "lzf:1", "lzf:0"}) {
    REQUIRE_THROWS_AS(parse_codec(text), Error);
    REQUIRE_THROWS_WITH(parse_codec(text), Catch::Contains("\"" + std::string(text) + "\""));
  }
}

TEST_CASE("hdf5 lz4: a higher acceleration compresses less", "[io][codec]") {
  std::vector<std::byte> values(100000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::byte>(i * i / 300 % 251);
  std::vector<std::byte> encoded(static_cast<std::size_t>(make_hdf5_lz4(0)->encoded_bound(100000)));
  CHECK(make_hdf5_lz4(0, 1)->encode(values, encoded) < make_hdf5_lz4(0, 2000)->encode(values, encoded));
  std::vector<std::byte> decoded(values.size());
  CHECK(make_hdf5_lz4(0)->decode(encoded, decoded) == 100000);
  CHECK(decoded == values);
}

TEST_CASE("blosc: bytes that do not compress stay within the bound, however much room there is", "[io]") {
  std::mt19937 random(7);
  std::vector<std::byte> noise(320);
  for (std::byte& byte : noise) byte = static_cast<std::byte>(random());
  const varve::io::CodecPtr codec = varve::io::make_blosc("lz4", 5, 1, 8, 0);
  std::vector<std::byte> encoded(4096);
  CHECK(codec->encode(noise, encoded) <= codec->encoded_bound(320));
}

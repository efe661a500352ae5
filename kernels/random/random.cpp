#include "kernels/random.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

namespace varve::kernels {
namespace {

constexpr int kRounds = 10;

// The words of several counters side by side, so that the compiler can make them in vectors.
constexpr int kLanes = 16;
struct Words {
  alignas(64) std::uint32_t word[4][kLanes];
};

template <int kCount>
void encrypt(std::uint32_t (&c)[4][kCount], std::uint64_t key) noexcept {
  auto k0 = static_cast<std::uint32_t>(key);
  auto k1 = static_cast<std::uint32_t>(key >> 32);
  for (int round = 0; round < kRounds; ++round) {
    for (int i = 0; i < kCount; ++i) {
      const std::uint64_t left = std::uint64_t{0xD2511F53} * c[0][i];
      const std::uint64_t right = std::uint64_t{0xCD9E8D57} * c[2][i];
      c[0][i] = static_cast<std::uint32_t>(right >> 32) ^ c[1][i] ^ k0;
      c[2][i] = static_cast<std::uint32_t>(left >> 32) ^ c[3][i] ^ k1;
      c[1][i] = static_cast<std::uint32_t>(right);
      c[3][i] = static_cast<std::uint32_t>(left);
    }
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
}

// Counter words: the number of the block (64 bits), the attempt, the distribution.
void blocks_from(const RandomValues& values, std::uint64_t first, Words& words) noexcept {
  for (int i = 0; i < kLanes; ++i) {
    const std::uint64_t number = first + static_cast<std::uint64_t>(i);
    words.word[0][i] = static_cast<std::uint32_t>(number);
    words.word[1][i] = static_cast<std::uint32_t>(number >> 32);
    words.word[2][i] = 0;
    words.word[3][i] = static_cast<std::uint32_t>(values.distribution);
  }
  encrypt(words.word, values.seed);
}

std::uint64_t joined(std::uint32_t low, std::uint32_t high) noexcept {
  return std::uint64_t{high} << 32 | low;
}
double fraction53(std::uint64_t bits) noexcept { return static_cast<double>(bits >> 11) * 0x1p-53; }

// Numbers below the upper bound stay below it when they are scaled and rounded.
template <class T>
T below_bound(double value, const RandomValues& values) noexcept {
  const auto rounded = static_cast<T>(value);
  const auto bound = static_cast<T>(values.location + values.scale);
  return values.scale > 0 && rounded >= bound ? std::nextafter(bound, static_cast<T>(values.location))
                                              : rounded;
}

// Each maker turns one block of four words into kPerBlock values.
struct UniformFloat {
  using Value = float;
  static constexpr int kPerBlock = 4;
  static void make(const RandomValues& values, const Words& words, int lane, std::uint64_t,
                   Value* out) noexcept {
    for (int i = 0; i < 4; ++i) {
      const double fraction = static_cast<double>(words.word[i][lane] >> 8) * 0x1p-24;
      out[i] = below_bound<float>(values.location + values.scale * fraction, values);
    }
  }
};

struct UniformDouble {
  using Value = double;
  static constexpr int kPerBlock = 2;
  static void make(const RandomValues& values, const Words& words, int lane, std::uint64_t,
                   Value* out) noexcept {
    for (int i = 0; i < 2; ++i) {
      const double fraction = fraction53(joined(words.word[2 * i][lane], words.word[2 * i + 1][lane]));
      out[i] = below_bound<double>(values.location + values.scale * fraction, values);
    }
  }
};

template <class T>
struct Normal {
  using Value = T;
  static constexpr int kPerBlock = 2;
  static void make(const RandomValues& values, const Words& words, int lane, std::uint64_t,
                   Value* out) noexcept {
    // The logarithm wants a number in (0, 1].
    const double inside = 1.0 - fraction53(joined(words.word[0][lane], words.word[1][lane]));
    const double turn = 2 * std::numbers::pi * fraction53(joined(words.word[2][lane], words.word[3][lane]));
    const double radius = values.scale * std::sqrt(-2 * std::log(inside));
    out[0] = static_cast<T>(values.location + radius * std::cos(turn));
    out[1] = static_cast<T>(values.location + radius * std::sin(turn));
  }
};

__extension__ using Wide = unsigned __int128;

// Scales 64 random bits down to the count; the bits that would favour some values are thrown away, for the
// next attempt.
std::uint64_t bounded(const RandomValues& values, std::uint64_t block,
                      const std::uint32_t (&words)[4]) noexcept {
  const std::uint64_t unfair = (0 - values.count) % values.count;
  std::uint32_t now[4][1] = {{words[0]}, {words[1]}, {words[2]}, {words[3]}};
  for (std::uint32_t attempt = 1;; ++attempt) {
    for (int half = 0; half < 2; ++half) {
      const Wide product = static_cast<Wide>(joined(now[2 * half][0], now[2 * half + 1][0])) * values.count;
      if (static_cast<std::uint64_t>(product) >= unfair) return static_cast<std::uint64_t>(product >> 64);
    }
    now[0][0] = static_cast<std::uint32_t>(block);
    now[1][0] = static_cast<std::uint32_t>(block >> 32);
    now[2][0] = attempt;
    now[3][0] = static_cast<std::uint32_t>(values.distribution);
    encrypt(now, values.seed);
  }
}

template <class T>
struct Integers {
  using Value = T;
  static constexpr int kPerBlock = 1;
  static void make(const RandomValues& values, const Words& words, int lane, std::uint64_t block,
                   Value* out) noexcept {
    const std::uint32_t own[4] = {words.word[0][lane], words.word[1][lane], words.word[2][lane],
                                  words.word[3][lane]};
    const std::uint64_t offset = values.count == 0 ? joined(own[0], own[1]) : bounded(values, block, own);
    *out = static_cast<T>(values.low + offset);
  }
};

template <class Maker>
void fill_values(const RandomValues& values, std::int64_t first, const StridedView& target) noexcept {
  using Value = typename Maker::Value;
  constexpr std::int64_t kPerBlock = Maker::kPerBlock;
  const std::int64_t end = first + target.shape[0];
  Words words;
  Value made[kPerBlock];
  for (std::int64_t block = first / kPerBlock; block * kPerBlock < end; block += kLanes) {
    blocks_from(values, static_cast<std::uint64_t>(block), words);
    for (int lane = 0; lane < kLanes && (block + lane) * kPerBlock < end; ++lane) {
      Maker::make(values, words, lane, static_cast<std::uint64_t>(block + lane), made);
      const std::int64_t position = (block + lane) * kPerBlock;
      const std::int64_t stop = std::min(end, position + kPerBlock);
      for (std::int64_t at = std::max(position, first); at < stop; ++at) {
        std::memcpy(target.data + (at - first) * target.byte_strides[0], &made[at - position], sizeof(Value));
      }
    }
  }
}

using Fill = void (*)(const RandomValues&, std::int64_t, const StridedView&) noexcept;

Fill integer_fill(DType dtype) noexcept {
  if (dtype == DType::boolean) return fill_values<Integers<bool>>;
  switch (size_bytes(dtype)) {
    case 1:
      return fill_values<Integers<std::uint8_t>>;
    case 2:
      return fill_values<Integers<std::uint16_t>>;
    case 4:
      return fill_values<Integers<std::uint32_t>>;
    default:
      return fill_values<Integers<std::uint64_t>>;
  }
}

}  // namespace

void philox4x32(const std::uint32_t counter[4], const std::uint32_t key[2],
                std::uint32_t output[4]) noexcept {
  std::uint32_t words[4][1] = {{counter[0]}, {counter[1]}, {counter[2]}, {counter[3]}};
  encrypt(words, joined(key[0], key[1]));
  for (int i = 0; i < 4; ++i) output[i] = words[i][0];
}

void fill_random(const RandomValues& values, std::int64_t first, const StridedView& target) noexcept {
  const bool narrow = target.dtype == DType::float32;
  switch (values.distribution) {
    case Distribution::uniform:
      return narrow ? fill_values<UniformFloat>(values, first, target)
                    : fill_values<UniformDouble>(values, first, target);
    case Distribution::normal:
      return narrow ? fill_values<Normal<float>>(values, first, target)
                    : fill_values<Normal<double>>(values, first, target);
    case Distribution::integers:
      return integer_fill(target.dtype)(values, first, target);
  }
}

}  // namespace varve::kernels

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "kernels/cast/table.hpp"
#include "kernels/elementwise_oracle.hpp"

using namespace varve;
using namespace varve::test;
using kernels::InstructionSet;

namespace {

// Any value of any dtype: integers exactly in `whole`, the others exactly in `re`, `im`.
struct Value {
  Integer whole = 0;
  Real re = 0;
  Real im = 0;
  bool is_whole = false;
};

Value whole(Integer value) { return {value, static_cast<Real>(value), 0, true}; }

Real decode_half(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 31;
  const int mantissa = bits & 1023;
  const Real sign = bits & 0x8000 ? -1 : 1;
  if (exponent == 31) return mantissa ? std::numeric_limits<Real>::quiet_NaN() : sign * INFINITY;
  if (exponent == 0) return sign * std::ldexp(Real(mantissa), -24);
  return sign * std::ldexp(Real(1024 + mantissa), exponent - 25);
}

// The nearest multiple of the last place; rint rounds half to even.
std::uint16_t encode_half(Real value) {
  const std::uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  if (std::isnan(value)) return sign | 0x7e00;
  int exponent = 0;
  std::frexp(value, &exponent);
  if (!std::isfinite(value) || exponent > 16) return sign | 0x7c00;
  const int place = std::max(exponent, -13) - 11;
  const Real steps = std::rint(std::ldexp(std::fabs(value), -place));  // below 2048, or equal
  const Real rounded = std::ldexp(steps, place);
  if (rounded >= 65536) return sign | 0x7c00;
  if (rounded < std::ldexp(Real(1), -14))
    return static_cast<std::uint16_t>(sign | static_cast<int>(std::ldexp(rounded, 24)));
  std::frexp(rounded, &exponent);
  const int mantissa = static_cast<int>(std::ldexp(rounded, 11 - exponent)) - 1024;
  return static_cast<std::uint16_t>(sign | ((exponent + 14) << 10) | mantissa);
}

template <class T>
T read(const std::byte* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

Value load(DType dtype, const std::byte* p) {
  switch (dtype) {
    case DType::boolean:
    case DType::uint8:
      return whole(read<std::uint8_t>(p));
    case DType::int8:
      return whole(read<std::int8_t>(p));
    case DType::int16:
      return whole(read<std::int16_t>(p));
    case DType::int32:
      return whole(read<std::int32_t>(p));
    case DType::int64:
      return whole(read<std::int64_t>(p));
    case DType::uint16:
      return whole(read<std::uint16_t>(p));
    case DType::uint32:
      return whole(read<std::uint32_t>(p));
    case DType::uint64:
      return whole(read<std::uint64_t>(p));
    case DType::float16:
      return {0, decode_half(read<std::uint16_t>(p)), 0, false};
    case DType::float32:
      return {0, read<float>(p), 0, false};
    case DType::float64:
      return {0, read<double>(p), 0, false};
    case DType::complex64:
      return {0, read<float>(p), read<float>(p + 4), false};
    default:
      return {0, read<double>(p), read<double>(p + 8), false};
  }
}

Integer lowest(DType dtype) {
  return kind_of(dtype) == DTypeKind::signed_integer ? -(Integer(1) << (8 * size_bytes(dtype) - 1))
                                                     : Integer(0);
}
Integer highest(DType dtype) {
  const auto bits = 8 * size_bytes(dtype) - (kind_of(dtype) == DTypeKind::signed_integer ? 1 : 0);
  return (Integer(1) << bits) - 1;
}

Integer expected_integer(const Value& value, DType to) {
  if (value.is_whole) {  // wraps
    const Integer span = Integer(1) << (8 * size_bytes(to));
    Integer wrapped = ((value.whole - lowest(to)) % span + span) % span;
    return wrapped + lowest(to);
  }
  if (std::isnan(value.re)) return 0;
  if (value.re <= static_cast<Real>(lowest(to))) return lowest(to);
  if (value.re >= static_cast<Real>(highest(to))) return highest(to);
  return static_cast<Integer>(value.re);
}

bool is_same(Real got, Real want) {
  if (std::isnan(got) || std::isnan(want)) return std::isnan(got) && std::isnan(want);
  return got == want && std::signbit(got) == std::signbit(want);
}

Real rounded_part(Real part, DType to) {
  return real_of(to) == DType::float32 ? static_cast<Real>(static_cast<float>(part))
                                       : static_cast<Real>(static_cast<double>(part));
}

bool is_expected(const Value& from, DType to, const std::byte* got_bytes) {
  const Value got = load(to, got_bytes);
  if (to == DType::boolean) return got.whole == (from.re != 0 || from.im != 0);
  if (is_integer(to)) return got.whole == expected_integer(from, to);
  if (to == DType::float16) return is_same(got.re, decode_half(encode_half(from.re)));
  if (!is_same(got.re, rounded_part(from.re, to))) return false;
  return !is_complex(to) || is_same(got.im, rounded_part(from.im, to));
}

// Values of the range of float16: its own, ties between two of them, and the neighbours of ties.
template <class T>
void append_near_halves(std::vector<std::byte>& bytes) {
  for (int i = 0; i < 6144; ++i) {
    T value = std::ldexp(static_cast<T>((i * 37) % 4096), i % 33 - 28);
    if (i % 3 == 1) value = std::nextafter(value, T(0));
    if (i % 3 == 2) value = std::nextafter(value, T(1e9));
    const auto* raw = reinterpret_cast<const std::byte*>(&value);
    bytes.insert(bytes.end(), raw, raw + sizeof(T));
  }
}

std::vector<std::byte> values_of(DType dtype) {
  auto bytes = adversarial_values(dtype);
  if (dtype == DType::boolean) return bytes;
  std::mt19937_64 random(5);
  for (int i = 0; i < 512; ++i) {  // 4096 random bytes
    const std::uint64_t word = random();
    for (int k = 0; k < 8; ++k) bytes.push_back(static_cast<std::byte>(word >> (8 * k)));
  }
  const auto width = static_cast<std::size_t>(size_bytes(dtype));
  bytes.resize(bytes.size() / width * width);
  if (real_of(dtype) == DType::float32) append_near_halves<float>(bytes);
  if (real_of(dtype) == DType::float64) append_near_halves<double>(bytes);
  return bytes;
}

void check_pair(DType from, DType to, InstructionSet level) {
  const auto source = values_of(from);
  const auto n = static_cast<std::int64_t>(source.size()) / size_bytes(from);
  std::vector<std::byte> target(static_cast<std::size_t>(n * size_bytes(to)));
  const auto kernel = kernels::cast_table(level).kernels[static_cast<int>(from)][static_cast<int>(to)];
  const void* inputs[] = {source.data()};
  kernel(inputs, target.data(), n, 0);
  for (std::int64_t i = 0; i < n; ++i) {
    const Value value = load(from, source.data() + i * size_bytes(from));
    if (is_expected(value, to, target.data() + i * size_bytes(to))) continue;
    INFO(name_of(from) << " to " << name_of(to) << ' ' << test::name_of(level) << ": " << value.re);
    CHECK(is_expected(value, to, target.data() + i * size_bytes(to)));
    return;
  }
  // One value for all, and one value alone.
  std::vector<std::byte> repeated(target.size());
  kernel(inputs, repeated.data(), n, 1);
  const auto width = static_cast<std::size_t>(size_bytes(to));
  for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
    if (std::memcmp(repeated.data() + i * width, target.data(), width) == 0) continue;
    INFO(name_of(from) << " to " << name_of(to) << ' ' << test::name_of(level) << " as a scalar");
    CHECK(false);
    return;
  }
}

}  // namespace

TEST_CASE("cast: every pair of dtypes converts as documented", "[kernels]") {
  for (const auto level : runnable_levels()) {
    for (const DType from : kAllDTypes) {
      for (const DType to : kAllDTypes) check_pair(from, to, level);
    }
  }
  CHECK(true);
}

TEST_CASE("cast: every level gives the same bits, NaN payloads included", "[kernels]") {
  const auto levels = runnable_levels();
  for (const DType from : kAllDTypes) {
    const auto source = values_of(from);
    const auto n = static_cast<std::int64_t>(source.size()) / size_bytes(from);
    for (const DType to : kAllDTypes) {
      std::vector<std::byte> first;
      for (const auto level : levels) {
        std::vector<std::byte> target(static_cast<std::size_t>(n * size_bytes(to)));
        const void* inputs[] = {source.data()};
        kernels::cast_table(level).kernels[static_cast<int>(from)][static_cast<int>(to)](inputs,
                                                                                         target.data(), n, 0);
        if (first.empty()) first = target;
        INFO(name_of(from) << " to " << name_of(to) << ' ' << test::name_of(level));
        CHECK((target == first));
      }
    }
  }
}

TEST_CASE("cast: all 65536 float16 values survive a round trip through float32 and float64", "[kernels]") {
  std::vector<std::uint16_t> halves(65536), back(65536);
  for (std::size_t i = 0; i < halves.size(); ++i) halves[i] = static_cast<std::uint16_t>(i);
  std::vector<double> wide(65536);
  for (const auto level : runnable_levels()) {
    for (const DType through : {DType::float32, DType::float64}) {
      const auto& table = kernels::cast_table(level).kernels;
      const void* inputs[] = {halves.data()};
      table[static_cast<int>(DType::float16)][static_cast<int>(through)](inputs, wide.data(), 65536, 0);
      const void* results[] = {wide.data()};
      table[static_cast<int>(through)][static_cast<int>(DType::float16)](results, back.data(), 65536, 0);
      std::int64_t changed = 0;
      for (std::size_t i = 0; i < halves.size(); ++i) {
        const bool is_nan = (halves[i] & 0x7fff) > 0x7c00;
        changed += back[i] != (is_nan ? halves[i] | 0x0200 : halves[i]);
      }
      INFO(test::name_of(level) << ' ' << name_of(through));
      CHECK(changed == 0);
    }
  }
}

TEST_CASE("cast: the output may be the input's memory where elements have one size", "[kernels]") {
  for (const DType from : kAllDTypes) {
    for (const DType to : kAllDTypes) {
      if (size_bytes(from) != size_bytes(to)) continue;
      for (const auto level : runnable_levels()) {
        auto shared = values_of(from);
        const auto n = static_cast<std::int64_t>(shared.size()) / size_bytes(from);
        std::vector<std::byte> apart(shared.size());
        const auto kernel = kernels::cast_table(level).kernels[static_cast<int>(from)][static_cast<int>(to)];
        const void* inputs[] = {shared.data()};
        kernel(inputs, apart.data(), n, 0);
        kernel(inputs, shared.data(), n, 0);
        INFO(name_of(from) << " to " << name_of(to) << ' ' << test::name_of(level));
        CHECK((shared == apart));
      }
    }
  }
}

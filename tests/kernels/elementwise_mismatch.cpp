#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <sstream>

#include "kernels/elementwise/table.hpp"
#include "kernels/elementwise_oracle.hpp"

namespace varve::test {
namespace {

template <class T>
T load(const std::vector<std::byte>& bytes, std::int64_t i) {
  T value;
  std::memcpy(&value, bytes.data() + static_cast<std::size_t>(i) * sizeof(T), sizeof(T));
  return value;
}

Integer load_integer(DType dtype, const std::vector<std::byte>& bytes, std::int64_t i) {
  switch (dtype) {
    case DType::boolean:
    case DType::uint8:
      return load<std::uint8_t>(bytes, i);
    case DType::int8:
      return load<std::int8_t>(bytes, i);
    case DType::int16:
      return load<std::int16_t>(bytes, i);
    case DType::int32:
      return load<std::int32_t>(bytes, i);
    case DType::int64:
      return load<std::int64_t>(bytes, i);
    case DType::uint16:
      return load<std::uint16_t>(bytes, i);
    case DType::uint32:
      return load<std::uint32_t>(bytes, i);
    default:
      return load<std::uint64_t>(bytes, i);
  }
}

Integer wrap(DType dtype, Integer value) {
  if (dtype == DType::boolean) return value != 0;
  const int bits = static_cast<int>(size_bytes(dtype)) * 8;
  const Integer span = Integer(1) << bits;
  Integer wrapped = value % span;
  if (wrapped < 0) wrapped += span;
  if (kind_of(dtype) == DTypeKind::signed_integer && wrapped >= span / 2) wrapped -= span;
  return wrapped;
}

template <class T>
Real unit_in_last_place(Real value) {
  using Limits = std::numeric_limits<T>;
  int exponent = Limits::min_exponent;
  if (value != 0) std::frexp(value, &exponent);
  return std::ldexp(Real(1), std::max(exponent, Limits::min_exponent) - Limits::digits);
}

// Overflow counts as the first power of two that does not fit.
template <class T>
Real clamp_to_range(Real value) {
  const Real limit = std::ldexp(Real(1), std::numeric_limits<T>::max_exponent);
  return std::clamp(value, -limit, limit);
}

template <class T>
bool is_close(T got, Real want, double ulps, Real scale) {
  if (std::isnan(want) || std::isnan(got)) return std::isnan(want) && std::isnan(got);
  if (want == 0 && got == 0) return std::signbit(want) == std::signbit(got);
  const Real clamped = clamp_to_range<T>(want);
  const Real unit = unit_in_last_place<T>(std::max(std::fabs(clamped), scale));
  return std::fabs(clamp_to_range<T>(got) - clamped) <= static_cast<Real>(ulps) * unit;
}

template <class T>
bool is_same(T got, T want, Zeros zeros) {
  if (std::isnan(want) || std::isnan(got)) return std::isnan(want) && std::isnan(got);
  if (zeros == Zeros::any_zero) return got == want;
  return got == want && std::signbit(got) == std::signbit(want);
}

template <class T>
std::string describe(const RealCase& row, const T* operands, Real got, Real want) {
  std::ostringstream text;
  text.precision(21);
  text << row.name << '(';
  for (int k = 0; k < row.arity; ++k) text << (k ? ", " : "") << static_cast<Real>(operands[k]);
  text << ") gave " << got << ", expected " << want;
  return text.str();
}

std::string check_integers(const RealCase& row, DType dtype, const Operands& operands,
                           const std::vector<std::byte>& output, std::int64_t n) {
  const DType out = output_dtype(row, dtype);
  for (std::int64_t i = 0; i < n; ++i) {
    Integer values[4] = {};
    for (int k = 0; k < row.arity; ++k)
      values[k] = load_integer(dtype, operands[static_cast<std::size_t>(k)], i);
    const Integer want = wrap(out, row.integers.of_integers(values));
    const Integer got = load_integer(out, output, i);
    if (got != want) return describe(row, values, static_cast<Real>(got), static_cast<Real>(want));
  }
  return {};
}

template <class T>
std::string check_floats(const RealCase& row, T (*exact)(const T*), const Operands& operands,
                         const std::vector<std::byte>& output, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) {
    T values[4] = {};
    Real reals[4] = {};
    for (int k = 0; k < row.arity; ++k) {
      values[k] = load<T>(operands[static_cast<std::size_t>(k)], i);
      reals[k] = static_cast<Real>(values[k]);
    }
    if (row.output == Output::boolean) {
      const auto got = load<std::uint8_t>(output, i);
      const bool want = exact(values) != 0;
      if (got != static_cast<std::uint8_t>(want)) return describe(row, values, got, want);
      continue;
    }
    const T got = load<T>(output, i);
    const Real want = row.ulps > 0 ? row.floats.of_reals(reals) : static_cast<Real>(exact(values));
    Real scale = 0;
    if (row.scale == Scale::of_operands)
      scale = std::max({Real(1), std::fabs(reals[0]), std::fabs(reals[1])});
    if (std::isinf(scale) || std::isnan(scale)) scale = 0;
    const bool good =
        row.ulps > 0 ? is_close<T>(got, want, row.ulps, scale) : is_same<T>(got, exact(values), row.zeros);
    if (!good) return describe(row, values, static_cast<Real>(got), want);
  }
  return {};
}

}  // namespace

bool covers(const RealCase& row, DType dtype) {
  switch (kind_of(dtype)) {
    case DTypeKind::boolean:
      return row.on_bool;
    case DTypeKind::signed_integer:
    case DTypeKind::unsigned_integer:
      return row.integers.of_integers != nullptr;
    case DTypeKind::floating:
      return dtype != DType::float16 && row.floats.of_floats != nullptr;
    default:
      return false;
  }
}

DType output_dtype(const RealCase& row, DType dtype) {
  return row.output == Output::boolean ? DType::boolean : dtype;
}

std::string first_mismatch(const RealCase& row, DType dtype, kernels::InstructionSet level,
                           const Operands& operands) {
  const auto n = static_cast<std::int64_t>(operands[0].size()) / size_bytes(dtype);
  std::vector<std::byte> output(static_cast<std::size_t>(n * size_bytes(output_dtype(row, dtype))));
  const void* inputs[4] = {};
  for (int k = 0; k < row.arity; ++k) inputs[k] = operands[static_cast<std::size_t>(k)].data();
  const auto kernel =
      kernels::elementwise_table(level).rows[static_cast<int>(row.op)].by_dtype[static_cast<int>(dtype)];
  if (kernel == nullptr) return std::string(row.name) + " has no kernel";
  kernel(inputs, output.data(), n, 0);
  if (dtype == DType::float32) return check_floats<float>(row, row.floats.of_floats, operands, output, n);
  if (dtype == DType::float64) return check_floats<double>(row, row.floats.of_doubles, operands, output, n);
  return check_integers(row, dtype, operands, output, n);
}

}  // namespace varve::test

#include <catch2/catch.hpp>

#include "kernels/reduce.hpp"
#include "kernels/reduce/table.hpp"
#include "kernels/test_reduce_oracle.hpp"
#include "kernels/test_reduce_state.hpp"

namespace {

using reduce_oracle::Elements;
using reduce_oracle::Expected;
using reduce_oracle::expected_result;
using reduce_oracle::Number;
using reduce_oracle::to_number;
using reduce_oracle::Wildness;
using varve::DType;
using varve::DTypeKind;
using varve::kernels::find_reduce;
using varve::kernels::ReduceKernel;
using varve::kernels::ReduceOp;

/// Says how an operation is tested and which dtypes it promises.
struct Row {
  ReduceOp op;
  const char* name;
  bool complex;     ///< exists for complex
  bool integer;     ///< exists for integers and bool
  bool arithmetic;  ///< rounds: its test values must not overflow on the way
};

constexpr Row kRows[] = {
    {ReduceOp::sum, "sum", true, true, true},
    {ReduceOp::prod, "prod", true, true, true},
    {ReduceOp::min, "min", false, true, false},
    {ReduceOp::max, "max", false, true, false},
    {ReduceOp::mean, "mean", true, true, true},
    {ReduceOp::var, "var", true, true, true},
    {ReduceOp::std, "std", true, true, true},
    {ReduceOp::any, "any", true, true, false},
    {ReduceOp::all, "all", true, true, false},
    {ReduceOp::count_nonzero, "count_nonzero", true, true, false},
    {ReduceOp::argmin, "argmin", false, true, false},
    {ReduceOp::argmax, "argmax", false, true, false},
    {ReduceOp::nansum, "nansum", true, false, true},
    {ReduceOp::nanprod, "nanprod", true, false, true},
    {ReduceOp::nanmin, "nanmin", false, false, false},
    {ReduceOp::nanmax, "nanmax", false, false, false},
    {ReduceOp::nanmean, "nanmean", true, false, true},
    {ReduceOp::nanvar, "nanvar", false, false, true},
    {ReduceOp::nanstd, "nanstd", false, false, true},
    {ReduceOp::nanargmin, "nanargmin", false, false, false},
    {ReduceOp::nanargmax, "nanargmax", false, false, false},
    {ReduceOp::nancount, "nancount", true, false, false},
};

bool promises(const Row& row, DType dtype) {
  if (dtype == DType::float16) return false;
  if (is_complex(dtype)) return row.complex;
  return is_floating(dtype) || row.integer;
}

DType promised_output(ReduceOp op, DType dtype) {
  const bool exact = !is_floating(dtype) && !is_complex(dtype);
  switch (op) {
    case ReduceOp::sum:
    case ReduceOp::prod:
      if (!exact) return dtype;
      return kind_of(dtype) == DTypeKind::unsigned_integer ? DType::uint64 : DType::int64;
    case ReduceOp::mean:
      return exact ? DType::float64 : dtype;
    case ReduceOp::var:
    case ReduceOp::std:
      return exact ? DType::float64 : real_of(dtype);
    case ReduceOp::nanvar:
    case ReduceOp::nanstd:
      return real_of(dtype);
    case ReduceOp::any:
    case ReduceOp::all:
      return DType::boolean;
    case ReduceOp::count_nonzero:
    case ReduceOp::nancount:
    case ReduceOp::argmin:
    case ReduceOp::argmax:
    case ReduceOp::nanargmin:
    case ReduceOp::nanargmax:
      return DType::int64;
    default:
      return dtype;
  }
}

/// Calls check(row, kernel, dtype) for every reduction that exists.
template <class Check>
void for_each_kernel(const Check& check) {
  for (const Row& row : kRows) {
    for (const DType dtype : varve::kAllDTypes) {
      const ReduceKernel* kernel = find_reduce(row.op, dtype);
      if (kernel == nullptr) continue;
      INFO(row.name << " of " << name_of(dtype));
      check(row, *kernel, dtype);
    }
  }
}

Wildness wildness_of(const Row& row, DType dtype, int round) {
  const bool product = row.op == ReduceOp::prod || row.op == ReduceOp::nanprod;
  // Infinite complex products depend on the order of multiplication.
  return {.near_one = product,
          .extremes = !row.arithmetic,
          .infinities = round % 3 == 1 && !(product && is_complex(dtype)),
          .nan_percent = round % 4 == 0 ? 0 : (round % 4 == 1 ? 20 : (round % 4 == 2 ? 1 : 100))};
}

bool is_close(long double got, long double want, long double tolerance) {
  if (std::isnan(want) || std::isnan(got)) return std::isnan(want) && std::isnan(got);
  if (std::isinf(want) || std::isinf(got)) return want == got;
  return std::abs(got - want) <= tolerance;
}

/// Returns the absolute value; zero where it sets no scale.
long double magnitude(long double value) { return std::isfinite(value) ? std::abs(value) : 0; }

void require_matches(DType dtype, const std::byte* element, const Expected& expected) {
  const Number got = to_number(dtype, element);
  const long double epsilon =
      real_of(dtype) == DType::float32 ? 0x1p-23L : (is_integer(dtype) ? 0 : 0x1p-52L);
  const long double size = magnitude(expected.value.real()) + magnitude(expected.value.imag());
  const long double tolerance = epsilon * size + (epsilon > 0 ? 1e-13L : 0) * magnitude(expected.scale);
  INFO("got " << got << ", expected " << expected.value);
  REQUIRE(is_close(got.real(), expected.value.real(), tolerance));
  if (is_complex(dtype)) REQUIRE(is_close(got.imag(), expected.value.imag(), tolerance));
}

/// Without elements these have no answer; callers refuse them earlier.
bool needs_elements(ReduceOp op) { return op == ReduceOp::min || op == ReduceOp::max; }

std::vector<Number> slice(const std::vector<Number>& all, std::int64_t first, std::int64_t step,
                          std::int64_t n) {
  std::vector<Number> part;
  for (std::int64_t i = 0; i < n; ++i) part.push_back(all[static_cast<std::size_t>(first + i * step)]);
  return part;
}

}  // namespace

TEST_CASE("reduce: every operation has a row, and exactly the promised dtypes", "[kernels][reduce]") {
  REQUIRE(std::size(kRows) == varve::kernels::kReduceOpCount);
  for (int i = 0; i < varve::kernels::kReduceOpCount; ++i) {
    const Row& row = kRows[i];
    REQUIRE(static_cast<int>(row.op) == i);
    for (const DType dtype : varve::kAllDTypes) {
      INFO(row.name << " of " << name_of(dtype));
      const ReduceKernel* kernel = find_reduce(row.op, dtype);
      REQUIRE((kernel != nullptr) == promises(row, dtype));
      if (kernel == nullptr) continue;
      REQUIRE(kernel->output_dtype == promised_output(row.op, dtype));
      REQUIRE(kernel->plane_count >= 1);
      REQUIRE(kernel->plane_count <= varve::kernels::kMaxPlanes);
      for (int plane = 0; plane < kernel->plane_count; ++plane) REQUIRE(kernel->plane_bytes[plane] > 0);
      REQUIRE((kernel->init && kernel->accumulate_across && kernel->accumulate_along && kernel->merge &&
               kernel->finish));
    }
  }
}

TEST_CASE("reduce: along agrees with plain loops for every length", "[kernels][reduce]") {
  std::vector<std::int64_t> lengths;
  for (std::int64_t length = 0; length <= 70; ++length) lengths.push_back(length);
  for (const std::int64_t length : {255, 256, 257, 1000, 2047, 2048}) lengths.push_back(length);
  for_each_kernel([&](const Row& row, const ReduceKernel& kernel, DType dtype) {
    for (const std::int64_t length : lengths) {
      if (length == 0 && needs_elements(row.op)) continue;
      const auto round = static_cast<int>(length + static_cast<int>(row.op));
      const Elements x =
          make_elements(dtype, length, wildness_of(row, dtype, round), static_cast<unsigned>(length));
      ReduceState state(kernel, 1);
      state.along(x.bytes.data(), length, 0);
      INFO("length " << length);
      require_matches(kernel.output_dtype, state.finish(1).data(),
                      expected_result(row.op, dtype, to_numbers(x), 1));
    }
  });
}

TEST_CASE("reduce: across agrees with plain loops", "[kernels][reduce]") {
  for_each_kernel([](const Row& row, const ReduceKernel& kernel, DType dtype) {
    for (const std::int64_t n : {1, 3, 16, 37}) {
      for (const std::int64_t rows : {1, 2, 3, 7, 8, 41}) {
        const auto round = static_cast<int>(n + rows);
        const Elements x =
            make_elements(dtype, n * rows, wildness_of(row, dtype, round), static_cast<unsigned>(rows));
        ReduceState state(kernel, n);
        for (std::int64_t i = 0; i < rows; ++i) state.across(x.at(i * n), i);
        const auto results = state.finish(0.5);
        const auto numbers = to_numbers(x);
        for (std::int64_t i = 0; i < n; ++i) {
          INFO("state " << i << " of " << n << ", rows " << rows);
          require_matches(kernel.output_dtype, results.data() + i * size_bytes(kernel.output_dtype),
                          expected_result(row.op, dtype, slice(numbers, i, n, rows), 0.5));
        }
      }
    }
  });
}

TEST_CASE("reduce: merged parts agree with the whole", "[kernels][reduce]") {
  for_each_kernel([](const Row& row, const ReduceKernel& kernel, DType dtype) {
    for (int round = 0; round < 12; ++round) {
      const std::int64_t rows[] = {round % 3, 5, round % 5, 17};
      const std::int64_t n = 7;
      const std::int64_t total = rows[0] + rows[1] + rows[2] + rows[3];
      const Elements x = make_elements(dtype, n * total, wildness_of(row, dtype, round), 99U + round);
      std::vector<ReduceState> parts;
      std::int64_t index = 0;
      for (const std::int64_t count : rows) {
        parts.emplace_back(kernel, n);
        for (std::int64_t i = 0; i < count; ++i, ++index) parts.back().across(x.at(index * n), index);
      }
      parts[0].merge(parts[1]);
      parts[2].merge(parts[3]);
      parts[0].merge(parts[2]);
      const auto results = parts[0].finish();
      const auto numbers = to_numbers(x);
      for (std::int64_t i = 0; i < n; ++i) {
        require_matches(kernel.output_dtype, results.data() + i * size_bytes(kernel.output_dtype),
                        expected_result(row.op, dtype, slice(numbers, i, n, total)));
      }
    }
  });
}

TEST_CASE("reduce: segments follow each other, and rows follow segments, in one state", "[kernels][reduce]") {
  for_each_kernel([](const Row& row, const ReduceKernel& kernel, DType dtype) {
    const Elements x = make_elements(dtype, 700, wildness_of(row, dtype, 1), 5);
    ReduceState state(kernel, 1);
    std::int64_t index = 0;
    for (const std::int64_t length : {1, 300, 0, 15, 300, 64}) {
      state.along(x.at(index), length, index);
      index += length;
    }
    for (; index < x.size(); ++index) state.across(x.at(index), index);
    require_matches(kernel.output_dtype, state.finish().data(),
                    expected_result(row.op, dtype, to_numbers(x)));
  });
}

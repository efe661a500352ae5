#include <catch2/catch.hpp>

#include "kernels/reduce/table.hpp"
#include "kernels/test_reduce_oracle.hpp"
#include "kernels/test_reduce_state.hpp"

// What must hold to the last bit, and the cases in which reductions differ from naive ones.

namespace {

using reduce_oracle::Elements;
using reduce_oracle::make_elements;
using reduce_oracle::Wildness;
using varve::DType;
using varve::kernels::can_run;
using varve::kernels::find_reduce;
using varve::kernels::InstructionSet;
using varve::kernels::kReduceOpCount;
using varve::kernels::reduce_table;
using varve::kernels::ReduceKernel;
using varve::kernels::ReduceOp;

constexpr Wildness kWild = {.extremes = false, .infinities = false, .nan_percent = 3};
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <class Check>
void for_each_kernel(const Check& check) {
  for (int op = 0; op < kReduceOpCount; ++op) {
    for (const DType dtype : varve::kAllDTypes) {
      const ReduceKernel* kernel = find_reduce(static_cast<ReduceOp>(op), dtype);
      if (kernel == nullptr) continue;
      INFO("operation " << op << " of " << name_of(dtype));
      check(*kernel, static_cast<ReduceOp>(op), dtype);
    }
  }
}

std::vector<std::byte> bits_along(const ReduceKernel& kernel, const std::byte* values, std::int64_t length) {
  ReduceState state(kernel, 1);
  state.along(values, length, 10);
  state.along(values, length / 3, 10 + length);
  return state.bits();
}

/// Reduces float64 values along one segment and returns the result as Output.
template <class Output>
Output reduce_values(ReduceOp op, const std::vector<double>& values, double correction = 0) {
  ReduceState state(*find_reduce(op, DType::float64), 1);
  state.along(reinterpret_cast<const std::byte*>(values.data()), std::ssize(values), 0);
  return reduce_oracle::load<Output>(state.finish(correction).data());
}

}  // namespace

TEST_CASE("reduce: states together or one by one have the same bits", "[kernels][reduce]") {
  for_each_kernel([](const ReduceKernel& kernel, ReduceOp, DType dtype) {
    constexpr std::int64_t kStates = 43;
    constexpr std::int64_t kRows = 9;
    const Elements x = make_elements(dtype, kStates * kRows, kWild, 3);
    ReduceState together(kernel, kStates);
    ReduceState apart(kernel, kStates);
    for (std::int64_t row = 0; row < kRows; ++row) {
      together.across(x.at(row * kStates), row);
      for (std::int64_t i = 0; i < kStates; ++i) {
        kernel.accumulate_across(apart.planes(i).data, x.at(row * kStates + i), 1, row, row);
      }
    }
    REQUIRE(together.bits() == apart.bits());
  });
}

TEST_CASE("reduce: along gives the same bits at any address", "[kernels][reduce]") {
  for_each_kernel([](const ReduceKernel& kernel, ReduceOp, DType dtype) {
    const Elements x = make_elements(dtype, 777, kWild, 4);
    const auto bits = bits_along(kernel, x.bytes.data(), x.size());
    for (std::int64_t offset = 1; offset < 9; ++offset) {
      std::vector<std::byte> moved(static_cast<std::size_t>(offset * size_bytes(dtype)));
      moved.insert(moved.end(), x.bytes.begin(), x.bytes.end());
      REQUIRE(bits_along(kernel, moved.data() + offset * size_bytes(dtype), x.size()) == bits);
    }
  });
}

TEST_CASE("reduce: every instruction set gives the same bits", "[kernels][reduce]") {
  for (const auto level : {InstructionSet::v2, InstructionSet::v3, InstructionSet::v4}) {
    if (!can_run(level)) continue;
    for_each_kernel([&](const ReduceKernel& active, ReduceOp op, DType dtype) {
      const ReduceKernel& kernel = reduce_table(level).rows[static_cast<int>(op)][static_cast<int>(dtype)];
      for (const std::int64_t length : {1, 2, 15, 16, 17, 31, 33, 100, 2048}) {
        const Elements x = make_elements(dtype, length, kWild, static_cast<unsigned>(length));
        REQUIRE(bits_along(kernel, x.bytes.data(), length) == bits_along(active, x.bytes.data(), length));
        ReduceState one(kernel, length);
        ReduceState other(active, length);
        for (std::int64_t row = 0; row < 3; ++row) {
          one.across(x.bytes.data(), row);
          other.across(x.bytes.data(), row);
        }
        ReduceState one_later = one;
        ReduceState other_later = other;
        one.merge(one_later);
        other.merge(other_later);
        REQUIRE(one.bits() == other.bits());
        REQUIRE(one.finish(1) == other.finish(1));
      }
    });
  }
}

TEST_CASE("reduce: sums along use sixteen lanes and a fixed tree", "[kernels][reduce]") {
  const Elements x = make_elements(DType::float64, 1003, {}, 8);
  double lanes[16] = {};
  for (std::int64_t i = 0; i < x.size(); ++i) lanes[i % 16] += reduce_oracle::load<double>(x.at(i));
  for (int half = 8; half > 0; half /= 2) {
    for (int lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
  }
  ReduceState state(*find_reduce(ReduceOp::sum, DType::float64), 1);
  state.along(x.bytes.data(), x.size(), 0);
  REQUIRE(reduce_oracle::load<double>(state.finish().data()) == lanes[0]);
}

TEST_CASE("argmin, argmax: the least index wins among equals, in any order of arrival", "[kernels][reduce]") {
  for (const ReduceOp op : {ReduceOp::argmin, ReduceOp::argmax, ReduceOp::nanargmin, ReduceOp::nanargmax}) {
    for (const double value : {1.0, 0.0, kInfinity, -kInfinity, kNan}) {
      if (std::isnan(value) && op >= ReduceOp::nanargmin) continue;
      const ReduceKernel& kernel = *find_reduce(op, DType::float64);
      const double values[] = {value, value};
      const auto* bytes = reinterpret_cast<const std::byte*>(values);
      ReduceState state(kernel, 1);
      state.across(bytes, 12);
      state.across(bytes, 9);
      state.along(bytes, 2, 5);
      state.along(bytes, 2, 6);
      ReduceState other(kernel, 1);
      other.along(bytes, 2, 4);
      state.merge(other);
      REQUIRE(reduce_oracle::load<std::int64_t>(state.finish().data()) == 4);
    }
  }
}

TEST_CASE("argmin, argmax: the first NaN wins", "[kernels][reduce]") {
  const std::vector<double> values = {3, -kInfinity, kInfinity, kNan, 1, kNan};
  REQUIRE(reduce_values<std::int64_t>(ReduceOp::argmin, values) == 3);
  REQUIRE(reduce_values<std::int64_t>(ReduceOp::argmax, values) == 3);
  REQUIRE(reduce_values<std::int64_t>(ReduceOp::nanargmin, values) == 1);
  REQUIRE(reduce_values<std::int64_t>(ReduceOp::nanargmax, values) == 2);
}

TEST_CASE("min, max: NaN wins wherever it stands; nanmin, nanmax skip it", "[kernels][reduce]") {
  for (std::size_t position = 0; position < 40; ++position) {
    std::vector<double> values(40, 2);
    values[(position + 1) % 40] = -5;
    values[(position + 2) % 40] = 7;
    values[position] = kNan;
    REQUIRE(std::isnan(reduce_values<double>(ReduceOp::min, values)));
    REQUIRE(std::isnan(reduce_values<double>(ReduceOp::max, values)));
    REQUIRE(reduce_values<double>(ReduceOp::nanmin, values) == -5);
    REQUIRE(reduce_values<double>(ReduceOp::nanmax, values) == 7);
  }
}

TEST_CASE("reduce: nothing, or nothing but NaN, has the documented results", "[kernels][reduce]") {
  for (const std::vector<double>& values : {std::vector<double>{}, std::vector<double>{kNan, kNan, kNan}}) {
    REQUIRE(reduce_values<double>(ReduceOp::nansum, values) == 0);
    REQUIRE(reduce_values<double>(ReduceOp::nanprod, values) == 1);
    for (const ReduceOp op :
         {ReduceOp::nanmean, ReduceOp::nanvar, ReduceOp::nanstd, ReduceOp::nanmin, ReduceOp::nanmax}) {
      REQUIRE(std::isnan(reduce_values<double>(op, values)));
    }
    REQUIRE(reduce_values<std::int64_t>(ReduceOp::nanargmin, values) == -1);
    REQUIRE(reduce_values<std::int64_t>(ReduceOp::nanargmax, values) == -1);
    REQUIRE(reduce_values<std::int64_t>(ReduceOp::nancount, values) == 0);
  }
  REQUIRE(reduce_values<double>(ReduceOp::sum, {}) == 0);
  REQUIRE(reduce_values<double>(ReduceOp::prod, {}) == 1);
  REQUIRE(std::isnan(reduce_values<double>(ReduceOp::mean, {})));
  REQUIRE(std::isnan(reduce_values<double>(ReduceOp::var, {})));
  REQUIRE(reduce_values<std::uint8_t>(ReduceOp::any, {}) == 0);
  REQUIRE(reduce_values<std::uint8_t>(ReduceOp::all, {}) == 1);
}

TEST_CASE(
    "var, std: infinite where the correction leaves no divisor, NaN if nothing deviates or NaN is skipped",
    "[kernels][reduce]") {
  REQUIRE(reduce_values<double>(ReduceOp::var, {1, 3}, 1) == 2);
  REQUIRE(reduce_values<double>(ReduceOp::std, {1, 3}) == 1);
  REQUIRE(std::isinf(reduce_values<double>(ReduceOp::var, {1, 3}, 2)));
  REQUIRE(std::isinf(reduce_values<double>(ReduceOp::std, {1, 3}, 2.5)));
  REQUIRE(std::isnan(reduce_values<double>(ReduceOp::var, {3, 3}, 2)));
  REQUIRE(std::isnan(reduce_values<double>(ReduceOp::std, {3, 3}, 2.5)));
  REQUIRE(std::isnan(reduce_values<double>(ReduceOp::nanstd, {1, 3, kNan}, 3)));
  REQUIRE(std::isnan(reduce_values<double>(ReduceOp::nanvar, {1, 3, kNan}, 2)));
  REQUIRE(reduce_values<double>(ReduceOp::nanvar, {1, 3, kNan}, 1) == 2);
}

TEST_CASE("var: a large offset costs no digits", "[kernels][reduce]") {
  std::vector<double> values;
  for (int i = 0; i < 2048; ++i) values.push_back(1e9 + i % 2);
  REQUIRE(reduce_values<double>(ReduceOp::var, values) == Approx(0.25).epsilon(1e-12));
  REQUIRE(reduce_values<double>(ReduceOp::nanvar, values) == Approx(0.25).epsilon(1e-12));
  ReduceState state(*find_reduce(ReduceOp::var, DType::float64), 1);
  for (std::size_t i = 0; i < values.size(); ++i) {
    state.across(reinterpret_cast<const std::byte*>(&values[i]), static_cast<std::int64_t>(i));
  }
  REQUIRE(reduce_oracle::load<double>(state.finish().data()) == Approx(0.25).epsilon(1e-9));
}

TEST_CASE("sum of float32: accumulated in float64", "[kernels][reduce]") {
  const std::vector<float> values = {1e8F, 1, -1e8F, 1};
  ReduceState state(*find_reduce(ReduceOp::sum, DType::float32), 1);
  state.along(reinterpret_cast<const std::byte*>(values.data()), 4, 0);
  REQUIRE(reduce_oracle::load<float>(state.finish().data()) == 2);
}

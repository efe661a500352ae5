#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "support/sources.hpp"
#include "varve/varve.hpp"

using namespace varve;
using namespace varve::test;

// Values that another library gets wrong, each with its name and version on PyPI, so that a user who compares
// finds who is right. Expected values are those of exact arithmetic.
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kMax = std::numeric_limits<double>::max();

double quantile_of(const std::vector<double>& x, double q) {
  return item<double>(quantile(from_values(x, {static_cast<std::int64_t>(x.size())}), q));
}

}  // namespace

// numpy.quantile of NumPy 2.4.6 and 2.5.5 subtracts neighbours in the dtype of the data, where the difference
// wraps: 127.5 for the first, [-128.25, 127.25] for the next, 32768 for int16, 9.2e18 for int64.
TEST_CASE("quantile: differences of signed integers do not wrap (NumPy 2.5.5)", "[ops][peers]") {
  const Array bytes = from_values<std::int8_t>({-128, 127}, {2});
  CHECK(item<double>(quantile(bytes, 0.5)) == -0.5);
  CHECK(to_vector<double>(quantile(bytes, {0.25, 0.75})) == std::vector<double>{-64.25, 63.25});
  CHECK(item<double>(median(bytes)) == -0.5);
  CHECK(item<double>(quantile(from_values<std::int16_t>({-30000, 30000}, {2}), 0.5)) == 0);
  const std::int64_t quarter = std::int64_t{1} << 62;
  CHECK(item<double>(quantile(from_values<std::int64_t>({-quarter, quarter}, {2}), 0.5)) == 0);
  CHECK(item<double>(quantile(from_values<std::int64_t>({-quarter * 2, quarter}, {2}), 0.5)) ==
        -std::ldexp(1, 61));
}

// numpy.quantile of NumPy 2.4.6 and 2.5.5 computes inf - inf between neighbours: NaN for all of these.
TEST_CASE("quantile: infinities are elements like others (NumPy 2.5.5)", "[ops][peers]") {
  CHECK(quantile_of({1, kInf, kInf}, 0.9) == kInf);
  CHECK(quantile_of({-kInf, -kInf, 1}, 0.1) == -kInf);
  CHECK(quantile_of({-kInf, 0, kInf}, 0.5) == 0);
  CHECK(quantile_of({1, kInf}, 0) == 1);
  CHECK(quantile_of({1, kInf}, 1) == kInf);
}

// numpy.median of NumPy 2.4.6 and 2.5.5 gives inf for the first and the last two, numpy.quantile -inf and inf
// for those between.
TEST_CASE("median: sums and differences near the largest float do not overflow (NumPy 2.5.5)",
          "[ops][peers]") {
  CHECK(item<double>(median(from_values<double>({kMax, kMax}, {2}))) == kMax);
  CHECK(quantile_of({-kMax, kMax}, 0.5) == 0);
  CHECK(std::abs(quantile_of({-kMax, kMax}, 0.25) / kMax + 0.5) < 1e-15);
  const float largest = std::numeric_limits<float>::max();
  CHECK(item<float>(median(from_values<float>({largest, largest}, {2}))) == largest);
  const Array halves = astype(from_values<float>({60000, 60000}, {2}), DType::float16);
  CHECK(item<float>(astype(median(halves), DType::float32)) == 60000);
}

// dask.array.argmax of Dask 2026.8.0 gives the first of equals in the first chunk, 4 here.
TEST_CASE("argmax: the first of equals in C order, in whatever chunk (Dask 2026.8)", "[ops][peers]") {
  dense::Dense x(DType::int64, {4, 4});
  x.values[3] = 7;
  x.values[4] = 7;
  for (const Shape& chunks : {Shape{2, 2}, Shape{4, 4}, Shape{1, 1}, Shape{3, 2}}) {
    INFO(to_string(chunks));
    CHECK(item<std::int64_t>(argmax(chunked(x, chunks))) == 3);
    CHECK(item<std::int64_t>(argmin(-chunked(x, chunks))) == 3);
  }
}

// dask.array.mean of Dask 2026.8.0 adds up and counts in float16: NaN for the first, inf for the second.
TEST_CASE("mean: float16 adds up beyond its range (Dask 2026.8)", "[ops][peers]") {
  const Array ones = full({70000}, 1, {.dtype = DType::float16, .chunks = Shape{17500}});
  const Array thousands = full({100}, 1000, {.dtype = DType::float16, .chunks = Shape{25}});
  CHECK(item<float>(astype(mean(ones), DType::float32)) == 1);
  CHECK(item<float>(astype(mean(thousands), DType::float32)) == 1000);
  CHECK(item<float>(astype(mean(thousands, {.axis = 0}), DType::float32)) == 1000);
}

// numbagg.group_nanmean of numbagg 0.9.6 adds up in float32: 3355443.25.
TEST_CASE("groupby_reduce: float32 adds up in float64 (numbagg 0.9.6)", "[ops][peers]") {
  const Array x = from_values<float>({16777216, 1, 1, 1, 1}, {5});
  const Array labels = zeros({5}, {.dtype = DType::int8});
  for (const GroupOp op : {GroupOp::mean, GroupOp::nanmean})
    CHECK(to_vector<float>(groupby_reduce(x, labels, op)) == std::vector<float>{3355444});
}

// scipy.ndimage.uniform_filter of SciPy 1.17.1 and 1.18.1 carries a running sum along: NaN from the infinity
// on, and sums that lost what stood before 1e20. So do move_mean of bottleneck 1.6.0 and numbagg 0.9.6.
TEST_CASE("uniform_filter: windows behind an infinity or a large number are their own (SciPy 1.18)",
          "[ops][peers]") {
  for (const double outlier : {kInf, 1e20, std::nan("")}) {
    INFO(outlier);
    std::vector<double> x = {1, 2, 3, outlier, 4, 5, 6, 7, 8, 9, 10};
    const std::vector<double> means = to_vector<double>(uniform_filter(from_values(x, {11}), {3}));
    CHECK(means[1] == 2);
    for (std::size_t i = 2; i < 5; ++i)
      CHECK((std::isnan(outlier) ? std::isnan(means[i]) : means[i] >= outlier / 3));
    for (std::size_t i = 5; i < 10; ++i) CHECK(means[i] == static_cast<double>(i));
  }
}

#include <hdf5.h>
#include <malloc.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "property/resident_memory.hpp"
#include "support/require_matches.hpp"
#include "support/temporary_directory.hpp"
#include "varve/varve.hpp"

// The promise: whatever the data, the resident set stays below the budget and 64 MiB. Arrays here are eight
// times larger than the budget.
namespace varve::test {
namespace {

#if defined(VARVE_SANITIZER)
constexpr bool kSanitized = true;  // shadow memory is resident too, and everything is slow
#else
constexpr bool kSanitized = false;
#endif

const Shape kShape = kSanitized ? Shape{64, 256, 512} : Shape{64, 1024, 1024};  // 256 MiB of float32
constexpr std::int64_t kBudget = kSanitized ? 4_MiB : 32_MiB;
constexpr std::int64_t kOverhead = 64_MiB;
const Shape kChunks = kSanitized ? Shape{8, 64, 128} : Shape{16, 128, 512};

// Small whole numbers, so that every sum is exact.
float value_at(std::int64_t i, std::int64_t j, std::int64_t k) {
  return static_cast<float>((i * 37 + j * 11 + k * 5) % 251);
}

void fill(const Box& box, const StridedView& out) {
  for (std::int64_t i = box.lo[0]; i < box.hi[0]; ++i) {
    for (std::int64_t j = box.lo[1]; j < box.hi[1]; ++j) {
      std::byte* row =
          out.data + (i - box.lo[0]) * out.byte_strides[0] + (j - box.lo[1]) * out.byte_strides[1];
      for (std::int64_t k = box.lo[2]; k < box.hi[2]; ++k) {
        *reinterpret_cast<float*>(row + (k - box.lo[2]) * out.byte_strides[2]) = value_at(i, j, k);
      }
    }
  }
}

Array generated() { return from_function(kShape, DType::float32, fill, {.dtype = {}, .chunks = kChunks}); }

// Checks the peak of everything since the object was made against a budget.
class PeakGuard {
 public:
  explicit PeakGuard(std::string what, std::int64_t budget = kBudget)
      : what_(std::move(what)), budget_(budget) {
    reset_peak_resident_bytes();
  }
  ~PeakGuard() {
    if (kSanitized) return;
    INFO(what_ << ", budget " << budget_);
    CHECK(peak_resident_bytes() <= budget_ + kOverhead);
  }
  PeakGuard(const PeakGuard&) = delete;
  PeakGuard& operator=(const PeakGuard&) = delete;

 private:
  std::string what_;
  std::int64_t budget_;
};

double mean_of_column(std::int64_t j, std::int64_t k) {
  double sum = 0;
  for (std::int64_t i = 0; i < kShape[0]; ++i) sum += static_cast<double>(value_at(i, j, k));
  return sum / static_cast<double>(kShape[0]);
}

void check_mean_of_first_axis(const Array& x) {
  const PeakGuard guard("mean of axis 0");
  const Array computed = compute(mean(x, {.axis = 0}));
  std::int64_t wrong = 0;
  for (std::int64_t j = 0; j < kShape[1]; j += 7) {
    const std::vector<float> row = to_vector<float>(computed(j));
    for (std::int64_t k = 0; k < kShape[2]; ++k) {
      wrong += std::fabs(static_cast<double>(row[static_cast<std::size_t>(k)]) - mean_of_column(j, k)) > 1e-4
                   ? 1
                   : 0;
    }
  }
  CHECK(wrong == 0);
}

void check_global_statistics(const Array& x) {
  const PeakGuard guard("four statistics of one scan");
  const auto [low, high, average, spread] = compute(min(x), max(x), mean(x), stddev(x));
  double sum = 0, squares = 0;
  for (std::int64_t i = 0; i < kShape[0]; ++i) {
    for (std::int64_t j = 0; j < kShape[1]; ++j) {
      for (std::int64_t k = 0; k < kShape[2]; ++k) {
        const double value = static_cast<double>(value_at(i, j, k));
        sum += value;
        squares += value * value;
      }
    }
  }
  const double count = static_cast<double>(element_count(kShape));
  CHECK(item<float>(low) == 0);
  CHECK(item<float>(high) == 250);
  CHECK(item<float>(average) == Approx(sum / count));
  CHECK(item<float>(spread) == Approx(std::sqrt(squares / count - (sum / count) * (sum / count))));
}

void check_strided_slices(const Array& x) {
  const PeakGuard guard("strided slices");
  const std::vector<float> thin =
      to_vector<float>(x(Slice{{}, {}, 31}, Slice{{}, {}, -97}, Slice{5, {}, 111}));
  std::size_t at = 0;
  std::int64_t wrong = 0;
  for (std::int64_t i = 0; i < kShape[0]; i += 31) {
    for (std::int64_t j = kShape[1] - 1; j >= 0; j -= 97) {
      for (std::int64_t k = 5; k < kShape[2]; k += 111) wrong += thin[at++] == value_at(i, j, k) ? 0 : 1;
    }
  }
  CHECK(at == thin.size());
  CHECK(wrong == 0);
  CHECK(to_vector<float>(x(3, 4, Slice{7, 9})) == std::vector<float>{value_at(3, 4, 7), value_at(3, 4, 8)});
}

void check_anomaly(const Array& x, const std::string& path) {
  const PeakGuard guard("anomaly, saved");
  save(x - mean(x, {.axis = 0}), path, {.chunks = kChunks, .codec = "blosc:lz4:1"});
  const std::vector<float> line = to_vector<float>(open(path)(Slice{}, 17, 33));
  const double centre = mean_of_column(17, 33);
  for (std::int64_t i = 0; i < kShape[0]; ++i) {
    CHECK(static_cast<double>(line[static_cast<std::size_t>(i)]) ==
          Approx(static_cast<double>(value_at(i, 17, 33)) - centre).margin(1e-4));
  }
}

void check_transpose(const Array& x, const std::string& path) {
  const PeakGuard guard("transpose, saved with other chunks");
  const Shape chunks = kSanitized ? Shape{64, 8, 64} : Shape{256, 64, 64};
  save(permute_dims(x, {2, 0, 1}), path, {.chunks = chunks, .codec = "none"});
  const Array again = open(path);
  CHECK(again.shape() == Shape{kShape[2], kShape[0], kShape[1]});
  CHECK(again.chunks().chunks() == chunks);
  const std::vector<float> thin =
      to_vector<float>(again(Slice{1, {}, 53}, Slice{2, {}, 9}, Slice{3, {}, 71}));
  std::size_t at = 0;
  std::int64_t wrong = 0;
  for (std::int64_t k = 1; k < kShape[2]; k += 53) {
    for (std::int64_t i = 2; i < kShape[0]; i += 9) {
      for (std::int64_t j = 3; j < kShape[1]; j += 71) wrong += thin[at++] == value_at(i, j, k) ? 0 : 1;
    }
  }
  CHECK(wrong == 0);
}

void check_refusals(const Array& x) {
  const std::vector<Array> expressions = {mean(x, {.axis = 0}), stddev(x), x(Slice{{}, {}, 31}, 0) * 2.0,
                                          max(permute_dims(x, {2, 0, 1}), {.axis = 1}),
                                          mean(x - mean(x, {.axis = 0}))};
  for (std::size_t i = 0; i < expressions.size(); ++i) {
    INFO("expression " << i);
    const std::int64_t least = smallest_budget({expressions[i]});
    {
      const Runtime short_by_one({.memory = least - 1, .threads = 2});
      CHECK_THROWS_AS(compute(expressions[i]), BudgetError);
    }
    const PeakGuard guard("the smallest budget", least);
    CHECK(least <= kBudget);
    CHECK_NOTHROW(bytes_under({least, 2}, {expressions[i]}));
  }
}

TEST_CASE("memory: the resident set stays below the budget and 64 MiB, for any format and thread count",
          "[memory]") {
  const TemporaryDirectory directory;
  for (const int threads : {2, 8}) {
    const std::string path = directory / (threads == 2 ? "x.zarr" : "x.h5");
    {
      const Runtime runtime({.memory = kBudget, .threads = threads});
      {
        const PeakGuard guard("generated and saved");
        save(generated(), path, {.chunks = kChunks, .codec = threads == 2 ? "blosc:lz4:1" : "none"});
      }
      const Array x = open(path);
      REQUIRE(x.size_bytes() >= 8 * kBudget);
      check_mean_of_first_axis(x);
      check_global_statistics(x);
      check_strided_slices(x);
      check_anomaly(x, directory / (std::to_string(threads) + "-anomaly.zarr"));
      check_transpose(x, directory / (std::to_string(threads) + "-transpose.zarr"));
      CHECK(runtime.leased_bytes() == 0);
    }
    check_refusals(open(path));
  }
}

// Writes with `codec` and reads again.
void check_codec(const std::string& path, const Shape& shape, const Shape& chunks, const std::string& codec) {
  INFO(path << " " << codec);
  const Array x = from_function(shape, DType::float32, fill, {.dtype = {}, .chunks = chunks});
  const std::vector<Output> outputs = {{x, path, "", {.chunks = chunks, .codec = codec}}};
  const Runtime runtime({.memory = 4 * kBudget, .threads = 2});
  {
    const PeakGuard guard("saved as " + codec, 4 * kBudget);
    run(outputs);
  }
  const PeakGuard guard("read as " + codec, 4 * kBudget);
  CHECK(item<float>(max(open(path))) == 250);
}

// Writes two chunks of 64 MiB with a filter that only libhdf5 can undo.
void write_scaled(const std::string& path, const std::vector<std::int32_t>& values) {
  const hsize_t shape[] = {2, values.size()};
  const hsize_t chunk[] = {1, values.size()};
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t space = H5Screate_simple(2, shape, nullptr);
  const hid_t rows = H5Screate_simple(2, chunk, nullptr);
  const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(properties, 2, chunk);
  H5Pset_scaleoffset(properties, H5Z_SO_INT, H5Z_SO_INT_MINBITS_DEFAULT);
  H5Pset_fletcher32(properties);
  const hid_t dataset = H5Dcreate2(file, "x", H5T_STD_I32LE, space, H5P_DEFAULT, properties, H5P_DEFAULT);
  for (const hsize_t row : {0, 1}) {
    const hsize_t start[] = {row, 0};
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, nullptr, chunk, nullptr);
    CHECK(H5Dwrite(dataset, H5T_NATIVE_INT32, rows, space, H5P_DEFAULT, values.data()) >= 0);
  }
  for (const hid_t id : {dataset, properties, rows, space, file}) H5Idec_ref(id);
}

TEST_CASE("memory: chunks that libhdf5 decodes are counted in the smallest budget", "[memory]") {
  const TemporaryDirectory directory;
  const std::string path = directory / "scaled.h5";
  std::int32_t largest = 0;
  {
    std::vector<std::int32_t> values(kSanitized ? 1 << 18 : 1 << 24);
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<std::int32_t>(static_cast<std::uint32_t>(i) * 2654435761U >> 8U);
    largest = *std::max_element(values.begin(), values.end());
    write_scaled(path, values);
  }
  ::malloc_trim(0);
  const Array x = open(path);
  const std::int64_t least = smallest_budget({max(x)});
  CHECK(least >= x.size_bytes() / 2 * 3);
  const PeakGuard guard("libhdf5's filters", least);
  const Runtime runtime({.memory = least, .threads = 1});
  CHECK(item<std::int32_t>(max(x)) == largest);
}

TEST_CASE("memory: encoders stay within the budget", "[memory]") {
  const TemporaryDirectory directory;
  const Shape shape{8, 1024, 1024};
  check_codec(directory / "gzip.h5", shape, {2, 1024, 512}, "gzip:1");
  check_codec(directory / "gzip.zarr", shape, {2, 1024, 512}, "gzip:1");
  if (!kSanitized) check_codec(directory / "zstd.zarr", shape, {4, 1024, 512}, "zstd:19");
  check_codec(directory / "blosc.zarr", shape, {2, 1024, 512}, "blosc:zstd:5");
}

}  // namespace
}  // namespace varve::test

#include <hdf5.h>
#include <malloc.h>

#include <catch2/catch.hpp>
#include <string>

#include "property/operation_cases.hpp"
#include "property/resident_memory.hpp"
#include "support/temporary_directory.hpp"

namespace varve::test {
namespace {

// Writes files, the n-th of which holds n, and returns one whose dataset "v" stacks them along a new axis.
std::string write_stack(const TemporaryDirectory& directory, std::int64_t count) {
  const Runtime runtime({.memory = 16_MiB, .threads = 1});
  for (std::int64_t i = 0; i < count; ++i) {
    const Array x = full({40, 250}, static_cast<double>(i), {.dtype = DType::float32});
    save(x, directory / (std::to_string(i) + ".h5"), {.chunks = {20, 250}, .codec = "gzip:1"});
  }
  const hsize_t part[] = {1, 40, 250};
  const hsize_t whole[] = {static_cast<hsize_t>(count), 40, 250};
  const hid_t from = H5Screate_simple(2, part + 1, nullptr);
  const hid_t to = H5Screate_simple(3, whole, nullptr);
  const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
  for (std::int64_t i = 0; i < count; ++i) {
    const hsize_t start[] = {static_cast<hsize_t>(i), 0, 0};
    H5Sselect_hyperslab(to, H5S_SELECT_SET, start, nullptr, part, nullptr);
    H5Pset_virtual(properties, to, (std::to_string(i) + ".h5").c_str(), "data", from);
  }
  H5Sselect_all(to);
  std::string path = directory / "virtual.h5";
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t dataset = H5Dcreate2(file, "v", H5T_IEEE_F32LE, to, H5P_DEFAULT, properties, H5P_DEFAULT);
  REQUIRE(dataset >= 0);
  H5Dclose(dataset);
  H5Fclose(file);
  H5Pclose(properties);
  H5Sclose(from);
  H5Sclose(to);
  return path;
}

}  // namespace

TEST_CASE("memory: a virtual dataset of 1,500 files keeps to the budget, opening included", "[memory]") {
  const TemporaryDirectory directory;
  constexpr std::int64_t kCount = kSanitized ? 200 : 1500;
  const std::string path = write_stack(directory, kCount);
  for (const int threads : {1, 8}) {
    INFO(threads << " threads");
    H5garbage_collect();
    ::malloc_trim(0);
    reset_peak_resident_bytes();
    const Runtime runtime({.memory = 64_MiB, .threads = threads});
    const Array x = open(path, "v");
    const auto [average, largest] = compute(mean(x), max(x, {.axis = {1, 2}}));
    CHECK(static_cast<double>(item<float>(average)) == Approx((static_cast<double>(kCount) - 1) / 2));
    CHECK(to_vector<float>(largest).back() == static_cast<float>(kCount - 1));
    INFO("resident " << peak_resident_bytes());
    if (!kSanitized) CHECK(peak_resident_bytes() <= 64_MiB + 64_MiB);
  }
}

}  // namespace varve::test

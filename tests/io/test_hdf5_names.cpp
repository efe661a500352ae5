#include <catch2/catch.hpp>
#include <fstream>

#include "hdf5_library.hpp"
#include "io/format/hdf5.hpp"
#include "io/format/hdf5_attributes.hpp"
#include "support/temporary_directory.hpp"

using namespace varve;
using namespace varve::io;
using test::Handle;
using test::LibraryFile;

namespace {

using Names = std::vector<std::string>;

DatasetSpec make_spec(const Shape& shape, const Names& names) {
  DatasetSpec spec;
  spec.shape = shape;
  spec.dtype = DType::int8;
  spec.chunks = shape;
  spec.dimension_names = names;
  return spec;
}

/// Counts the calls of read(2) and its kin that this process has made; nothing where the system does not
/// tell.
std::optional<std::int64_t> reads_so_far() {
  std::ifstream file("/proc/self/io");
  std::string word;
  for (std::int64_t count = 0; file >> word >> count;) {
    if (word == "syscr:") return count;
  }
  return std::nullopt;
}

std::int64_t reads_to_open_all(const std::string& path) {
  const std::int64_t before = reads_so_far().value_or(0);
  const FileSummary summary = summarize_hdf5(path);
  for (const VariableSummary& variable : summary.variables) {
    if (open_hdf5(path, variable.name)->info().dimension_names.empty()) return -1;
  }
  return reads_so_far().value_or(0) - before;
}

/// Says as the dimension scales of libhdf5 do that `scale` belongs to the first axis of `dataset`.
void attach_by_reference(hid_t file, const char* dataset, const char* scale) {
  const hdf5::LibraryLock lock;
  const Handle target(H5Dopen2(file, dataset, H5P_DEFAULT));
  hobj_ref_t reference = 0;
  H5Rcreate(&reference, file, scale, H5R_OBJECT, -1);
  const hvl_t list{1, &reference};
  const hsize_t one = 1;
  const Handle space(H5Screate_simple(1, &one, nullptr));
  const Handle type(H5Tvlen_create(H5T_STD_REF_OBJ));
  const Handle attribute(
      H5Acreate2(target.get(), "DIMENSION_LIST", type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT));
  REQUIRE(H5Awrite(attribute.get(), type.get(), &list) >= 0);
}

}  // namespace

TEST_CASE("hdf5: opening all arrays of a file reads in proportion to their number", "[io][hdf5]") {
  const test::TemporaryDirectory folder;
  std::vector<std::int64_t> reads;
  for (const int count : {150, 600}) {
    const std::string path = folder / (std::to_string(count) + ".nc");
    const auto output = create_output(path, {});
    for (int i = 0; i < count; ++i) {
      const std::string name = std::to_string(i);
      output->add_dataset("v" + name, make_spec({2, 3}, {"time", "x" + name}));
      output->add_dataset("x" + name, make_spec({3}, {"x" + name}));
    }
    output->commit();
    reads.push_back(reads_to_open_all(path));
  }
  if (!reads_so_far()) return;
  REQUIRE(reads[0] > 0);
  CHECK(reads[1] < 6 * reads[0]);  // finding each name by a walk over the file: 16 times as many
}

TEST_CASE("hdf5: dimensions have the names of their scales, wherever those lie", "[io][hdf5]") {
  const test::TemporaryDirectory folder;
  const std::string path = folder / "scales.h5";
  const auto values = test::counting(3000);
  {
    LibraryFile file(path, false);
    const hdf5::LibraryLock lock;
    for (const char* group : {"a", "a/b", "c"})
      const Handle made(H5Gcreate2(file.id(), group, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    test::LibraryLayout layout;
    layout.shape = {4};
    for (const char* name : {"a/b/x", "a/b/here", "a/above", "root", "c/aside"})
      file.add(name, layout, values.data());
    H5Lcreate_hard(file.id(), "a/b/here", file.id(), "a/another_name", H5P_DEFAULT, H5P_DEFAULT);
  }
  const std::pair<const char*, const char*> cases[] = {
      {"a/b/here", "here"}, {"a/above", "above"}, {"root", "root"}, {"c/aside", "aside"}};
  for (const auto& [scale, name] : cases) {
    INFO(scale);
    {
      const hdf5::LibraryLock lock;
      const Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
      H5Adelete_by_name(file.get(), "a/b/x", "DIMENSION_LIST", H5P_DEFAULT);
      attach_by_reference(file.get(), "a/b/x", scale);
    }
    const auto kept = open_hdf5(path, "root");  // the file stays open, and what was found is remembered
    CHECK(open_hdf5(path, "a/b/x")->info().dimension_names == Names{name});
    CHECK(open_hdf5(path, "a/b/x")->info().dimension_names == Names{name});
  }
}

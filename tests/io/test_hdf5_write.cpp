#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include "hdf5_library.hpp"
#include "io/format/hdf5.hpp"
#include "support/chunk_reading.hpp"
#include "support/temporary_directory.hpp"

using namespace varve;
using namespace varve::io;
using nlohmann::json;

namespace {

/// Returns elements of any dtype that are valid and not all alike; compressible unless `noise`.
std::vector<std::byte> make_values(DType dtype, std::int64_t count, bool noise = false) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(count * size_bytes(dtype)));
  std::mt19937 random(7);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(noise ? random() : (i % 16 == 0 ? i / 16 : i % 4));
    if (dtype == DType::boolean) bytes[i] &= std::byte{1};
  }
  return bytes;
}

/// Writes a dense C-order array chunk by chunk, on two threads.
void write_all(DatasetWriter& writer, DType dtype, const std::vector<std::byte>& values) {
  const ChunkGrid& grid = writer.grid();
  const ByteStrides strides = c_order_strides(grid.shape(), size_bytes(dtype));
  const ByteStrides chunk_strides = c_order_strides(grid.chunks(), size_bytes(dtype));
  std::vector<ChunkIndex> chunks;
  test::for_each_chunk(grid, [&](const ChunkIndex& chunk) { chunks.push_back(chunk); });
  const auto work = [&](std::size_t first) {
    std::vector<std::byte> workspace(static_cast<std::size_t>(writer.write_workspace_bytes()));
    for (std::size_t c = first; c < chunks.size(); c += 2) {
      std::vector<std::byte> bytes(
          static_cast<std::size_t>(element_count(grid.chunks()) * size_bytes(dtype)));
      const Box box = grid.box_of(chunks[c]);
      Index index(box.ndim(), 0);
      do {
        std::int64_t from = 0;
        std::int64_t to = 0;
        for (std::int64_t axis = 0; axis < box.ndim(); ++axis) {
          from += (box.lo[axis] + index[axis]) * strides[axis];
          to += index[axis] * chunk_strides[axis];
        }
        std::memcpy(bytes.data() + to, values.data() + from, static_cast<std::size_t>(size_bytes(dtype)));
      } while (next_index(index, box.shape()));
      writer.write_chunk(chunks[c], bytes, workspace);
    }
  };
  std::thread other(work, 1);
  work(0);
  other.join();
}

DatasetSpec make_spec(const Shape& shape, DType dtype, const Shape& chunks, const CodecSpec& codec = {}) {
  DatasetSpec spec;
  spec.shape = shape;
  spec.dtype = dtype;
  spec.chunks = chunks;
  spec.codec = codec;
  return spec;
}

CodecSpec codec(const std::string& name, int level = -1, const std::string& inner = "") {
  CodecSpec spec;
  spec.name = name;
  spec.level = level;
  spec.inner = inner;
  return spec;
}

/// Reads int32 values with libhdf5 alone (H5Dread).
std::vector<std::int32_t> library_read(const std::string& path, const std::string& name, std::size_t count) {
  const hdf5::LibraryLock lock;
  const hdf5::Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  const hdf5::Handle dataset(H5Dopen2(file.get(), name.c_str(), H5P_DEFAULT));
  std::vector<std::int32_t> values(count, -1);
  H5Dread(dataset.get(), H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  return values;
}

bool run_python(const std::string& arguments) {
  return std::system(("/usr/bin/python3 " + arguments + " > /dev/null 2>&1").c_str()) == 0;
}

}  // namespace

TEST_CASE("hdf5: what was written reads back, for any dtype, codec and shape", "[io][hdf5]") {
  const test::TemporaryDirectory folder;
  const Shape shapes[] = {{13, 7, 5}, {1}, {}, {0, 4}, {64, 3}};
  const Shape chunks[] = {{4, 7, 2}, {1}, {}, {2, 2}, {100, 2}};
  const CodecSpec codecs[] = {codec("none"), codec("gzip", 1),         codec("zstd", 3),
                              codec("lz4"),  codec("blosc", 5, "lz4"), codec("blosc", 3, "zstd"),
                              codec("lzf")};
  for (const CodecSpec& spec : codecs) {
    DYNAMIC_SECTION(to_string(spec)) {
      const std::string path = folder / "out.h5";
      std::vector<std::pair<std::string, std::vector<std::byte>>> expected;
      {
        const auto output = create_output(path, {});
        for (const DType dtype : kAllDTypes) {
          for (std::size_t i = 0; i < std::size(shapes); ++i) {
            for (const bool noise : {false, true}) {
              const std::string name =
                  "g" + std::to_string(i) + "/" + std::string(name_of(dtype)) + (noise ? "_noise" : "");
              auto& writer = output->add_dataset(name, make_spec(shapes[i], dtype, chunks[i], spec));
              expected.emplace_back(name, make_values(dtype, element_count(shapes[i]), noise));
              write_all(writer, dtype, expected.back().second);
            }
          }
        }
        output->commit();
      }
      for (const auto& [name, values] : expected) {
        INFO(name);
        const auto dataset = open_hdf5(path, name);
        CHECK(name.find(std::string(name_of(dataset->info().dtype))) != std::string::npos);
        CHECK(test::read_all(*dataset) == values);
      }
    }
  }
}

TEST_CASE("hdf5: libhdf5 reads our raw and deflated chunks", "[io][hdf5]") {
  const test::TemporaryDirectory folder;
  const std::string path = folder / "out.h5";
  const auto values = test::counting(3000);
  std::vector<std::byte> bytes(3000 * sizeof(std::int32_t));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  {
    const auto output = create_output(path, {});
    for (const char* name : {"none", "gzip"}) {
      write_all(output->add_dataset(name, make_spec({60, 50}, DType::int32, {7, 9}, codec(name))),
                DType::int32, bytes);
    }
    output->commit();
  }
  CHECK(library_read(path, "none", 3000) == values);
  CHECK(library_read(path, "gzip", 3000) == values);
}

TEST_CASE("hdf5: attributes, fill value and dimension names survive", "[io][hdf5]") {
  const test::TemporaryDirectory folder;
  for (const char* file : {"out.h5", "out.nc"}) {
    DYNAMIC_SECTION(file) {
      const std::string path = folder / file;
      OutputOptions options;
      options.attributes = {{"title", "größe"}, {"version", 3}};
      DatasetSpec spec = make_spec({4, 6}, DType::float32, {2, 6});
      spec.attributes = {{"units", "m s-1"},      {"scale", 0.5},     {"levels", {1, 2, 3}},
                         {"names", {"a", "b c"}}, {"big", 1LL << 40}, {"empty", ""}};
      spec.fill_value = Scalar(-999.0);
      spec.dimension_names = {"time", "lat"};
      {
        const auto output = create_output(path, options);
        write_all(output->add_dataset("u", spec), DType::float32, make_values(DType::float32, 24));
        DatasetSpec time = make_spec({4}, DType::float64, {4});
        time.dimension_names = {"time"};
        write_all(output->add_dataset("time", time), DType::float64, make_values(DType::float64, 4));
        output->commit();
      }
      const auto dataset = open_hdf5(path, "u");
      json attributes = dataset->info().attributes.values;
      if (attributes.contains("_FillValue")) {
        CHECK(attributes["_FillValue"] == -999.0);
        attributes.erase("_FillValue");
      }
      CHECK(attributes == spec.attributes.values);
      CHECK(dataset->info().dimension_names == spec.dimension_names);
      CHECK(open_hdf5(path, "time")->info().dimension_names == std::vector<std::string>{"time"});
      CHECK(dataset->info().fill_value == Scalar(-999.0));
      CHECK(dataset->info().format == "netcdf4");
      const FileSummary summary = summarize_hdf5(path);
      CHECK(summary.attributes.values == options.attributes.values);
      CHECK(summary.variables.size() == 2);  // the scale of "lat" holds no values and is hidden
    }
  }
}

TEST_CASE("hdf5: a name that stands for two lengths is made distinct", "[io][hdf5]") {
  const test::TemporaryDirectory folder;
  for (const char* file : {"out.h5", "out.nc"}) {
    DYNAMIC_SECTION(file) {
      const std::string path = folder / file;
      {
        const auto output = create_output(path, {});
        for (const std::int64_t n : {3, 5}) {
          DatasetSpec spec = make_spec({n, 2}, DType::int8, {n, 2});
          spec.dimension_names = {"x", "a"};
          write_all(output->add_dataset(n == 3 ? "a" : "b", spec), DType::int8,
                    make_values(DType::int8, 2 * n));
        }
        output->commit();
      }
      CHECK(open_hdf5(path, "b")->info().dimension_names.front() == "x_5");
      // "a" is both an array and a dimension that is not its own.
      CHECK(test::read_all(*open_hdf5(path, "a")) == make_values(DType::int8, 6));
      CHECK(summarize_hdf5(path).variables.size() == 2);
    }
  }
}

TEST_CASE("hdf5: an output appears when it is committed and not before", "[io][hdf5]") {
  const test::TemporaryDirectory folder;
  const std::string path = folder / "out.h5";
  const auto count_files = [&] {
    return std::distance(std::filesystem::directory_iterator(folder.path()),
                         std::filesystem::directory_iterator());
  };
  {
    const auto output = create_output(path, {});
    output->add_dataset("a", make_spec({4}, DType::int8, {4}));
    CHECK_FALSE(std::filesystem::exists(path));
    CHECK(count_files() == 1);
  }
  CHECK(count_files() == 0);
  {
    const auto output = create_output(path, {});
    output->add_dataset("", make_spec({4}, DType::int8, {4}));
    CHECK_THROWS_AS(output->add_dataset("data", make_spec({4}, DType::int8, {4})), Error);
    CHECK_THROWS_AS(output->add_dataset("a//b", make_spec({4}, DType::int8, {4})), Error);
    output->commit();
  }
  CHECK(count_files() == 1);
  CHECK(open_hdf5(path, "data")->info().shape == Shape{4});
  CHECK_THROWS_AS(create_output(path, {}), StorageError);
  OutputOptions options;
  options.existing = ExistingOutput::overwrite;
  create_output(path, options)->commit();
  CHECK(summarize_hdf5(path).variables.empty());
  options.existing = ExistingOutput::resume;
  CHECK_THROWS_WITH(create_output(path, options), Catch::Contains(".zarr"));
  CHECK_THROWS_AS(create_output(folder / "no/such/folder.h5", {}), StorageError);
  CHECK_THROWS_AS(create_output(folder / "f.nc", {})->add_dataset("h", make_spec({4}, DType::float16, {4})),
                  DTypeError);
}

TEST_CASE("hdf5: h5py, netCDF4 and xarray read our files", "[io][hdf5]") {
  if (!run_python("-c 'import h5py, netCDF4, xarray'")) {
    WARN("skipped: /usr/bin/python3 has no h5py, netCDF4 and xarray");
    return;
  }
  const test::TemporaryDirectory folder;
  for (const char* file : {"out.h5", "out.nc"}) {
    const bool is_netcdf = std::string(file) == "out.nc";
    OutputOptions options;
    options.attributes = {{"title", "größe"}};
    const auto output = create_output(folder / file, options);
    for (const DType dtype : kAllDTypes) {
      if (is_netcdf && (dtype == DType::float16 || is_complex(dtype))) continue;
      DatasetSpec spec = make_spec({6, 5}, dtype, {4, 2}, codec("gzip", 1));
      spec.dimension_names = {"time", "lat"};
      spec.attributes = {{"units", "m"}, {"levels", {1, 2, 3}}};
      std::vector<std::byte> values(static_cast<std::size_t>(30 * size_bytes(dtype)));
      for (int i = 0; i < 30; ++i) {
        Scalar(dtype == DType::boolean ? i % 2 : i).store(dtype, values.data() + i * size_bytes(dtype));
      }
      write_all(output->add_dataset(std::string(name_of(dtype)), spec), dtype, values);
    }
    DatasetSpec time = make_spec({6}, DType::float64, {6});
    time.dimension_names = {"time"};
    time.attributes = {{"units", "days since 2000-01-01"}};
    write_all(output->add_dataset("time", time), DType::float64, std::vector<std::byte>(48));
    DatasetSpec grouped = make_spec({6, 3}, DType::int16, {6, 3});
    grouped.fill_value = Scalar(-1);
    if (!is_netcdf) grouped.codec = codec("lzf");
    grouped.dimension_names = {"time", "level"};
    write_all(output->add_dataset("forecast/q", grouped), DType::int16, std::vector<std::byte>(36));
    output->commit();
    const auto script = std::filesystem::path(VARVE_TEST_DATA).parent_path() / "io" / "check_hdf5.py";
    CHECK(run_python(script.string() + " " + folder / file));
  }
}

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "io/format.hpp"
#include "io/read_dataset.hpp"
#include "support/temporary_directory.hpp"
#include "varve/core/error.hpp"

using namespace varve;
using namespace varve::io;
using varve::test::TemporaryDirectory;

namespace {

DatasetSpec spec_of(DType dtype) {
  DatasetSpec spec;
  spec.shape = {3};
  spec.dtype = dtype;
  spec.chunks = {3};
  return spec;
}

// Writes three elements of zeros in an array that the format names for itself.
void write(OutputFile& output, const DatasetSpec& spec) {
  DatasetWriter& writer = output.add_dataset("", spec);
  std::vector<std::byte> bytes(static_cast<std::size_t>(3 * size_bytes(spec.dtype)));
  std::vector<std::byte> workspace(static_cast<std::size_t>(writer.write_workspace_bytes()));
  writer.write_chunk({0}, bytes, workspace);
  output.commit();
}

std::string name_in(const TemporaryDirectory& directory, const Format& format, std::string_view ending) {
  return directory / (std::to_string(format.version) + std::string(ending));
}

}  // namespace

TEST_CASE("formats: what a row writes is found by content, and named as the row is", "[io][format]") {
  const TemporaryDirectory directory;
  for (const Format& format : formats()) {
    for (const std::string_view ending : format.endings) {
      const std::string path = name_in(directory, format, ending);
      INFO(format.name << " " << path);
      const OutputPlace place(path + "/", format.version);
      CHECK(place.format == &format);
      write(*create_output({path, format.version}, {}), spec_of(DType::int16));
      REQUIRE(format_of_content(path) != nullptr);
      CHECK(format_of_content(path)->open == format.open);
      CHECK(open_dataset(path)->info().format == format.name);
      CHECK(summarize_file(path).format == format.name);
      CHECK(format_named(format.name) == &format);
    }
  }
}

TEST_CASE("formats: a dtype is lacked exactly where writing refuses it", "[io][format]") {
  const TemporaryDirectory directory;
  for (const Format& format : formats()) {
    for (const DType dtype : kAllDTypes) {
      const OutputPlace place(name_in(directory, format, format.endings.front()), format.version);
      INFO(format.name << " " << name_of(dtype));
      const auto output = create_output(place, {});
      bool refused = false;
      try {
        output->add_dataset("", spec_of(dtype));
      } catch (const DTypeError&) {
        refused = true;
      }
      if (refused)
        CHECK_THROWS_AS(place.require_dtype(dtype), DTypeError);
      else
        CHECK_NOTHROW(place.require_dtype(dtype));
    }
  }
}

TEST_CASE("formats: several arrays and attributes are kept exactly where the row says so", "[io][format]") {
  const TemporaryDirectory directory;
  for (const Format& format : formats()) {
    INFO(format.name);
    const std::string path = name_in(directory, format, format.endings.front());
    const auto output = create_output({path, format.version}, {});
    DatasetSpec spec = spec_of(DType::int16);
    spec.attributes.set("units", "K");
    const auto add = [&](const std::string& name) { output->add_dataset(name, spec); };
    if (!format.keeps.several_arrays) {
      CHECK_THROWS_AS(add("a"), ArgumentError);
      add("");
      CHECK_THROWS_AS(add(""), ArgumentError);
    } else {
      add("a");
      add("group/b");
    }
    output->commit();
    const std::string name = format.keeps.several_arrays ? "group/b" : "";
    CHECK(open_dataset(path, name)->info().attributes.contains("units") == format.keeps.attributes);
  }
}

TEST_CASE("formats: codecs and resuming are refused exactly where the row says so", "[io][format]") {
  const TemporaryDirectory directory;
  for (const Format& format : formats()) {
    INFO(format.name);
    const OutputPlace place(name_in(directory, format, format.endings.front()), format.version);
    DatasetSpec spec = spec_of(DType::int16);
    spec.codec = parse_codec("gzip:1");
    if (format.keeps.codecs)
      CHECK_NOTHROW(create_output(place, {})->add_dataset("", spec));
    else
      CHECK_THROWS_AS(create_output(place, {})->add_dataset("", spec), ArgumentError);
    spec.codec = parse_codec(format.default_codec);
    CHECK_NOTHROW(create_output(place, {})->add_dataset("", spec));
    OutputOptions resume;
    resume.existing = ExistingOutput::resume;
    if (format.keeps.resuming == Resuming::refused)
      CHECK_THROWS_WITH(create_output(place, resume), Catch::Contains("write .zarr for a run that can"));
    else
      CHECK_NOTHROW(create_output(place, resume));
  }
}

TEST_CASE("formats: endings and versions that none has are refused with those that there are",
          "[io][format]") {
  CHECK_THROWS_WITH(OutputPlace("out.txt"), Catch::Contains(".zarr, .h5, .hdf5, .nc, .nc4 and .npy"));
  CHECK_THROWS_WITH(OutputPlace("zarr"), Catch::Contains("ending"));
  CHECK_THROWS_WITH(OutputPlace("out.zarr/", 4), Catch::Contains("known are 2 and 3"));
  CHECK(OutputPlace("out.zarr").format->version == 3);
  CHECK(OutputPlace("out.nc", 2).format->name == "netcdf4");
  CHECK(format_of_ending("out.txt") == nullptr);
  CHECK(list_formats(" or ") == "Zarr, HDF5, NetCDF-4 or npy");
  CHECK(list_endings(" and ", [](const Format& format) { return format.keeps.chunks; }) ==
        ".zarr, .h5 and .nc");
}

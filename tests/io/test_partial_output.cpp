#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "io/format.hpp"
#include "io/read_dataset.hpp"
#include "support/temporary_directory.hpp"
#include "varve/core/error.hpp"

using namespace varve;
using namespace varve::io;
using varve::test::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

using Bytes = std::vector<std::byte>;

constexpr const char* kNames[] = {"a.zarr", "a.h5", "a.nc", "a.npy"};

const Bytes kValues(8, std::byte{7});

DatasetSpec make_spec() {
  DatasetSpec spec;
  spec.shape = {8};
  spec.chunks = {8};
  spec.dtype = DType::int8;
  return spec;
}

void write_values(OutputFile& output) {
  DatasetWriter& writer = output.add_dataset("", make_spec());
  Bytes bytes = kValues;
  Bytes workspace(static_cast<std::size_t>(writer.write_workspace_bytes()));
  writer.write_chunk({0}, bytes, workspace);
}

void check_values(const std::string& path) { CHECK(test::read_whole(*open_dataset(path)) == kValues); }

std::string partial_of(const TemporaryDirectory& directory, const std::string& name) {
  return directory / ("." + name + ".varve-partial");
}

void write_text(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

OutputOptions options_of(ExistingOutput existing) {
  OutputOptions options;
  options.existing = existing;
  return options;
}

}  // namespace

TEST_CASE("output: what appears at the name during the run is not replaced", "[io][output]") {
  for (const std::string name : kNames) {
    DYNAMIC_SECTION(name) {
      const TemporaryDirectory directory;
      const std::string path = directory / name;
      {
        const auto output = create_output(path, {});
        write_values(*output);
        write_text(path, "precious");
        CHECK_THROWS_WITH(output->commit(), Catch::Contains(partial_of(directory, name)));
      }
      CHECK(read_text(path) == "precious");
      fs::remove(path);
      fs::rename(partial_of(directory, name), path);  // as the message says
      check_values(path);
    }
  }
}

TEST_CASE("output: one run writes it at a time", "[io][output]") {
  for (const std::string name : kNames) {
    DYNAMIC_SECTION(name) {
      const TemporaryDirectory directory;
      const std::string path = directory / name;
      const auto first = create_output(path, {});
      write_values(*first);
      CHECK_THROWS_WITH(create_output(path, {}), Catch::Contains("another run is writing " + path));
      CHECK_THROWS_AS(create_output(path, options_of(ExistingOutput::overwrite)), StorageError);
      first->commit();
      check_values(path);
      const auto second = create_output(path, options_of(ExistingOutput::overwrite));
      write_values(*second);
      second->commit();
      check_values(path);
      CHECK(std::distance(fs::directory_iterator(directory.path()), {}) == 1);
    }
  }
}

TEST_CASE("output: what a killed run left is taken over, and emptied unless resumed", "[io][output]") {
  for (const std::string name : kNames) {
    DYNAMIC_SECTION(name) {
      const TemporaryDirectory directory;
      const std::string partial = partial_of(directory, name);
      if (name == "a.zarr") {
        fs::create_directories(partial + "/c");
        write_text(partial + "/c/0", "old chunk");
        write_text(partial + "/c/9", "old chunk");
      } else {
        write_text(partial, std::string(1 << 20, 'x'));
      }
      const auto output = create_output(directory / name, {});
      write_values(*output);
      output->commit();
      check_values(directory / name);
      CHECK_FALSE(fs::exists(directory / name + "/c/9"));
      CHECK((fs::is_directory(directory / name) || fs::file_size(directory / name) < 100000));
    }
  }
}

TEST_CASE("output: a link at the partial name is not followed", "[io][output]") {
  for (const std::string name : kNames) {
    DYNAMIC_SECTION(name) {
      const TemporaryDirectory directory;
      fs::create_directory(directory / "other");
      write_text(directory / "other/precious", "precious");
      const bool wants_directory = name == "a.zarr";
      fs::create_symlink(directory / (wants_directory ? "other" : "other/precious"),
                         partial_of(directory, name));
      const auto output = create_output(directory / name, {});
      write_values(*output);
      output->commit();
      check_values(directory / name);
      CHECK(read_text(directory / "other/precious") == "precious");
      CHECK_FALSE(fs::is_symlink(directory / name));
    }
  }
}

TEST_CASE("output: a file does not replace a directory", "[io][output]") {
  for (const std::string name : {"a.h5", "a.nc", "a.npy"}) {
    DYNAMIC_SECTION(name) {
      const TemporaryDirectory directory;
      const auto early = create_output(directory / name, options_of(ExistingOutput::overwrite));
      write_values(*early);
      fs::create_directory(directory / name);
      write_text(directory / name + "/precious", "precious");
      CHECK_THROWS_AS(early->commit(), StorageError);
      CHECK_THROWS_AS(create_output(directory / name, options_of(ExistingOutput::overwrite)), StorageError);
      CHECK(read_text(directory / name + "/precious") == "precious");
    }
  }
}

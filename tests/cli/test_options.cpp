#include <catch2/catch.hpp>

#include "cli/options.hpp"

using namespace varve;
using namespace varve::cli;

namespace {

Parsed parsed(std::vector<const char*> words) {
  words.insert(words.begin(), "varve");
  return parse_options(static_cast<int>(words.size()), words.data());
}

}  // namespace

TEST_CASE("options: everything that compute takes", "[cli]") {
  const Options options =
      parsed({"compute", "-i",       "x=a.npy",    "x + 1",    "--input",   "y=b.nc:v",    "[1, 2]",
              "-o",      "o.zarr:z", "--memory",   "512MiB",   "--threads", "3",           "--scratch",
              "/s",      "--chunks", "24,361,720", "--codec",  "zstd:3",    "--overwrite", "--zarr-format",
              "2",       "--raw",    "--quiet",    "--report", "r.json",    "--trace",     "t.json",
              "--",      "-x",       "--y"})
          .options;
  CHECK(options.command == Command::compute);
  CHECK(options.inputs == std::vector<std::string>{"x=a.npy", "y=b.nc:v"});
  CHECK(options.expressions == std::vector<std::string>{"x + 1", "[1, 2]", "-x", "--y"});
  CHECK(options.outputs == std::vector<std::string>{"o.zarr:z"});
  CHECK(options.runtime.memory == std::int64_t{512} << 20);
  CHECK(options.runtime.threads == 3);
  CHECK(options.runtime.scratch == "/s");
  CHECK(options.chunks == Shape{24, 361, 720});
  CHECK(options.codec == "zstd:3");
  CHECK(options.existing == Existing::overwrite);
  CHECK(options.zarr_format == 2);
  CHECK(options.raw);
  CHECK(options.quiet);
  CHECK(options.report_path == "r.json");
  CHECK(options.trace_path == "t.json");
}

TEST_CASE("options: help and version are texts", "[cli]") {
  CHECK_FALSE(parsed({"--help"}).text.empty());
  CHECK(parsed({"compute", "--help"}).text.find("--memory") != std::string::npos);
  CHECK(parsed({"--version"}).text.find("varve ") == 0);
}

TEST_CASE("options: misuse is refused", "[cli]") {
  CHECK_THROWS_AS(parsed({}), UsageError);
  CHECK_THROWS_AS(parsed({"frobnicate"}), UsageError);
  CHECK_THROWS_AS(parsed({"info"}), UsageError);
  CHECK_THROWS_AS(parsed({"compute"}), UsageError);
  CHECK_THROWS_AS(parsed({"compute", "-x"}), UsageError);
  CHECK_THROWS_AS(parsed({"compute", "x", "--threads", "0"}), UsageError);
  CHECK_THROWS_AS(parsed({"compute", "x", "--memory", "lots"}), UsageError);
  CHECK_THROWS_AS(parsed({"compute", "x", "--chunks", "1,0"}), UsageError);
  CHECK_THROWS_AS(parsed({"compute", "x", "--chunks", "1;2"}), UsageError);
  CHECK_THROWS_AS(parsed({"compute", "x", "--zarr-format", "4"}), UsageError);
  CHECK_THROWS_AS(parsed({"compute", "x", "--overwrite", "--resume"}), UsageError);
  CHECK_THROWS_AS(parsed({"convert", "a.nc"}), UsageError);
}

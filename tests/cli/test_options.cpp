#include <catch2/catch.hpp>

#include "api/catalogue/catalogue.hpp"
#include "cli/documents.hpp"
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

TEST_CASE("options: help of a command, of the program and of a function", "[cli]") {
  CHECK(parsed({"help", "compute"}).text == parsed({"compute", "--help"}).text);
  CHECK(parsed({"help"}).text.find("convert") != std::string::npos);
  const Parsed function = parsed({"help", "quantile"});
  CHECK(function.text.empty());
  CHECK(function.options.command == Command::functions);
  CHECK(function.options.functions == std::vector<std::string>{"quantile"});
  CHECK_THROWS_WITH(parsed({"inof", "x.npy"}), Catch::Contains("did you mean 'info'?"));
}

TEST_CASE("documents: completion and manual pages have every command, option and function", "[cli]") {
  // A man page writes hyphens as \-.
  const auto unescaped = [](std::string text) {
    for (std::size_t at = text.find("\\-"); at != std::string::npos; at = text.find("\\-")) text.erase(at, 1);
    return text;
  };
  const std::vector<CommandText> commands = command_texts();
  REQUIRE(commands.size() == 7);
  const std::string script = bash_completion(commands);
  const auto pages = manual_pages(commands);
  REQUIRE(pages.size() == commands.size());
  for (const CommandText& command : commands) {
    INFO(command.name);
    const std::string title = command.name.empty() ? "varve" : "varve-" + command.name;
    const std::string page = unescaped(pages.at(title + ".1"));
    CHECK(page.find(".TH " + title + " 1") == 0);
    CHECK(unescaped(pages.at("varve.1")).find(command.name) != std::string::npos);
    CHECK(script.find(command.name) != std::string::npos);
    for (const OptionText& option : command.options) {
      CHECK_FALSE(option.text.empty());
      for (const std::string& flag : option.flags) {
        INFO(flag);
        CHECK(page.find("\\fB" + flag + "\\fR") != std::string::npos);
        CHECK(script.find(flag) != std::string::npos);
      }
    }
  }
  const std::string functions = unescaped(pages.at("varve-functions.1"));
  for (const catalogue::Function& function : catalogue::functions()) {
    INFO(function.name);
    CHECK(functions.find(std::string(function.name) + "(") != std::string::npos);
    CHECK(script.find(function.name) != std::string::npos);
  }
}

TEST_CASE("documents: choices are those that the parser takes", "[cli]") {
  for (const CommandText& command : command_texts()) {
    for (const OptionText& option : command.options) {
      if (option.choices.empty()) continue;
      const bool runs = command.name == "compute" || command.name == "convert" || command.name == "explain";
      REQUIRE(runs);
      for (const std::string& choice : option.choices) {
        INFO(option.flags.front() << " " << choice);
        CHECK_NOTHROW(parsed({"compute", "x", option.flags.front().c_str(), choice.c_str()}));
      }
    }
  }
}

#include "cli/options.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <charconv>
#include <sstream>
#include <string_view>

#include "api/catalogue/spelling.hpp"
#include "cli/documents.hpp"
#include "io/formats.hpp"

namespace varve::cli {
namespace {

constexpr const char* kProgram = "Out-of-core computing on chunked N-dimensional arrays.";
constexpr const char* kFooter =
    "Exit status: 0 done; 1 the run failed (storage, a damaged file, a singular matrix, ...); 2 bad usage, "
    "expression,\n"
    "shape or dtype; 3 the memory budget is too small; 130 interrupted. An expression that begins with '-' "
    "goes behind '--', or into parentheses.";

// Option values that need more than CLI11's conversions.
struct Texts {
  std::string memory;
  std::string chunks;
  bool overwrite = false;
  bool resume = false;
  bool version = false;
  std::string topic;
};

std::string output_endings() {
  return io::list_endings(", ", [](const io::Format&) { return true; });
}

void add_runtime_options(CLI::App& command, Options& options, Texts& texts) {
  command
      .add_option("--memory", texts.memory,
                  "bytes of array data to hold at most: 512MiB, 2GiB (VARVE_MEMORY)")
      ->type_name("BYTES");
  command.add_option("--threads", options.runtime.threads, "worker threads (VARVE_THREADS)")
      ->check(CLI::Range(1, 65536))
      ->type_name("N");
  command.add_option("--scratch", options.runtime.scratch, "directory for temporary data (VARVE_SCRATCH)")
      ->type_name("DIR");
  command
      .add_option("--scratch-codec", options.runtime.scratch_codec,
                  "how copies in it are compressed (VARVE_SCRATCH_CODEC; else none)")
      ->check(CLI::IsMember({"none", "lz4"}));
}

void add_output_options(CLI::App& command, Options& options, Texts& texts) {
  command.add_option("--chunks", texts.chunks, "chunk shape of the outputs: 24,361,720")
      ->type_name("N,N,...");
  command.add_option("--codec", options.codec, "blosc:lz4:5, zstd:3, gzip:1, none")->type_name("CODEC");
  command.add_flag("--overwrite", texts.overwrite, "replace outputs that exist");
  command.add_flag("--sync", options.sync,
                   "wait until outputs are on the disk: safe against power cuts, but slow");
  command.add_flag("--resume", texts.resume, "continue outputs that an interrupted run left");
  command
      .add_option("--zarr-format", options.zarr_format,
                  "2 or 3, for .zarr outputs (else 3; convert keeps that of a Zarr)")
      ->check(CLI::IsMember({2, 3}));
}

void add_run_options(CLI::App& command, Options& options) {
  command.add_flag("--progress", options.progress, "show progress even if stderr is not a terminal");
  command.add_flag("--quiet", options.quiet, "show no progress and no warnings");
  command.add_option("--report", options.report_path, "write what the run measured, as JSON")
      ->type_name("FILE");
  command.add_option("--trace", options.trace_path, "write a Chrome trace of the run")->type_name("FILE");
}

void add_expression_options(CLI::App& command, Options& options) {
  command.add_option("EXPR", options.expressions, "expressions in NumPy syntax; several share one scan")
      ->required()
      ->type_name("");
  command.add_option("-i,--input", options.inputs, "an array that the expressions use under NAME")
      ->allow_extra_args(false)
      ->type_name("NAME=PATH[:VAR]");
  command.add_option("-o,--output", options.outputs, "where the next result goes: " + output_endings())
      ->allow_extra_args(false)
      ->type_name("OUT[:VAR]");
  command.add_flag("--raw", options.raw,
                   "read packed variables as they are stored, without scale, offset and fill");
}

void add_commands(CLI::App& app, Options& options, Texts& texts) {
  CLI::App& info = *app.add_subcommand("info", "Describe a file, or one array of it");
  info.add_option("PATH[:VAR]", options.dataset, "a " + io::list_formats(" or ") + " file")
      ->required()
      ->type_name("");
  info.add_flag("--json", options.json, "print JSON");
  info.callback([&options] { options.command = Command::info; });

  CLI::App& compute = *app.add_subcommand("compute", "Compute expressions; print the results or write them");
  add_expression_options(compute, options);
  add_output_options(compute, options, texts);
  add_run_options(compute, options);
  add_runtime_options(compute, options, texts);
  compute.add_flag("--json", options.json,
                   "print results whole, as one JSON object per line: shape, dtype, data; NaN as \"NaN\"");
  compute.callback([&options] { options.command = Command::compute; });

  CLI::App& convert = *app.add_subcommand("convert", "Copy one or all arrays of a file into another format");
  convert.add_option("PATH[:VAR]", options.dataset, "what to copy")->required()->type_name("");
  convert.add_option("OUT[:VAR]", options.destination, "where: " + output_endings())
      ->required()
      ->type_name("");
  convert.add_flag("--decode", options.decode,
                   "write packed variables decoded, NaN where a value is missing (.npy always)");
  add_output_options(convert, options, texts);
  add_run_options(convert, options);
  add_runtime_options(convert, options, texts);
  convert.callback([&options] { options.command = Command::convert; });

  CLI::App& explain = *app.add_subcommand("explain", "Show the plan of `compute` without running it");
  add_expression_options(explain, options);
  add_output_options(explain, options, texts);
  add_runtime_options(explain, options, texts);
  explain.add_flag("--json", options.json, "print JSON");
  explain.callback([&options] { options.command = Command::explain; });

  CLI::App& functions =
      *app.add_subcommand("functions", "List the functions of expressions, with their arguments");
  functions.add_option("NAME", options.functions, "only these")->type_name("");
  functions.callback([&options] { options.command = Command::functions; });

  CLI::App& help = *app.add_subcommand("help", "Show the options of a command, or what a function takes");
  help.add_option("NAME", texts.topic, "of a command or a function")->type_name("");

  // For the build alone, which installs what it writes.
  CLI::App& documents =
      *app.add_subcommand("documents", "Write manual pages and bash completion to a folder");
  documents.group("");
  documents.add_option("DIR", options.destination, "where")->required()->type_name("");
  documents.callback([&options] { options.command = Command::documents; });
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

OptionText text_of(const CLI::Option& option) {
  OptionText text;
  for (const std::string& name : option.get_snames()) text.flags.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) text.flags.push_back("--" + name);
  text.value = option.get_positional()                ? option.get_name(true)
               : option.get_items_expected_max() == 0 ? ""
                                                      : option.get_type_name();
  if (const std::size_t open = text.value.find('{'); open != std::string::npos && !option.get_positional()) {
    std::istringstream words(text.value.substr(open + 1, text.value.find('}') - open - 1));
    for (std::string word; std::getline(words, word, ',');) text.choices.push_back(word);
  }
  text.text = first_line(option.get_description());
  text.required = option.get_required();
  text.repeats = option.get_items_expected_max() > 1;
  return text;
}

CommandText text_of(const CLI::App& command, const std::string& name) {
  CommandText text{name, first_line(command.get_description()), {}};
  for (const CLI::Option* option : command.get_options()) text.options.push_back(text_of(*option));
  return text;
}

void add_program(CLI::App& app, Options& options, Texts& texts) {
  app.require_subcommand(0, 1);
  app.footer(kFooter);
  app.add_flag("--version", texts.version, "print the version");
  add_commands(app, options, texts);
}

// Replaces CLI11's message for a word that is no command.
void require_command(const CLI::App& app, const std::vector<std::string>& words) {
  if (words.empty() || words.front().starts_with('-')) return;
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  if (std::find(names.begin(), names.end(), words.front()) != names.end()) return;
  const std::vector<std::string_view> known(names.begin(), names.end());
  throw UsageError("there is no command '" + words.front() + "'" +
                   catalogue::did_you_mean(words.front(), known) + "; see varve --help");
}

// What `varve help` shows: the help of a command, or of the program; a function is left to its command.
Parsed show_topic(const CLI::App& app, const std::string& topic) {
  if (topic.empty()) {
    const char* const words[] = {"varve", "--help"};
    return parse_options(2, words);
  }
  for (const CLI::App* command : app.get_subcommands({})) {
    if (command->get_name() != topic) continue;
    const char* const words[] = {"varve", topic.c_str(), "--help"};
    return parse_options(3, words);
  }
  Parsed parsed;
  parsed.options.command = Command::functions;
  parsed.options.functions = {topic};
  return parsed;
}

Shape parse_chunks(const std::string& text) {
  Shape chunks;
  const char* next = text.data();
  const char* const end = text.data() + text.size();
  while (next != end) {
    std::int64_t extent = 0;
    const auto result = std::from_chars(next, end, extent);
    const bool more = result.ptr != end && *result.ptr == ',';
    if (result.ec != std::errc() || extent < 1 || (result.ptr != end && !more)) {
      throw UsageError("--chunks " + text +
                       ": write positive integers with commas between them, as in 24,361,720");
    }
    chunks.push_back(extent);
    next = result.ptr + (more ? 1 : 0);
  }
  return chunks;
}

void convert_texts(const Texts& texts, Options& options) {
  if (!texts.memory.empty()) {
    try {
      options.runtime.memory = parse_bytes(texts.memory);
    } catch (const Error& error) {
      throw UsageError("--memory " + texts.memory + ": " + error.what());
    }
    if (*options.runtime.memory < 1) throw UsageError("--memory " + texts.memory + ": must be positive");
  }
  if (!texts.chunks.empty()) options.chunks = parse_chunks(texts.chunks);
  if (texts.overwrite && texts.resume) throw UsageError("--overwrite and --resume exclude each other");
  if (texts.overwrite) options.existing = Existing::overwrite;
  if (texts.resume) options.existing = Existing::resume;
}

// CLI11 would read "[1,2]" as a list of arguments, and what follows "--" as arguments of the program instead
// of the command. A space in front turns both into plain words, and means nothing to expressions.
std::vector<std::string> protected_arguments(int count, const char* const* arguments) {
  std::vector<std::string> words;
  bool only_words = false;
  for (int i = 1; i < count; ++i) {
    const std::string word = arguments[i];
    if (word == "--" && !only_words) {
      only_words = true;
      continue;
    }
    words.push_back(word.starts_with('[') || (only_words && word.starts_with('-')) ? " " + word : word);
  }
  return words;
}

void remove_protection(std::string& word) {
  if (word.starts_with(" [") || word.starts_with(" -")) word.erase(0, 1);
}

std::string usage_hint(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return "; see varve " + (chosen.empty() ? std::string() : chosen.front()->get_name() + " ") + "--help";
}

// An expression that begins with '-' looks like an option: "-t[0]", "-x * 2".
std::string minus_hint(int count, const char* const* arguments) {
  const auto is_negated = [](std::string_view word) {
    return word.size() > 2 && word[0] == '-' && word[1] != '-' &&
           word.find_first_of("[(* ") != std::string_view::npos;
  };
  const auto* const end = arguments + count;
  const auto* const found = std::find_if(arguments, end, is_negated);
  if (found == end) return "";
  return "\n  put -- before an expression that begins with '-': -- '" + std::string(*found) + "'";
}

}  // namespace

Parsed parse_options(int count, const char* const* arguments) {
  Parsed parsed;
  Texts texts;
  CLI::App app(kProgram, "varve");
  add_program(app, parsed.options, texts);
  std::vector<std::string> words = protected_arguments(count, arguments);
  require_command(app, words);
  std::reverse(words.begin(), words.end());  // the order in which CLI11 takes a vector
  try {
    app.parse(words);
  } catch (const CLI::CallForHelp&) {
    parsed.text = app.help();
    return parsed;
  } catch (const CLI::ParseError& error) {
    throw UsageError(error.what() + minus_hint(count, arguments) + usage_hint(app));
  }
  if (texts.version) {
    parsed.text = "varve " VARVE_VERSION "\n";
  } else if (app.get_subcommands().empty()) {
    throw UsageError("a command is missing: info, compute, convert or explain" + usage_hint(app));
  }
  if (app.got_subcommand("help")) {
    return show_topic(app, texts.topic);
  }
  remove_protection(parsed.options.dataset);
  remove_protection(parsed.options.destination);
  for (std::string& expression : parsed.options.expressions) remove_protection(expression);
  convert_texts(texts, parsed.options);
  return parsed;
}

std::vector<CommandText> command_texts() {
  Options options;
  Texts texts;
  CLI::App app(kProgram, "varve");
  add_program(app, options, texts);
  std::vector<CommandText> commands = {text_of(app, "")};
  for (const CLI::App* command : app.get_subcommands({})) {
    if (!command->get_group().empty()) commands.push_back(text_of(*command, command->get_name()));
  }
  return commands;
}

}  // namespace varve::cli

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "cli/commands.hpp"
#include "cli/dataset_name.hpp"
#include "cli/failure.hpp"
#include "cli/open_files.hpp"
#include "varve/core/error.hpp"

namespace varve::cli {
namespace {

void run_command(const Options& options) {
  switch (options.command) {
    case Command::info:
      return info_command(options);
    case Command::compute:
      return compute_command(options);
    case Command::convert:
      return convert_command(options);
    case Command::explain:
      return explain_command(options);
    case Command::functions:
      return functions_command(options);
    case Command::documents:
      return documents_command(options);
  }
}

// Tells whether --chunks would change anything.
bool has_chunked_output(const Options& options) {
  const auto chunked = [](const std::string& output) {
    const io::Format* format = io::format_of_ending(io::output_location(output).path);
    return format != nullptr && format->keeps.chunks;
  };
  if (options.command == Command::convert) return chunked(options.destination);
  return std::any_of(options.outputs.begin(), options.outputs.end(), chunked);
}

// The library says what is too small; this adds the options that change it.
void run_or_advise(const Options& options) {
  try {
    run_command(options);
  } catch (const BudgetError& error) {
    constexpr long long kTenth = (1 << 20) / 10;
    const long long tenths = error.required_bytes() / kTenth + 1;
    const bool beyond = error.required_bytes() > Runtime::usable_memory();
    throw BudgetError(
        fmt::format("{}\n  give at least --memory {}.{}MiB{}{}", error.what(), tenths / 10, tenths % 10,
                    beyond ? " (more than there is here)" : "",
                    has_chunked_output(options) ? "; smaller --chunks of the outputs may do with less" : ""),
        error.required_bytes());
  }
}

void flush_output() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    throw StorageError(fmt::format("cannot write to the standard output: {}", std::strerror(errno)));
  }
}

void run_program(int count, const char* const* arguments) {
  open_more_files();
  const Parsed parsed = parse_options(count, arguments);
  if (parsed.text.empty())
    run_or_advise(parsed.options);
  else
    fmt::print("{}", parsed.text);
  flush_output();
}

// Prints the line of the exception that is being handled, and returns the exit status.
int report_exception() {
  const Failure failure = current_failure();
  std::fprintf(stderr, "varve: %s\n", failure.line.c_str());
  return failure.status;
}

}  // namespace
}  // namespace varve::cli

int main(int count, char** arguments) {
  try {
    varve::cli::run_program(count, arguments);
    return varve::cli::kDone;
  } catch (...) {
    return varve::cli::report_exception();
  }
}

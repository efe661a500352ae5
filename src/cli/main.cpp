#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>

#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "varve/core/argument_error.hpp"

namespace varve::cli {
namespace {

enum ExitStatus : int { kDone = 0, kFailed = 1, kMisused = 2, kOverBudget = 3 };

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
  }
}

// The library says what is too small; this adds the options that change it.
void run_or_advise(const Options& options) {
  try {
    run_command(options);
  } catch (const BudgetError& error) {
    constexpr long long kTenth = (1 << 20) / 10;
    const long long tenths = error.required_bytes() / kTenth + 1;
    const bool writes = !options.outputs.empty() || options.command == Command::convert;
    throw BudgetError(
        fmt::format("{}\n  give at least --memory {}.{}MiB{}", error.what(), tenths / 10, tenths % 10,
                    writes ? "; smaller --chunks of the outputs may do with less" : ""),
        error.required_bytes());
  }
}

void flush_output() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    throw StorageError(fmt::format("cannot write to the standard output: {}", std::strerror(errno)));
  }
}

void run_program(int count, const char* const* arguments) {
  const Parsed parsed = parse_options(count, arguments);
  if (parsed.text.empty())
    run_or_advise(parsed.options);
  else
    fmt::print("{}", parsed.text);
  flush_output();
}

int report(int status, const char* message) {
  std::fprintf(stderr, "varve: error: %s\n", message);
  return status;
}

// Maps the exception that is being handled to an exit status, and prints its line.
int report_exception() {
  try {
    throw;
  } catch (const UsageError& error) {
    return report(kMisused, error.what());
  } catch (const ExpressionError& error) {
    return report(kMisused, error.what());
  } catch (const ArgumentError& error) {
    return report(kMisused, error.what());
  } catch (const ShapeError& error) {
    return report(kMisused, error.what());
  } catch (const DTypeError& error) {
    return report(kMisused, error.what());
  } catch (const IndexError& error) {
    return report(kMisused, error.what());
  } catch (const BudgetError& error) {
    return report(kOverBudget, error.what());
  } catch (const CancelledError& error) {
    std::fprintf(stderr, "varve: interrupted: %s\n", error.what());
    return interrupted_status();
  } catch (const std::bad_alloc&) {
    return report(kFailed, "out of memory beside the budget: lower --memory or --threads");
  } catch (const std::exception& error) {
    return report(kFailed, error.what());
  } catch (...) {
    return report(kFailed, "an unknown failure");
  }
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

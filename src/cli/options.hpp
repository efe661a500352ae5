#pragma once

#include <string>
#include <vector>

#include "varve/core/dims.hpp"
#include "varve/core/error.hpp"
#include "varve/runtime.hpp"
#include "varve/storage.hpp"

namespace varve::cli {

/// Reports a command line that cannot be understood.
class UsageError : public UserError {
 public:
  using UserError::UserError;
};

enum class Command { info, compute, convert, explain, functions, documents };

/// The command line, parsed.
struct Options {
  Command command = Command::info;
  std::string dataset;                 // info, convert: PATH[:VAR]
  std::vector<std::string> functions;  // functions: names
  std::string destination;             // convert: OUT[:VAR]; documents: a folder
  std::vector<std::string> inputs;     // NAME=PATH[:VAR]
  std::vector<std::string> expressions;
  std::vector<std::string> outputs;  // OUT[:VAR]
  RuntimeOptions runtime;
  Chunks chunks;
  std::string codec;
  Existing existing = Existing::fail;
  bool sync = false;
  int zarr_format = 0;  // 0: not given
  bool raw = false;
  bool decode = false;
  bool json = false;
  bool progress = false;
  bool quiet = false;
  std::string report_path;
  std::string trace_path;
};

/// What the user asked for: a command to run, or a text (help, version) to print.
struct Parsed {
  Options options;
  std::string text;  ///< not empty: print it and stop
};

/// Parses the arguments of the program. Errors: UsageError.
[[nodiscard]] Parsed parse_options(int count, const char* const* arguments);

}  // namespace varve::cli

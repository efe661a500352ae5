#pragma once

#include <map>
#include <string>
#include <vector>

namespace varve::cli {

/// One option or argument of a command, as its help shows it.
struct OptionText {
  std::vector<std::string> flags;    ///< "-i", "--input"; empty for an argument without one
  std::string value;                 ///< what follows: "BYTES", "PATH[:VAR]"; empty for a flag
  std::vector<std::string> choices;  ///< where only these may follow
  std::string text;
  bool required = false;
  bool repeats = false;
};

struct CommandText {
  std::string name;  ///< empty for the program itself
  std::string text;
  std::vector<OptionText> options;
};

/// Returns the program and its commands as the parser of its options has them.
[[nodiscard]] std::vector<CommandText> command_texts();

/// Returns the script with which bash completes commands, options, functions and paths.
[[nodiscard]] std::string bash_completion(const std::vector<CommandText>& commands);

/// Returns the manual pages by file name: varve.1, and one for each command.
[[nodiscard]] std::map<std::string, std::string> manual_pages(const std::vector<CommandText>& commands);

}  // namespace varve::cli

#include "cli/documents.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "api/catalogue/catalogue.hpp"

namespace varve::cli {
namespace {

std::string joined(const std::vector<std::string>& words, const char* between) {
  return fmt::format("{}", fmt::join(words, between));
}

std::vector<std::string> flags_of(const CommandText& command) {
  std::vector<std::string> flags;
  for (const OptionText& option : command.options)
    flags.insert(flags.end(), option.flags.begin(), option.flags.end());
  return flags;
}

std::vector<std::string> names_of(const std::vector<CommandText>& commands) {
  std::vector<std::string> names;
  for (const CommandText& command : commands) {
    if (!command.name.empty()) names.push_back(command.name);
  }
  return names;
}

// The branches of bash's case for what follows an option: a choice, a folder, a file or something unknown.
std::string branches_for_values(const std::vector<CommandText>& commands) {
  std::map<std::string, std::string> branches;
  for (const CommandText& command : commands) {
    for (const OptionText& option : command.options) {
      if (option.flags.empty() || option.value.empty()) continue;
      std::string what = "return";
      if (option.value == "FILE" || option.value.find('[') != std::string::npos) continue;  // a path
      if (option.value == "DIR") what = "mapfile -t COMPREPLY < <(compgen -d -- \"$word\"); return";
      if (!option.choices.empty())
        what = fmt::format("mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$word\"); return",
                           joined(option.choices, " "));
      branches[joined(option.flags, "|")] = what;
    }
  }
  std::string text;
  for (const auto& [flags, what] : branches) text += fmt::format("    {}) {} ;;\n", flags, what);
  return text;
}

std::string function_names_text() {
  std::vector<std::string> names;
  for (const std::string_view name : catalogue::function_names()) names.emplace_back(name);
  return joined(names, " ");
}

// Text for troff: hyphens stay hyphens, and no line is taken for a request.
std::string troff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

std::string title_of(const CommandText& command) {
  return command.name.empty() ? "varve" : "varve-" + command.name;
}

std::string synopsis_of(const CommandText& command) {
  if (command.name.empty()) return "\\fBvarve\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR] ...";
  std::string text = "\\fBvarve " + command.name + "\\fR [\\fIOPTIONS\\fR]";
  for (const OptionText& option : command.options) {
    if (!option.flags.empty()) continue;
    const std::string name = "\\fI" + troff(option.value) + "\\fR" + (option.repeats ? "..." : "");
    text += option.required ? " " + name : " [" + name + "]";
  }
  return text;
}

std::string entry(const std::string& term, const std::string& text) {
  return ".TP\n" + term + "\n" + troff(text) + "\n";
}

std::string options_of(const CommandText& command) {
  std::string text;
  for (const OptionText& option : command.options) {
    std::vector<std::string> flags;
    for (const std::string& flag : option.flags) flags.push_back("\\fB" + troff(flag) + "\\fR");
    std::string value = option.choices.empty() ? option.value : joined(option.choices, "|");
    if (!value.empty()) value = (flags.empty() ? "\\fI" : " \\fI") + troff(value) + "\\fR";
    text += entry(joined(flags, ", ") + value, option.text);
  }
  return text.empty() ? "" : ".SH OPTIONS\n" + text;
}

std::string functions_text() {
  std::string text = ".SH FUNCTIONS\n";
  for (const catalogue::Function& function : catalogue::functions())
    text += entry("\\fB" + troff(catalogue::signature_of(function)) + "\\fR", std::string(function.summary));
  return text;
}

std::string commands_text(const std::vector<CommandText>& commands) {
  std::string text = ".SH COMMANDS\n";
  for (const CommandText& command : commands) {
    if (!command.name.empty()) text += entry("\\fBvarve " + command.name + "\\fR", command.text);
  }
  return text;
}

constexpr const char* kExitStatus =
    ".SH EXIT STATUS\n0 done; 1 the run failed; 2 bad usage, expression, shape or dtype; 3 the memory budget "
    "is too small;\n130 interrupted.\n";
constexpr const char* kEnvironment =
    ".SH ENVIRONMENT\n\\fBVARVE_MEMORY\\fR, \\fBVARVE_THREADS\\fR, \\fBVARVE_SCRATCH\\fR and "
    "\\fBVARVE_SCRATCH_CODEC\\fR stand for the options of these names.\n";

std::string manual_page(const CommandText& command, const std::vector<CommandText>& commands) {
  std::string text = fmt::format(".TH {} 1 \"\" varve \"Varve\"\n", title_of(command));
  text += ".SH NAME\n" + title_of(command) + " \\- " + troff(command.text) + "\n";
  text += ".SH SYNOPSIS\n" + synopsis_of(command) + "\n";
  if (command.name.empty()) text += commands_text(commands);
  text += options_of(command);
  if (command.name == "functions") text += functions_text();
  text += kExitStatus;
  text += kEnvironment;
  std::vector<std::string> others = {"varve"};
  for (const std::string& name : names_of(commands)) others.push_back("varve\\-" + name);
  std::erase(others, title_of(command) == "varve" ? "varve" : "varve\\-" + command.name);
  return text + ".SH SEE ALSO\n" + joined(others, "(1), ") + "(1)\n";
}

}  // namespace

std::string bash_completion(const std::vector<CommandText>& commands) {
  std::string text = "# bash completion for varve, made from its options\n_varve() {\n";
  text += "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= words= i\n";
  text += "  for ((i = 1; i < COMP_CWORD; ++i)); do\n    case ${COMP_WORDS[i]} in\n";
  text += fmt::format("      {}) command=${{COMP_WORDS[i]}}; break ;;\n    esac\n  done\n",
                      joined(names_of(commands), "|"));
  text += "  COMPREPLY=()\n  case $before in\n" + branches_for_values(commands) + "  esac\n";
  text += "  case $command in\n";
  for (const CommandText& command : commands) {
    const std::string words = joined(flags_of(command), " ");
    const std::string names = command.name.empty() ? joined(names_of(commands), " ") + " " : "";
    text += fmt::format("    '{}') words='{}{}' ;;\n", command.name, names, words);
  }
  text += "  esac\n";
  text += fmt::format("  local functions='{}'\n", function_names_text());
  text += fmt::format("  [[ $command == help ]] && words+=' {}'\n", joined(names_of(commands), " "));
  text += "  [[ $command == help || $command == functions ]] && words+=\" $functions\"\n";
  text += "  if [[ $word == -* || -z $command || $command == help || $command == functions ]]; then\n";
  text += "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n    return\n  fi\n";
  text += "  [[ $word == '=' ]] && word=  # -i NAME=PATH: bash cuts words at the sign\n";
  text += "  compopt -o filenames 2> /dev/null\n";
  text += "  mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n}\n";
  return text + "complete -F _varve varve\n";
}

std::map<std::string, std::string> manual_pages(const std::vector<CommandText>& commands) {
  std::map<std::string, std::string> pages;
  for (const CommandText& command : commands)
    pages[title_of(command) + ".1"] = manual_page(command, commands);
  return pages;
}

}  // namespace varve::cli

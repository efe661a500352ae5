#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/catalogue/value.hpp"

namespace varve::catalogue {

class Arguments;

/// Says what an argument may be. Rows name kinds by these words.
enum class Kind : std::uint8_t {
  array,       ///< an array, a number, or nested lists of numbers
  operand,     ///< the same; a number is weak
  arrays,      ///< a sequence of arrays
  scalar,      ///< a number
  real,        ///< a number that is not complex
  reals,       ///< one of them, or a sequence
  integer,     ///< an integer
  integers,    ///< one of them, or a sequence
  pairs,       ///< one integer n for (n, n), a pair of them, or a sequence of pairs
  positions,   ///< integers of any number of axes: a number, nested lists or an array, which is computed
  shape,       ///< extents: an integer or a sequence
  axis,        ///< an axis that the first array has, by number or name
  axes,        ///< one of them, or a sequence
  new_axis,    ///< an axis that the result gets, by number
  new_axes,    ///< one of them, or a sequence
  axis_pairs,  ///< a number of axes, or two sequences of them
  flag,        ///< True or False
  dtype,       ///< a dtype, or its name
  // One of the words of choices_of().
  boundary,
  pad_mode,
  order,
  qr_mode,
  quantile_method,
  group_op,
};

/// One of the words that an argument of some kind may be.
struct Choice {
  std::string_view word;
  int value;  ///< of the enumeration
  bool is_synonym = false;
};

/// Lists the words of a kind, as boundary has; empty for the others.
[[nodiscard]] const std::vector<Choice>& choices_of(Kind kind);

/// One parameter of a function.
struct Parameter {
  std::string_view name;
  std::string_view alias;  ///< another name that NumPy has for it, or empty
  Kind kind = Kind::array;
  std::string_view default_text;  ///< as Python writes it; empty: the argument is required
  bool is_idle = false;           ///< taken for NumPy's or the standard's sake; it changes nothing
  bool gathers = false;           ///< numbers that stand one by one make up the tuple: x.reshape(2, 3)
  bool is_variadic = false;       ///< takes all positional arguments
  bool takes_keywords = false;    ///< takes the keyword arguments that no other parameter has the name of

  /// Returns what holds where no argument is given; None if one is required.
  [[nodiscard]] Value default_value() const;
};

enum class Family : std::uint8_t {
  elementwise,
  reductions,
  quantiles,
  sorting,
  groups,
  scans,
  windows,
  shapes,
  joining,
  creation,
  random,
  linear_algebra,
};

/// Returns the heading of a family: "linear algebra".
[[nodiscard]] std::string_view name_of(Family family) noexcept;

/// One public function.
struct Function {
  std::string_view name;
  std::vector<std::string_view> aliases;  ///< other names that NumPy has for it
  std::vector<Parameter> parameters;
  Family family = Family::elementwise;
  std::string_view summary;  ///< what it gives, in one line
  std::function<Value(const Arguments&)> build;
};

/// Returns the signature as Python writes it: names and defaults, without other names and what changes
/// nothing.
[[nodiscard]] std::string signature_of(const Function& function);

/// One function as a family's table writes it. The signature is Python's, with a kind behind each
/// parameter, where "name|other" says a name in two ways, "~copy" is idle, "*shape" gathers, and
/// "*arrays" in front is variadic; "**axes" at the end takes keywords:
///
///     "clip(x: operand, min|a_min: operand=None, max|a_max: operand=None)"
///
/// Its texts live as long as the program.
struct Row {
  std::string_view signature;
  std::string_view summary;
  std::function<Value(const Arguments&)> build;
};

/// Reads a row. Errors: Error if its signature is none.
[[nodiscard]] Function function_of(const Row& row, Family family);

}  // namespace varve::catalogue

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/value.hpp"
#include "varve/reductions.hpp"

namespace varve::cli {

class Arguments;

/// Is one row of the function table.
struct Function {
  /// As in Python: "clip(x, min=None, max=None)". "correction|ddof=0" names a parameter in two ways;
  /// "*arrays" takes all positional arguments; behind other parameters, "*shape" takes numbers that stand one
  /// by one as the tuple of them: x.reshape(2, 3). "~copy=True" is taken for NumPy's or the standard's sake,
  /// and changes nothing. Defaults are None, True, False, numbers or 'texts'.
  std::string_view signature;
  std::string_view summary;  ///< what it gives, in one line for `varve functions`
  Value (*build)(const Arguments& arguments);

  [[nodiscard]] std::string_view name() const noexcept { return signature.substr(0, signature.find('(')); }
};

/// Is one argument of a call, as written.
struct GivenArgument {
  std::string keyword;  ///< empty for a positional argument
  std::int64_t position = 0;
  Value value;
};

/// Binds the arguments of a call to the parameters of a function, and converts them on request.
/// Errors: LocatedError that names the function, the parameter and the signature.
class Arguments {
 public:
  Arguments(const Function& function, std::vector<GivenArgument> given, std::int64_t call_position);
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;

  /// Tells whether an argument is None.
  [[nodiscard]] bool absent(std::string_view name) const { return value(name).is_none(); }
  /// Refuses an argument that is not what was `wanted`.
  [[noreturn]] void wrong(std::string_view name, const std::string& wanted) const;
  /// Refuses the value of an argument for a reason.
  [[noreturn]] void refuse(std::string_view name, const std::string& reason) const;

  [[nodiscard]] Operand operand(std::string_view parameter) const;
  [[nodiscard]] std::optional<Operand> optional_operand(std::string_view parameter) const;
  [[nodiscard]] Array array(std::string_view parameter) const;
  /// Tells whether the value is one number, or a 0-d array.
  [[nodiscard]] bool is_number(std::string_view parameter) const;
  [[nodiscard]] Scalar scalar(std::string_view parameter) const;
  [[nodiscard]] std::optional<Scalar> optional_scalar(std::string_view parameter) const;
  [[nodiscard]] double real(std::string_view parameter) const;
  [[nodiscard]] std::optional<double> optional_real(std::string_view parameter) const;
  [[nodiscard]] std::int64_t integer(std::string_view parameter) const;
  [[nodiscard]] std::optional<std::int64_t> optional_integer(std::string_view parameter) const;
  /// Takes one integer or a sequence of them.
  [[nodiscard]] std::vector<std::int64_t> integers(std::string_view parameter) const;
  [[nodiscard]] std::optional<std::vector<std::int64_t>> optional_integers(std::string_view parameter) const;
  /// Takes one integer, nested sequences of them, or an array, which is computed. Errors: also IndexError,
  /// those of `compute`.
  [[nodiscard]] Positions positions(std::string_view parameter) const;
  /// Takes a sequence of integers or sequences of them.
  [[nodiscard]] std::vector<std::vector<std::int64_t>> integer_lists(std::string_view parameter) const;
  [[nodiscard]] Axes axes(std::string_view parameter) const;
  [[nodiscard]] bool flag(std::string_view parameter) const;
  [[nodiscard]] DType dtype(std::string_view parameter) const;
  [[nodiscard]] std::optional<DType> optional_dtype(std::string_view parameter) const;
  [[nodiscard]] std::string text(std::string_view parameter) const;
  /// Takes a sequence of arrays.
  [[nodiscard]] std::vector<Array> arrays(std::string_view parameter) const;
  /// Takes a sequence of numbers, or one of them.
  [[nodiscard]] std::vector<double> reals(std::string_view parameter) const;
  /// Takes pairs of integers: one number n for (n, n), one pair, or a sequence of pairs.
  [[nodiscard]] std::vector<std::pair<std::int64_t, std::int64_t>> pairs(std::string_view parameter) const;
  /// Returns the positional arguments of a "*" parameter.
  [[nodiscard]] std::vector<Array> all_arrays() const;

 private:
  struct Parameter {
    std::string_view name;
    std::string_view alias;
    std::string_view default_text;  // empty: required
    const GivenArgument* given = nullptr;
    Value fallback = {};
    bool gathers = false;
    bool is_idle = false;  ///< "~"
  };

  void read_signature();
  void gather();
  void bind();
  void number_axes();
  [[nodiscard]] std::vector<std::string> axis_names() const;
  void require_plain(const Parameter& parameter) const;
  Parameter& parameter_of(const GivenArgument& argument);
  [[nodiscard]] const Parameter& find(std::string_view name) const;
  [[nodiscard]] const Value& value(std::string_view name) const;
  [[noreturn]] void fail(std::int64_t position, const std::string& message) const;

  const Function& function_;
  std::vector<GivenArgument> given_;
  std::int64_t call_position_;
  std::vector<Parameter> parameters_;
  bool variadic_ = false;
};

/// Returns the signature as messages show it, without second names and what changes nothing.
[[nodiscard]] std::string readable_signature(const Function& function);

}  // namespace varve::cli

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/catalogue/choices.hpp"
#include "api/catalogue/function.hpp"
#include "varve/reductions.hpp"

namespace varve::catalogue {

/// One argument of a call, as written.
struct GivenArgument {
  std::string keyword;        ///< empty for a positional argument
  std::int64_t position = 0;  ///< where the caller wrote it; errors give it back
  Value value;
};

/// Reports arguments that do not fit the signature of a function. Knows the position of the argument it is
/// about, or of the call.
class CallError : public ArgumentError {
 public:
  CallError(std::int64_t position, const std::string& message)
      : ArgumentError(message), position_(position) {}

  [[nodiscard]] std::int64_t position() const noexcept { return position_; }

 private:
  std::int64_t position_;
};

/// Binds the arguments of a call to the parameters of a function, and converts them on request.
/// Errors: CallError that names the function, the parameter and the signature.
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
  /// Tells whether the number of axes is given, not which they are.
  [[nodiscard]] bool is_axis_count(std::string_view parameter) const;
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
  /// Returns the word that was given for one of an enumeration.
  template <class Enumeration>
  [[nodiscard]] std::string_view word(std::string_view parameter) const {
    return chosen(parameter, KindOf<Enumeration>::kind).word;
  }
  /// Returns what that word stands for.
  template <class Enumeration>
  [[nodiscard]] Enumeration choice(std::string_view parameter) const {
    return static_cast<Enumeration>(chosen(parameter, KindOf<Enumeration>::kind).value);
  }
  /// Takes a sequence of arrays.
  [[nodiscard]] std::vector<Array> arrays(std::string_view parameter) const;
  /// Takes a sequence of numbers, or one of them.
  [[nodiscard]] std::vector<double> reals(std::string_view parameter) const;
  /// Takes pairs of integers: one number n for (n, n), one pair, or a sequence of pairs.
  [[nodiscard]] std::vector<std::pair<std::int64_t, std::int64_t>> pairs(std::string_view parameter) const;
  /// Returns the keyword arguments of a "**" parameter, in order.
  [[nodiscard]] std::vector<GivenArgument> keywords() const;
  /// Returns the positional arguments of a "*" parameter.
  [[nodiscard]] std::vector<Array> all_arrays() const;

 private:
  void gather();
  void bind();
  void number_axes();
  [[nodiscard]] std::vector<std::string> axis_names() const;
  void require_plain(std::size_t parameter) const;
  [[nodiscard]] bool takes_keywords() const;
  [[nodiscard]] bool takes_keyword(const GivenArgument& argument) const;
  [[nodiscard]] std::optional<std::size_t> find_parameter(std::string_view keyword) const;
  [[nodiscard]] std::size_t number_of(const GivenArgument& argument) const;
  [[nodiscard]] std::size_t number_of(std::string_view parameter) const;
  [[nodiscard]] const Value& value(std::string_view parameter) const;
  [[nodiscard]] const Value& value(std::string_view parameter, std::initializer_list<Kind> kinds) const;
  [[nodiscard]] const Choice& chosen(std::string_view parameter, Kind kind) const;
  [[noreturn]] void fail(std::int64_t position, const std::string& message) const;

  const Function& function_;
  std::vector<GivenArgument> given_;
  std::int64_t call_position_;
  std::vector<const GivenArgument*> bound_;  ///< by parameter; null where a default holds
  std::vector<Value> defaults_;              ///< by parameter
};

}  // namespace varve::catalogue

#pragma once

#include <span>
#include <string_view>

#include "kernels/elementwise.hpp"

namespace varve::ops {

/// Says in which dtype an elementwise operation computes, given the promoted dtype of its operands, and what
/// it returns.
enum class DTypeRule : std::uint8_t {
  keep,       ///< computes in the promoted dtype and returns it
  floating,   ///< integers and bool become float64; returns what it computes in
  predicate,  ///< computes in the promoted dtype, returns bool
  magnitude,  ///< as keep, but complex gives its real dtype
  select,     ///< operand 0 is bool, the others as keep
};

/// Says for which dtypes an operation of one operand needs no kernel, and what it gives there.
enum class KnownAnswer : std::uint8_t {
  none,
  numbers_same,    ///< all but bool stay as they are
  unsigned_same,   ///< bool and unsigned integers stay as they are
  integers_same,   ///< bool and integers stay as they are
  reals_same,      ///< all but complex numbers stay as they are
  reals_zero,      ///< all but complex numbers give zeros of their dtype
  integers_false,  ///< bool and integers give False
  integers_true,   ///< bool and integers give True
};

/// One row of the elementwise table: all that the library knows of an operation beside its kernel. For
/// which dtypes it exists is the kernel table's knowledge. An operation of one or two operands that has a
/// summary is a public function; so are others that have a row in the catalogue.
struct ElementwiseRow {
  kernels::ElementwiseOp op;
  std::string_view name;
  int arity;
  DTypeRule rule;
  bool cheap;                     ///< costs about as much as a load: recomputing it is never worth storing
  std::string_view summary = {};  ///< what it gives, in one line
  std::string_view aliases = {};  ///< other names that NumPy has: "absolute|fabs"
  KnownAnswer known = KnownAnswer::none;
};

/// Returns all rows, in the order of the enumeration.
[[nodiscard]] std::span<const ElementwiseRow> elementwise_rows() noexcept;

/// Returns the row of an operation.
[[nodiscard]] const ElementwiseRow& elementwise_row(kernels::ElementwiseOp op) noexcept;

/// Reports operands that failed the check of kernels::find_operand_check. Errors: DomainError, always.
[[noreturn]] void refuse_operands(kernels::ElementwiseOp op);

}  // namespace varve::ops

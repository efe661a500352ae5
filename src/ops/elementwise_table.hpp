#pragma once

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

/// Is one row of the elementwise table: all that the library knows of an operation beside its kernel. For
/// which dtypes it exists is the kernel table's knowledge.
struct ElementwiseRow {
  kernels::ElementwiseOp op;
  std::string_view name;
  int arity;
  DTypeRule rule;
  bool cheap;  ///< costs about as much as a load: recomputing it is never worth storing
};

/// Returns the row of an operation.
[[nodiscard]] const ElementwiseRow& elementwise_row(kernels::ElementwiseOp op) noexcept;

/// Reports operands that failed the check of kernels::find_operand_check. Errors: DomainError, always.
[[noreturn]] void refuse_operands(kernels::ElementwiseOp op);

}  // namespace varve::ops

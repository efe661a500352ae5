#pragma once

#include <span>

#include "expr/fields.hpp"

namespace varve::ops {

/// Makes an operator from what another of the same kind says of itself. Errors: ArgumentError for a kind that
/// there is not, for parameters that are not those of the kind, and for data or functions that are not bound.
[[nodiscard]] std::shared_ptr<const expr::BoxOperator> make_operator(std::string_view kind,
                                                                     const expr::Parameters& parameters);

/// Lists all kinds of operators.
[[nodiscard]] std::span<const expr::OperatorRow* const> operator_rows();

}  // namespace varve::ops

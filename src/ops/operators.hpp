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

// The rows, each defined beside its class.
extern const expr::OperatorRow blocks_row;
extern const expr::OperatorRow cholesky_head_row;
extern const expr::OperatorRow cholesky_rows_row;
extern const expr::OperatorRow column_quantiles_row;
extern const expr::OperatorRow complex_row;
extern const expr::OperatorRow complex_of_parts_row;
extern const expr::OperatorRow complex_parts_row;
extern const expr::OperatorRow concat_row;
extern const expr::OperatorRow contract_row;
extern const expr::OperatorRow cut_runs_row;
extern const expr::OperatorRow extend_row;
extern const expr::OperatorRow factor_panel_row;
extern const expr::OperatorRow group_reduce_row;
extern const expr::OperatorRow held_cholesky_row;
extern const expr::OperatorRow held_orthogonal_row;
extern const expr::OperatorRow held_solve_row;
extern const expr::OperatorRow held_triangle_row;
extern const expr::OperatorRow join_panels_row;
extern const expr::OperatorRow lstsq_level_row;
extern const expr::OperatorRow lstsq_solution_row;
extern const expr::OperatorRow lstsq_triangles_row;
extern const expr::OperatorRow map_overlap_row;
extern const expr::OperatorRow merge_runs_row;
extern const expr::OperatorRow qr_factors_row;
extern const expr::OperatorRow qr_level_row;
extern const expr::OperatorRow qr_rows_row;
extern const expr::OperatorRow qr_signs_row;
extern const expr::OperatorRow qr_triangles_row;
extern const expr::OperatorRow quantile_row;
extern const expr::OperatorRow quantile_pass_row;
extern const expr::OperatorRow quantile_values_row;
extern const expr::OperatorRow reshape_row;
extern const expr::OperatorRow scan_row;
extern const expr::OperatorRow scan_totals_row;
extern const expr::OperatorRow separable_filter_row;
extern const expr::OperatorRow solve_panels_row;
extern const expr::OperatorRow sort_row;
extern const expr::OperatorRow sort_runs_row;
extern const expr::OperatorRow stencil_row;
extern const expr::OperatorRow subtract_products_row;
extern const expr::OperatorRow take_true_row;
extern const expr::OperatorRow unique_values_row;

}  // namespace varve::ops

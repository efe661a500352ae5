#include "ops/operators.hpp"

#include <algorithm>

namespace varve::ops {

// Each is defined beside its class.
extern const expr::OperatorRow blocks_row, cholesky_head_row, cholesky_rows_row, column_quantiles_row,
    complex_row, complex_of_parts_row, complex_parts_row, concat_row, contract_row, cut_runs_row, extend_row,
    factor_panel_row, group_reduce_row, held_cholesky_row, held_orthogonal_row, held_qr_row, held_solve_row,
    held_triangle_row, join_panels_row, lstsq_level_row, lstsq_solution_row, lstsq_triangles_row,
    map_overlap_row, merge_runs_row, qr_factors_row, qr_level_row, qr_rows_row, qr_signs_row,
    qr_triangles_row, quantile_row, quantile_pass_row, quantile_values_row, reshape_row, scan_row,
    scan_totals_row, separable_filter_row, solve_panels_row, sort_row, sort_runs_row, stencil_row,
    subtract_products_row, take_true_row, unique_values_row;

std::span<const expr::OperatorRow* const> operator_rows() {
  static constexpr const expr::OperatorRow* kRows[] = {
      &blocks_row,
      &cholesky_head_row,
      &cholesky_rows_row,
      &column_quantiles_row,
      &complex_row,
      &complex_of_parts_row,
      &complex_parts_row,
      &concat_row,
      &contract_row,
      &cut_runs_row,
      &extend_row,
      &factor_panel_row,
      &group_reduce_row,
      &held_cholesky_row,
      &held_orthogonal_row,
      &held_qr_row,
      &held_solve_row,
      &held_triangle_row,
      &join_panels_row,
      &lstsq_level_row,
      &lstsq_solution_row,
      &lstsq_triangles_row,
      &map_overlap_row,
      &merge_runs_row,
      &qr_factors_row,
      &qr_level_row,
      &qr_rows_row,
      &qr_signs_row,
      &qr_triangles_row,
      &quantile_row,
      &quantile_pass_row,
      &quantile_values_row,
      &reshape_row,
      &scan_row,
      &scan_totals_row,
      &separable_filter_row,
      &solve_panels_row,
      &sort_row,
      &sort_runs_row,
      &stencil_row,
      &subtract_products_row,
      &take_true_row,
      &unique_values_row,
  };
  return kRows;
}

std::shared_ptr<const expr::BoxOperator> make_operator(std::string_view kind,
                                                       const expr::Parameters& parameters) {
  const auto rows = operator_rows();
  const auto row = std::find_if(rows.begin(), rows.end(),
                                [&](const expr::OperatorRow* candidate) { return candidate->kind == kind; });
  if (row == rows.end()) throw ArgumentError("there is no operator " + std::string(kind));
  try {
    return (*row)->make(parameters);
  } catch (const Error& error) {
    throw ArgumentError("operator " + std::string(kind) + ": " + error.what());
  }
}

}  // namespace varve::ops

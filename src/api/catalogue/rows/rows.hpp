#pragma once

#include "api/catalogue/arguments.hpp"
#include "api/catalogue/function.hpp"
#include "varve/creation.hpp"

namespace varve::catalogue {

// The rows of each family. Adding a function is one row in one of them; an elementwise operation or a
// reduction has its row in the table of its kind (src/ops).

[[nodiscard]] std::vector<Row> elementwise_rows();
[[nodiscard]] std::vector<Row> reduction_rows();
[[nodiscard]] std::vector<Row> quantile_rows();
[[nodiscard]] std::vector<Row> sorting_rows();
[[nodiscard]] std::vector<Row> group_rows();
[[nodiscard]] std::vector<Row> scan_rows();
[[nodiscard]] std::vector<Row> window_rows();
[[nodiscard]] std::vector<Row> shape_rows();
[[nodiscard]] std::vector<Row> joining_rows();
[[nodiscard]] std::vector<Row> creation_rows();
[[nodiscard]] std::vector<Row> random_rows();
[[nodiscard]] std::vector<Row> linear_algebra_rows();

/// Returns the signature of a row of a table: "abs|absolute|fabs(x: operand)". Rows of functions are views:
/// the text stays.
[[nodiscard]] std::string_view signature_of(std::string_view name, std::string_view aliases,
                                            std::string_view parameters);

/// Returns the options `dtype` and `chunks` of a function that makes an array.
[[nodiscard]] CreationOptions creation_options(const Arguments& a);

}  // namespace varve::catalogue

#include "varve/factorizations.hpp"

#include "expr/node.hpp"
#include "ops/equations.hpp"
#include "ops/gather.hpp"
#include "ops/tall_qr.hpp"
#include "varve/creation.hpp"
#include "varve/manipulation.hpp"

namespace varve {
namespace {

// The dtype of the result. Errors: DTypeError.
DType result_dtype(const Array& x, const std::string& operation) {
  if (is_complex(x.dtype()) || x.dtype() == DType::float16) {
    throw DTypeError(operation + ": takes real numbers of float32 or float64, got " +
                     std::string(name_of(x.dtype())) + "; convert with astype");
  }
  return to_floating(x.dtype());
}

void require_matrix(const Array& x, const std::string& operation) {
  if (x.ndim() == 2) return;
  throw ShapeError(operation + ": takes a matrix, got shape " + to_string(x.shape()));
}

void require_square(const Array& x, const std::string& operation) {
  require_matrix(x, operation);
  if (x.shape()[0] == x.shape()[1]) return;
  throw ShapeError(operation + ": takes a square matrix, got shape " + to_string(x.shape()));
}

void require_tall(const Array& x, const std::string& operation, const std::string& remedy) {
  require_matrix(x, operation);
  if (x.shape()[0] >= x.shape()[1]) return;
  throw ShapeError(operation + ": takes a matrix with at least as many rows as columns, got shape " +
                   to_string(x.shape()) + "; " + remedy);
}

// The right-hand side as a matrix.
Array right_side(const Array& a, const Array& b, const std::string& operation) {
  if ((b.ndim() == 1 || b.ndim() == 2) && b.shape()[0] == a.shape()[0])
    return b.ndim() == 1 ? expand_dims(b, 1) : b;
  throw ShapeError(operation + ": the right-hand side of shape " + to_string(b.shape()) +
                   " does not suit the matrix " + to_string(a.shape()) + "; give (m,) or (m, k)");
}

expr::NodePtr in_double(const Array& x) { return expr::make_cast(x.node(), DType::float64); }

// The solution with the axes that b has.
Array solution(const expr::NodePtr& x, const Array& b, DType dtype) {
  const Array result(expr::make_cast(x, dtype));
  return b.ndim() == 1 ? squeeze(result, 1) : result;
}

Array nothing(const Array& a, const Array& b, DType dtype) {
  Shape shape = b.shape();
  shape[0] = a.shape()[1];
  return zeros(shape, {.dtype = dtype});
}

}  // namespace

QrResult qr(const Array& x) {
  require_tall(x, "qr", "factor the first columns, and multiply the others by Q transposed");
  const DType dtype = result_dtype(x, "qr");
  if (x.size() == 0) {
    return {zeros(x.shape(), {.dtype = dtype}), zeros({x.shape()[1], x.shape()[1]}, {.dtype = dtype})};
  }
  const ops::TallQr factors = ops::tall_qr(in_double(x));
  return {Array(expr::make_cast(factors.q, dtype)), Array(expr::make_cast(factors.r, dtype))};
}

Array lstsq(const Array& a, const Array& b) {
  require_tall(a, "lstsq", "equations with more unknowns than rows have no one solution");
  const Array right = right_side(a, b, "lstsq");
  const DType dtype = promote_types(result_dtype(a, "lstsq"), result_dtype(b, "lstsq"));
  if (a.size() == 0 || right.size() == 0) return nothing(a, b, dtype);
  const expr::NodePtr both = ops::concat({in_double(a), in_double(right)}, 1);
  return solution(ops::solve_triangle(ops::tall_triangle(both), a.shape()[1], a.shape()[0]), b, dtype);
}

Array cholesky(const Array& x) {
  require_square(x, "cholesky");
  const DType dtype = result_dtype(x, "cholesky");
  if (x.size() == 0) return zeros(x.shape(), {.dtype = dtype});
  return Array(expr::make_cast(ops::cholesky(in_double(x)), dtype));
}

Array solve(const Array& a, const Array& b) {
  require_square(a, "solve");
  const Array right = right_side(a, b, "solve");
  const DType dtype = promote_types(result_dtype(a, "solve"), result_dtype(b, "solve"));
  if (a.size() == 0 || right.size() == 0) return nothing(a, b, dtype);
  return solution(ops::solve(in_double(a), in_double(right)), b, dtype);
}

}  // namespace varve

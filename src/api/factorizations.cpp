#include "varve/factorizations.hpp"

#include <algorithm>

#include "expr/node.hpp"
#include "ops/factor/embedding.hpp"
#include "ops/factor/equations.hpp"
#include "ops/factor/held_matrices.hpp"
#include "ops/factor/tall_qr.hpp"
#include "varve/creation.hpp"
#include "varve/elementwise.hpp"
#include "varve/joining.hpp"
#include "varve/manipulation.hpp"
#include "varve/products.hpp"

namespace varve {
namespace {

// Larger matrices of a stack are taken one by one, where they are few; larger complex ones are embedded in
// real ones.
constexpr std::int64_t kHeldBytes = 4 << 20;
constexpr std::int64_t kMaxApart = 64;
// By so many times are matrices taller than wide that are factored by blocks of rows.
constexpr std::int64_t kTallness = 4;

// The dtype of the result. Errors: DTypeError.
DType result_dtype(const Array& x, const std::string& operation) {
  if (x.dtype() == DType::float16) {
    throw DTypeError(operation +
                     ": takes float32, float64 or complex numbers, got float16; convert with astype");
  }
  return to_floating(x.dtype());
}

std::int64_t rows_of(const Array& x) { return x.shape()[x.ndim() - 2]; }
std::int64_t columns_of(const Array& x) { return x.shape()[x.ndim() - 1]; }

void require_matrices(const Array& x, const std::string& operation) {
  if (x.ndim() >= 2) return;
  throw ShapeError(operation + ": takes matrices, which have two axes, got shape " + to_string(x.shape()));
}

void require_square(const Array& x, const std::string& operation) {
  require_matrices(x, operation);
  if (rows_of(x) == columns_of(x)) return;
  throw ShapeError(operation + ": takes square matrices, got shape " + to_string(x.shape()));
}

// In the dtype in which all is computed.
Array widened(const Array& x) {
  return astype(x, is_complex(x.dtype()) ? DType::complex128 : DType::float64);
}

// The axes before those of the matrices.
Shape loop_of(const Array& x) {
  Shape loop = x.shape();
  for (int i = 0; i < 2; ++i) loop.erase(loop.size() - 1);
  return loop;
}

Shape with_matrix(Shape loop, std::int64_t rows, std::int64_t columns) {
  loop.push_back(rows);
  loop.push_back(columns);
  return loop;
}

bool is_large(const Array& x) {
  return saturating_multiply(saturating_multiply(rows_of(x), columns_of(x)), size_bytes(x.dtype())) >
         kHeldBytes;
}

// Tells whether matrices of a stack, given the axes before them, are each an expression of its own.
bool stands_apart(const Array& x, const Shape& loop) {
  return loop.empty() || (is_large(x) && saturating_count(loop) <= kMaxApart);
}
bool stands_apart(const Array& x) { return stands_apart(x, loop_of(x)); }

// Applies a function to each matrix of stacks with equal axes before the matrices.
template <class Function, class... Arrays>
Array by_matrix(const Function& function, const Array& first, const Arrays&... others) {
  if (first.ndim() == 2) return function(first, others...);
  std::vector<Array> results;
  for (std::int64_t i = 0; i < first.shape()[0]; ++i)
    results.push_back(by_matrix(function, first(i), others(i)...));
  return stack(results);
}

Array conjugate_transpose(const Array& x) { return conj(matrix_transpose(x)); }

Array embedded(const Array& x) { return Array(ops::embedded(x.node())); }

Array with_real_diagonal(const Array& x) {
  return where(eye(rows_of(x), columns_of(x), 0, {.dtype = DType::boolean}), real(x), x);
}

// Of a large complex matrix of at least as many rows as columns. Every second column of Q holds what is
// wanted, and every second row of R, with one sign.
QrResult embedded_qr(const Array& x) {
  const ops::QrNodes factors = ops::tall_qr(embedded(x).node());
  const Array q(ops::unembedded(factors.q, 2));
  const Array r = conjugate_transpose(Array(ops::unembedded(matrix_transpose(Array(factors.r)).node(), 2)));
  const Array signs(ops::qr_signs(q.node()));
  return {q * signs, with_real_diagonal(r) * expand_dims(signs, 1)};
}

QrResult held_qr(const Array& x, bool complete) {
  const ops::QrNodes factors = ops::held_qr(x.node(), complete);
  return {Array(factors.q), Array(factors.r)};
}

// Of one matrix of at least as many rows as columns. A complex one that is not tall takes less memory as it
// is.
QrResult tall_qr(const Array& x) {
  const bool streams = is_large(x) && rows_of(x) / kTallness >= columns_of(x);
  if (is_complex(x.dtype())) return streams ? embedded_qr(x) : held_qr(x, false);
  const ops::QrNodes factors = ops::tall_qr(x.node());
  return {Array(factors.q), Array(factors.r)};
}

QrResult one_qr(const Array& x) {
  const std::int64_t m = rows_of(x);
  if (m >= columns_of(x)) return tall_qr(x);
  const QrResult square = tall_qr(x(Slice{}, Slice{0, m}));
  return {square.q, concat({square.r, matmul(conjugate_transpose(square.q), x(Slice{}, Slice{m, {}}))}, 1)};
}

QrResult reduced_qr(const Array& x) {
  if (!stands_apart(x)) return held_qr(x, false);
  return {by_matrix([](const Array& a) { return one_qr(a).q; }, x),
          by_matrix([](const Array& a) { return one_qr(a).r; }, x)};
}

QrResult empty_qr(const Array& x, bool complete, DType dtype) {
  const std::int64_t m = rows_of(x);
  const std::int64_t k = complete ? m : std::min(m, columns_of(x));
  return {broadcast_to(eye(m, k, 0, {.dtype = dtype}), with_matrix(loop_of(x), m, k)),
          zeros(with_matrix(loop_of(x), k, columns_of(x)), {.dtype = dtype})};
}

Array one_cholesky(const Array& x) {
  if (!is_complex(x.dtype())) return Array(ops::cholesky(x.node()));
  if (!is_large(x)) return Array(ops::held_cholesky(x.node()));
  return with_real_diagonal(Array(ops::unembedded(ops::cholesky(embedded(x).node(), 2), 2)));
}

Array one_solve(const Array& a, const Array& b) {
  if (!is_complex(a.dtype())) return Array(ops::solve(a.node(), b.node()));
  if (!is_large(a)) return Array(ops::held_solve(a.node(), b.node()));
  const Array right = embedded(b)(Slice{}, Slice{0, {}, 2});
  return Array(ops::unembedded(ops::solve(embedded(a).node(), right.node(), 2), 1));
}

// The right-hand side as matrices.
Array right_side(const Array& a, const Array& b) {
  const bool is_vector = b.ndim() == 1;
  if (b.ndim() > 0 && b.shape()[is_vector ? 0 : b.ndim() - 2] == columns_of(a))
    return is_vector ? expand_dims(b, 1) : b;
  throw ShapeError("solve: the right-hand side of shape " + to_string(b.shape()) +
                   " does not suit the matrix " + to_string(a.shape()) + "; give (n,) or (..., n, k)");
}

Array solution(const Array& a, const Array& b) {
  const Shape loop = broadcast_shapes(loop_of(a), loop_of(b), "solve");
  if (!stands_apart(a, loop)) return Array(ops::held_solve(a.node(), b.node()));
  return by_matrix(one_solve, broadcast_to(a, with_matrix(loop, rows_of(a), rows_of(a))),
                   broadcast_to(b, with_matrix(loop, rows_of(b), columns_of(b))));
}

// lstsq takes one real matrix.
void require_tall_real(const Array& a, const Array& b) {
  for (const Array& x : {a, b}) {
    if (!is_complex(x.dtype())) continue;
    throw DTypeError("lstsq: takes real numbers of float32 or float64, got " +
                     std::string(name_of(x.dtype())) + "; convert with astype");
  }
  if (a.ndim() != 2) throw ShapeError("lstsq: takes a matrix, got shape " + to_string(a.shape()));
  if (rows_of(a) >= columns_of(a)) return;
  throw ShapeError("lstsq: takes a matrix with at least as many rows as columns, got shape " +
                   to_string(a.shape()) + "; equations with more unknowns than rows have no one solution");
}

}  // namespace

QrResult qr(const Array& x, const QrOptions& options) {
  require_matrices(x, "qr");
  const DType dtype = result_dtype(x, "qr");
  const bool complete = options.mode == QrMode::complete;
  if (x.size() == 0) return empty_qr(x, complete, dtype);
  const Array wide = widened(x);
  const QrResult result = complete && rows_of(x) > columns_of(x) ? held_qr(wide, true) : reduced_qr(wide);
  return {astype(result.q, dtype), astype(result.r, dtype)};
}

Array lstsq(const Array& a, const Array& b) {
  require_tall_real(a, b);
  if (b.ndim() < 1 || b.ndim() > 2 || b.shape()[0] != rows_of(a)) {
    throw ShapeError("lstsq: the right-hand side of shape " + to_string(b.shape()) +
                     " does not suit the matrix " + to_string(a.shape()) + "; give (m,) or (m, k)");
  }
  const Array right = b.ndim() == 1 ? expand_dims(b, 1) : b;
  const DType dtype = promote_types(result_dtype(a, "lstsq"), result_dtype(b, "lstsq"));
  if (a.size() == 0 || right.size() == 0) {
    Shape shape = b.shape();
    shape[0] = columns_of(a);
    return zeros(shape, {.dtype = dtype});
  }
  const Array x(ops::least_squares(widened(a).node(), widened(right).node()));
  return astype(b.ndim() == 1 ? squeeze(x, 1) : x, dtype);
}

Array cholesky(const Array& x, const CholeskyOptions& options) {
  require_square(x, "cholesky");
  const DType dtype = result_dtype(x, "cholesky");
  if (x.size() == 0) return zeros(x.shape(), {.dtype = dtype});
  // The upper triangle is the lower one of the transposed matrix. Adding 0 makes every zero positive.
  if (options.upper) return conjugate_transpose(cholesky(conjugate_transpose(x))) + 0.0;
  const Array wide = widened(x);
  const Array lower =
      stands_apart(wide) ? by_matrix(one_cholesky, wide) : Array(ops::held_cholesky(wide.node()));
  return astype(lower, dtype);
}

Array solve(const Array& a, const Array& b) {
  require_square(a, "solve");
  const Array right = right_side(a, b);
  const DType dtype = promote_types(result_dtype(a, "solve"), result_dtype(b, "solve"));
  Shape shape =
      with_matrix(broadcast_shapes(loop_of(a), loop_of(right), "solve"), rows_of(right), columns_of(right));
  const auto laid_out = [&](const Array& x) { return b.ndim() == 1 ? squeeze(x, -1) : x; };
  if (element_count(shape) == 0) return laid_out(zeros(shape, {.dtype = dtype}));
  const DType computed = is_complex(dtype) ? DType::complex128 : DType::float64;
  return laid_out(astype(solution(astype(a, computed), astype(right, computed)), dtype));
}

}  // namespace varve

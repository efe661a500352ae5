#include <catch2/catch.hpp>
#include <cmath>

#include "support/require_matches.hpp"
#include "support/sources.hpp"
#include "support/values.hpp"
#include "varve/varve.hpp"

using namespace varve;
using namespace varve::test;
using dense::Real;

namespace {

dense::Dense matrix(std::int64_t rows, std::int64_t columns, std::uint64_t seed,
                    DType dtype = DType::float64) {
  std::mt19937_64 random(seed);
  return random_values(dtype, {rows, columns}, {.low = -1, .high = 1}, random);
}

Real& at(dense::Dense& x, std::int64_t row, std::int64_t column) {
  return reinterpret_cast<Real(&)[2]>(x.at({row, column}))[0];
}
Real at(const dense::Dense& x, std::int64_t row, std::int64_t column) { return x.at({row, column}).real(); }

dense::Dense product(const dense::Dense& x, const dense::Dense& y) {
  dense::Dense result(DType::float64, {x.shape[0], y.shape[1]});
  for (std::int64_t i = 0; i < x.shape[0]; ++i) {
    for (std::int64_t k = 0; k < y.shape[0]; ++k) {
      for (std::int64_t j = 0; j < y.shape[1]; ++j) at(result, i, j) += at(x, i, k) * at(y, k, j);
    }
  }
  return result;
}

dense::Dense transposed(const dense::Dense& x) { return dense::permute(x, {1, 0}); }

// Householder's method, column by column, in long double; signs as LAPACK's.
struct Factors {
  dense::Dense q;
  dense::Dense r;
};
Factors householder(const dense::Dense& x) {
  const std::int64_t m = x.shape[0];
  const std::int64_t n = x.shape[1];
  dense::Dense a = x;
  dense::Dense q(DType::float64, {m, m});
  for (std::int64_t i = 0; i < m; ++i) at(q, i, i) = 1;
  for (std::int64_t k = 0; k < n && k + 1 < m; ++k) {
    std::vector<Real> v(static_cast<std::size_t>(m));
    Real norm = 0;
    for (std::int64_t i = k; i < m; ++i) norm += at(a, i, k) * at(a, i, k);
    for (std::int64_t i = k; i < m; ++i) v[static_cast<std::size_t>(i)] = at(a, i, k);
    v[static_cast<std::size_t>(k)] += std::copysign(std::sqrt(norm), at(a, k, k));
    Real length = 0;
    for (const Real number : v) length += number * number;
    const auto reflect = [&](dense::Dense& target, bool rows) {
      for (std::int64_t j = 0; j < (rows ? target.shape[1] : m); ++j) {
        Real sum = 0;
        for (std::int64_t i = k; i < m; ++i)
          sum += v[static_cast<std::size_t>(i)] * (rows ? at(target, i, j) : at(target, j, i));
        for (std::int64_t i = k; i < m; ++i) {
          (rows ? at(target, i, j) : at(target, j, i)) -= 2 * sum / length * v[static_cast<std::size_t>(i)];
        }
      }
    };
    reflect(a, true);
    reflect(q, false);
  }
  dense::Dense r(DType::float64, {n, n});
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = i; j < n; ++j) at(r, i, j) = at(a, i, j);
  }
  return {dense::index(q, {Slice{}, Slice{0, n}}), r};
}

// A matrix of pseudo-random numbers that no test holds in memory.
Array tall(std::int64_t rows, std::int64_t columns, const Shape& chunks) {
  return from_function(
      {rows, columns}, DType::float64,
      [](const Box& box, const StridedView& out) {
        Index index = Index(box.ndim(), 0);
        for_each_element(
            [&](std::byte* to) {
              const auto row = static_cast<double>(box.lo[0] + index[0]);
              const auto column = static_cast<double>(box.lo[1] + index[1]);
              const double number = std::sin(row * 12.9898 + column * 78.233) * 43758.5453;
              *reinterpret_cast<double*>(to) = number - std::floor(number) - 0.5;
              (void)next_index(index, out.shape);
            },
            out);
      },
      {.chunks = chunks}, "tall");
}

double largest(const Array& x) { return *reinterpret_cast<const double*>(compute(max(abs(x))).view().data); }

dense::Dense positive_definite(std::int64_t n, std::uint64_t seed) {
  const dense::Dense x = matrix(n, n, seed);
  dense::Dense result = product(x, transposed(x));
  for (std::int64_t i = 0; i < n; ++i) at(result, i, i) += 1;
  for (dense::Number& number : result.values) number = static_cast<double>(number.real());
  return result;
}

void require_error(const Array& x, std::int64_t position, const std::string& part) {
  try {
    (void)compute(x);
    FAIL("nothing was thrown");
  } catch (const SingularMatrixError& error) {
    INFO(error.what());
    CHECK(error.position() == position);
    CHECK(std::string(error.what()).find(part) != std::string::npos);
  }
}

}  // namespace

TEST_CASE("qr: the factors that Householder's method gives, with LAPACK's signs", "[ops]") {
  for (const Shape& shape : {Shape{1, 1}, Shape{5, 1}, Shape{9, 4}, Shape{7, 7}, Shape{90, 70}}) {
    INFO(to_string(shape));
    const dense::Dense x = matrix(shape[0], shape[1], 11);
    const Factors expected = householder(x);
    const QrResult result = qr(chunked(x, {4, 3}));
    require_matches(result.q, expected.q, {.absolute = 1e-12});
    require_matches(result.r, expected.r, {.absolute = 1e-12});
  }
}

TEST_CASE("qr: float32 keeps its dtype, integers become float64", "[ops]") {
  const QrResult single = qr(chunked(matrix(6, 2, 12, DType::float32), {2, 2}));
  CHECK(single.q.dtype() == DType::float32);
  CHECK(single.r.dtype() == DType::float32);
  CHECK(qr(zeros({4, 2}, {.dtype = DType::int32})).q.dtype() == DType::float64);
  CHECK(qr(zeros({4, 0})).r.shape() == Shape{0, 0});
}

TEST_CASE("qr: of a tall matrix, by blocks and a tree of two levels", "[ops]") {
  const Array x = tall(9 * 8192 + 100, 16, {1000, 16});
  const QrResult result = qr(x);
  CHECK(largest(matmul(permute_dims(result.q, {1, 0}), result.q) - eye(16)) < 1e-13);
  CHECK(largest(matmul(result.q, result.r) - x) < 1e-12);
  const auto bytes = bytes_under({128 << 20, 2}, {result.r, result.q(Slice{70000, 70100})});
  CHECK(bytes == bytes_under({24 << 20, 1}, {result.r, result.q(Slice{70000, 70100})}));
  // The signs are those of the first elimination steps: the first column of R is that of Householder's
  // method.
  const Array first = x(0, 0);
  CHECK(largest(where(first * result.r(0, 0) < 0, Scalar(0.0), Scalar(1.0))) == 0);
}

TEST_CASE("qr: of tall matrices whose columns fill no whole vectors, and into places that are not dense",
          "[ops]") {
  for (const std::int64_t n : {1, 3, 21, 70, 200}) {
    INFO(n);
    const std::int64_t block = std::max<std::int64_t>(4 * n, (1 << 20) / (8 * n));
    const Array x = tall(2 * block + block / 2, n, {1000, n});
    const QrResult result = qr(x);
    CHECK(largest(matmul(permute_dims(result.q, {1, 0}), result.q) - eye(n)) < 1e-13);
    CHECK(largest(matmul(result.q, result.r) - x) < 1e-12);
    const Array spread = stack({result.q, result.q}, -1);
    CHECK(largest(sum(spread, {.axis = {-1}}) - 2.0 * result.q) == 0);
  }
}

TEST_CASE("qr: elements whose squares overflow or vanish, and columns of zeros", "[ops]") {
  const std::int64_t n = 20;
  const Array x = tall(20000, n, {1000, n});
  const Array r = compute(qr(x).r);
  for (const double scale : {1e-300, 1e-150, 1e150, 1e290}) {
    INFO(scale);
    const QrResult result = qr(x * scale);
    CHECK(largest(matmul(permute_dims(result.q, {1, 0}), result.q) - eye(n)) < 1e-13);
    CHECK(largest(result.r / scale - r) < 1e-10);
  }
  const Array kept = where(arange(n) % 7 == 2, Scalar(0.0), Scalar(1.0));
  const QrResult result = qr(x * kept);
  CHECK(largest(matmul(permute_dims(result.q, {1, 0}), result.q) - eye(n)) < 1e-13);
  CHECK(largest(matmul(result.q, result.r) - x * kept) < 1e-12);
  CHECK(largest(result.r(Slice{}, 9)) == 0);
}

TEST_CASE("lstsq: the nearest solution, for one or more right-hand sides", "[ops]") {
  const dense::Dense a = matrix(11, 4, 13);
  const dense::Dense b = matrix(11, 3, 14);
  const Factors factors = householder(a);
  dense::Dense expected = product(transposed(factors.q), b);
  for (std::int64_t i = 3; i >= 0; --i) {
    for (std::int64_t j = 0; j < 3; ++j) {
      for (std::int64_t k = i + 1; k < 4; ++k) at(expected, i, j) -= at(factors.r, i, k) * at(expected, k, j);
      at(expected, i, j) /= at(factors.r, i, i);
    }
  }
  require_matches(lstsq(chunked(a, {3, 2}), chunked(b, {5, 1})), expected, {.absolute = 1e-12});
  require_matches(lstsq(chunked(a, {3, 2}), chunked(dense::index(b, {Slice{}, 1}), {5})),
                  dense::index(expected, {Slice{}, 1}), {.absolute = 1e-12});
  // Of so many right-hand sides, together as wide as the square of the matrix, some are taken at a time.
  const Runtime runtime({.memory = 64_MiB, .threads = 2});
  const Array wide = tall(3000, 7, {500, 7});
  const Array truths = reshape(arange(7 * 2500, {.dtype = DType::float64}), {7, 2500});
  CHECK(largest(lstsq(wide, matmul(wide, truths)) - truths) < 1e-7);
  const Array x = tall(50000, 5, {1000, 5});
  const Array truth = arange(1, 6, 1, {.dtype = DType::float64});
  CHECK(largest(lstsq(x, matmul(x, truth)) - truth) < 1e-12);
}

TEST_CASE("cholesky: the lower triangle, by panels too", "[ops]") {
  for (const std::int64_t n : {1, 5, 40}) {
    const dense::Dense x = positive_definite(n, 15);
    const Array lower = cholesky(chunked(x, {3, 4}));
    const dense::Dense values = dense::from_view(compute(lower).view());
    require_matches(lower, values);
    const std::optional<std::string> wrong =
        difference(product(values, transposed(values)), x, {.absolute = 1e-12 * static_cast<double>(n)});
    INFO(wrong.value_or(""));
    CHECK(!wrong);
    for (std::int64_t i = 0; i < n; ++i) {
      for (std::int64_t j = i + 1; j < n; ++j) REQUIRE(at(values, i, j) == 0);
    }
  }
  const Array half = tall(700, 700, {100, 300});
  const Array whole = matmul(half, permute_dims(half, {1, 0})) + eye(700);
  const Array lower = cholesky(whole);
  CHECK(largest(matmul(lower, permute_dims(lower, {1, 0})) - whole) < 1e-11);
  CHECK(bytes_under({128 << 20, 2}, {lower}) == bytes_under({smallest_budget({lower}), 1}, {lower}));
}

TEST_CASE("solve: elimination with exchanged rows", "[ops]") {
  for (const std::int64_t n : {1, 6, 75}) {
    const dense::Dense a = matrix(n, n, 16);
    const dense::Dense x = matrix(n, 3, 17);
    dense::Dense b = product(a, x);
    for (dense::Number& number : b.values) number = static_cast<double>(number.real());
    require_matches(solve(chunked(a, {4, 5}), chunked(b, {3, 2})), x, {.absolute = 1e-11});
    require_matches(solve(chunked(a, {4, 5}), chunked(dense::index(b, {Slice{}, 2}), {2})),
                    dense::index(x, {Slice{}, 2}), {.absolute = 1e-11});
  }
  dense::Dense exchange(DType::float64, {2, 2});
  at(exchange, 0, 1) = 1;
  at(exchange, 1, 0) = 2;
  dense::Dense expected(DType::float64, {2});
  expected.values = {Real(1.5), Real(5)};
  require_matches(solve(in_memory(exchange), arange(5, 2, -2, {.dtype = DType::float64}) - 0), [&] {
    expected.values = {Real(1.5), Real(5)};
    return expected;
  }());
}

TEST_CASE("solve: panels that do not fit in memory together, with the same bits under any budget", "[ops]") {
  const std::int64_t n = 700;
  const Array a = tall(n, n, {100, 300});
  const Array truth = tall(n, 40, {n, 7}) + 1.0;
  const Array x = solve(a, matmul(a, truth));
  CHECK(largest(x - truth) < 1e-9);
  CHECK(bytes_under({64 << 20, 2}, {x}) == bytes_under({smallest_budget({x}), 1}, {x}));
  CHECK(smallest_budget({solve(a, tall(n, 3, {n, 3}))}) < n * n * 8);
}

TEST_CASE("solve: a column of a late panel that depends on those before it is named", "[ops]") {
  const Array a = tall(200, 200, {64, 64});
  const Array zero = where(arange(200) == 150, Scalar(0.0), Scalar(1.0));
  require_error(solve(a * zero, zeros({200})), 150, "column 150");
}

TEST_CASE("cholesky: panels that do not fit in memory together; a late pivot is named", "[ops]") {
  const std::int64_t n = 1100;
  const Shape chunks{128, 128};
  const Array a = 0.5 * eye(n, n, 0, {.chunks = chunks}) + full({n, n}, 0.5, {.chunks = chunks});
  const Array lower = cholesky(a);
  CHECK(smallest_budget({max(lower)}) < n * n * 8);
  CHECK(largest(matmul(lower, matrix_transpose(lower)) - a) < 1e-12);
  const Array negative = where(arange(n) == 900, Scalar(-1.0), Scalar(0.0));
  require_error(cholesky(a + eye(n) * negative), 900, "the leading 901");
}

TEST_CASE("factorizations: matrices that cannot be taken are named, with the position", "[ops]") {
  dense::Dense x = positive_definite(6, 18);
  at(x, 4, 4) = -1;
  require_error(cholesky(chunked(x, {2, 2})), 4, "not positive definite: the leading 5");
  dense::Dense singular = matrix(5, 5, 19);
  for (std::int64_t i = 0; i < 5; ++i) at(singular, i, 3) = 0;
  require_error(solve(chunked(singular, {2, 2}), zeros({5})), 3, "solve: the matrix is singular: column 3");
  dense::Dense dependent = matrix(8, 3, 20);
  for (std::int64_t i = 0; i < 8; ++i) at(dependent, i, 2) = 2 * at(dependent, i, 0);
  require_error(lstsq(chunked(dependent, {3, 3}), zeros({8})), 2, "lstsq: column 2");
}

TEST_CASE("factorizations: arguments that do not fit are refused", "[ops]") {
  CHECK_THROWS_AS(qr(zeros({3})), ShapeError);
  CHECK_THROWS_AS(qr(zeros({3, 2}, {.dtype = DType::float16})), DTypeError);
  CHECK_THROWS_AS(lstsq(zeros({3, 2}, {.dtype = DType::complex64}), zeros({3})), DTypeError);
  CHECK_THROWS_AS(lstsq(zeros({2, 3}), zeros({2})), ShapeError);
  CHECK_THROWS_AS(lstsq(zeros({3, 2}), zeros({2})), ShapeError);
  CHECK_THROWS_AS(cholesky(zeros({3, 2})), ShapeError);
  CHECK_THROWS_AS(solve(zeros({3, 3}), zeros({2})), ShapeError);
  CHECK_THROWS_AS(solve(zeros({3, 2}), zeros({3})), ShapeError);
}

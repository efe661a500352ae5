#include <catch2/catch.hpp>
#include <cmath>
#include <complex>

#include "support/require_matches.hpp"
#include "support/sources.hpp"
#include "support/values.hpp"
#include "varve/varve.hpp"

using namespace varve;
using namespace varve::test;
using dense::Dense;
using dense::Number;
using dense::Real;

namespace {

using Complex = std::complex<double>;

std::int64_t rows_of(const Dense& x) { return x.shape[x.shape.size() - 2]; }
std::int64_t columns_of(const Dense& x) { return x.shape[x.shape.size() - 1]; }

// The matrices of a stack, one after the other.
std::vector<Dense> matrices(const Dense& x) {
  const std::int64_t size = rows_of(x) * columns_of(x);
  std::vector<Dense> result;
  for (std::int64_t first = 0; size > 0 && first < x.size(); first += size) {
    Dense one(x.dtype, {rows_of(x), columns_of(x)});
    std::copy_n(x.values.begin() + first, size, one.values.begin());
    result.push_back(one);
  }
  return result;
}

Dense product(const Dense& x, const Dense& y) {
  Dense result(x.dtype, {x.shape[0], y.shape[1]});
  for (std::int64_t i = 0; i < x.shape[0]; ++i) {
    for (std::int64_t j = 0; j < y.shape[1]; ++j) {
      for (std::int64_t k = 0; k < y.shape[0]; ++k) result.at({i, j}) += x.at({i, k}) * y.at({k, j});
    }
  }
  return result;
}

Dense adjoint(const Dense& x) {
  Dense result(x.dtype, {x.shape[1], x.shape[0]});
  for (std::int64_t i = 0; i < x.shape[0]; ++i) {
    for (std::int64_t j = 0; j < x.shape[1]; ++j) result.at({j, i}) = std::conj(x.at({i, j}));
  }
  return result;
}

Real distance(const Dense& x, const Dense& y) {
  REQUIRE(x.shape == y.shape);
  Real most = 0;
  for (std::size_t i = 0; i < x.values.size(); ++i)
    most = std::max(most, std::abs(x.values[i] - y.values[i]));
  return most;
}

Dense identity(DType dtype, std::int64_t n) {
  Dense result(dtype, {n, n});
  for (std::int64_t i = 0; i < n; ++i) result.at({i, i}) = 1;
  return result;
}

// Computes, under several budgets and numbers of threads, whose bits must be the same.
Dense values_of(const Array& x) {
  const Dense values = dense::from_view(compute(x).view());
  require_matches(x, values);
  return values;
}

Dense matrix(const Shape& shape, DType dtype, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  return random_values(dtype, shape, {.low = -1, .high = 1}, random);
}

Real error_of(DType dtype) { return real_of(dtype) == DType::float32 ? 1e-5L : 1e-13L; }

void check_factors(const Dense& x, const Dense& q, const Dense& r) {
  const std::vector<Dense> all = matrices(x);
  const std::vector<Dense> qs = matrices(q);
  const std::vector<Dense> rs = matrices(r);
  REQUIRE(qs.size() == all.size());
  REQUIRE(rs.size() == all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(distance(product(adjoint(qs[i]), qs[i]), identity(x.dtype, columns_of(q))) < error_of(x.dtype));
    CHECK(distance(product(qs[i], rs[i]), all[i]) < 10 * error_of(x.dtype));
    for (std::int64_t row = 0; row < rows_of(r); ++row) {
      for (std::int64_t column = 0; column < std::min(row + 1, columns_of(r)); ++column) {
        if (column < row) CHECK(rs[i].at({row, column}) == Number(0));
        CHECK(rs[i].at({row, column}).imag() == 0);
      }
    }
  }
}

// Of pseudo-random numbers.
Array large(const Shape& shape, std::uint64_t seed) {
  const std::int64_t n = element_count(shape);
  const Array at = astype(arange(n), DType::float64);
  const auto noise = [&](double scale) {
    const Array x = sin(at * 12.9898 + static_cast<double>(seed) * scale) * 43758.5453;
    return x - floor(x) - 0.5;
  };
  return reshape(noise(78.233) + noise(3.7) * Complex(0, 1), shape);
}

double largest(const Array& x) { return item<double>(max(abs(x))); }

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

Array chunked_matrix(const Dense& x) {
  Shape chunks = x.shape;
  for (std::int64_t& extent : chunks) extent = std::max<std::int64_t>((extent + 1) / 2, 1);
  return chunked(x, chunks);
}

}  // namespace

TEST_CASE("qr: stacks of tall, square and wide matrices, real and complex, in both modes", "[ops]") {
  for (const DType dtype : {DType::float32, DType::float64, DType::complex64, DType::complex128}) {
    for (const Shape& shape : {Shape{5, 2}, Shape{2, 5}, Shape{3, 5, 2}, Shape{2, 2, 4, 4}, Shape{3, 2, 5},
                               Shape{4, 1, 3}, Shape{2, 3, 1}, Shape{1, 1, 1}, Shape{2, 30, 20}}) {
      for (const QrMode mode : {QrMode::reduced, QrMode::complete}) {
        INFO(name_of(dtype) << " " << to_string(shape) << " mode " << static_cast<int>(mode));
        const Dense x = matrix(shape, dtype, 21);
        const QrResult factors = qr(chunked_matrix(x), {.mode = mode});
        CHECK(factors.q.dtype() == dtype);
        CHECK(factors.r.dtype() == dtype);
        const std::int64_t inner =
            mode == QrMode::complete ? rows_of(x) : std::min(rows_of(x), columns_of(x));
        Shape q_shape = shape;
        Shape r_shape = shape;
        q_shape[shape.size() - 1] = inner;
        r_shape[shape.size() - 2] = inner;
        CHECK(factors.q.shape() == q_shape);
        CHECK(factors.r.shape() == r_shape);
        check_factors(x, values_of(factors.q), values_of(factors.r));
      }
    }
  }
}

// The expected values are those of numpy.linalg.qr, NumPy 2.4, OpenBLAS.
TEST_CASE("qr: signs of complex, wide and complete factors are those that NumPy gives", "[ops]") {
  const auto near = [](const Array& x, const std::vector<Complex>& expected) {
    return largest(x - from_values(expected, x.shape())) < 1e-14;
  };
  const Array x = from_values<Complex>({{1, 2}, {3, -1}, {0, -1}, {2, 0}, {4, 0}, {-1, 1}}, {3, 2});
  const std::vector<Complex> r = {
      {-4.690415759823429, 0}, {0.6396021490668309, 0.21320071635561066}, {0, 0}, {-3.9427724440366263, 0}};
  CHECK(near(qr(x).r, r));
  CHECK(near(
      qr(x).q(Slice{}, 0),
      {{-0.21320071635561044, -0.42640143271122094}, {0, 0.21320071635561047}, {-0.85280286542244188, 0}}));
  CHECK(near(qr(expand_dims(x, 0)).r, r));
  CHECK(near(qr(x, {.mode = QrMode::complete}).q(Slice{}, 2), {{-0.2333420377986338, -0.30290315912076227},
                                                               {0.46767042255055713, 0.68227186823668229},
                                                               {0.38035505606921005, -0.15786283475676571}}));
  CHECK(near(qr(matrix_transpose(x)).r, {{-3.8729833462074166, 0},
                                         {-1.0327955589886446, -0.25819888974716143},
                                         {0, 1.5491933384829668},
                                         {0, 0},
                                         {-1.9663841605003498, 0},
                                         {0.81367620434497212, -3.8649619706386202}}));
  const Array real_x = from_values<double>({1, 2, 3, 4, 5, 6}, {3, 2});
  CHECK(near(qr(matrix_transpose(real_x)).r, {-2.23606797749979, -4.919349550499537, -7.602631123499284, 0,
                                              -0.8944271909999153, -1.7888543819998306}));
  CHECK(near(
      qr(real_x, {.mode = QrMode::complete}).q,
      {-0.16903085094570325, 0.8970852271450607, 0.40824829046386274, -0.50709255283711, 0.27602622373694136,
       -0.8164965809277261, -0.8451542547285166, -0.345032779671177, 0.40824829046386313}));
}

TEST_CASE("qr: of nothing gives the shapes that it would have, and an identity where Q is complete",
          "[ops]") {
  CHECK(qr(zeros({0, 3, 2})).q.shape() == Shape{0, 3, 2});
  CHECK(qr(zeros({0, 3, 2}), {.mode = QrMode::complete}).q.shape() == Shape{0, 3, 3});
  CHECK(qr(zeros({4, 0, 2})).r.shape() == Shape{4, 0, 2});
  const QrResult none = qr(zeros({2, 3, 0}), {.mode = QrMode::complete});
  CHECK(none.r.shape() == Shape{2, 3, 0});
  CHECK(largest(none.q - eye(3)) == 0);
}

TEST_CASE("qr: columns whose squares overflow or vanish, and columns of zeros", "[ops]") {
  const Dense x = matrix({2, 6, 4}, DType::complex128, 22);
  const Array lazy = in_memory(x);
  const Array r = compute(qr(lazy).r);
  for (const double scale : {1e-300, 1e-160, 1e160, 1e300}) {
    INFO(scale);
    CHECK(largest(qr(lazy * scale).r / scale - r) < 1e-13);
  }
  const QrResult zero = qr(lazy * where(arange(4) == 1, 0.0, 1.0));
  check_factors(dense::from_view(compute(lazy * where(arange(4) == 1, 0.0, 1.0)).view()), values_of(zero.q),
                values_of(zero.r));
}

TEST_CASE("qr: of a large complex matrix, by way of a real one, with LAPACK's signs", "[ops]") {
  const Array x = large({40000, 8}, 1);
  const QrResult factors = qr(x);
  CHECK(largest(matmul(conj(matrix_transpose(factors.q)), factors.q) - eye(8)) < 1e-13);
  CHECK(largest(matmul(factors.q, factors.r) - x) < 1e-12);
  const Array r = compute(factors.r);
  CHECK(largest(imag(diagonal(r))) == 0);
  CHECK(largest(where(arange(8) < expand_dims(arange(8), 1), r, 0.0)) == 0);
  // The held way takes a stack of more matrices than are taken one by one, in double precision too.
  const Array held = qr(expand_dims(x, 0) * ones({65, 1, 1})).r(0);
  CHECK(largest(held - r) < 1e-11);
}

TEST_CASE("cholesky: stacks, complex matrices, either triangle", "[ops]") {
  for (const DType dtype : {DType::float32, DType::float64, DType::complex64, DType::complex128}) {
    for (const Shape& shape : {Shape{4, 4}, Shape{3, 5, 5}, Shape{2, 1, 3, 3}, Shape{2, 40, 40}}) {
      INFO(name_of(dtype) << " " << to_string(shape));
      Dense x(dtype, shape);
      Dense other(dtype, shape);  // with numbers that are not to be read in its upper triangle
      std::size_t at = 0;
      for (const Dense& half : matrices(matrix(shape, dtype, 23))) {
        Dense square = product(half, adjoint(half));
        for (std::int64_t i = 0; i < rows_of(x); ++i) square.at({i, i}) += 1;
        for (std::int64_t i = 0; i < rows_of(x); ++i) {
          for (std::int64_t j = 0; j < rows_of(x); ++j, ++at) {
            x.values[at] = dense::rounded(dtype, square.at({i, j}));
            other.values[at] = j > i ? Number(7) : x.values[at];
          }
        }
      }
      const Dense lower = values_of(cholesky(chunked_matrix(x)));
      CHECK(distance(values_of(cholesky(chunked_matrix(other))), lower) == 0);
      const Dense upper = values_of(cholesky(chunked_matrix(x), {.upper = true}));
      const std::vector<Dense> all = matrices(x);
      for (std::size_t i = 0; i < all.size(); ++i) {
        const Dense l = matrices(lower)[i];
        CHECK(distance(product(l, adjoint(l)), all[i]) < 100 * error_of(dtype));
        CHECK(distance(adjoint(matrices(upper)[i]), l) < error_of(dtype));
        for (std::int64_t row = 0; row < rows_of(l); ++row) {
          CHECK(l.at({row, row}).imag() == 0);
          for (std::int64_t column = row + 1; column < rows_of(l); ++column)
            CHECK(l.at({row, column}) == Number(0));
        }
      }
    }
  }
}

TEST_CASE("cholesky, solve: large complex matrices, by way of real ones", "[ops]") {
  constexpr std::int64_t n = 540;
  const Array half = large({n, n}, 2);
  const Array x = matmul(half, conj(matrix_transpose(half))) + eye(n);
  const Array lower = compute(cholesky(x));
  CHECK(lower.dtype() == DType::complex128);
  CHECK(largest(matmul(lower, conj(matrix_transpose(lower))) - x) < 1e-10);
  CHECK(largest(imag(diagonal(lower))) == 0);
  const Array right = large({n, 3}, 3);
  const Array solution = solve(half, matmul(half, right));
  CHECK(largest(solution - right) < 1e-9);
  CHECK(largest(solve(half, matmul(half, right(Slice{}, 1))) - right(Slice{}, 1)) < 1e-9);
  CHECK(bytes_under({64 << 20, 2}, {solution}) == bytes_under({smallest_budget({solution}), 1}, {solution}));
  const Array zero = where(arange(n) == 301, 0.0, 1.0);
  require_error(solve(half * zero, right), 301, "column 301");
  require_error(cholesky(x - 2.0 * x * eye(n) * where(arange(n) == 17, 1.0, 0.0)), 17, "the leading 18");
}

TEST_CASE("solve: stacks that broadcast, real and complex, and one vector for all", "[ops]") {
  struct Case {
    Shape a;
    Shape b;
    Shape x;
  };
  const Case cases[] = {{{4, 4}, {4, 2}, {4, 2}},
                        {{3, 4, 4}, {3, 4, 2}, {3, 4, 2}},
                        {{3, 4, 4}, {4, 2}, {3, 4, 2}},
                        {{4, 4}, {5, 4, 1}, {5, 4, 1}},
                        {{3, 1, 4, 4}, {2, 4, 3}, {3, 2, 4, 3}},
                        {{3, 4, 4}, {4}, {3, 4}},
                        {{0, 4, 4}, {1, 4, 2}, {0, 4, 2}},
                        {{1, 4, 4}, {0, 4, 2}, {0, 4, 2}},
                        {{0, 4, 4}, {4}, {0, 4}},
                        {{2, 0, 0}, {0, 3}, {2, 0, 3}},
                        {{2, 40, 40}, {2, 40, 1}, {2, 40, 1}}};
  for (const DType dtype : {DType::float64, DType::complex64, DType::complex128}) {
    for (const Case& each : cases) {
      INFO(name_of(dtype) << " " << to_string(each.a) << " and " << to_string(each.b));
      const Dense a = matrix(each.a, dtype, 24);
      const Dense b = matrix(each.b, dtype, 25);
      const Array lazy = solve(chunked_matrix(a), b.shape.size() == 1 ? in_memory(b) : chunked_matrix(b));
      CHECK(lazy.shape() == each.x);
      CHECK(lazy.dtype() == dtype);
      Dense x = values_of(lazy);
      if (x.size() == 0) continue;
      Shape loop = each.x;
      loop.erase(loop.size() - 1);
      if (b.shape.size() > 1) loop.erase(loop.size() - 1);
      const std::int64_t k = b.shape.size() == 1 ? 1 : columns_of(b);
      const auto spread = [&](const Dense& y, std::int64_t rows, std::int64_t columns) {
        Shape shape = loop;
        shape.push_back(rows);
        shape.push_back(columns);
        return matrices(dense::broadcast_to(y, shape));
      };
      const Dense column = b.shape.size() == 1 ? dense::reshape(b, {b.size(), 1}) : b;
      const std::vector<Dense> right = spread(column, rows_of(column), k);
      const std::vector<Dense> left = spread(a, rows_of(a), rows_of(a));
      x = dense::reshape(x, [&] {
        Shape shape = loop;
        shape.push_back(rows_of(a));
        shape.push_back(k);
        return shape;
      }());
      const std::vector<Dense> found = matrices(x);
      for (std::size_t i = 0; i < found.size(); ++i)
        CHECK(distance(product(left[i], found[i]), right[i]) < 1000 * error_of(dtype));
    }
  }
  CHECK(solve(zeros({2, 3, 3}, {.dtype = DType::int32}) + eye(3), zeros({3}, {.dtype = DType::complex64}))
            .dtype() == DType::complex128);
}

TEST_CASE("solve, qr, cholesky: a stack of a few large matrices is taken one by one", "[ops]") {
  constexpr std::int64_t n = 740;
  const Array a = real(large({2, n, n}, 4));
  const Array truth = real(large({2, n, 2}, 5));
  CHECK(largest(solve(a, matmul(a, truth)) - truth) < 1e-8);
  const Array definite = matmul(a, matrix_transpose(a)) + eye(n);
  const Array lower = cholesky(definite);
  CHECK(largest(matmul(lower, matrix_transpose(lower)) - definite) < 1e-10);
  const Array tall = real(large({2, 70000, 8}, 6));
  const QrResult factors = qr(tall);
  CHECK(largest(matmul(factors.q, factors.r) - tall) < 1e-12);
}

TEST_CASE("solve, cholesky: the matrix of a stack that cannot be taken is named", "[ops]") {
  for (const DType dtype : {DType::float64, DType::complex128}) {
    INFO(name_of(dtype));
    Dense x(dtype, {2, 3, 4, 4});
    for (std::int64_t i = 0; i < 2; ++i) {
      for (std::int64_t j = 0; j < 3; ++j) {
        for (std::int64_t k = 0; k < 4; ++k) x.at({i, j, k, k}) = 1;
      }
    }
    Dense singular = x;
    singular.at({1, 2, 3, 3}) = 0;
    require_error(solve(chunked(singular, {1, 2, 4, 4}), zeros({4})), 3,
                  "solve: the matrix at (1, 2) is singular: column 3");
    Dense negative = x;
    negative.at({1, 0, 2, 2}) = -1;
    require_error(cholesky(chunked(negative, {2, 3, 4, 4})), 2,
                  "cholesky: the matrix at (1, 0) is not positive definite: the leading 3");
  }
}

TEST_CASE("factorizations: stacks that do not fit are refused", "[ops]") {
  CHECK_THROWS_AS(qr(zeros({2, 2, 2}, {.dtype = DType::float16})), DTypeError);
  CHECK_THROWS_AS(cholesky(zeros({2, 3, 2})), ShapeError);
  CHECK_THROWS_AS(solve(zeros({2, 3, 3}), zeros({4, 3, 1})), ShapeError);
  CHECK_THROWS_AS(solve(zeros({2, 3, 3}), zeros({2})), ShapeError);
  CHECK_THROWS_AS(solve(zeros({2, 3, 3}), zeros({2, 3})), ShapeError);
  CHECK_THROWS_AS(qr(zeros({std::int64_t{1} << 40, 1}), {.mode = QrMode::complete}), ShapeError);
  CHECK_THROWS_AS(compute(qr(zeros({100000, 1}), {.mode = QrMode::complete}).q), BudgetError);
}

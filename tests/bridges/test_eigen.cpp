#include <catch2/catch.hpp>

#include "varve/eigen.hpp"
#include "varve/elementwise.hpp"
#include "varve/manipulation.hpp"
#include "varve/reductions.hpp"

namespace varve {
namespace {

using RowMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::MatrixXd numbered(Eigen::Index rows, Eigen::Index columns) {
  Eigen::MatrixXd x(rows, columns);
  for (Eigen::Index i = 0; i < x.size(); ++i) x(i / columns, i % columns) = static_cast<double>(i);
  return x;
}

TEST_CASE("from_eigen: a named matrix is viewed, in either storage order", "[bridges]") {
  Eigen::MatrixXd x = numbered(3, 4);
  const RowMatrix y = x.cast<float>();
  const Array columns = from_eigen(x);
  const Array rows = from_eigen(y);
  CHECK(static_cast<const void*>(columns.view().data) == x.data());
  CHECK(columns.shape() == Shape{3, 4});
  CHECK(columns.view().byte_strides == ByteStrides{8, 24});
  CHECK(rows.view().byte_strides == ByteStrides{16, 4});
  CHECK(rows.dtype() == DType::float32);
  CHECK(to_eigen<double>(astype(rows, DType::float64) - columns) == Eigen::MatrixXd::Zero(3, 4));
  x(2, 3) = 100;
  CHECK(item<double>(max(columns)) == 100);
}

TEST_CASE("from_eigen: a temporary matrix is moved and owned", "[bridges]") {
  Eigen::MatrixXd x = numbered(50, 40);
  const void* memory = x.data();
  const Array array = from_eigen(std::move(x));
  CHECK(static_cast<const void*>(array.view().data) == memory);
  CHECK(item<double>(max(array)) == 1999);
}

TEST_CASE("from_eigen: expressions are evaluated, blocks and maps with a name are viewed", "[bridges]") {
  const Eigen::MatrixXd x = numbered(4, 5);
  CHECK(to_eigen<double>(from_eigen(2.0 * x + x)) == Eigen::MatrixXd(3.0 * x));
  CHECK(to_eigen<double>(from_eigen(x.transpose())) == Eigen::MatrixXd(x.transpose()));
  const auto block = x.block(1, 2, 2, 3);
  CHECK(static_cast<const void*>(from_eigen(block).view().data) == &x(1, 2));
  CHECK(to_eigen<double>(from_eigen(block)) == Eigen::MatrixXd(block));
  const Eigen::Map<const Eigen::MatrixXd, 0, Eigen::OuterStride<>> map(x.data(), 2, 2,
                                                                       Eigen::OuterStride<>(8));
  CHECK(to_eigen<double>(from_eigen(map)) == Eigen::MatrixXd(map));
  const Eigen::ArrayXXi grid = Eigen::ArrayXXi::Constant(2, 3, 7);
  CHECK(from_eigen(grid).dtype() == DType::int32);
}

TEST_CASE("from_eigen: vectors have one axis", "[bridges]") {
  const Eigen::Vector3f column(1, 2, 3);
  const Eigen::RowVectorXd row = Eigen::RowVectorXd::LinSpaced(5, 0, 4);
  CHECK(from_eigen(column).shape() == Shape{3});
  CHECK(from_eigen(row).shape() == Shape{5});
  const Eigen::MatrixXd x = numbered(4, 5);
  const auto diagonal = x.diagonal();
  CHECK(to_vector<double>(from_eigen(diagonal)) == std::vector<double>{0, 6, 12, 18});
  CHECK(to_vector<double>(from_eigen(x.row(1) * 2)) == std::vector<double>{10, 12, 14, 16, 18});
  CHECK(item<double>(sum(from_eigen(row))) == 10);
}

TEST_CASE("to_eigen: computes into either storage order", "[bridges]") {
  const Eigen::MatrixXd x = numbered(6, 7);
  const Array lazy = matrix_transpose(from_eigen(x)) * 2.0;
  CHECK(to_eigen<double>(lazy) == Eigen::MatrixXd(2.0 * x.transpose()));
  const auto rows = to_eigen<double, Eigen::RowMajor>(lazy);
  CHECK(Eigen::MatrixXd(rows) == Eigen::MatrixXd(2.0 * x.transpose()));
  CHECK(to_eigen<double>(mean(lazy)).size() == 1);
  CHECK(to_eigen<double>(lazy(0)).cols() == 1);
  CHECK(to_eigen_vector<double>(lazy(0)) == Eigen::VectorXd(2.0 * x.col(0)));
}

TEST_CASE("to_eigen: too many axes and other element types are refused", "[bridges]") {
  CHECK_THROWS_AS(to_eigen<double>(zeros({2, 2, 2})), ShapeError);
  CHECK_THROWS_WITH(to_eigen<double>(zeros({2, 2, 2})), Catch::Contains("(2, 2, 2)"));
  CHECK_THROWS_AS(to_eigen_vector<double>(zeros({2, 2})), ShapeError);
  CHECK_THROWS_AS(to_eigen<float>(zeros({2, 2})), DTypeError);
}

TEST_CASE("to_eigen: computes with the runtime that it is given", "[bridges]") {
  Runtime roomy({.memory = 64 << 20, .threads = 1});
  const Runtime tiny({.memory = 1000, .threads = 1});
  const Array x = from_eigen(numbered(3, 4)) + 1.0;
  const Eigen::MatrixXd expected = numbered(3, 4).array() + 1.0;
  CHECK_THROWS_AS(to_eigen<double>(x), BudgetError);
  CHECK(to_eigen<double>(roomy, x) == expected);
  CHECK(to_eigen_vector<double>(roomy, x({1})) == expected.row(1).transpose());
}

}  // namespace
}  // namespace varve

#pragma once

#include <Eigen/Core>
#include <memory>
#include <type_traits>
#include <utility>

#include "varve/compute.hpp"
#include "varve/creation.hpp"

namespace varve {

namespace bridge {

/// The types of Eigen that have coefficients.
template <class E>
concept EigenDense = std::is_base_of_v<Eigen::DenseBase<E>, E>;

/// The types Eigen::Matrix and Eigen::Array, which own their memory.
template <class E>
concept EigenPlain = std::is_base_of_v<Eigen::PlainObjectBase<E>, E>;

/// The types whose elements lie in memory at regular strides: plain objects, maps, blocks of them.
template <class E>
concept EigenDirect = (static_cast<int>(E::Flags) & static_cast<int>(Eigen::DirectAccessBit)) != 0;

/// Describes the memory of an Eigen object; vectors have one axis.
template <EigenDirect E>
ConstStridedView view_of(const E& x) {
  using T = typename E::Scalar;
  constexpr std::int64_t kWidth = sizeof(T);
  const auto* first = reinterpret_cast<const std::byte*>(x.data());
  if constexpr (E::IsVectorAtCompileTime)
    return {first, dtype_of<T>(), {x.size()}, {x.innerStride() * kWidth}};
  const std::int64_t down = E::IsRowMajor ? x.outerStride() : x.innerStride();
  const std::int64_t right = E::IsRowMajor ? x.innerStride() : x.outerStride();
  return {first, dtype_of<T>(), {x.rows(), x.cols()}, {down * kWidth, right * kWidth}};
}

/// Makes an Array that owns a matrix.
template <EigenPlain E>
Array own(E&& x)
  requires(!std::is_lvalue_reference_v<E>)
{
  auto owner = std::make_shared<const E>(std::move(x));
  return from_memory(view_of(*owner), owner);
}

/// Checks that an array has at most `ndim` axes, and that dtype.
///
/// Errors:  ShapeError, DTypeError.
inline void require_for_eigen(const Array& array, DType dtype, std::int64_t ndim,
                              const std::string& operation) {
  if (array.ndim() > ndim) {
    throw ShapeError(operation + ": takes arrays of at most " + std::to_string(ndim) +
                     " axes, got the shape " + to_string(array.shape()));
  }
  if (array.dtype() != dtype) {
    throw DTypeError(operation + ": the array is " + std::string(name_of(array.dtype())) + ", not " +
                     std::string(name_of(dtype)) + "; cast it with astype first");
  }
}

/// Copies the values of an array in memory, of at most two axes.
template <class T, int Order>
Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Order> copy_to_eigen(const Array& array) {
  const ConstStridedView view = array.view();
  const std::int64_t rows = view.ndim() > 0 ? view.shape[0] : 1;
  const std::int64_t columns = view.ndim() > 1 ? view.shape[1] : 1;
  Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Order> out(rows, columns);
  std::int64_t at = 0;
  const auto put = [&](const std::byte* element) {
    out(at / columns, at % columns) = *reinterpret_cast<const T*>(element);
    ++at;
  };
  for_each_element(put, view);
  return out;
}

}  // namespace bridge

/// Makes an Array of an Eigen matrix, vector or expression, of either storage order.
///
/// A matrix, map or block that has a name is viewed, not copied: its memory must outlive the Array and every
/// expression made of it, and must not be resized meanwhile; changed values are seen by what is computed
/// later. A temporary matrix is moved into the Array, which then owns it. Any other expression is evaluated
/// by Eigen, at once.
///
/// Shape:   (rows, columns); types that are vectors at compile time give one axis.
/// Dtype:   that of the scalar type.
/// Memory:  not charged to the budget.
template <class E>
Array from_eigen(E&& expression) {
  using Plain = std::remove_cvref_t<E>;
  static_assert(bridge::EigenDense<Plain>, "from_eigen takes Eigen matrices, arrays and expressions of them");
  if constexpr (std::is_lvalue_reference_v<E> && bridge::EigenDirect<Plain>) {
    return from_memory(bridge::view_of(expression));
  } else {
    return bridge::own(typename Plain::PlainObject(std::forward<E>(expression)));
  }
}

/// Copies the values of an Array into an Eigen matrix, computing it if needed.
///
/// Shape:   one axis gives a column, none a 1 x 1 matrix.
/// Errors:  ShapeError if there are more than two axes; DTypeError if T is not the dtype; those of `compute`.
template <class T, int Order = Eigen::ColMajor>
Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Order> to_eigen(const Array& array) {
  bridge::require_for_eigen(array, dtype_of<T>(), 2, "to_eigen");
  return bridge::copy_to_eigen<T, Order>(array.in_memory() ? array : compute(array));
}
/// Does the same with a Runtime of the caller's.
template <class T, int Order = Eigen::ColMajor>
Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Order> to_eigen(Runtime& runtime, const Array& array) {
  bridge::require_for_eigen(array, dtype_of<T>(), 2, "to_eigen");
  return bridge::copy_to_eigen<T, Order>(array.in_memory() ? array : compute(runtime, array));
}

/// Copies the values of a 1-d (or 0-d) Array into an Eigen column vector, computing it if needed.
///
/// Errors:  ShapeError if there is more than one axis; DTypeError if T is not the dtype; those of `compute`.
template <class T>
Eigen::Matrix<T, Eigen::Dynamic, 1> to_eigen_vector(const Array& array) {
  bridge::require_for_eigen(array, dtype_of<T>(), 1, "to_eigen_vector");
  return to_eigen<T>(array);
}
/// Does the same with a Runtime of the caller's.
template <class T>
Eigen::Matrix<T, Eigen::Dynamic, 1> to_eigen_vector(Runtime& runtime, const Array& array) {
  bridge::require_for_eigen(array, dtype_of<T>(), 1, "to_eigen_vector");
  return to_eigen<T>(runtime, array);
}

}  // namespace varve

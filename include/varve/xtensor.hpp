#pragma once

#include <memory>
#include <type_traits>
#include <utility>
#include <xtensor/xarray.hpp>
#include <xtensor/xexpression.hpp>

#include "varve/compute.hpp"
#include "varve/creation.hpp"

namespace varve {

namespace bridge {

/// The types xt::xarray, xt::xtensor, xt::xtensor_fixed and their adaptors: expressions with memory of their
/// own.
template <class E>
concept XtensorContainer = std::is_base_of_v<xt::xcontainer<E>, E>;

/// Describes the memory of a container: xtensor counts strides in elements and gives extent 1 a stride of
/// zero.
template <XtensorContainer E>
ConstStridedView view_of(const E& container) {
  using T = std::remove_cv_t<typename E::value_type>;
  Shape shape;
  ByteStrides strides;
  for (std::size_t axis = 0; axis < container.dimension(); ++axis) {
    shape.push_back(static_cast<std::int64_t>(container.shape()[axis]));
    strides.push_back(static_cast<std::int64_t>(container.strides()[axis]) * std::int64_t{sizeof(T)});
  }
  return {reinterpret_cast<const std::byte*>(container.data()), dtype_of<T>(), shape, strides};
}

/// Makes an Array that owns a container.
template <XtensorContainer E>
Array own(E&& container)
  requires(!std::is_lvalue_reference_v<E>)
{
  auto owner = std::make_shared<const E>(std::move(container));
  return from_memory(view_of(*owner), owner);
}

}  // namespace bridge

/// Makes an Array of an xtensor container or expression, of any layout.
///
/// A container that has a name is viewed, not copied: it must outlive the Array and every expression made of
/// it, and must not be resized meanwhile; changed values are seen by what is computed later. A temporary
/// container is moved into the Array, which then owns it. Any other expression (functions, views, generators)
/// is evaluated by xtensor, at once.
///
/// Shape:   that of the expression.
/// Dtype:   that of its value type.
/// Memory:  not charged to the budget. The memory under an adaptor (xt::adapt) stays the caller's.
template <class E>
Array from_xtensor(E&& expression) {
  using Plain = std::remove_cvref_t<E>;
  static_assert(xt::is_xexpression<Plain>::value, "from_xtensor takes xtensor containers and expressions");
  if constexpr (!bridge::XtensorContainer<Plain>) {
    return bridge::own(xt::xarray<std::remove_cv_t<typename Plain::value_type>>(std::forward<E>(expression)));
  } else if constexpr (std::is_lvalue_reference_v<E>) {
    return from_memory(bridge::view_of(expression));
  } else {
    return bridge::own(Plain(std::forward<E>(expression)));
  }
}

namespace bridge {

/// Copies the values of an array in memory.
///
/// Errors:  DTypeError if T is not its dtype.
template <class T, xt::layout_type Layout>
xt::xarray<T, Layout> copy_to_xtensor(const Array& array) {
  const ConstStridedView view = array.view();
  if (view.dtype != dtype_of<T>()) {
    throw DTypeError("to_xtensor: the array is " + std::string(name_of(view.dtype)) + ", not " +
                     std::string(name_of(dtype_of<T>())) + "; cast it with astype first");
  }
  auto out =
      xt::xarray<T, Layout>::from_shape(std::vector<std::size_t>(view.shape.begin(), view.shape.end()));
  auto to = out.template begin<xt::layout_type::row_major>();
  for_each_element([&to](const std::byte* element) { *to++ = *reinterpret_cast<const T*>(element); }, view);
  return out;
}

}  // namespace bridge

/// Copies the values of an Array into an xt::xarray, computing it if needed.
///
/// Shape:   kept.
/// Memory:  the values twice while copying, once charged to the budget.
/// Errors:  DTypeError if T is not the dtype; those of `compute`.
template <class T, xt::layout_type Layout = xt::layout_type::row_major>
xt::xarray<T, Layout> to_xtensor(const Array& array) {
  return bridge::copy_to_xtensor<T, Layout>(array.in_memory() ? array : compute(array));
}
/// Does the same with a Runtime of the caller's.
template <class T, xt::layout_type Layout = xt::layout_type::row_major>
xt::xarray<T, Layout> to_xtensor(Runtime& runtime, const Array& array) {
  return bridge::copy_to_xtensor<T, Layout>(array.in_memory() ? array : compute(runtime, array));
}

}  // namespace varve

#pragma once

#include "api/catalogue/function.hpp"
#include "varve/core/quantile_method.hpp"

namespace varve {

enum class Boundary : std::uint8_t;
enum class GroupOp : std::uint8_t;
enum class Order : std::uint8_t;
enum class QrMode : std::uint8_t;

}  // namespace varve

namespace varve::catalogue {

/// A Boundary in the words of `numpy.pad`, which differ from those of SciPy.
enum class PadMode : std::uint8_t {};

/// The kind of argument whose words stand for an enumeration. An enumeration without one does not compile.
template <class Enumeration>
struct KindOf;

template <>
struct KindOf<Boundary> {
  static constexpr Kind kind = Kind::boundary;
};
template <>
struct KindOf<PadMode> {
  static constexpr Kind kind = Kind::pad_mode;
};
template <>
struct KindOf<Order> {
  static constexpr Kind kind = Kind::order;
};
template <>
struct KindOf<QrMode> {
  static constexpr Kind kind = Kind::qr_mode;
};
template <>
struct KindOf<QuantileMethod> {
  static constexpr Kind kind = Kind::quantile_method;
};
template <>
struct KindOf<GroupOp> {
  static constexpr Kind kind = Kind::group_op;
};

}  // namespace varve::catalogue

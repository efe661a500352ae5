#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "support/number.hpp"
#include "varve/core/dims.hpp"
#include "varve/core/strided_view.hpp"
#include "varve/indexing.hpp"

/// The oracle: a dense array of wide numbers and plain loops. It is slow, it holds everything, and it shares
/// no code with what it checks: promotion comes from a written table, sums run in long double, views are maps
/// of one index.
namespace varve::dense {

struct Dense {
  DType dtype = DType::float64;
  Shape shape;
  std::vector<Number> values;  ///< C order; each one a value of `dtype`

  Dense() = default;
  /// Makes zeros.
  Dense(DType type, const Shape& extents)
      : dtype(type), shape(extents), values(static_cast<std::size_t>(element_count(extents))) {}

  [[nodiscard]] std::int64_t size() const noexcept { return static_cast<std::int64_t>(values.size()); }
  [[nodiscard]] const Number& at(const Index& index) const { return values[flat(index)]; }
  [[nodiscard]] Number& at(const Index& index) { return values[flat(index)]; }
  [[nodiscard]] std::size_t flat(const Index& index) const;
};

/// Copies a view of any strides.
[[nodiscard]] Dense from_view(const ConstStridedView& view);
/// Returns the elements as bytes in C order.
[[nodiscard]] std::vector<std::byte> to_bytes(const Dense& x);
/// Makes a 0-d array; the value must be one of that dtype.
[[nodiscard]] Dense scalar(DType dtype, const Number& value);

/// Returns the common dtype, from a table written by hand after NumPy's documentation.
[[nodiscard]] DType promote(DType left, DType right);
/// Returns the common shape, or nothing if the shapes do not broadcast.
[[nodiscard]] std::optional<Shape> broadcast(const Shape& left, const Shape& right);

/// Calls `visit` for each index of the shape, in C order.
void for_each_index(const Shape& shape, const std::function<void(const Index&)>& visit);

/// Converts each element.
[[nodiscard]] Dense astype(const Dense& x, DType dtype);

/// Applies a function by the name that it has in varve/elementwise.hpp. Extra parameters are operands too:
/// clip (x, min, max), isclose (x1, x2, rtol, atol, equal_nan), nan_to_num (x, nan, posinf, neginf).
[[nodiscard]] Dense elementwise(std::string_view name, const std::vector<Dense>& operands);
/// Lists the names that `elementwise` knows.
[[nodiscard]] std::vector<std::string_view> elementwise_names();

struct Reduction {
  std::optional<std::vector<std::int64_t>> axes = {};  ///< absent: all; not negative
  bool keepdims = false;
  double correction = 0;
  std::optional<DType> dtype = {};
};
/// Applies a reduction by the name that it has in varve/reductions.hpp. Positions count in the reduced axes,
/// C order.
[[nodiscard]] Dense reduce(std::string_view name, const Dense& x, const Reduction& options = {});
[[nodiscard]] std::vector<std::string_view> reduction_names();

// Views, after NumPy. Arguments must be valid.
[[nodiscard]] Dense gather(const Dense& x, const Shape& shape,
                           const std::function<Index(const Index&)>& source);
[[nodiscard]] Dense index(const Dense& x, const std::vector<IndexItem>& items);
[[nodiscard]] Dense permute(const Dense& x, const std::vector<std::int64_t>& axes);
[[nodiscard]] Dense flip(const Dense& x, const std::vector<std::int64_t>& axes);
[[nodiscard]] Dense rot90(const Dense& x, std::int64_t k, std::int64_t from, std::int64_t towards);
[[nodiscard]] Dense reshape(const Dense& x, const Shape& shape);
[[nodiscard]] Dense broadcast_to(const Dense& x, const Shape& shape);
[[nodiscard]] Dense diagonal(const Dense& x, std::int64_t offset, std::int64_t axis1, std::int64_t axis2);
[[nodiscard]] Dense take(const Dense& x, const std::vector<std::int64_t>& indices, std::int64_t axis);

}  // namespace varve::dense

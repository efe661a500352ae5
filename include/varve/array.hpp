#pragma once

#include <complex>
#include <cstddef>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "varve/core/chunk_grid.hpp"
#include "varve/core/dtype.hpp"
#include "varve/core/scalar.hpp"
#include "varve/core/strided_view.hpp"
#include "varve/indexing.hpp"

namespace varve {

namespace expr {
struct Node;
using NodePtr = std::shared_ptr<const Node>;
}  // namespace expr

/// Is a lazy, immutable handle on an N-d array: shape, dtype, natural chunks, and the expression that makes
/// it. Copying copies a pointer. Nothing is read or computed until `compute`, `save` or `run`
/// (varve/compute.hpp).
class Array {
 public:
  /// Makes a 0-d float64 array of value 0, so that arrays can be default-constructed in containers.
  Array();
  explicit Array(expr::NodePtr node) : node_(std::move(node)) {}

  [[nodiscard]] const Shape& shape() const noexcept;
  [[nodiscard]] DType dtype() const noexcept;
  [[nodiscard]] std::int64_t ndim() const noexcept { return shape().size(); }
  /// Returns the number of elements.
  [[nodiscard]] std::int64_t size() const { return element_count(shape()); }
  /// Returns the bytes that the array takes when dense.
  [[nodiscard]] std::int64_t size_bytes() const { return size() * varve::size_bytes(dtype()); }
  /// Returns the natural chunks: those of the file, as far as the expression keeps them. A hint, never a
  /// precondition.
  [[nodiscard]] const ChunkGrid& chunks() const noexcept;

  /// Selects by integers, slices and arrays of positions, as NumPy's `x[...]`: `x({0, Slice{1, 10, 2},
  /// ellipsis, newaxis})`.
  /// Shape: integers drop an axis, slices keep it, `newaxis` adds one, positions put their broadcast shape in
  /// place of theirs.
  /// Memory: positions that vary along several axes are listed one by one, 8 bytes each, at most
  /// `kMaxPositions`; of others (NumPy's `ix_`) only those that were given. Errors: IndexError.
  [[nodiscard]] Array operator()(const std::vector<IndexItem>& items) const;
  /// Does the same with the items as arguments: `x(0, Slice{1, 10}, ellipsis)`.
  template <class... Items>
  [[nodiscard]] Array operator()(const IndexItem& first, const Items&... rest) const {
    return (*this)(std::vector<IndexItem>{first, IndexItem(rest)...});
  }

  /// Tells whether the values lie in memory already: results of `compute`, arrays made from memory.
  [[nodiscard]] bool in_memory() const noexcept;
  /// Returns the values of an array in memory; valid as long as a copy of the handle lives.
  /// Errors: Error if the array is not in memory (`compute` it first).
  [[nodiscard]] ConstStridedView view() const;

  [[nodiscard]] const expr::NodePtr& node() const noexcept { return node_; }

 private:
  expr::NodePtr node_;
};

/// Is an argument that may be an array or a weak scalar.
class Operand {
 public:
  Operand(const Array& array) : value_(array) {}
  Operand(const Scalar& scalar) : value_(scalar) {}
  template <class T>
    requires std::is_arithmetic_v<T>
  Operand(T scalar) : value_(Scalar(scalar)) {}
  template <class T>
  Operand(std::complex<T> scalar) : value_(Scalar(scalar)) {}

  [[nodiscard]] const Array* array() const noexcept { return std::get_if<Array>(&value_); }
  [[nodiscard]] const Scalar* scalar() const noexcept { return std::get_if<Scalar>(&value_); }

 private:
  std::variant<Array, Scalar> value_;
};

// Operators: elementwise, broadcasting; the functions of varve/elementwise.hpp with the same meaning.
Array operator+(const Operand& left, const Operand& right);
Array operator-(const Operand& left, const Operand& right);
Array operator*(const Operand& left, const Operand& right);
Array operator/(const Operand& left, const Operand& right);
/// Is `remainder` (Python's %: the sign of the divisor).
Array operator%(const Operand& left, const Operand& right);
Array operator&(const Operand& left, const Operand& right);
Array operator|(const Operand& left, const Operand& right);
Array operator^(const Operand& left, const Operand& right);
Array operator<<(const Operand& left, const Operand& right);
Array operator>>(const Operand& left, const Operand& right);
Array operator==(const Operand& left, const Operand& right);
Array operator!=(const Operand& left, const Operand& right);
Array operator<(const Operand& left, const Operand& right);
Array operator<=(const Operand& left, const Operand& right);
Array operator>(const Operand& left, const Operand& right);
Array operator>=(const Operand& left, const Operand& right);
/// Is `logical_and`; both sides are always built (an expression cannot short-circuit).
Array operator&&(const Operand& left, const Operand& right);
/// Is `logical_or`.
Array operator||(const Operand& left, const Operand& right);
Array operator-(const Array& x);
Array operator+(const Array& x);
/// Is `bitwise_invert`.
Array operator~(const Array& x);
/// Is `logical_not`.
Array operator!(const Array& x);

}  // namespace varve

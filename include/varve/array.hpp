#pragma once

#include <complex>
#include <cstddef>
#include <map>
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
/// Shared ownership of a node, which never changes.
using NodePtr = std::shared_ptr<const Node>;
}  // namespace expr

/// A lazy, immutable handle on an N-d array: shape, dtype, natural chunks, and the expression that makes
/// it. Copying copies a pointer. Nothing is read or computed until `compute`, `save` or `run`
/// (varve/compute.hpp).
class Array {
 public:
  /// Makes a 0-d float64 array of value 0, so that arrays can be default-constructed in containers.
  Array();
  /// Makes a handle on an expression: for Varve itself.
  explicit Array(expr::NodePtr node) : node_(std::move(node)) {}

  /// Returns the extents, one per axis.
  [[nodiscard]] const Shape& shape() const noexcept;
  /// Returns the type of the elements.
  [[nodiscard]] DType dtype() const noexcept;
  /// Returns the number of axes.
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
  ///
  /// Shape:   integers drop an axis, slices keep it, `newaxis` adds one, positions put their broadcast shape
  ///          in place of theirs.
  /// Memory:  positions that vary along several axes are listed one by one, 8 bytes each, at most
  ///          `kMaxPositions`; of others (NumPy's `ix_`) only those that were given.
  /// Errors:  IndexError.
  [[nodiscard]] Array operator()(const std::vector<IndexItem>& items) const;
  /// Does the same with the items as arguments: `x(0, Slice{1, 10}, ellipsis)`.
  template <class... Items>
  [[nodiscard]] Array operator()(const IndexItem& first, const Items&... rest) const {
    return (*this)(std::vector<IndexItem>{first, IndexItem(rest)...});
  }

  /// Returns the names of the axes, "" for those without: those of the file, as far as the expression keeps
  /// them. Slices, masks and joins keep names, reductions drop them, operands must agree on theirs.
  [[nodiscard]] std::vector<std::string> dims() const;
  /// Returns the coordinates along axes by name, lazily selected and joined as the axes are: of each file the
  /// one-dimensional variable that is called like the axis. Axes of several files that were combined
  /// element by element have that of the first. Nothing is read but metadata.
  ///
  /// Errors:  StorageError, FormatError.
  [[nodiscard]] std::map<std::string, Array> coords() const;
  /// Returns one of them.
  ///
  /// Errors:  ArgumentError, listing those that there are; StorageError, FormatError.
  [[nodiscard]] Array coordinate(const std::string& name) const;

  /// Tells whether the values lie in memory already: results of `compute`, arrays made from memory.
  [[nodiscard]] bool in_memory() const noexcept;
  /// Returns the values of an array in memory; valid as long as a copy of the handle lives.
  ///
  /// Errors:  Error if the array is not in memory (`compute` it first).
  [[nodiscard]] ConstStridedView view() const;

  /// Returns the expression.
  [[nodiscard]] const expr::NodePtr& node() const noexcept { return node_; }

 private:
  expr::NodePtr node_;
};

/// An argument that may be an array or a weak scalar.
class Operand {
 public:
  /// Takes an array.
  Operand(const Array& array) : value_(array) {}
  /// Takes a weak scalar.
  Operand(const Scalar& scalar) : value_(scalar) {}
  /// Takes a number of C++, as a weak scalar.
  template <class T>
    requires std::is_arithmetic_v<T>
  Operand(T scalar) : value_(Scalar(scalar)) {}
  /// Takes a complex number, as a weak scalar.
  template <class T>
  Operand(std::complex<T> scalar) : value_(Scalar(scalar)) {}

  /// Returns the array, or null.
  [[nodiscard]] const Array* array() const noexcept { return std::get_if<Array>(&value_); }
  /// Returns the scalar, or null.
  [[nodiscard]] const Scalar* scalar() const noexcept { return std::get_if<Scalar>(&value_); }

 private:
  std::variant<Array, Scalar> value_;
};

// Operators: elementwise, broadcasting; the functions of varve/elementwise.hpp with the same meaning.
/// Adds elements: `add`.
Array operator+(const Operand& left, const Operand& right);
/// Subtracts elements: `subtract`.
Array operator-(const Operand& left, const Operand& right);
/// Multiplies elements: `multiply`.
Array operator*(const Operand& left, const Operand& right);
/// Divides elements: `divide`, integers as float64.
Array operator/(const Operand& left, const Operand& right);
/// Gives what is left of a division, with the sign of the divisor, as Python's %: `remainder`.
Array operator%(const Operand& left, const Operand& right);
/// Gives the bits that both have: `bitwise_and`.
Array operator&(const Operand& left, const Operand& right);
/// Gives the bits that either has: `bitwise_or`.
Array operator|(const Operand& left, const Operand& right);
/// Gives the bits that one of them has: `bitwise_xor`.
Array operator^(const Operand& left, const Operand& right);
/// Moves bits up: `bitwise_left_shift`.
Array operator<<(const Operand& left, const Operand& right);
/// Moves bits down: `bitwise_right_shift`.
Array operator>>(const Operand& left, const Operand& right);
/// Compares elements: `equal`.
Array operator==(const Operand& left, const Operand& right);
/// Compares elements: `not_equal`.
Array operator!=(const Operand& left, const Operand& right);
/// Compares elements: `less`.
Array operator<(const Operand& left, const Operand& right);
/// Compares elements: `less_equal`.
Array operator<=(const Operand& left, const Operand& right);
/// Compares elements: `greater`.
Array operator>(const Operand& left, const Operand& right);
/// Compares elements: `greater_equal`.
Array operator>=(const Operand& left, const Operand& right);
/// Tells where both are true: `logical_and`. Both sides are always built: an expression cannot short-circuit.
Array operator&&(const Operand& left, const Operand& right);
/// Tells where either is true: `logical_or`.
Array operator||(const Operand& left, const Operand& right);
/// Changes the sign: `negative`.
Array operator-(const Array& x);
/// Gives x itself: `positive`.
Array operator+(const Array& x);
/// Reverses all bits: `bitwise_invert`.
Array operator~(const Array& x);
/// Tells where x is false or zero: `logical_not`.
Array operator!(const Array& x);

}  // namespace varve

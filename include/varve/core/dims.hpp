#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "varve/core/error.hpp"

namespace varve {

/// The largest number of axes of an array, as in NumPy 1.
inline constexpr std::int64_t kMaxNdim = 32;

/// One integer per axis. The tag makes shapes, element coordinates and chunk coordinates different
/// types: mixing them is the classic bug of chunked arrays. The values of up to five axes lie inline, so that
/// expressions of many nodes stay small; those of more lie in one block of the heap.
template <class Tag>
class Dims {
 public:
  /// The type of the integers.
  using value_type = std::int64_t;

  Dims() noexcept = default;
  /// Makes one of numbers.
  Dims(std::initializer_list<std::int64_t> values) { assign(values.begin(), values.end()); }
  /// Copies a span.
  explicit Dims(std::span<const std::int64_t> values) { assign(values.begin(), values.end()); }
  /// Copies a vector.
  explicit Dims(const std::vector<std::int64_t>& values) { assign(values.begin(), values.end()); }
  /// Makes `size` equal values.
  Dims(std::int64_t size, std::int64_t value) {
    resize(size);
    std::fill_n(data_, size, value);
  }
  /// Converts from another kind of coordinates.
  template <class Other>
  explicit Dims(const Dims<Other>& other) {
    assign(other.begin(), other.end());
  }
  Dims(const Dims& other) { copy(other); }
  Dims(Dims&& other) noexcept { take(other); }
  Dims& operator=(const Dims& other) {
    if (this != &other) copy(other);
    return *this;
  }
  Dims& operator=(Dims&& other) noexcept {
    if (this != &other) take(other);
    return *this;
  }
  ~Dims() { release(); }

  /// Returns the number of axes.
  [[nodiscard]] std::int64_t size() const noexcept { return size_; }
  /// Tells whether there are no axes.
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  /// Returns the value of an axis.
  std::int64_t& operator[](std::int64_t axis) noexcept { return data_[axis]; }
  /// Returns the value of an axis.
  std::int64_t operator[](std::int64_t axis) const noexcept { return data_[axis]; }
  /// Returns the first value.
  std::int64_t* begin() noexcept { return data_; }
  /// Returns the end of the values.
  std::int64_t* end() noexcept { return data_ + size_; }
  /// Returns the first value.
  [[nodiscard]] const std::int64_t* begin() const noexcept { return data_; }
  /// Returns the end of the values.
  [[nodiscard]] const std::int64_t* end() const noexcept { return data_ + size_; }
  /// Returns the value of the last axis.
  std::int64_t& back() noexcept { return data_[size_ - 1]; }
  /// Returns the value of the last axis.
  [[nodiscard]] std::int64_t back() const noexcept { return data_[size_ - 1]; }

  /// Adds an axis behind the others.
  ///
  /// Errors:  ShapeError beyond kMaxNdim.
  void push_back(std::int64_t value) {
    resize(size_ + 1);
    back() = value;
  }
  /// Adds an axis before `axis`.
  ///
  /// Errors:  ShapeError beyond kMaxNdim.
  void insert(std::int64_t axis, std::int64_t value) {
    resize(size_ + 1);
    std::copy_backward(data_ + axis, data_ + size_ - 1, data_ + size_);
    data_[axis] = value;
  }
  /// Removes an axis.
  void erase(std::int64_t axis) {
    std::copy(data_ + axis + 1, data_ + size_, data_ + axis);
    --size_;
  }

  friend bool operator==(const Dims& left, const Dims& right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end());
  }

 private:
  static constexpr std::int64_t kInline = 5;

  /// Makes room for `size` values; those that stand stay.
  void resize(std::int64_t size) {
    if (size > kMaxNdim) {
      throw ShapeError("too many axes: an array has at most 32, got " + std::to_string(size));
    }
    if (size > kInline && data_ == inline_) {
      auto* block = new std::int64_t[kMaxNdim];
      std::copy_n(inline_, size_, block);
      data_ = block;
    }
    size_ = size;
  }
  template <class Iterator>
  void assign(Iterator first, Iterator last) {
    resize(static_cast<std::int64_t>(std::distance(first, last)));
    std::copy(first, last, data_);
  }
  /// Inline values are copied all, whatever the number of axes: a few moves instead of a loop.
  void copy(const Dims& other) {
    if (other.data_ != other.inline_ || data_ != inline_) return assign(other.begin(), other.end());
    size_ = other.size_;
    std::copy_n(other.inline_, kInline, inline_);
  }
  /// Leaves `other` without axes.
  void take(Dims& other) noexcept {
    release();
    size_ = std::exchange(other.size_, 0);
    if (other.data_ == other.inline_) {
      data_ = inline_;
      std::copy_n(other.inline_, kInline, inline_);
    } else {
      data_ = std::exchange(other.data_, other.inline_);
    }
  }
  void release() noexcept {
    if (data_ != inline_) delete[] data_;
  }

  std::int64_t* data_ = inline_;  ///< or a block of kMaxNdim values
  std::int64_t size_ = 0;
  std::int64_t inline_[kInline] = {};
};

struct ShapeTag;
struct IndexTag;
struct ChunkIndexTag;
struct ByteStridesTag;

/// Extents of an array, in elements; zero extents are allowed.
using Shape = Dims<ShapeTag>;
/// Coordinates of one element.
using Index = Dims<IndexTag>;
/// Coordinates of one chunk in its grid.
using ChunkIndex = Dims<ChunkIndexTag>;
/// Distance in bytes between neighbours along each axis; may be zero or negative.
using ByteStrides = Dims<ByteStridesTag>;

/// Returns the number of elements.
///
/// Errors:  ShapeError if an extent is negative or the product exceeds 2^63 - 1.
[[nodiscard]] std::int64_t element_count(const Shape& shape);

/// Returns `left * right`.
///
/// Errors:  ShapeError, naming `what`, if the product does not fit in 63 bits.
[[nodiscard]] std::int64_t checked_multiply(std::int64_t left, std::int64_t right, const char* what);

/// Returns `left * right`, or 2^63 - 1 where that does not fit: for estimates, where "too much" says enough.
/// Neither may be negative.
[[nodiscard]] constexpr std::int64_t saturating_multiply(std::int64_t left, std::int64_t right) noexcept {
  std::int64_t product = 0;
  return __builtin_mul_overflow(left, right, &product) ? std::numeric_limits<std::int64_t>::max() : product;
}

/// Returns the number of elements, or 2^63 - 1 where it does not fit.
[[nodiscard]] std::int64_t saturating_count(const Shape& shape) noexcept;

/// Returns the shape that both broadcast to, by NumPy's rules.
///
/// Errors:  ShapeError naming `operation` and both shapes.
[[nodiscard]] Shape broadcast_shapes(const Shape& left, const Shape& right, std::string_view operation);

/// Returns `axis`, counted from the front.
///
/// Errors:  ShapeError, naming `operation`, if it is out of range for `ndim`.
[[nodiscard]] std::int64_t normalize_axis(std::int64_t axis, std::int64_t ndim, std::string_view operation);

/// Returns the strides of a dense C-order array of that shape.
[[nodiscard]] ByteStrides c_order_strides(const Shape& shape, std::int64_t element_bytes);

/// Formats as Python tuples: "(3, 4)", "(3,)", "()".
template <class Tag>
[[nodiscard]] std::string to_string(const Dims<Tag>& dims) {
  std::string text = "(";
  for (std::int64_t axis = 0; axis < dims.size(); ++axis) {
    if (axis > 0) text += ", ";
    text += std::to_string(dims[axis]);
  }
  return text + (dims.size() == 1 ? ",)" : ")");
}

/// Advances `index` through `[0, shape)` in C order; returns false, with index all zero, after the last one.
template <class Tag>
bool next_index(Dims<Tag>& index, const Shape& shape) noexcept {
  for (std::int64_t axis = index.size() - 1; axis >= 0; --axis) {
    if (++index[axis] < shape[axis]) return true;
    index[axis] = 0;
  }
  return false;
}

}  // namespace varve

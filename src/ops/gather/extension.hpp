#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "expr/box_operator.hpp"
#include "varve/boundary.hpp"

namespace varve::ops {

/// The bytes of one element of any dtype.
using ElementBytes = std::array<std::byte, 16>;

/// An array continued beyond its ends without limit. Coordinates are those of the array: -1 stands before
/// its first element.
class Extension {
 public:
  static void fields(auto& self, auto& visit) {
    visit("shape", self.shape_, "boundary", self.boundary_, "constant", self.constant_);
  }

  Extension() = default;
  Extension(const Shape& shape, Boundary boundary, const ElementBytes& constant)
      : shape_(shape), boundary_(boundary), constant_(constant) {}
  void prepare() const;

  /// Lists the boxes of the array that `read` reads, in its order.
  [[nodiscard]] std::vector<Box> demand(const Box& box) const;
  /// Reads input 0 of an operator, continued, into a view of the box's shape. Each stretch of the array is
  /// read once, straight into its place; what repeats it is copied. Needs no memory.
  void read(const Box& box, const StridedView& out, expr::OperatorContext& context) const;
  /// Writes the constant to what lies beyond the ends of one axis; does nothing for other boundaries.
  void fill_beyond(std::int64_t axis, const Box& box, const StridedView& out) const;

  [[nodiscard]] Boundary boundary() const noexcept { return boundary_; }
  [[nodiscard]] const Shape& shape() const noexcept { return shape_; }

 private:
  /// A stretch of coordinates along one axis, and the elements of the array that stand there: first, first
  /// + step ...
  struct Run {
    std::int64_t lo = 0;
    std::int64_t hi = 0;
    std::int64_t first = 0;
    std::int64_t step = 1;
    std::int64_t copy_of = -1;  ///< number of the run that holds the same elements, or -1: it is read
    bool constant = false;
    [[nodiscard]] std::int64_t lowest() const { return step < 0 ? first - (hi - lo - 1) : first; }
    [[nodiscard]] std::int64_t count() const { return step == 0 ? 1 : hi - lo; }
  };
  /// What stands along one axis of a box: runs from `lo` to `hi`, which repeat on either side with the
  /// period hi - lo. A few runs, however long the box is.
  struct Runs {
    std::vector<Run> list;
    std::int64_t lo = 0;
    std::int64_t hi = 0;
  };

  [[nodiscard]] std::int64_t period(std::int64_t axis) const;
  [[nodiscard]] Run run_at(std::int64_t axis, std::int64_t at, std::int64_t end) const;
  [[nodiscard]] Runs runs_of(std::int64_t axis, std::int64_t lo, std::int64_t hi) const;
  [[nodiscard]] std::vector<Runs> runs_of(const Box& box) const;
  template <class Visit>
  static void for_each_read(const std::vector<Runs>& axes, const Visit& visit);
  void repeat(std::int64_t axis, const Runs& runs, const Box& box, const StridedView& out) const;
  static void repeat_periods(std::int64_t axis, const Runs& runs, const Box& box, const StridedView& out);

  Shape shape_;
  Boundary boundary_ = Boundary::constant;
  ElementBytes constant_{};
};

}  // namespace varve::ops

#pragma once

#include "expr/parameters.hpp"
#include "varve/core/box.hpp"
#include "varve/core/strided_view.hpp"

namespace varve::expr {

/// Makes boxes of an array from nothing but their place. Immutable, and a value like operators: from kind and
/// parameters an equal one can be made again (`ops::make_generator`).
class Generator : public Definition {
 public:
  /// Makes the elements of `box`, which is not empty, in `out`, a view of its shape. Called from several
  /// threads at once.
  virtual void fill(const Box& box, const StridedView& out) const = 0;
  /// Tells whether it makes arrays of that shape and dtype.
  [[nodiscard]] virtual bool suits(const Shape& /*shape*/, DType /*dtype*/) const noexcept { return true; }
};

}  // namespace varve::expr

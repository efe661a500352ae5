#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "expr/parameters.hpp"
#include "varve/core/box.hpp"
#include "varve/core/strided_view.hpp"

namespace varve::expr {

/// A box of an input, with a view of its shape and the input's dtype, any strides, that takes it.
struct InputBox {
  int input = 0;
  Box box;
  StridedView target;
};

/// Says along which axis of an input an axis of a result runs.
struct AxisOrigin {
  std::int64_t axis = -1;       ///< of the input; -1: none
  bool same_positions = false;  ///< positions mean the same on both, if they have one extent
};

/// What an operator runs with: its inputs, its memory, its share of the threads.
class OperatorContext {
 public:
  /// Evaluates `box` of an input into `target`: a view of the box's shape and the input's dtype, any strides.
  /// Works on all workers; not to be called inside `for_each`.
  virtual void read(int input, const Box& box, const StridedView& target) = 0;
  /// Does the same for equal boxes of inputs with equal chunks, chunk by chunk side by side: what several
  /// inputs decode is decoded once, if the operator `reads_together`.
  virtual void read_together(const std::vector<InputBox>& boxes) = 0;
  /// Calls `work(i, worker)` once for each i in [0, count), on up to `workers()` threads, worker in [0,
  /// workers()).
  virtual void for_each(std::int64_t count, const std::function<void(std::int64_t, int)>& work) = 0;
  [[nodiscard]] virtual int workers() const noexcept = 0;
  /// Returns the memory that `BoxOperator::workspace_bytes` asked for, page-aligned; contents are
  /// unspecified.
  [[nodiscard]] virtual std::span<std::byte> workspace() const noexcept = 0;

 protected:
  ~OperatorContext() = default;
};

/// A kind of node that makes boxes of its result from boxes of its inputs: everything that is neither a
/// rearrangement of indices nor elementwise nor a reduction. It answers by geometry alone what a box needs,
/// so the planner needs no other knowledge of it. Immutable; `run` is called from several threads at once.
/// Its parameters are all that it is made from beside its inputs, which are those of its node.
class BoxOperator : public Definition {
 public:
  /// Lists the boxes of `input` that `run` reads to make `box`, a non-empty box of the result, in the order
  /// of reading.
  [[nodiscard]] virtual std::vector<Box> demand(int input, const Box& box) const = 0;
  /// Tells that every box of the result needs the same boxes of an input, which are then looked at once.
  [[nodiscard]] virtual bool demands_same(int /*input*/) const noexcept { return false; }
  /// Returns the bytes that `run` needs beside inputs and result for boxes of up to these extents. Grows with
  /// each extent.
  [[nodiscard]] virtual std::int64_t workspace_bytes(const Shape& box, int workers) const = 0;
  /// Computes `box` of the result, which is not empty, into `out`: a view of the box's shape.
  virtual void run(const Box& box, const StridedView& out, OperatorContext& context) const = 0;

  /// Tells that neighbouring boxes of the result read the same input again: larger boxes then read less, and
  /// one box at a time is worked on by all threads.
  [[nodiscard]] virtual bool rereads_inputs() const noexcept { return false; }

  /// Returns a lower bound on the bytes of its inputs that any schedule must read in that much memory, where
  /// one is known beside reading each input once.
  [[nodiscard]] virtual double least_bytes_read(std::int64_t /*memory_bytes*/) const { return 0; }

  /// Tells that `run` reads equal boxes of all inputs together, for inputs that share datasets.
  [[nodiscard]] virtual bool reads_together() const noexcept { return false; }

  /// Returns how many inputs `run` reads by turns; what it reads later takes the memory of what it read
  /// before. All, unless there may be many.
  [[nodiscard]] virtual int inputs_in_turn() const noexcept { return std::numeric_limits<int>::max(); }

  /// Returns an operator that makes the same boxes by reading the inputs several times, chunk by chunk as
  /// they lie, where this one needs them in another layout; or null. The planner takes whichever moves less.
  [[nodiscard]] virtual std::shared_ptr<const BoxOperator> in_passes() const { return nullptr; }

  /// Tells where names and coordinates of an axis of the result come from; inputs may differ in theirs.
  [[nodiscard]] virtual AxisOrigin axis_origin(int /*input*/, std::int64_t /*axis*/) const { return {}; }
};

}  // namespace varve::expr

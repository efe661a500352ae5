#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string_view>
#include <vector>

#include "expr/parameters.hpp"
#include "expr/workspace.hpp"
#include "varve/core/box.hpp"
#include "varve/core/chunk_grid.hpp"
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

/// How an operator reads its inputs, whatever box of the result it makes: what a planner asks beside
/// `BoxOperator::demand`.
struct Reading {
  static constexpr int kAll = std::numeric_limits<int>::max();

  /// Neighbouring boxes of the result read the same input again: larger boxes then read less, and one box at
  /// a time is worked on by all threads.
  bool again = false;
  /// Equal boxes of all inputs are read together, for inputs that share datasets.
  bool together = false;
  /// Inputs that are read by turns: what is read later takes the memory of what was read before.
  int in_turn = kAll;
  /// Of the inputs from this one on, every box of the result needs the same boxes: they are looked at once.
  int same_from = kAll;

  friend bool operator==(const Reading&, const Reading&) = default;
};

/// One of several arrays that an operator makes at one time. What a run makes of all of them follows from a
/// box of the first.
struct OperatorOutput {
  ChunkGrid grid;  ///< shape and natural chunks
  DType dtype = DType::float64;
  /// The axis of the first output that each axis runs with, position by position; -1: it has all of its
  /// elements for any box.
  std::vector<std::int64_t> along;

  /// Returns what belongs to a box of the first output.
  [[nodiscard]] Box part(const Box& box) const;
  /// Returns the extents of what belongs to a box of the first output with these.
  [[nodiscard]] Shape extents(const Shape& box) const;
};

/// Returns an output that runs with the first along all axes, as the first itself does.
[[nodiscard]] OperatorOutput aligned_output(const ChunkGrid& grid, DType dtype);

/// What an operator runs with: its inputs, its memory, its share of the threads.
class OperatorContext {
 public:
  /// Evaluates `box` of an input into `target`: a view of the box's shape and the input's dtype, any strides.
  /// Works on all workers; not to be called inside `for_each`.
  virtual void read(int input, const Box& box, const StridedView& target) = 0;
  /// Does the same for equal boxes of inputs with equal chunks, chunk by chunk side by side: what several
  /// inputs decode is decoded once, for `Reading::together`.
  virtual void read_together(const std::vector<InputBox>& boxes) = 0;
  /// Calls `work(i, worker)` once for each i in [0, count), on up to `workers()` threads, worker in [0,
  /// workers()).
  virtual void for_each(std::int64_t count, const std::function<void(std::int64_t, int)>& work) = 0;
  [[nodiscard]] virtual int workers() const noexcept = 0;
  /// Returns the memory that `BoxOperator::workspace` asked for, page-aligned; contents are unspecified.
  [[nodiscard]] virtual WorkMemory memory() const noexcept = 0;
  /// Returns where one of several outputs goes: a view of its part of the box, without data where nobody
  /// wants it. The first is what `run` is given.
  [[nodiscard]] virtual StridedView output(std::size_t number) const = 0;

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
  /// Lays out the memory that `run` needs beside inputs and result for boxes of up to these extents. Grows
  /// with each extent.
  [[nodiscard]] virtual Workspace workspace(const Shape& /*box*/, int /*workers*/) const { return {}; }
  /// Computes `box` of the result, which is not empty, into `out`: a view of the box's shape. An operator of
  /// several outputs makes those that have data.
  virtual void run(const Box& box, const StridedView& out, OperatorContext& context) const = 0;

  /// Lists what it makes, where that is several arrays: boxes are then of the first. Empty for one, which its
  /// node describes.
  [[nodiscard]] const std::vector<OperatorOutput>& outputs() const noexcept { return outputs_; }
  /// Returns an operator of the same inputs that makes but one of several outputs, as they are made together;
  /// or null, where that would be no less work.
  [[nodiscard]] virtual std::shared_ptr<const BoxOperator> only(int /*output*/) const { return nullptr; }

  /// Returns what its reading has in common for all boxes.
  [[nodiscard]] const Reading& reading() const noexcept { return reading_; }

  /// Returns a lower bound on the bytes of its inputs that any schedule must read in that much memory, where
  /// one is known beside reading each input once.
  [[nodiscard]] virtual double min_bytes_read(std::int64_t /*memory_bytes*/) const { return 0; }

  /// Returns an operator that makes the same boxes by reading the inputs several times, chunk by chunk as
  /// they lie, where this one needs them in another layout; or null. The planner takes whichever moves less.
  [[nodiscard]] virtual std::shared_ptr<const BoxOperator> in_passes() const { return nullptr; }

  /// Tells where names and coordinates of an axis of the result come from; inputs may differ in theirs.
  [[nodiscard]] virtual AxisOrigin axis_origin(int /*input*/, std::int64_t /*axis*/) const { return {}; }

 protected:
  Reading reading_;  ///< a kind for which it is always the same says `kReading`
  std::vector<OperatorOutput> outputs_;
};

}  // namespace varve::expr

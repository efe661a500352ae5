#pragma once

#include <vector>

#include "exec/buffer_pool.hpp"
#include "exec/leaf_reader.hpp"
#include "kernels/operand_check.hpp"
#include "plan/plan.hpp"

namespace varve::exec {

/// The place where a write sink puts a step's elements: the element at the step's corner, and byte strides
/// per axis.
struct WriteTarget {
  std::byte* data = nullptr;
  ByteStrides strides;
};

/// The accumulator that a reduction block's elements go into: planes over the kept elements of a tile, C
/// order.
struct ReduceTarget {
  void* planes[kernels::kMaxPlanes] = {};
  Index tile_lo;         ///< the corner of the tile, in the domain
  Box block;             ///< the reduction block, cut to the domain
  ByteStrides elements;  ///< state elements per axis of the domain: 0 where reduced
};

/// Runs a stage's fused program over boxes, vector by vector. One per slot; not thread-safe; allocates only
/// when made.
class TileProgram {
 public:
  TileProgram(const plan::Stage& stage, BufferPool& pool);

  /// Evaluates the program on `cell`, a non-empty box that lies in one reduction block of every sink, and
  /// feeds the sinks. `leaves` and `writes` are those of the step whose corner is `step_lo`.
  void run(const Box& cell, const Index& step_lo, const std::vector<LoadedLeaf>& leaves,
           const std::vector<WriteTarget>& writes, const std::vector<ReduceTarget>& reduces);

 private:
  /// A register's contents for one vector: dense, or one element that stands for all.
  struct Operand {
    const std::byte* data = nullptr;
    bool is_scalar = false;
    std::int64_t row_bytes = 0;  ///< distance of the rows of a vector
  };
  /// What is linear in the coordinates of a cell: bytes from a leaf, to a write sink, state elements, counts.
  struct Linear {
    std::int64_t base = 0;
    ByteStrides strides;
  };
  struct Vector {
    std::int64_t rows = 1;
    std::int64_t columns = 1;
  };

  void collect(const Box& cell, const Index& step_lo, const std::vector<LoadedLeaf>& leaves,
               const std::vector<WriteTarget>& writes, const std::vector<ReduceTarget>& reduces);
  void merge_axes();
  void order_axes();
  void run_rows(std::int64_t first_column, std::int64_t columns);
  [[nodiscard]] bool leaves_have_dense_columns() const;
  void run_vector(const Vector& vector);
  void load_leaves(const Vector& vector);
  void execute(std::int64_t n);
  void feed_writes(const Vector& vector);
  void feed_reduces(const Vector& vector);
  const std::byte* dense(int register_id, std::int64_t n);
  [[nodiscard]] std::byte* slot(int register_id) const;
  [[nodiscard]] std::int64_t position(const Linear& linear) const;

  const plan::Stage& stage_;
  std::vector<kernels::VectorFunction> functions_;
  std::vector<kernels::OperandCheck> checks_;  ///< of each instruction; null: none
  std::vector<const kernels::ReduceKernel*> reduce_kernels_;
  bool reduces_last_axis_ = false;
  bool only_reduces_leaves_ = false;  ///< no instructions, no writes: leaves feed the reductions straight
  Buffer slots_;
  std::vector<Operand> operands_;
  std::vector<Linear> linears_;  ///< leaves, writes, then (state, index, count) of each reduction
  std::vector<const std::byte*> leaf_data_;
  std::vector<std::byte*> write_data_;
  const std::vector<ReduceTarget>* targets_ = nullptr;

  // The loop nest of the current cell: `extents_` outer axes and a last axis that vectors run along.
  Shape extents_;
  Index index_;
  std::int64_t column_ = 0;
};

}  // namespace varve::exec

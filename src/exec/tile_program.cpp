#include "exec/tile_program.hpp"

#include <algorithm>
#include <cstring>

#include "kernels/copy.hpp"
#include "ops/elementwise/elementwise_table.hpp"

namespace varve::exec {
namespace {

using kernels::kVectorElements;

// Room for a vector of the widest dtype.
constexpr std::int64_t kSlotBytes = kVectorElements * 16;

std::size_t at(int index) { return static_cast<std::size_t>(index); }

}  // namespace

TileProgram::TileProgram(const plan::Stage& stage, BufferPool& pool)
    : stage_(stage),
      slots_(pool.allocate((stage.program.slot_count + 1) * kSlotBytes)),
      operands_(stage.program.registers.size()) {
  for (const plan::Instruction& instruction : stage.program.instructions) {
    const DType output = stage.program.registers[at(instruction.output)].dtype;
    functions_.push_back(instruction.is_cast
                             ? kernels::find_cast(instruction.compute_dtype, output)
                             : kernels::find_elementwise(instruction.op, instruction.compute_dtype));
    checks_.push_back(instruction.is_cast
                          ? nullptr
                          : kernels::find_operand_check(instruction.op, instruction.compute_dtype));
  }
  only_reduces_leaves_ = stage.program.instructions.empty() && stage.writes.empty();
  for (const plan::ReduceSink& sink : stage.reduces) {
    only_reduces_leaves_ =
        only_reduces_leaves_ && stage.program.registers[at(sink.input)].kind == plan::Register::Kind::leaf;
    reduce_kernels_.push_back(kernels::find_reduce(sink.op, sink.input_dtype));
    reduces_last_axis_ =
        reduces_last_axis_ || (!stage.domain.empty() && sink.reduces(stage.domain.size() - 1));
  }
  for (std::size_t r = 0; r < operands_.size(); ++r) {
    const plan::Register& source = stage.program.registers[r];
    if (source.kind == plan::Register::Kind::constant) operands_[r] = {source.constant.data(), true, 0};
  }
}

std::byte* TileProgram::slot(int register_id) const {
  return slots_.data() + stage_.program.registers[at(register_id)].slot * kSlotBytes;
}

void TileProgram::run(const Box& cell, const Index& step_lo, const std::vector<LoadedLeaf>& leaves,
                      const std::vector<WriteTarget>& writes, const std::vector<ReduceTarget>& reduces) {
  targets_ = &reduces;
  collect(cell, step_lo, leaves, writes, reduces);
  merge_axes();
  const std::int64_t length = extents_.back();
  order_axes();
  for (std::int64_t first = 0; first < length; first += kVectorElements) {
    run_rows(first, std::min(kVectorElements, length - first));
  }
}

// Gathers everything that is linear in the cell's coordinates, so that merging and looping treat all alike.
void TileProgram::collect(const Box& cell, const Index& step_lo, const std::vector<LoadedLeaf>& leaves,
                          const std::vector<WriteTarget>& writes, const std::vector<ReduceTarget>& reduces) {
  linears_.clear();
  leaf_data_.clear();
  write_data_.clear();
  const std::int64_t ndim = cell.ndim();
  const auto add = [&](const ByteStrides& strides, const Index& origin) {
    Linear linear{0, strides};
    for (std::int64_t axis = 0; axis < ndim; ++axis)
      linear.base += (cell.lo[axis] - origin[axis]) * strides[axis];
    linears_.push_back(linear);
  };
  for (const LoadedLeaf& leaf : leaves) {
    leaf_data_.push_back(leaf.data);
    add(leaf.strides, step_lo);
  }
  for (const WriteTarget& write : writes) {
    write_data_.push_back(write.data);
    add(write.strides, step_lo);
  }
  for (std::size_t i = 0; i < reduces.size(); ++i) {
    const plan::ReduceSink& sink = stage_.reduces[i];
    ByteStrides flat(ndim, 0);   // position in the reduced index space
    ByteStrides count(ndim, 0);  // elements of the block before this one
    std::int64_t flat_step = 1;
    std::int64_t count_step = 1;
    for (auto axis = sink.axes.rbegin(); axis != sink.axes.rend(); ++axis) {
      flat[*axis] = flat_step;
      count[*axis] = count_step;
      flat_step *= stage_.domain[*axis];
      count_step *= reduces[i].block.extent(*axis);
    }
    add(reduces[i].elements, reduces[i].tile_lo);
    add(flat, Index(ndim, 0));
    add(count, reduces[i].block.lo);
  }
  extents_ = cell.shape();
  if (ndim == 0) {
    extents_ = {1};
    for (Linear& linear : linears_) linear.strides = {0};
  }
}

// Joins neighbouring axes that everything walks through as one. Rows, the unit of reductions along the last
// axis, are never joined with each other: that would change the order of additions with the shape of the
// tile.
void TileProgram::merge_axes() {
  for (std::int64_t axis = extents_.size() - 2; axis >= 0; --axis) {
    const bool joins_rows = axis == extents_.size() - 2;
    if (extents_[axis] == 1) {
      extents_.erase(axis);
      for (Linear& linear : linears_) linear.strides.erase(axis);
      continue;
    }
    if (joins_rows && reduces_last_axis_) continue;
    const std::int64_t inner = extents_[axis + 1];
    const bool fits = std::all_of(linears_.begin(), linears_.end(), [&](const Linear& linear) {
      return linear.strides[axis] == linear.strides[axis + 1] * inner;
    });
    if (!fits) continue;
    extents_[axis + 1] *= extents_[axis];
    extents_.erase(axis);
    for (Linear& linear : linears_) linear.strides.erase(axis);
  }
}

// Puts axes that every reduction keeps outside of those that some reduction folds, so that an accumulator
// stays in cache while its elements come. The order among folded axes, which fixes the bits, stays.
void TileProgram::order_axes() {
  const std::size_t first_reduce = leaf_data_.size() + write_data_.size();
  const std::int64_t outer = extents_.size() - 1;
  if (first_reduce == linears_.size() || outer < 2) return;
  std::vector<std::int64_t> order;
  const auto folded = [&](std::int64_t axis) {
    for (std::size_t i = first_reduce; i < linears_.size(); i += 3) {
      if (linears_[i].strides[axis] == 0) return true;
    }
    return false;
  };
  for (const bool wanted : {false, true}) {
    for (std::int64_t axis = 0; axis < outer; ++axis) {
      if (folded(axis) == wanted) order.push_back(axis);
    }
  }
  order.push_back(outer);
  const Shape extents = extents_;
  for (std::size_t i = 0; i < order.size(); ++i) extents_[static_cast<std::int64_t>(i)] = extents[order[i]];
  for (Linear& linear : linears_) {
    const ByteStrides strides = linear.strides;
    for (std::size_t i = 0; i < order.size(); ++i) {
      linear.strides[static_cast<std::int64_t>(i)] = strides[order[i]];
    }
  }
}

// Runs the columns [first_column, first_column + columns) of every row; several short rows make one vector.
void TileProgram::run_rows(std::int64_t first_column, std::int64_t columns) {
  column_ = first_column;
  const std::int64_t outer = extents_.size() - 1;
  index_ = Index(outer, 0);
  if (outer == 0) return run_vector({1, columns});
  const std::int64_t rows = extents_[outer - 1];
  // Leaves that feed reductions straight need no register, so a vector may have any number of rows.
  const bool unlimited = only_reduces_leaves_ && leaves_have_dense_columns();
  const std::int64_t rows_at_once =
      unlimited ? rows : std::clamp<std::int64_t>(kVectorElements / columns, 1, rows);
  Shape outside(outer - 1, 0);
  for (std::int64_t axis = 0; axis < outer - 1; ++axis) outside[axis] = extents_[axis];
  Index index(outer - 1, 0);
  do {
    for (std::int64_t axis = 0; axis < outer - 1; ++axis) index_[axis] = index[axis];
    for (std::int64_t row = 0; row < rows; row += rows_at_once) {
      index_[outer - 1] = row;
      run_vector({std::min(rows_at_once, rows - row), columns});
    }
  } while (next_index(index, outside));
}

bool TileProgram::leaves_have_dense_columns() const {
  for (std::size_t i = 0; i < leaf_data_.size(); ++i) {
    if (linears_[i].strides.back() != size_bytes(stage_.program.leaves[i].dtype)) return false;
  }
  return true;
}

std::int64_t TileProgram::position(const Linear& linear) const {
  std::int64_t result = linear.base + column_ * linear.strides.back();
  for (std::int64_t axis = 0; axis < index_.size(); ++axis) result += index_[axis] * linear.strides[axis];
  return result;
}

void TileProgram::run_vector(const Vector& vector) {
  load_leaves(vector);
  execute(vector.rows * vector.columns);
  feed_writes(vector);
  feed_reduces(vector);
}

void TileProgram::load_leaves(const Vector& vector) {
  const std::int64_t rank = extents_.size();
  for (std::size_t i = 0; i < leaf_data_.size(); ++i) {
    const plan::Leaf& leaf = stage_.program.leaves[i];
    const Linear& linear = linears_[i];
    const std::int64_t element = size_bytes(leaf.dtype);
    const std::int64_t column_stride = linear.strides.back();
    const std::int64_t row_stride = rank > 1 ? linear.strides[rank - 2] : 0;
    const std::byte* data = leaf_data_[i] + position(linear);
    Operand& operand = operands_[at(leaf.register_id)];
    const bool rows_dense = vector.rows == 1 || row_stride == vector.columns * element;
    if (column_stride == element && (rows_dense || only_reduces_leaves_)) {
      operand = {data, false, row_stride};
    } else if (column_stride == 0 && (vector.rows == 1 || row_stride == 0)) {
      operand = {data, true, 0};
    } else {
      std::byte* target = slot(leaf.register_id);
      kernels::gather_block(data, row_stride, column_stride, vector.rows, vector.columns, element, target);
      operand = {target, false, vector.columns * element};
    }
  }
}

void TileProgram::execute(std::int64_t n) {
  for (std::size_t i = 0; i < functions_.size(); ++i) {
    const plan::Instruction& instruction = stage_.program.instructions[i];
    const void* inputs[4] = {};
    unsigned scalars = 0;
    for (int input = 0; input < instruction.input_count; ++input) {
      const Operand& operand = operands_[at(instruction.inputs[at(input)])];
      inputs[input] = operand.data;
      scalars |= operand.is_scalar ? 1U << input : 0U;
    }
    const bool all_scalar = scalars == (1U << instruction.input_count) - 1U;
    const std::int64_t count = all_scalar ? 1 : n;
    if (checks_[i] != nullptr && checks_[i](inputs, count, scalars)) ops::refuse_operands(instruction.op);
    std::byte* output = slot(instruction.output);
    functions_[i](inputs, output, count, scalars);
    operands_[at(instruction.output)] = {output, all_scalar, 0};
  }
}

// Returns the register's vector with every element written out.
const std::byte* TileProgram::dense(int register_id, std::int64_t n) {
  Operand& operand = operands_[at(register_id)];
  if (!operand.is_scalar) return operand.data;
  const plan::Register& source = stage_.program.registers[at(register_id)];
  // Constants have no slot of their own; the one after the last is for them.
  std::byte* target =
      source.slot >= 0 ? slot(register_id) : slots_.data() + stage_.program.slot_count * kSlotBytes;
  std::byte element[16];
  std::memcpy(element, operand.data, static_cast<std::size_t>(size_bytes(source.dtype)));
  kernels::gather_block(element, 0, 0, 1, n, size_bytes(source.dtype), target);
  return target;
}

void TileProgram::feed_writes(const Vector& vector) {
  const std::int64_t rank = extents_.size();
  for (std::size_t i = 0; i < write_data_.size(); ++i) {
    const Linear& linear = linears_[leaf_data_.size() + i];
    const int input = stage_.writes[i].input;
    const std::int64_t element = size_bytes(stage_.program.registers[at(input)].dtype);
    const std::byte* values = dense(input, vector.rows * vector.columns);
    kernels::scatter_block(values, vector.rows, vector.columns, element, write_data_[i] + position(linear),
                           rank > 1 ? linear.strides[rank - 2] : 0, linear.strides.back());
  }
}

void TileProgram::feed_reduces(const Vector& vector) {
  const std::int64_t rank = extents_.size();
  const std::size_t first = leaf_data_.size() + write_data_.size();
  for (std::size_t i = 0; i < stage_.reduces.size(); ++i) {
    const plan::ReduceSink& sink = stage_.reduces[i];
    const kernels::ReduceKernel& kernel = *reduce_kernels_[i];
    const Linear& state = linears_[first + 3 * i];
    const Linear& flat = linears_[first + 3 * i + 1];
    const Linear& count = linears_[first + 3 * i + 2];
    const std::int64_t dense_row = vector.columns * size_bytes(sink.input_dtype);
    const Operand& operand = operands_[at(sink.input)];
    const bool straight = only_reduces_leaves_ && !operand.is_scalar;
    const std::byte* values = straight ? operand.data : dense(sink.input, vector.rows * vector.columns);
    const std::int64_t row_bytes = straight && vector.rows > 1 ? operand.row_bytes : dense_row;
    std::int64_t state_at = position(state);
    std::int64_t flat_at = position(flat);
    std::int64_t count_at = position(count);
    const bool along = flat.strides.back() != 0;
    const bool folds_rows = !along && vector.rows > 1 && state.strides[rank - 2] == 0;
    for (std::int64_t row = 0; row < vector.rows; ++row, values += row_bytes) {
      void* planes[kernels::kMaxPlanes] = {};
      for (int plane = 0; plane < kernel.plane_count; ++plane) {
        planes[plane] =
            static_cast<std::byte*>((*targets_)[i].planes[plane]) + state_at * kernel.plane_bytes[plane];
      }
      if (folds_rows && kernel.accumulate_rows != nullptr) {
        kernel.accumulate_rows(planes, values, row_bytes, vector.rows, vector.columns);
        break;
      }
      if (along) {
        kernel.accumulate_along(planes, values, vector.columns, count_at, flat_at);
      } else {
        kernel.accumulate_across(planes, values, vector.columns, count_at, flat_at);
      }
      if (rank > 1) {
        state_at += state.strides[rank - 2];
        flat_at += flat.strides[rank - 2];
        count_at += count.strides[rank - 2];
      }
    }
  }
}

}  // namespace varve::exec

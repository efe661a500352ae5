#include "varve/array.hpp"

#include "expr/node.hpp"
#include "varve/elementwise.hpp"

namespace varve {
namespace {

// The memory behind a node, if it can be viewed with strides: memory itself, or a view of memory without
// listed positions.
const expr::MemorySource* memory_behind(const expr::Node& node) noexcept {
  if (const auto* memory = node.as<expr::MemorySource>()) return memory;
  const auto* view = node.as<expr::View>();
  if (view == nullptr || view->map.has_lists()) return nullptr;
  return node.inputs[0]->as<expr::MemorySource>();
}

ConstStridedView strided(const ConstStridedView& memory, const expr::IndexMap& map) {
  const Shape& shape = map.output_shape();
  ConstStridedView result(memory.data, memory.dtype, shape, ByteStrides(shape.size(), 0));
  if (element_count(shape) == 0) return result;
  for (std::int64_t axis = 0; axis < map.input_ndim(); ++axis) {
    const expr::AxisMap& source = map.axes()[static_cast<std::size_t>(axis)];
    const std::int64_t stride = memory.byte_strides[axis];
    result.data += source.offset * stride;
    if (!source.is_constant()) result.byte_strides[source.output_axis] += source.step * stride;
  }
  return result;
}

}  // namespace

Array::Array() : node_(expr::make_constant({}, DType::float64, 0.0, ChunkGrid(Shape{}, Shape{}))) {}

const Shape& Array::shape() const noexcept { return node_->shape; }
DType Array::dtype() const noexcept { return node_->dtype; }
const ChunkGrid& Array::chunks() const noexcept { return node_->grid; }

bool Array::in_memory() const noexcept { return memory_behind(*node_) != nullptr; }

ConstStridedView Array::view() const {
  const expr::MemorySource* memory = memory_behind(*node_);
  if (memory == nullptr) {
    throw Error("view: the " + std::string(name_of(dtype())) + " array of shape " + to_string(shape()) +
                " is not in memory; compute it first");
  }
  const auto* view = node_->as<expr::View>();
  return view == nullptr ? memory->view : strided(memory->view, view->map);
}

Array operator+(const Operand& left, const Operand& right) { return add(left, right); }
Array operator-(const Operand& left, const Operand& right) { return subtract(left, right); }
Array operator*(const Operand& left, const Operand& right) { return multiply(left, right); }
Array operator/(const Operand& left, const Operand& right) { return divide(left, right); }
Array operator%(const Operand& left, const Operand& right) { return remainder(left, right); }
Array operator&(const Operand& left, const Operand& right) { return bitwise_and(left, right); }
Array operator|(const Operand& left, const Operand& right) { return bitwise_or(left, right); }
Array operator^(const Operand& left, const Operand& right) { return bitwise_xor(left, right); }
Array operator<<(const Operand& left, const Operand& right) { return bitwise_left_shift(left, right); }
Array operator>>(const Operand& left, const Operand& right) { return bitwise_right_shift(left, right); }
Array operator==(const Operand& left, const Operand& right) { return equal(left, right); }
Array operator!=(const Operand& left, const Operand& right) { return not_equal(left, right); }
Array operator<(const Operand& left, const Operand& right) { return less(left, right); }
Array operator<=(const Operand& left, const Operand& right) { return less_equal(left, right); }
Array operator>(const Operand& left, const Operand& right) { return greater(left, right); }
Array operator>=(const Operand& left, const Operand& right) { return greater_equal(left, right); }
Array operator&&(const Operand& left, const Operand& right) { return logical_and(left, right); }
Array operator||(const Operand& left, const Operand& right) { return logical_or(left, right); }
Array operator-(const Array& x) { return negative(x); }
Array operator+(const Array& x) { return positive(x); }
Array operator~(const Array& x) { return bitwise_invert(x); }
Array operator!(const Array& x) { return logical_not(x); }

}  // namespace varve

#include "expr/fields.hpp"
#include "expr/labelled_operator.hpp"
#include "ops/gather/extension.hpp"
#include "ops/gather/rearrange.hpp"
#include "varve/core/walks.hpp"

namespace varve::ops {
namespace {

std::int64_t modulo(std::int64_t a, std::int64_t b) { return ((a % b) + b) % b; }

/// Shows a part of the index space of an extension: element i of the result stands at i + origin.
class Extend final : public expr::Described<Extend>, public expr::LabelledOperator {
 public:
  static constexpr std::string_view kKind = "extend";
  static void fields(auto& op, auto& visit) {
    visit("name", op.name_, "extension", op.extension_, "origin", op.origin_);
  }

  Extend() = default;
  Extend(std::string_view name, Extension extension, const Index& origin)
      : name_(name), extension_(std::move(extension)), origin_(origin) {}
  void prepare() const {
    expr::require_parameter(origin_.size() == extension_.shape().size(), "origin and shape have equal axes");
  }

  [[nodiscard]] std::string_view name() const noexcept override { return name_; }
  [[nodiscard]] expr::ValueOrigin value_origin(int) const override { return expr::ValueOrigin::elements; }
  [[nodiscard]] expr::AxisOrigin axis_origin(int, std::int64_t axis) const override {
    return {axis, origin_[axis] == 0};
  }
  [[nodiscard]] std::vector<Box> demand(int, const Box& box) const override {
    return extension_.demand(placed_at(box, origin_));
  }
  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    extension_.read(placed_at(box, origin_), out, context);
  }

 private:
  std::string name_;
  Extension extension_;
  Index origin_;
};

// The chunks of the input, moved by so many elements.
ChunkGrid moved_grid(const ChunkGrid& input, const Shape& shape, const Index& by) {
  Index offset(shape.size(), 0);
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
    offset[axis] = modulo(input.offset()[axis] - by[axis], input.chunks()[axis]);
  }
  return {shape, input.chunks(), offset};
}

}  // namespace

extern const expr::OperatorRow extend_row = Extend::row();

expr::NodePtr pad(const expr::NodePtr& input, const Index& before, const Index& after, Boundary boundary,
                  const ElementBytes& constant) {
  Shape shape = input->shape;
  Index origin = before;
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
    shape[axis] += before[axis] + after[axis];
    origin[axis] = -before[axis];
  }
  const ChunkGrid grid = moved_grid(input->grid, shape, before);
  return expr::make_operation(
      grid, input->dtype, {input},
      std::make_shared<Extend>("pad", Extension(input->shape, boundary, constant), origin));
}

expr::NodePtr roll(const expr::NodePtr& input, const Index& shift) {
  const Shape& shape = input->shape;
  Index origin = shift;
  Index moved = shift;
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
    origin[axis] = -shift[axis];
    // The longer of the two parts keeps its chunks whole.
    if (shift[axis] > shape[axis] / 2) moved[axis] -= shape[axis];
  }
  return expr::make_operation(moved_grid(input->grid, shape, moved), input->dtype, {input},
                              std::make_shared<Extend>("roll", Extension(shape, Boundary::wrap, {}), origin));
}

}  // namespace varve::ops

#include "ops/gather/concat.hpp"

#include <algorithm>

#include "expr/fields.hpp"
#include "expr/labelled_operator.hpp"

namespace varve::ops {
namespace {

/// Reads from each input the part of the box that lies in it, straight into its place.
class Concat final : public expr::Described<Concat>, public expr::LabelledOperator {
 public:
  static constexpr std::string_view kKind = "concat";
  static constexpr expr::Reading kReading{.in_turn = 2};
  static void fields(auto& op, auto& visit) { visit("axis", op.axis_, "starts", op.starts_); }

  Concat() = default;
  Concat(std::int64_t axis, std::vector<std::int64_t> starts) : axis_(axis), starts_(std::move(starts)) {}
  void prepare() const {
    const bool ascends =
        starts_.size() > 1 && starts_[0] == 0 && std::is_sorted(starts_.begin(), starts_.end());
    expr::require_parameter(expr::is_axis(axis_) && ascends,
                            "inputs start along an axis, in order, from 0 on");
  }

  [[nodiscard]] expr::ValueOrigin value_origin(int) const override { return expr::ValueOrigin::elements; }
  [[nodiscard]] expr::AxisOrigin axis_origin(int, std::int64_t axis) const override {
    return {axis, axis != axis_};
  }
  [[nodiscard]] expr::NodePtr coordinate(std::int64_t axis, const std::vector<expr::NodePtr>&,
                                         const std::vector<expr::NodePtr>& coordinates) const override {
    const bool known =
        axis == axis_ && std::find(coordinates.begin(), coordinates.end(), nullptr) == coordinates.end();
    return known ? concat(coordinates, 0) : nullptr;
  }
  [[nodiscard]] std::vector<Box> demand(int input, const Box& box) const override {
    const Box part = part_of(input, box);
    if (part.empty()) return {};
    Index origin(box.ndim(), 0);
    origin[axis_] = start(input);
    return {relative_to(part, origin)};
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    for (int input = 0; input + 1 < static_cast<int>(starts_.size()); ++input) {
      for (const Box& needed : demand(input, box)) {
        context.read(input, needed, out.sub(relative_to(part_of(input, box), box.lo)));
      }
    }
  }

 private:
  [[nodiscard]] std::int64_t start(int input) const { return starts_[static_cast<std::size_t>(input)]; }
  [[nodiscard]] Box part_of(int input, Box box) const {
    box.lo[axis_] = std::max(box.lo[axis_], start(input));
    box.hi[axis_] = std::min(box.hi[axis_], start(input + 1));
    return box;
  }

  std::int64_t axis_ = 0;
  std::vector<std::int64_t> starts_;  ///< of each input along the axis, then the end of the last
};

}  // namespace

extern const expr::OperatorRow concat_row = Concat::row();

expr::NodePtr concat(const std::vector<expr::NodePtr>& inputs, std::int64_t axis) {
  if (inputs.size() == 1) return inputs[0];
  std::vector<std::int64_t> starts = {0};
  const expr::NodePtr* largest = &inputs[0];
  for (const expr::NodePtr& input : inputs) {
    starts.push_back(starts.back() + input->shape[axis]);
    if (input->shape[axis] > (*largest)->shape[axis]) largest = &input;
  }
  Shape shape = inputs[0]->shape;
  shape[axis] = starts.back();
  const ChunkGrid grid(shape, (*largest)->grid.chunks(), (*largest)->grid.offset());
  return expr::make_operation(grid, inputs[0]->dtype, inputs,
                              std::make_shared<Concat>(axis, std::move(starts)));
}

}  // namespace varve::ops

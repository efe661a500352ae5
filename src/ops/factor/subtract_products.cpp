#include "ops/factor/subtract_products.hpp"

#include <algorithm>

#include "expr/fields.hpp"
#include "ops/contract/tile_product.hpp"

namespace varve::ops {
namespace {

constexpr std::int64_t kExtent = 1024;  ///< of natural chunks, and of the panels that are read

class SubtractProducts final : public expr::Described<SubtractProducts> {
 public:
  static constexpr std::string_view kKind = "subtract_products";
  static constexpr expr::Reading kReading{.again = true, .in_turn = 2};
  static void fields(auto& op, auto& visit) { visit("depths", op.depths_); }

  SubtractProducts() = default;
  explicit SubtractProducts(std::vector<std::int64_t> depths) : depths_(std::move(depths)) {}
  void prepare() const {
    const bool fits = !depths_.empty() && *std::min_element(depths_.begin(), depths_.end()) >= 1;
    expr::require_parameter(fits, "products are some, and have a depth");
  }

  [[nodiscard]] std::vector<Box> demand(int input, const Box& box) const override {
    if (input == 0) return {box};
    return {part(input, box, 0, depths_[static_cast<std::size_t>(input - 1) / 2])};
  }

  [[nodiscard]] expr::Workspace workspace(const Shape& box, int) const override { return Memory(*this, box); }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    context.read(0, box, out);
    TileProduct tile(Memory(*this, box.shape()).tile, context, [&](std::int64_t) {
      return BatchItem{0, 0, {out.data, out.byte_strides[0], out.byte_strides[1]}};
    });
    tile.subtract_from_result();
    for (std::size_t pair = 0; pair < depths_.size(); ++pair) {
      const int left = 1 + 2 * static_cast<int>(pair);
      for (std::int64_t first = 0; first < depths_[pair]; first += kExtent) {
        const std::int64_t last = std::min(first + kExtent, depths_[pair]);
        const Box rows = part(left, box, first, last);
        const Box columns = part(left + 1, box, first, last);
        context.read(left, rows, StridedView(tile.left_panel(), DType::float64, rows.shape()));
        context.read(left + 1, columns, StridedView(tile.right_panel(), DType::float64, columns.shape()));
        tile.add(last - first);
      }
    }
  }

 private:
  struct Memory : expr::Workspace {
    Memory(const SubtractProducts& op, const Shape& box) : tile(*this, DType::float64, op.extents_of(box)) {}
    TileMemory tile;
  };

  // Inputs 1, 3, ... are left operands.
  static Box part(int input, const Box& box, std::int64_t first, std::int64_t last) {
    if (input % 2 == 1) return {{box.lo[0], first}, {box.hi[0], last}};
    return {{first, box.lo[1]}, {last, box.hi[1]}};
  }
  [[nodiscard]] TileExtents extents_of(const Shape& box) const {
    const std::int64_t deepest = *std::max_element(depths_.begin(), depths_.end());
    return {1, 1, 1, box[0], box[1], std::min(deepest, kExtent)};
  }

  std::vector<std::int64_t> depths_;
};

}  // namespace

extern const expr::OperatorRow subtract_products_row = SubtractProducts::row();

expr::NodePtr subtract_products(const expr::NodePtr& base,
                                const std::vector<std::pair<expr::NodePtr, expr::NodePtr>>& products) {
  if (products.empty()) return base;
  std::vector<expr::NodePtr> inputs = {base};
  std::vector<std::int64_t> depths;
  for (const auto& [left, right] : products) {
    inputs.push_back(left);
    inputs.push_back(right);
    depths.push_back(right->shape[0]);
  }
  return expr::make_operation(ChunkGrid(base->shape, Shape{kExtent, kExtent}), DType::float64,
                              std::move(inputs), std::make_shared<SubtractProducts>(std::move(depths)));
}

}  // namespace varve::ops

#include "ops/factor/embedding.hpp"

#include <algorithm>

#include "expr/fields.hpp"
#include "kernels/embedding.hpp"
#include "varve/core/walks.hpp"

namespace varve::ops {
namespace {

// The box of numbers whose squares a box of parts touches.
Box numbers_of(const Box& parts) {
  Box numbers = parts;
  for (std::int64_t axis = 0; axis < parts.ndim(); ++axis) {
    numbers.lo[axis] = parts.lo[axis] / 2;
    numbers.hi[axis] = (parts.hi[axis] + 1) / 2;
  }
  return numbers;
}

class Embedding final : public expr::Described<Embedding> {
 public:
  static constexpr std::string_view kKind = "complex_parts";

  [[nodiscard]] std::vector<Box> demand(int, const Box& box) const override { return {numbers_of(box)}; }
  [[nodiscard]] expr::Workspace workspace(const Shape& box, int) const override { return Memory(box); }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    const Box needed = numbers_of(box);
    const StridedView read = Memory(box.shape()).numbers.view(context.memory(), needed.shape());
    context.read(0, needed, read);
    context.for_each(box.extent(0), [&](std::int64_t i, int) {
      const std::int64_t row = box.lo[0] + i;
      const std::byte* numbers = read.data + (row / 2 - needed.lo[0]) * read.byte_strides[0];
      kernels::write_parts(numbers, row, box.lo[1], row_of(out, 1, i));
    });
  }

 private:
  struct Memory : expr::Workspace {
    explicit Memory(const Shape& box)
        : numbers(add(DType::complex128, saturating_multiply(box[0] / 2 + 1, box[1] / 2 + 1))) {}
    expr::Elements numbers;
  };
};

class Unembedding final : public expr::Described<Unembedding> {
 public:
  static constexpr std::string_view kKind = "complex_of_parts";
  static void fields(auto& op, auto& visit) { visit("column_step", op.column_step_); }

  Unembedding() = default;
  explicit Unembedding(std::int64_t column_step) : column_step_(column_step) {}
  void prepare() const {
    expr::require_parameter(column_step_ == 1 || column_step_ == 2, "columns are all or every second");
  }

  [[nodiscard]] std::vector<Box> demand(int, const Box& box) const override {
    return {{{2 * box.lo[0], column_step_ * box.lo[1]}, {2 * box.hi[0], column_step_ * (box.hi[1] - 1) + 1}}};
  }
  [[nodiscard]] expr::Workspace workspace(const Shape& box, int) const override { return Memory(*this, box); }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    const Box needed = demand(0, box)[0];
    const StridedView read = Memory(*this, box.shape()).parts.view(context.memory(), needed.shape());
    context.read(0, needed, read);
    const std::int64_t width = needed.extent(1);
    const auto* parts = reinterpret_cast<const double*>(read.data);
    context.for_each(box.extent(0), [&](std::int64_t i, int) {
      const double* const re = parts + 2 * i * width;
      kernels::join_parts(re, re + width, column_step_, row_of(out, 1, i));
    });
  }

 private:
  struct Memory : expr::Workspace {
    Memory(const Unembedding& op, const Shape& box)
        : parts(add(DType::float64, saturating_multiply(2 * box[0], op.column_step_ * box[1]))) {}
    expr::Elements parts;
  };

  std::int64_t column_step_ = 1;
};

}  // namespace

extern const expr::OperatorRow complex_parts_row = Embedding::row();
extern const expr::OperatorRow complex_of_parts_row = Unembedding::row();

expr::NodePtr unembedded(const expr::NodePtr& a, std::int64_t column_step) {
  Shape shape;
  Shape chunks;
  Index offset;
  for (std::int64_t axis = 0; axis < 2; ++axis) {
    const std::int64_t step = axis == 0 ? 2 : column_step;
    const std::int64_t chunk = std::max<std::int64_t>(a->grid.chunks()[axis] / step, 1);
    shape.push_back(a->shape[axis] / step);
    chunks.push_back(chunk);
    offset.push_back(a->grid.offset()[axis] / step % chunk);
  }
  return expr::make_operation({shape, chunks, offset}, DType::complex128, {a},
                              std::make_shared<Unembedding>(column_step));
}

expr::NodePtr embedded(const expr::NodePtr& a) {
  Shape shape;
  Shape chunks;
  Index offset;
  // Chunks of as many parts as there were numbers: panels are as wide as chunks, and stay small.
  for (std::int64_t axis = 0; axis < 2; ++axis) {
    shape.push_back(checked_multiply(a->shape[axis], 2, "matrix"));
    chunks.push_back(a->grid.chunks()[axis]);
    offset.push_back(2 * a->grid.offset()[axis] % a->grid.chunks()[axis]);
  }
  return expr::make_operation({shape, chunks, offset}, DType::float64, {a}, std::make_shared<Embedding>());
}

}  // namespace varve::ops

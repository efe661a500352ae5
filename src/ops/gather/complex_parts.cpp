#include "ops/gather/complex_parts.hpp"

#include "expr/fields.hpp"

namespace varve::ops {
namespace {

/// Reads real parts and imaginary ones beside each other.
class ComplexOf final : public expr::Described<ComplexOf> {
 public:
  static constexpr std::string_view kKind = "complex";
  static void fields(auto& op, auto& visit) { visit("part", op.part_); }

  ComplexOf() = default;
  explicit ComplexOf(DType part) : part_(part) {}
  void prepare() const { expr::require_parameter(is_floating(part_), "parts of complex numbers are floats"); }

  [[nodiscard]] expr::AxisOrigin axis_origin(int, std::int64_t axis) const override { return {axis, true}; }
  [[nodiscard]] std::vector<Box> demand(int, const Box& box) const override { return {box}; }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    for (const int part : {0, 1}) {
      context.read(part, box,
                   StridedView(out.data + part * size_bytes(part_), part_, out.shape, out.byte_strides));
    }
  }

 private:
  DType part_ = DType::float64;
};

}  // namespace

extern const expr::OperatorRow complex_row = ComplexOf::row();

expr::NodePtr complex_of(const expr::NodePtr& re, const expr::NodePtr& im) {
  const DType dtype = re->dtype == DType::float32 ? DType::complex64 : DType::complex128;
  return expr::make_operation(re->grid, dtype, {re, im}, std::make_shared<ComplexOf>(re->dtype));
}

}  // namespace varve::ops

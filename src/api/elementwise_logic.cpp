#include "api/operand.hpp"
#include "varve/elementwise.hpp"

namespace varve {

using api::apply;
using api::full_like;
using api::node_of;
using Op = kernels::ElementwiseOp;

namespace {

bool may_be_special(DType dtype) { return is_floating(dtype) || is_complex(dtype); }

// NaN and infinities exist in floating and complex dtypes only; elsewhere the answer is the same everywhere.
Array classify(Op op, const Operand& x, bool otherwise) {
  const expr::NodePtr node = node_of(x);
  return may_be_special(node->dtype) ? apply(op, Array(node)) : full_like(node, otherwise, DType::boolean);
}

bool is_integer_scalar(const Scalar& scalar) {
  const DType dtype = scalar.default_dtype();
  return is_integer(dtype);
}

// Where an integer lies outside the array's integer dtype: above (1), below (-1), or not outside at all (0).
int side_of(const Operand& array, const Operand& other) {
  if (array.array() == nullptr || other.scalar() == nullptr) return 0;
  const DType dtype = array.array()->dtype();
  if (!is_integer(dtype) || !is_integer_scalar(*other.scalar()) || other.scalar()->fits(dtype)) return 0;
  const auto* value = std::get_if<std::int64_t>(&other.scalar()->value());
  return value != nullptr && *value < 0 ? -1 : 1;
}

DType dtype_of(const Operand& x) { return x.array() ? x.array()->dtype() : x.scalar()->default_dtype(); }

bool is_signed(const Operand& x) { return kind_of(dtype_of(x)) == DTypeKind::signed_integer; }

// Signed integers beside uint64 have no common integer dtype, and float64 does not tell their neighbours
// apart.
bool mixes_signs(const Operand& x1, const Operand& x2) {
  const bool weak = (x1.scalar() == nullptr) != (x2.scalar() == nullptr);
  return !weak && ((is_signed(x1) && dtype_of(x2) == DType::uint64) ||
                   (is_signed(x2) && dtype_of(x1) == DType::uint64));
}

// Compares as uint64 where the signed integers are not negative; elsewhere the answer is known.
Array compare_mixed(Op op, const Operand& x1, const Operand& x2, bool if_less, bool if_greater) {
  const Array left(node_of(x1));
  const Array right(node_of(x2));
  const bool first = is_signed(x1);
  return where(less(first ? left : right, 0), first ? if_less : if_greater,
               apply(op, astype(left, DType::uint64), astype(right, DType::uint64)));
}

// Compares. An integer that the array's dtype cannot hold has a known answer: `if_less` where x1 is always
// the lesser.
Array compare(Op op, const Operand& x1, const Operand& x2, bool if_less, bool if_greater) {
  const int right = side_of(x1, x2);
  if (right != 0) return full_like(x1.array()->node(), right > 0 ? if_less : if_greater, DType::boolean);
  const int left = side_of(x2, x1);
  if (left != 0) return full_like(x2.array()->node(), left < 0 ? if_less : if_greater, DType::boolean);
  if (mixes_signs(x1, x2)) return compare_mixed(op, x1, x2, if_less, if_greater);
  return apply(op, x1, x2);
}

}  // namespace

Array bitwise_and(const Operand& x1, const Operand& x2) { return apply(Op::bitwise_and, x1, x2); }
Array bitwise_or(const Operand& x1, const Operand& x2) { return apply(Op::bitwise_or, x1, x2); }
Array bitwise_xor(const Operand& x1, const Operand& x2) { return apply(Op::bitwise_xor, x1, x2); }
Array bitwise_invert(const Operand& x) { return apply(Op::bitwise_invert, x); }
Array bitwise_left_shift(const Operand& x1, const Operand& x2) {
  return apply(Op::bitwise_left_shift, x1, x2);
}
Array bitwise_right_shift(const Operand& x1, const Operand& x2) {
  return apply(Op::bitwise_right_shift, x1, x2);
}

Array logical_and(const Operand& x1, const Operand& x2) { return apply(Op::logical_and, x1, x2); }
Array logical_or(const Operand& x1, const Operand& x2) { return apply(Op::logical_or, x1, x2); }
Array logical_xor(const Operand& x1, const Operand& x2) { return apply(Op::logical_xor, x1, x2); }
Array logical_not(const Operand& x) { return apply(Op::logical_not, x); }

Array equal(const Operand& x1, const Operand& x2) { return compare(Op::equal, x1, x2, false, false); }
Array not_equal(const Operand& x1, const Operand& x2) { return compare(Op::not_equal, x1, x2, true, true); }
Array less(const Operand& x1, const Operand& x2) { return compare(Op::less, x1, x2, true, false); }
Array less_equal(const Operand& x1, const Operand& x2) {
  return compare(Op::less_equal, x1, x2, true, false);
}
Array greater(const Operand& x1, const Operand& x2) { return compare(Op::greater, x1, x2, false, true); }
Array greater_equal(const Operand& x1, const Operand& x2) {
  return compare(Op::greater_equal, x1, x2, false, true);
}

Array isnan(const Operand& x) { return classify(Op::isnan, x, false); }
Array isinf(const Operand& x) { return classify(Op::isinf, x, false); }
Array isfinite(const Operand& x) { return classify(Op::isfinite, x, true); }

Array signbit(const Operand& x) {
  const expr::NodePtr node = node_of(x);
  const DTypeKind kind = kind_of(node->dtype);
  if (kind == DTypeKind::signed_integer) return apply(Op::less, Array(node), 0);
  if (kind == DTypeKind::floating || kind == DTypeKind::complex) return apply(Op::signbit, Array(node));
  return full_like(node, false, DType::boolean);
}

}  // namespace varve

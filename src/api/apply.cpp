#include "api/apply.hpp"

#include <optional>

#include "api/operand.hpp"
#include "ops/elementwise/elementwise_table.hpp"
#include "varve/elementwise.hpp"

namespace varve::api {
namespace {

using Op = kernels::ElementwiseOp;
using ops::KnownAnswer;

Array build(Op op, const Operand& x1, const Operand& x2) {
  return Array(ops::elementwise(op, {argument_of(x1), argument_of(x2)}));
}

Array filled(const expr::NodePtr& like, const Scalar& value, DType dtype) {
  return Array(expr::make_constant(like->shape, dtype, value, like->grid));
}

bool is_known(KnownAnswer known, DType dtype) {
  const DTypeKind kind = kind_of(dtype);
  switch (known) {
    case KnownAnswer::none:
      return false;
    case KnownAnswer::numbers_same:
      return kind != DTypeKind::boolean;
    case KnownAnswer::unsigned_same:
      return kind == DTypeKind::boolean || kind == DTypeKind::unsigned_integer;
    case KnownAnswer::reals_same:
    case KnownAnswer::reals_zero:
      return kind != DTypeKind::complex;
    default:
      return kind != DTypeKind::floating && kind != DTypeKind::complex;
  }
}

// What an operation gives where its answer is the same for all elements, or the elements themselves.
Array known_answer(KnownAnswer known, const expr::NodePtr& x) {
  switch (known) {
    case KnownAnswer::reals_zero:
      return filled(x, 0, x->dtype);
    case KnownAnswer::integers_false:
    case KnownAnswer::integers_true:
      return filled(x, known == KnownAnswer::integers_true, DType::boolean);
    default:
      return Array(x);
  }
}

// The sign bit of what has none: that of the number.
Array sign_of_integers(const expr::NodePtr& x) {
  if (kind_of(x->dtype) != DTypeKind::signed_integer) return filled(x, false, DType::boolean);
  return build(Op::less, Array(x), 0);
}

// What a comparison gives where its first operand is the lesser, and where it is the greater.
struct Ordering {
  bool if_less;
  bool if_greater;
};

std::optional<Ordering> ordering_of(Op op) {
  switch (op) {
    case Op::equal:
      return Ordering{false, false};
    case Op::not_equal:
      return Ordering{true, true};
    case Op::less:
    case Op::less_equal:
      return Ordering{true, false};
    case Op::greater:
    case Op::greater_equal:
      return Ordering{false, true};
    default:
      return std::nullopt;
  }
}

// Where an integer lies outside the array's integer dtype: above (1), below (-1), or not outside at all (0).
int side_of(const Operand& array, const Operand& other) {
  if (array.array() == nullptr || other.scalar() == nullptr) return 0;
  const DType dtype = array.array()->dtype();
  if (!is_integer(dtype) || !is_integer(other.scalar()->default_dtype()) || other.scalar()->fits(dtype))
    return 0;
  const auto* value = std::get_if<std::int64_t>(&other.scalar()->value());
  return value != nullptr && *value < 0 ? -1 : 1;
}

bool is_signed(const Operand& x) { return kind_of(dtype_of(x)) == DTypeKind::signed_integer; }

// Signed integers beside uint64 have no common integer dtype, and float64 does not tell their neighbours
// apart.
bool mixes_signs(const Operand& x1, const Operand& x2) {
  const bool weak = (x1.scalar() == nullptr) != (x2.scalar() == nullptr);
  return !weak && ((is_signed(x1) && dtype_of(x2) == DType::uint64) ||
                   (is_signed(x2) && dtype_of(x1) == DType::uint64));
}

// Compares as uint64 where the signed integers are not negative; elsewhere the answer is known.
Array compare_mixed(Op op, const Operand& x1, const Operand& x2, const Ordering& ordering) {
  const Array left(node_of(x1));
  const Array right(node_of(x2));
  const bool first = is_signed(x1);
  return where(build(Op::less, first ? left : right, 0), first ? ordering.if_less : ordering.if_greater,
               build(op, astype(left, DType::uint64), astype(right, DType::uint64)));
}

// An integer that the array's dtype cannot hold has a known answer.
Array compare(Op op, const Operand& x1, const Operand& x2, const Ordering& ordering) {
  const auto always = [](const Operand& like, bool answer) {
    return filled(like.array()->node(), answer, DType::boolean);
  };
  const int right = side_of(x1, x2);
  if (right != 0) return always(x1, right > 0 ? ordering.if_less : ordering.if_greater);
  const int left = side_of(x2, x1);
  if (left != 0) return always(x2, left < 0 ? ordering.if_less : ordering.if_greater);
  return mixes_signs(x1, x2) ? compare_mixed(op, x1, x2, ordering) : build(op, x1, x2);
}

void require_power(const Operand& base, const Operand& exponent) {
  const auto* power =
      exponent.scalar() == nullptr ? nullptr : std::get_if<std::int64_t>(&exponent.scalar()->value());
  const DType dtype = dtype_of(base);
  if (power == nullptr || *power >= 0 || is_floating(dtype) || is_complex(dtype)) return;
  throw DTypeError(
      "pow: integers have no negative powers; cast the base to a floating dtype with astype first");
}

}  // namespace

Array apply(Op op, const Operand& x) {
  const KnownAnswer known = ops::elementwise_row(op).known;
  const DType dtype = dtype_of(x);
  if (is_known(known, dtype)) return known_answer(known, node_of(x));
  if (op == Op::signbit && !is_floating(dtype) && !is_complex(dtype)) return sign_of_integers(node_of(x));
  return Array(ops::elementwise(op, {argument_of(x)}));
}

Array apply(Op op, const Operand& x1, const Operand& x2) {
  if (const auto ordering = ordering_of(op)) return compare(op, x1, x2, *ordering);
  if (op == Op::pow) require_power(x1, x2);
  return build(op, x1, x2);
}

}  // namespace varve::api

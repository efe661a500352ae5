#include "varve/elementwise.hpp"

#include <cmath>
#include <cstdlib>
#include <map>

#include "api/apply.hpp"
#include "api/operand.hpp"
#include "ops/elementwise/elementwise_table.hpp"
#include "ops/gather/complex_parts.hpp"

namespace varve {
namespace {

const ops::ElementwiseRow& row_of(std::string_view name, int arity) {
  static const std::map<std::string_view, const ops::ElementwiseRow*> known = [] {
    std::map<std::string_view, const ops::ElementwiseRow*> rows;
    for (const ops::ElementwiseRow& row : ops::elementwise_rows()) rows.emplace(row.name, &row);
    return rows;
  }();
  const auto found = known.find(name);
  if (found != known.end() && found->second->arity == arity) return *found->second;
  throw ArgumentError("there is no elementwise function '" + std::string(name) + "' of " +
                      std::to_string(arity) + (arity == 1 ? " operand" : " operands"));
}

}  // namespace

Array elementwise(std::string_view name, const Operand& x) { return api::apply(row_of(name, 1).op, x); }

Array elementwise(std::string_view name, const Operand& x1, const Operand& x2) {
  return api::apply(row_of(name, 2).op, x1, x2);
}

Array astype(const Array& x, DType dtype) { return Array(expr::make_cast(x.node(), dtype)); }

Array round(const Operand& x, std::int64_t decimals) {
  constexpr std::int64_t kMax = 308;  // beyond, the power of ten is no float64
  if (decimals < -kMax || decimals > kMax) {
    throw ArgumentError("round: decimals must lie in [-308, 308], got " + std::to_string(decimals));
  }
  const Array values(api::node_of(x));
  // Part by part: a product of complex numbers would make NaN of an infinite part's neighbour.
  if (decimals != 0 && is_complex(values.dtype())) {
    return Array(ops::complex_of(round(real(values), decimals).node(), round(imag(values), decimals).node()));
  }
  const bool has_fraction = is_floating(values.dtype()) || is_complex(values.dtype());
  if (decimals == 0 || (decimals > 0 && !has_fraction)) return round(values);
  // Powers of ten up to 10^22 are exact; a division by one rounds once, a product with its inverse would
  // round twice.
  const double scale = std::pow(10.0, static_cast<double>(std::abs(decimals)));
  const Array rounded = decimals > 0 ? divide(round(multiply(values, scale)), scale)
                                     : multiply(round(divide(values, scale)), scale);
  return has_fraction ? rounded : astype(rounded, values.dtype());
}

}  // namespace varve

#include "api/catalogue/rows/rows.hpp"
#include "varve/grouping.hpp"
#include "varve/postponed_refusals.hpp"

namespace varve::catalogue {
namespace {

std::vector<double> edges(const Arguments& a) {
  const Array bins = a.array("bins");
  if (bins.ndim() != 1 || bins.size() < 2 || is_complex(bins.dtype())) a.wrong("bins", "two edges or more");
  return numbers_to_build_with(bins);
}

Value grouped(const Arguments& a) {
  return {groupby_reduce(a.array("x"), a.array("labels"), a.choice<GroupOp>("func"),
                         {.axis = a.axes("axis"),
                          .correction = a.real("correction"),
                          .bins = a.absent("bins") ? std::vector<double>{} : edges(a),
                          .right = a.flag("right")})};
}

}  // namespace

std::vector<Row> group_rows() {
  return {
      {"groupby_reduce(x: array, labels: array, axis: axes=None, func: group_op='mean', "
       "correction|ddof: real=0, bins: array=None, right: flag=True)",
       "One reduction for each distinct label, or interval between bins, along the axes of the labels",
       grouped},
  };
}

}  // namespace varve::catalogue

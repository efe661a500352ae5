#include "cli/functions.hpp"
#include "varve/scans.hpp"

namespace varve::cli {
namespace {

template <Array (*F)(const Array&, const ScanOptions&)>
Value run_along(const Arguments& a) {
  return {F(a.array("x"), {.axis = a.optional_integer("axis"),
                           .dtype = a.optional_dtype("dtype"),
                           .include_initial = a.flag("include_initial")})};
}

constexpr Function kFunctions[] = {
    {"cumulative_sum(x, axis=None, dtype=None, include_initial=False)",
     "Sums of all elements up to each one along an axis", run_along<varve::cumulative_sum>},
    {"cumulative_prod(x, axis=None, dtype=None, include_initial=False)",
     "Products of all elements up to each one along an axis", run_along<varve::cumulative_prod>},
    {"cumulative_max(x, axis=None, dtype=None, include_initial=False)",
     "Largest of all elements up to each one along an axis", run_along<varve::cumulative_max>},
};

}  // namespace

std::span<const Function> scan_functions() noexcept { return kFunctions; }

}  // namespace varve::cli

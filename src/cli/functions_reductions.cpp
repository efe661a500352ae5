#include "cli/functions.hpp"
#include "varve/reductions.hpp"

namespace varve::cli {
namespace {

template <Array (*F)(const Array&, const ReduceOptions&)>
Value fold(const Arguments& a) {
  return {F(a.array("x"), {.axis = a.axes("axis"), .keepdims = a.flag("keepdims")})};
}

template <Array (*F)(const Array&, const SumOptions&)>
Value accumulate(const Arguments& a) {
  return {F(a.array("x"),
            {.axis = a.axes("axis"), .dtype = a.optional_dtype("dtype"), .keepdims = a.flag("keepdims")})};
}

template <Array (*F)(const Array&, const VarianceOptions&)>
Value spread(const Arguments& a) {
  return {F(a.array("x"),
            {.axis = a.axes("axis"), .correction = a.real("correction"), .keepdims = a.flag("keepdims")})};
}

template <Array (*F)(const Array&, const ArgOptions&)>
Value position(const Arguments& a) {
  return {F(a.array("x"), {.axis = a.optional_integer("axis"), .keepdims = a.flag("keepdims")})};
}

constexpr Function kFunctions[] = {
    {"sum(x, axis=None, dtype=None, keepdims=False)", accumulate<varve::sum>},
    {"prod(x, axis=None, dtype=None, keepdims=False)", accumulate<varve::prod>},
    {"min(x, axis=None, keepdims=False)", fold<varve::min>},
    {"max(x, axis=None, keepdims=False)", fold<varve::max>},
    {"mean(x, axis=None, keepdims=False)", fold<varve::mean>},
    {"var(x, axis=None, correction|ddof=0, keepdims=False)", spread<varve::var>},
    {"std(x, axis=None, correction|ddof=0, keepdims=False)", spread<varve::std>},
    {"any(x, axis=None, keepdims=False)", fold<varve::any>},
    {"all(x, axis=None, keepdims=False)", fold<varve::all>},
    {"count_nonzero(x, axis=None, keepdims=False)", fold<varve::count_nonzero>},
    {"argmin(x, axis=None, keepdims=False)", position<varve::argmin>},
    {"argmax(x, axis=None, keepdims=False)", position<varve::argmax>},
    {"nansum(x, axis=None, dtype=None, keepdims=False)", accumulate<varve::nansum>},
    {"nanprod(x, axis=None, dtype=None, keepdims=False)", accumulate<varve::nanprod>},
    {"nanmin(x, axis=None, keepdims=False)", fold<varve::nanmin>},
    {"nanmax(x, axis=None, keepdims=False)", fold<varve::nanmax>},
    {"nanmean(x, axis=None, keepdims=False)", fold<varve::nanmean>},
    {"nanvar(x, axis=None, correction|ddof=0, keepdims=False)", spread<varve::nanvar>},
    {"nanstd(x, axis=None, correction|ddof=0, keepdims=False)", spread<varve::nanstd>},
    {"nanargmin(x, axis=None, keepdims=False)", position<varve::nanargmin>},
    {"nanargmax(x, axis=None, keepdims=False)", position<varve::nanargmax>},
    {"nancount(x, axis=None, keepdims=False)", fold<varve::nancount>},
};

}  // namespace

std::span<const Function> reduction_functions() noexcept { return kFunctions; }

}  // namespace varve::cli

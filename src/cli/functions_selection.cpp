#include <fmt/format.h>

#include "cli/functions.hpp"
#include "varve/compute.hpp"
#include "varve/creation.hpp"
#include "varve/elementwise.hpp"
#include "varve/grouping.hpp"
#include "varve/postponed_refusals.hpp"
#include "varve/selection.hpp"

namespace varve::cli {
namespace {

struct Method {
  std::string_view name;
  QuantileMethod method;
};
constexpr Method kMethods[] = {
    {"inverted_cdf", QuantileMethod::inverted_cdf},
    {"averaged_inverted_cdf", QuantileMethod::averaged_inverted_cdf},
    {"closest_observation", QuantileMethod::closest_observation},
    {"interpolated_inverted_cdf", QuantileMethod::interpolated_inverted_cdf},
    {"hazen", QuantileMethod::hazen},
    {"weibull", QuantileMethod::weibull},
    {"linear", QuantileMethod::linear},
    {"median_unbiased", QuantileMethod::median_unbiased},
    {"normal_unbiased", QuantileMethod::normal_unbiased},
    {"lower", QuantileMethod::lower},
    {"higher", QuantileMethod::higher},
    {"midpoint", QuantileMethod::midpoint},
    {"nearest", QuantileMethod::nearest},
};

QuantileMethod method_of(const Arguments& a) {
  const std::string name = a.text("method");
  std::string known;
  for (const Method& row : kMethods) {
    if (row.name == name) return row.method;
    known += (known.empty() ? "'" : ", '") + std::string(row.name) + "'";
  }
  a.wrong("method", "one of " + known);
}

// Returns q between 0 and 1, in its shape.
Array fractions(const Arguments& a, double unit) {
  const Array given = a.array("q");
  if (given.dtype() == DType::boolean || is_complex(given.dtype()))
    a.wrong("q", "a number, or an array of numbers");
  std::vector<double> q = numbers_to_build_with(given);
  for (double& each : q) {
    if (!(each >= 0 && each <= unit)) {
      const bool is_percentile = unit == 1 && each > 1 && each <= 100;
      a.refuse("q", fmt::format("q = {} is not between 0 and {}{}", each, unit,
                                is_percentile ? "; percentile(x, q) takes q between 0 and 100" : ""));
    }
    each /= unit;
  }
  return from_values(q, given.shape());
}

using Quantiles = Array (*)(const Array&, const Array&, const QuantileOptions&);

// NumPy's percentiles are quantiles times 100.
template <Quantiles kMany, int kUnit>
Value quantiles_of(const Arguments& a) {
  const QuantileOptions options{
      .axis = a.axes("axis"), .method = method_of(a), .keepdims = a.flag("keepdims")};
  return {kMany(a.array("x"), fractions(a, kUnit), options)};
}

template <Array (*F)(const Array&, const ReduceOptions&)>
Value fold(const Arguments& a) {
  return {F(a.array("x"), {.axis = a.axes("axis"), .keepdims = a.flag("keepdims")})};
}

template <Array (*F)(const Array&, const SortOptions&)>
Value sorted(const Arguments& a) {
  return {F(a.array("x"), {.axis = a.optional_integer("axis"), .descending = a.flag("descending")})};
}

Value top(const Arguments& a) {
  return {topk(a.array("x"), a.integer("k"), {.axis = a.integer("axis"), .largest = a.flag("largest")})};
}

struct GroupName {
  std::string_view name;
  GroupOp op;
};
constexpr GroupName kGroupOps[] = {
    {"sum", GroupOp::sum},       {"mean", GroupOp::mean},     {"min", GroupOp::min},
    {"max", GroupOp::max},       {"count", GroupOp::count},   {"var", GroupOp::var},
    {"std", GroupOp::std},       {"first", GroupOp::first},   {"last", GroupOp::last},
    {"prod", GroupOp::prod},     {"nansum", GroupOp::nansum}, {"nanmean", GroupOp::nanmean},
    {"nanmin", GroupOp::nanmin}, {"nanmax", GroupOp::nanmax}, {"nanvar", GroupOp::nanvar},
    {"nanstd", GroupOp::nanstd},
};

std::vector<double> edges(const Arguments& a) {
  const Array bins = a.array("bins");
  if (bins.ndim() != 1 || bins.size() < 2 || is_complex(bins.dtype())) a.wrong("bins", "two edges or more");
  return numbers_to_build_with(bins);
}

Value grouped(const Arguments& a) {
  const std::string name = a.text("func");
  for (const GroupName& row : kGroupOps) {
    if (row.name != name) continue;
    return {groupby_reduce(a.array("x"), a.array("labels"), row.op,
                           {.axis = a.axes("axis"),
                            .correction = a.real("correction"),
                            .bins = a.absent("bins") ? std::vector<double>{} : edges(a),
                            .right = a.flag("right")})};
  }
  std::string names;
  for (const GroupName& row : kGroupOps)
    names += (names.empty() ? "one of '" : ", '") + std::string(row.name) + "'";
  a.wrong("func", names);
}

constexpr Function kFunctions[] = {
    {"median(x, axis=None, keepdims=False)",
     "Middle value over axes, the mean of the two if there are two; NaN if there is one",
     fold<varve::median>},
    {"nanmedian(x, axis=None, keepdims=False)", "Middle value over axes of the elements that are not NaN",
     fold<varve::nanmedian>},
    {"quantile(x, q, axis=None, method|interpolation='linear', keepdims=False)",
     "The value below which a fraction q of the elements lie; the axes of q come first",
     quantiles_of<varve::quantile, 1>},
    {"nanquantile(x, q, axis=None, method|interpolation='linear', keepdims=False)",
     "quantile of the elements that are not NaN", quantiles_of<varve::nanquantile, 1>},
    {"percentile(x, q, axis=None, method|interpolation='linear', keepdims=False)",
     "quantile with q in percent", quantiles_of<varve::quantile, 100>},
    {"nanpercentile(x, q, axis=None, method|interpolation='linear', keepdims=False)",
     "percentile of the elements that are not NaN", quantiles_of<varve::nanquantile, 100>},
    {"sort(x, axis=-1, descending=False, ~stable=True, ~kind=None)",
     "Elements in ascending order along an axis (None: all); NaN last", sorted<varve::sort>},
    {"argsort(x, axis=-1, descending=False, ~stable=True, ~kind=None)",
     "Positions that sort an axis; equal elements keep their order", sorted<varve::argsort>},
    {"topk(x, k, axis=-1, largest=True)", "The k largest (or least) elements along an axis, in order", top},
    {"unique_values(x)", "Each value once, in ascending order",
     [](const Arguments& a) -> Value { return {unique_values(a.array("x"))}; }},
    {"groupby_reduce(x, labels, axis=None, func='mean', correction|ddof=0, bins=None, right=True)",
     "One reduction for each distinct label, or interval between bins, along the axes of the labels",
     grouped},
};

}  // namespace

std::span<const Function> selection_functions() noexcept { return kFunctions; }

}  // namespace varve::cli

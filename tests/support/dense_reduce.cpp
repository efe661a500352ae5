#include <algorithm>
#include <cmath>
#include <string>

#include "support/dense.hpp"

namespace varve::dense {
namespace {

constexpr Real kNan = std::numeric_limits<Real>::quiet_NaN();

// The elements that fold into one result, in C order, already without NaN for the nan* forms.
struct Fold {
  DType dtype;
  std::vector<Number> values;
  std::vector<std::int64_t> positions;
  double correction;
  bool skips_nan = false;
};

using FoldFunction = Number (*)(const Fold& fold);

enum class Result { sum_like, same, mean_like, variance_like, test, count };

struct Row {
  std::string_view name;
  Result result;
  FoldFunction function;
};

bool is_exact_integer(DType dtype) { return is_integer(dtype) || dtype == DType::boolean; }

DType sum_dtype(DType dtype) {
  if (kind_of(dtype) == DTypeKind::unsigned_integer) return DType::uint64;
  return is_exact_integer(dtype) ? DType::int64 : dtype;
}

// `fold.dtype` is the dtype of the sum, to which the values were converted.
Number total(const Fold& fold, bool product) {
  if (is_exact_integer(fold.dtype)) {
    Number result = product ? 1 : 0;
    for (const Number& value : fold.values) {
      const auto left = static_cast<Wide>(result.real());
      const auto right = static_cast<Wide>(value.real());
      result = wrapped(fold.dtype, product ? left * right : left + right);
    }
    return result;
  }
  Number result = product ? 1 : 0;
  for (const Number& value : fold.values) {
    if (!product)
      result += value;
    else if (is_complex(fold.dtype))
      result *= value;
    else
      result = result.real() * value.real();
  }
  return result;
}

Number mean(const Fold& fold) {
  Number sum = 0;
  for (const Number& value : fold.values) sum += value;
  const auto count = static_cast<Real>(fold.values.size());
  if (count == 0) return is_complex(fold.dtype) ? Number(kNan, kNan) : Number(kNan);
  return Number(sum.real() / count, sum.imag() / count);
}

Number variance(const Fold& fold) {
  const Number centre = mean(fold);
  const Real divisor = static_cast<Real>(fold.values.size()) - static_cast<Real>(fold.correction);
  Real sum = 0;
  for (const Number& value : fold.values) {
    const Number distance = value - centre;
    sum += distance.real() * distance.real() + distance.imag() * distance.imag();
  }
  if (divisor > 0) return sum / divisor;
  return fold.skips_nan || !(sum > 0) ? kNan : std::numeric_limits<Real>::infinity();
}

std::int64_t extreme_position(const Fold& fold, bool largest_wanted) {
  if (fold.values.empty()) return -1;
  std::size_t best = 0;
  for (std::size_t i = 0; i < fold.values.size(); ++i) {
    if (is_nan(fold.values[i])) return static_cast<std::int64_t>(i);
    const Real value = fold.values[i].real();
    const Real so_far = fold.values[best].real();
    if (largest_wanted ? value > so_far : value < so_far) best = i;
  }
  return static_cast<std::int64_t>(best);
}

Number extreme(const Fold& fold, bool largest_wanted) {
  const std::int64_t best = extreme_position(fold, largest_wanted);
  return best < 0 ? Number(kNan) : fold.values[static_cast<std::size_t>(best)];
}

Number position(const Fold& fold, bool largest_wanted) {
  const std::int64_t best = extreme_position(fold, largest_wanted);
  return static_cast<Real>(best < 0 ? -1 : fold.positions[static_cast<std::size_t>(best)]);
}

Real truth_count(const Fold& fold) {
  return static_cast<Real>(std::count_if(fold.values.begin(), fold.values.end(), truth));
}

// The nan* forms are the same functions on folds that lost their NaN.
const Row kRows[] = {
    {"sum", Result::sum_like, [](const Fold& fold) { return total(fold, false); }},
    {"prod", Result::sum_like, [](const Fold& fold) { return total(fold, true); }},
    {"min", Result::same, [](const Fold& fold) { return extreme(fold, false); }},
    {"max", Result::same, [](const Fold& fold) { return extreme(fold, true); }},
    {"mean", Result::mean_like, mean},
    {"var", Result::variance_like, variance},
    {"std", Result::variance_like, [](const Fold& fold) { return Number(std::sqrt(variance(fold).real())); }},
    {"any", Result::test, [](const Fold& fold) { return Number(truth_count(fold) > 0 ? 1 : 0); }},
    {"all", Result::test,
     [](const Fold& fold) {
       return Number(truth_count(fold) == static_cast<Real>(fold.values.size()) ? 1 : 0);
     }},
    {"count_nonzero", Result::count, [](const Fold& fold) { return Number(truth_count(fold)); }},
    {"argmin", Result::count, [](const Fold& fold) { return position(fold, false); }},
    {"argmax", Result::count, [](const Fold& fold) { return position(fold, true); }},
    {"count", Result::count, [](const Fold& fold) { return Number(static_cast<Real>(fold.values.size())); }},
};

const Row& row_of(std::string_view name) {
  if (name.starts_with("nan")) name.remove_prefix(3);
  const auto* row =
      std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& r) { return r.name == name; });
  if (row == std::end(kRows)) throw Error("the oracle has no reduction '" + std::string(name) + "'");
  return *row;
}

DType result_dtype(Result result, DType dtype) {
  const DType floating = is_exact_integer(dtype) ? DType::float64 : dtype;
  switch (result) {
    case Result::sum_like:
      return sum_dtype(dtype);
    case Result::same:
      return dtype;
    case Result::mean_like:
      return floating;
    case Result::variance_like:
      return real_of(floating);
    case Result::test:
      return DType::boolean;
    case Result::count:
      return DType::int64;
  }
  return dtype;
}

struct Geometry {
  std::vector<bool> folded;
  Shape kept;     // with extent 1 on the folded axes
  Shape reduced;  // only the folded axes
};

Geometry geometry_of(const Shape& shape, const std::optional<std::vector<std::int64_t>>& axes) {
  Geometry g{std::vector<bool>(static_cast<std::size_t>(shape.size()), !axes), shape, {}};
  for (const std::int64_t axis : axes.value_or(std::vector<std::int64_t>{})) {
    g.folded[static_cast<std::size_t>(axis)] = true;
  }
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
    if (!g.folded[static_cast<std::size_t>(axis)]) continue;
    g.kept[axis] = 1;
    g.reduced.push_back(shape[axis]);
  }
  return g;
}

Fold fold_at(const Dense& x, const Geometry& g, const Index& kept, bool skip_nan) {
  Fold fold{x.dtype, {}, {}, 0};
  std::int64_t position = 0;
  for_each_index(g.reduced, [&](const Index& reduced) {
    Index index = kept;
    std::int64_t next = 0;
    for (std::int64_t axis = 0; axis < x.shape.size(); ++axis) {
      if (g.folded[static_cast<std::size_t>(axis)]) index[axis] = reduced[next++];
    }
    if (!(skip_nan && is_nan(x.at(index)))) {
      fold.values.push_back(x.at(index));
      fold.positions.push_back(position);
    }
    ++position;
  });
  return fold;
}

}  // namespace

Dense reduce(std::string_view name, const Dense& x, const Reduction& options) {
  const Row& row = row_of(name);
  const DType dtype = options.dtype.value_or(result_dtype(row.result, x.dtype));
  const Dense input = row.result == Result::sum_like ? astype(x, dtype) : x;
  const Geometry g = geometry_of(x.shape, options.axes);
  Dense out(dtype, g.kept);
  for_each_index(g.kept, [&](const Index& kept) {
    Fold fold = fold_at(input, g, kept, name.starts_with("nan"));
    fold.correction = options.correction;
    fold.skips_nan = name.starts_with("nan") && !is_exact_integer(x.dtype);
    const Number value = row.function(fold);
    out.at(kept) = is_exact_integer(dtype) ? value : rounded(dtype, value);
  });
  if (!options.keepdims) {
    for (std::int64_t axis = x.shape.size() - 1; axis >= 0; --axis) {
      if (g.folded[static_cast<std::size_t>(axis)]) out.shape.erase(axis);
    }
  }
  return out;
}

std::vector<std::string_view> reduction_names() {
  return {"sum",     "prod",          "min",    "max",       "mean",      "var",     "std",    "any",
          "all",     "count_nonzero", "argmin", "argmax",    "nansum",    "nanprod", "nanmin", "nanmax",
          "nanmean", "nanvar",        "nanstd", "nanargmin", "nanargmax", "nancount"};
}

}  // namespace varve::dense

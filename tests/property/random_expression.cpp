#include "property/random_expression.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ops/elementwise_cases.hpp"
#include "ops/reduction_cases.hpp"
#include "property/rounding_error.hpp"
#include "support/values.hpp"
#include "varve/elementwise.hpp"
#include "varve/manipulation.hpp"

namespace varve::test {
namespace {

using dense::Dense;

const ElementwiseCase& row_of(std::string_view name) {
  const auto rows = elementwise_cases();
  return *std::find_if(rows.begin(), rows.end(),
                       [&](const ElementwiseCase& row) { return row.name == name; });
}

bool takes(std::string_view name, DType dtype) {
  return row_of(name).kinds.find(kind_letter(dtype)) != std::string_view::npos;
}

// Functions whose result is exact, or correctly rounded, on exact operands.
const std::vector<std::string_view> kUnary = {
    "abs",         "negative",       "positive", "sign",     "floor", "ceil", "round", "trunc",
    "logical_not", "bitwise_invert", "isnan",    "isfinite", "conj",  "real", "square"};
const std::vector<std::string_view> kBinary = {
    "add",        "subtract",    "multiply",    "maximum", "minimum",   "fmax",
    "fmin",       "equal",       "less",        "greater", "add",       "bitwise_and",
    "bitwise_or", "bitwise_xor", "logical_and", "divide",  "remainder", "floor_divide"};
const std::vector<std::string_view> kReductions = {"sum",    "sum",     "mean",          "min", "max",
                                                   "any",    "all",     "count_nonzero", "var", "nansum",
                                                   "nanmax", "nanmean", "nancount"};

std::string text_of(const Shape& shape) { return varve::to_string(shape); }

// Names never refuse all: the count of numbers is defined for every dtype and every error.
Sample fold(const Sample& x, std::string_view name, const dense::Reduction& request) {
  const auto rows = reduction_cases();
  const auto row =
      std::find_if(rows.begin(), rows.end(), [&](const ReductionCase& r) { return r.name == name; });
  if (row->kinds.find(kind_letter(x.dense.dtype)) == std::string_view::npos)
    return fold(x, "nancount", request);
  std::int64_t folded = 1;
  for (const std::int64_t axis : *request.axes) folded *= x.dense.shape[axis];
  const Dense result = dense::reduce(name, x.dense, request);
  const auto error = reduction_error(name, x.dense, x.error, folded, result);
  if (!error) return fold(x, "nancount", request);
  return {row->call(x.lazy, request), result, *error,
          std::string(name) + text_of(Shape(*request.axes)) + "(" + x.text + ")"};
}

}  // namespace

ExpressionGenerator::ExpressionGenerator(const PropertyCase& item, std::uint64_t source_seed,
                                         const TemporaryDirectory& directory)
    : item_(item), random_(item.seed), sources_(source_seed), directory_(directory) {}

std::int64_t ExpressionGenerator::next(std::int64_t low, std::int64_t high) {
  return pick(random_, low, high);
}

Sample ExpressionGenerator::make() { return make(random_shape(), item_.depth); }

Shape ExpressionGenerator::random_shape() {
  static const std::vector<std::int64_t> extents = {0, 1, 1, 2, 3, 5, 7, 11, 13, 13, 7};
  Shape shape;
  const std::int64_t ndim = next(0, 5);
  std::int64_t elements = 1;
  for (std::int64_t axis = 0; axis < ndim; ++axis) {
    std::int64_t extent = std::min(pick_one(random_, extents), item_.max_extent);
    if (extent == 0 && !chance(3)) extent = 1;
    if (elements * extent > 1500) extent = 1;
    elements *= std::max<std::int64_t>(extent, 1);
    shape.push_back(extent);
  }
  return shape;
}

// A shape that broadcasts to `shape`: fewer leading axes, some extents 1.
Shape ExpressionGenerator::part_of(const Shape& shape) {
  Shape part = shape;
  while (part.size() > 0 && chance(5)) part.erase(0);
  for (std::int64_t& extent : part) extent = chance(5) ? 1 : extent;
  return part;
}

Sample ExpressionGenerator::make(const Shape& shape, int depth) {
  if (depth <= 0 || element_count(shape) > leaf_elements_) return leaf(shape);
  switch (next(0, 14)) {
    case 12:
    case 13:
    case 14:
      return operation(shape, depth - 1);
    case 0:
      return leaf(shape);
    case 1:
      return unary(shape, depth - 1);
    case 2:
    case 3:
      return binary(shape, depth - 1);
    case 4:
      return with_scalar(shape, depth - 1);
    case 5:
      return choice(shape, depth - 1);
    case 6:
      return converted(shape, depth - 1);
    case 7:
      return view(shape, depth - 1);
    case 8:
      return sliced(shape, depth - 1);
    case 9:
      return picked(shape, depth - 1);
    case 10:
      return reduced(shape, depth - 1);
    default:
      return centred(shape, depth - 1);
  }
}

Sample ExpressionGenerator::leaf(const Shape& shape) {
  // Everyday dtypes more often than the others.
  const DType dtype = chance(2) ? pick_one<DType>(random_, {DType::float32, DType::float64, DType::int16})
                                : kAllDTypes[static_cast<std::size_t>(next(0, kDTypeCount - 1))];
  Domain domain{.low = -16, .high = 16, .quarters = true};
  domain.specials = !is_complex(dtype) && (is_integer(dtype) ? chance(3) : false);
  domain.nans = is_floating(dtype) && chance(4);
  const Dense values = random_values(dtype, shape, domain, random_);
  const Source source = random_source(values, directory_, sources_);
  return {source.array, values, 0, std::string(name_of(dtype)) + text_of(shape) + "<" + source.text + ">"};
}

Sample ExpressionGenerator::unary(const Shape& shape, int depth) {
  const Sample x = make(shape, depth);
  const std::string_view name = pick_one(random_, kUnary);
  if (!takes(name, x.dense.dtype)) return x;
  Sample out{row_of(name).call({x.lazy}), dense::elementwise(name, {x.dense}), 0,
             std::string(name) + "(" + x.text + ")"};
  const auto error = unary_error(name, x.dense, x.error, out.dense);
  if (!error) return x;
  out.error = *error;
  return out;
}

Sample ExpressionGenerator::binary(const Shape& shape, int depth) {
  Sample x = make(shape, depth);
  Sample y = make(part_of(shape), depth);
  if (chance(2)) std::swap(x, y);
  const std::string_view name = pick_one(random_, kBinary);
  const DType dtype = dense::promote(x.dense.dtype, y.dense.dtype);
  const Sample& whole = x.dense.shape == shape ? x : y;
  if (!takes(name, dtype)) return whole;
  Sample out{row_of(name).call({x.lazy, y.lazy}), dense::elementwise(name, {x.dense, y.dense}), 0,
             std::string(name) + "(" + x.text + ", " + y.text + ")"};
  const auto error = binary_error(name, x.dense, x.error, y.dense, y.error, out.dense);
  if (!error) return whole;
  out.error = *error;
  return out;
}

Sample ExpressionGenerator::with_scalar(const Shape& shape, int depth) {
  const Sample x = make(shape, depth);
  const std::string_view name =
      pick_one<std::string_view>(random_, {"add", "multiply", "subtract", "maximum", "less"});
  const std::int64_t value = next(0, 4);
  if (!takes(name, x.dense.dtype) || x.dense.dtype == DType::boolean) return x;
  const Dense scalar = dense::scalar(x.dense.dtype, static_cast<dense::Real>(value));
  Sample out{row_of(name).call({x.lazy, value}), dense::elementwise(name, {x.dense, scalar}), 0,
             std::string(name) + "(" + x.text + ", " + std::to_string(value) + ")"};
  const auto error = binary_error(name, x.dense, x.error, scalar, 0, out.dense);
  if (!error) return x;
  out.error = *error;
  return out;
}

Sample ExpressionGenerator::choice(const Shape& shape, int depth) {
  const Sample c = make(shape, depth - 1);
  const Sample x = make(part_of(shape), depth);
  const Sample y = make(shape, depth - 1);
  if (c.error > 0) return y;
  const Dense condition = dense::astype(c.dense, DType::boolean);
  Sample out{where(astype(c.lazy, DType::boolean), x.lazy, y.lazy),
             dense::elementwise("where", {condition, x.dense, y.dense}), 0,
             "where(" + c.text + ", " + x.text + ", " + y.text + ")"};
  out.error = std::max(cast_error(x.dense, x.error, out.dense), cast_error(y.dense, y.error, out.dense));
  return out;
}

Sample ExpressionGenerator::converted(const Shape& shape, int depth) {
  const Sample x = make(shape, depth);
  const DType dtype = kAllDTypes[static_cast<std::size_t>(next(0, kDTypeCount - 1))];
  if (x.error > 0 && (is_integer(dtype) || dtype == DType::boolean)) return x;
  Sample out{astype(x.lazy, dtype), dense::astype(x.dense, dtype), 0,
             std::string(name_of(dtype)) + "(" + x.text + ")"};
  out.error = cast_error(x.dense, x.error, out.dense);
  return out;
}

Sample ExpressionGenerator::view(const Shape& shape, int depth) {
  const std::int64_t ndim = shape.size();
  std::vector<std::int64_t> axes(static_cast<std::size_t>(ndim));
  std::iota(axes.begin(), axes.end(), 0);
  switch (next(0, 4)) {
    case 0: {  // axis i of the result is axis axes[i] of the source
      for (std::size_t i = axes.size(); i > 1; --i)
        std::swap(axes[i - 1], axes[static_cast<std::size_t>(next(0, static_cast<std::int64_t>(i) - 1))]);
      Shape source = shape;
      for (std::int64_t i = 0; i < ndim; ++i) source[axes[static_cast<std::size_t>(i)]] = shape[i];
      const Sample x = make(source, depth);
      return {permute_dims(x.lazy, axes), dense::permute(x.dense, axes), x.error, "permute(" + x.text + ")"};
    }
    case 1: {
      const Sample x = make(shape, depth);
      std::erase_if(axes, [&](std::int64_t) { return chance(2); });
      return {flip(x.lazy, Axes(axes)), dense::flip(x.dense, axes), x.error, "flip(" + x.text + ")"};
    }
    case 2: {
      const Sample x = make(part_of(shape), depth);
      return {broadcast_to(x.lazy, shape), dense::broadcast_to(x.dense, shape), x.error,
              "broadcast(" + x.text + ")"};
    }
    case 3: {  // the diagonal becomes the last axis
      if (ndim == 0) return make(shape, depth);
      Shape source = shape;
      const std::int64_t offset = next(-2, 2);
      source[ndim - 1] = shape[ndim - 1] + std::max<std::int64_t>(-offset, 0);
      source.push_back(shape[ndim - 1] + std::max<std::int64_t>(offset, 0));
      const Sample x = make(source, depth);
      return {diagonal(x.lazy, offset, ndim - 1, ndim), dense::diagonal(x.dense, offset, ndim - 1, ndim),
              x.error, "diagonal(" + x.text + ")"};
    }
    default: {
      if (ndim < 2) return make(shape, depth);
      Shape source = shape;
      std::swap(source[0], source[1]);
      const std::int64_t turns = chance(2) ? 1 : 3;
      const Sample x = make(source, depth);
      return {rot90(x.lazy, turns, {0, 1}), dense::rot90(x.dense, turns, 0, 1), x.error,
              "rot90(" + x.text + ")"};
    }
  }
}

// Cuts the shape out of a larger one, with steps of both signs, an extra axis by an integer and a new axis.
Sample ExpressionGenerator::sliced(const Shape& shape, int depth) {
  Shape source;
  std::vector<IndexItem> items;
  for (const std::int64_t extent : shape) {
    if (extent == 1 && chance(3)) {
      items.emplace_back(newaxis);
      continue;
    }
    if (chance(6)) {
      source.push_back(next(1, 4));
      items.emplace_back(next(-source.back(), source.back() - 1));
    }
    const std::int64_t step = chance(2) ? 1 : next(2, 3);
    const std::int64_t skip = next(0, 2);
    const std::int64_t last = skip + std::max<std::int64_t>(extent - 1, 0) * step;
    source.push_back(extent == 0 ? next(0, 3) : last + 1 + next(0, 2));
    if (extent == 0)
      items.emplace_back(Slice{2, 1});
    else if (chance(2))
      items.emplace_back(Slice{skip, last + 1, step});
    else
      items.emplace_back(Slice{last, skip == 0 ? std::optional<std::int64_t>() : skip - 1, -step});
  }
  if (element_count(source) > leaf_elements_) return leaf(shape);
  const Sample x = make(source, depth);
  return {x.lazy(items), dense::index(x.dense, items), x.error, "slice(" + x.text + ")"};
}

Sample ExpressionGenerator::picked(const Shape& shape, int depth) {
  if (shape.size() == 0) return make(shape, depth);
  const std::int64_t axis = next(0, shape.size() - 1);
  Shape source = shape;
  source[axis] = std::min(next(1, 6), std::max<std::int64_t>(shape[axis], 2));
  std::vector<std::int64_t> positions;
  for (std::int64_t i = 0; i < shape[axis]; ++i) positions.push_back(next(-source[axis], source[axis] - 1));
  const Sample x = make(source, depth);
  return {take(x.lazy, positions, axis), dense::take(x.dense, positions, axis), x.error,
          "take(" + x.text + ")"};
}

// Adds one or two axes and folds them away.
Sample ExpressionGenerator::reduced(const Shape& shape, int depth) {
  Shape source = shape;
  dense::Reduction request{.axes = std::vector<std::int64_t>{}};
  for (std::int64_t count = next(1, 2); count > 0; --count) {
    const std::int64_t axis = next(0, source.size());
    const std::int64_t extent = std::min(next(1, 9), item_.max_extent);
    source.insert(axis, element_count(source) * extent > leaf_elements_ ? 1 : extent);
    for (std::int64_t& other : *request.axes) other += other >= axis ? 1 : 0;
    request.axes->push_back(axis);
  }
  std::sort(request.axes->begin(), request.axes->end());
  const Sample x = make(source, depth);
  const std::string_view name = pick_one(random_, kReductions);
  return fold(x, name, request);
}

Sample ExpressionGenerator::centred(const Shape& shape, int depth) {
  const Sample x = make(shape, depth);
  if (shape.size() == 0 || element_count(shape) == 0) return x;
  dense::Reduction request{.axes = std::vector<std::int64_t>{}, .keepdims = true};
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
    if (chance(2)) request.axes->push_back(axis);
  }
  if (request.axes->empty()) request.axes->push_back(0);
  const Sample y = fold(x, pick_one<std::string_view>(random_, {"mean", "max", "sum", "min"}), request);
  const std::string_view name = pick_one<std::string_view>(random_, {"subtract", "add", "multiply"});
  if (!takes(name, dense::promote(x.dense.dtype, y.dense.dtype))) return x;
  Sample out{row_of(name).call({x.lazy, y.lazy}), dense::elementwise(name, {x.dense, y.dense}), 0,
             "centred " + std::string(name) + "(" + x.text + ", " + y.text + ")"};
  const auto error = binary_error(name, x.dense, x.error, y.dense, y.error, out.dense);
  if (!error) return x;
  out.error = *error;
  return out;
}

}  // namespace varve::test

#include <algorithm>
#include <numeric>

#include "ops/reduction_cases.hpp"
#include "property/random_expression.hpp"
#include "property/rounding_error.hpp"
#include "support/dense_operations.hpp"
#include "support/values.hpp"
#include "varve/elementwise.hpp"
#include "varve/grouping.hpp"
#include "varve/joining.hpp"
#include "varve/manipulation.hpp"
#include "varve/masking.hpp"
#include "varve/products.hpp"
#include "varve/rearranging.hpp"
#include "varve/scans.hpp"
#include "varve/selection.hpp"
#include "varve/windows.hpp"

// Operations that are neither elementwise nor views nor reductions, made so that they give a shape asked for.
namespace varve::test {
namespace {

using dense::Dense;

DType total_dtype(DType dtype) {
  const DTypeKind kind = kind_of(dtype);
  if (kind == DTypeKind::boolean || kind == DTypeKind::signed_integer) return DType::int64;
  return kind == DTypeKind::unsigned_integer ? DType::uint64 : dtype;
}

bool is_number(DType dtype) { return is_integer(dtype) || is_floating(dtype); }

}  // namespace

Sample ExpressionGenerator::operation(const Shape& shape, int depth) {
  using Make = Sample (ExpressionGenerator::*)(const Shape&, int);
  static constexpr Make kMakers[] = {
      &ExpressionGenerator::joined,   &ExpressionGenerator::padded,    &ExpressionGenerator::rolled,
      &ExpressionGenerator::reshaped, &ExpressionGenerator::rechunked, &ExpressionGenerator::scanned,
      &ExpressionGenerator::sorted,   &ExpressionGenerator::masked,    &ExpressionGenerator::middle,
      &ExpressionGenerator::windowed, &ExpressionGenerator::grouped,   &ExpressionGenerator::multiplied};
  const Make maker = kMakers[next(0, std::size(kMakers) - 1)];
  return (this->*maker)(shape, depth);
}

Sample ExpressionGenerator::joined(const Shape& shape, int depth) {
  if (shape.empty()) return make(shape, depth);
  const std::int64_t axis = next(0, shape.size() - 1);
  Shape first = shape, second = shape;
  first[axis] = next(0, shape[axis]);
  second[axis] = shape[axis] - first[axis];
  const Sample x = make(first, depth), y = make(second, depth);
  Sample out{concat({x.lazy, y.lazy}, axis), dense::concat({x.dense, y.dense}, axis), 0,
             "concat(" + x.text + ", " + y.text + ")"};
  out.error = std::max(cast_error(x.dense, x.error, out.dense), cast_error(y.dense, y.error, out.dense));
  return out;
}

Sample ExpressionGenerator::padded(const Shape& shape, int depth) {
  struct Mode {
    Boundary mode;
    Boundary boundary;
    const char* name;
  };
  static const std::vector<Mode> modes = {{Boundary::constant, Boundary::constant, "constant"},
                                          {Boundary::nearest, Boundary::nearest, "edge"},
                                          {Boundary::mirror, Boundary::mirror, "reflect"},
                                          {Boundary::reflect, Boundary::reflect, "symmetric"},
                                          {Boundary::wrap, Boundary::wrap, "wrap"}};
  Shape source = shape;
  std::vector<std::pair<std::int64_t, std::int64_t>> widths;
  for (std::int64_t& extent : source) {
    const std::int64_t front = next(0, std::max<std::int64_t>(extent - 1, 0));
    const std::int64_t back = next(0, std::max<std::int64_t>(extent - 1 - front, 0));
    widths.emplace_back(front, back);
    extent -= front + back;
  }
  const Sample x = make(source, depth);
  const Mode& how = pick_one(random_, modes);
  return {pad(x.lazy, widths, {.mode = how.mode}), dense::pad(x.dense, widths, how.boundary, 0), x.error,
          std::string("pad ") + how.name + "(" + x.text + ")"};
}

Sample ExpressionGenerator::rolled(const Shape& shape, int depth) {
  const Sample x = make(shape, depth);
  if (shape.empty() || element_count(shape) == 0) return x;
  std::vector<std::int64_t> shift, axes(static_cast<std::size_t>(shape.size()));
  std::iota(axes.begin(), axes.end(), 0);
  for (const std::int64_t extent : shape) shift.push_back(next(-extent, 2 * extent));
  return {roll(x.lazy, shift, Axes(axes)), dense::roll(x.dense, Index(shift)), x.error,
          "roll(" + x.text + ")"};
}

Sample ExpressionGenerator::reshaped(const Shape& shape, int depth) {
  std::int64_t left = element_count(shape);
  if (left == 0) return make(shape, depth);
  Shape source;
  while (left > 1 && source.size() < 4) {
    std::vector<std::int64_t> divisors;
    for (std::int64_t d = 1; d <= left; ++d) {
      if (left % d == 0) divisors.push_back(d);
    }
    source.push_back(source.size() == 3 ? left : pick_one(random_, divisors));
    left /= source.back();
  }
  if (left > 1) source.push_back(left);
  const Sample x = make(source, depth);
  return {reshape(x.lazy, shape), dense::reshape(x.dense, shape), x.error, "reshape(" + x.text + ")"};
}

Sample ExpressionGenerator::rechunked(const Shape& shape, int depth) {
  const Sample x = make(shape, depth);
  return {rechunk(x.lazy, random_chunks(shape, sources_)), x.dense, x.error, "rechunk(" + x.text + ")"};
}

Sample ExpressionGenerator::scanned(const Shape& shape, int depth) {
  const Sample x = make(shape, depth);
  if (shape.empty()) return x;
  const std::int64_t axis = next(0, shape.size() - 1);
  const DType dtype = total_dtype(x.dense.dtype);
  Sample out{cumulative_sum(x.lazy, {.axis = axis}), dense::cumulative_sum(x.dense, axis, dtype), 0,
             "cumulative_sum(" + x.text + ", " + std::to_string(axis) + ")"};
  if (x.error > 0 && is_integer(dtype)) return x;
  const auto error = reduction_error("sum", x.dense, x.error, shape[axis], out.dense);
  if (!error) return x;
  out.error = *error;
  return out;
}

Sample ExpressionGenerator::sorted(const Shape& shape, int depth) {
  const Sample x = make(shape, depth);
  if (shape.empty() || !is_number(x.dense.dtype)) return x;
  const std::int64_t axis = next(0, shape.size() - 1);
  const bool descending = chance(2);
  return {sort(x.lazy, {.axis = axis, .descending = descending}), dense::sort(x.dense, axis, descending),
          x.error, "sort(" + x.text + ")"};
}

// Takes as many rows by a mask as are asked for.
Sample ExpressionGenerator::masked(const Shape& shape, int depth) {
  if (shape.empty()) return make(shape, depth);
  Shape source = shape;
  source[0] = shape[0] + next(0, 5);
  if (element_count(source) > leaf_elements_) return leaf(shape);
  Dense mask(DType::boolean, {source[0]});
  for (std::int64_t i = 0; i < source[0]; ++i)
    mask.values[static_cast<std::size_t>(i)] = i < shape[0] ? 1 : 0;
  std::shuffle(mask.values.begin(), mask.values.end(), random_);
  const Source chosen = random_source(mask, directory_, sources_);
  const Sample x = make(source, depth);
  return {extract(x.lazy, chosen.array), dense::extract(x.dense, mask), x.error, "extract(" + x.text + ")"};
}

Sample ExpressionGenerator::middle(const Shape& shape, int depth) {
  Shape source = shape;
  const std::int64_t axis = next(0, shape.size());
  source.insert(axis, std::min(next(1, 9), item_.max_extent));
  if (element_count(source) > leaf_elements_) return leaf(shape);
  const Sample x = make(source, depth);
  if (!is_number(x.dense.dtype)) return fold_away(x, axis);
  Sample out{median(x.lazy, {.axis = axis}), dense::median(x.dense, axis), 0,
             "median(" + x.text + ", " + std::to_string(axis) + ")"};
  const auto error = median_error(x.dense, x.error, out.dense);
  if (!error) return fold_away(x, axis);
  out.error = *error;
  return out;
}

// The first of an axis.
Sample ExpressionGenerator::fold_away(const Sample& x, std::int64_t axis) {
  std::vector<IndexItem> items(static_cast<std::size_t>(x.dense.shape.size()), Slice{});
  items[static_cast<std::size_t>(axis)] = std::int64_t{0};
  return {x.lazy(items), dense::index(x.dense, items), x.error, "first(" + x.text + ")"};
}

Sample ExpressionGenerator::windowed(const Shape& shape, int depth) {
  const Sample x = make(shape, depth);
  if (shape.empty() || element_count(shape) == 0 || !is_number(x.dense.dtype)) return x;
  Shape size(shape.size(), 1);
  for (std::int64_t& extent : size) extent = next(1, 3);
  const Dense weights =
      random_values(DType::float64, size, {.low = -2, .high = 2, .quarters = true}, random_);
  Sample out{correlate(x.lazy, random_source(weights, directory_, sources_).array),
             {},
             0,
             "correlate(" + x.text + ", " + varve::to_string(size) + ")"};
  out.dense = dense::correlate(x.dense, weights);
  const auto error = product_error(x.dense, x.error, weights, 0, element_count(size), out.dense);
  // Integers are cut off where a sum that is not exact may lie on either side of one.
  if (!error || is_integer(x.dense.dtype)) return x;
  out.error = *error;
  return out;
}

Sample ExpressionGenerator::grouped(const Shape& shape, int depth) {
  if (shape.empty() || element_count(shape) == 0) return make(shape, depth);
  const std::int64_t axis = next(0, shape.size() - 1);
  Shape source = shape;
  source[axis] = shape[axis] + next(0, 9);
  if (element_count(source) > leaf_elements_) return leaf(shape);
  std::vector<std::int64_t> labels;
  for (std::int64_t i = 0; i < source[axis]; ++i)
    labels.push_back(3 * (i < shape[axis] ? i : next(0, shape[axis] - 1)) - 4);
  std::shuffle(labels.begin(), labels.end(), random_);
  Dense given(DType::int64, {source[axis]});
  std::transform(labels.begin(), labels.end(), given.values.begin(),
                 [](std::int64_t label) { return static_cast<dense::Real>(label); });
  const Array keys = random_source(given, directory_, sources_).array;
  const Sample x = make(source, depth);
  struct Function {
    const char* name;
    GroupOp op;
  };
  static const std::vector<Function> functions = {
      {"sum", GroupOp::sum}, {"mean", GroupOp::mean}, {"min", GroupOp::min}, {"max", GroupOp::max}};
  const Function& function = pick_one(random_, functions);
  if (!is_number(x.dense.dtype)) return part(x, shape);
  Sample out{groupby_reduce(x.lazy, keys, function.op, {.axis = axis}),
             dense::grouped(x.dense, labels, axis, function.name), 0,
             std::string("group ") + function.name + "(" + x.text + ")"};
  const auto error = reduction_error(function.name, x.dense, x.error, source[axis], out.dense);
  if (!error) return part(x, shape);
  out.error = *error;
  return out;
}

// The leading corner of that shape.
Sample ExpressionGenerator::part(const Sample& x, const Shape& shape) {
  std::vector<IndexItem> items;
  for (const std::int64_t extent : shape) items.emplace_back(Slice{0, extent});
  return {x.lazy(items), dense::index(x.dense, items), x.error, "part(" + x.text + ")"};
}

Sample ExpressionGenerator::multiplied(const Shape& shape, int depth) {
  if (shape.size() < 2) return make(shape, depth);
  const std::int64_t terms = std::min(next(0, 7), item_.max_extent);
  Shape left = shape, right = shape;
  left.back() = terms;
  right[right.size() - 2] = terms;
  while (right.size() > 2 && chance(2)) right.erase(0);
  const Sample x = make(left, depth), y = make(right, depth);
  if (!is_number(x.dense.dtype) || !is_number(y.dense.dtype)) return leaf(shape);
  Sample out{matmul(x.lazy, y.lazy), dense::matmul(x.dense, y.dense), 0,
             "matmul(" + x.text + ", " + y.text + ")"};
  const auto error = product_error(x.dense, x.error, y.dense, y.error, terms, out.dense);
  if (!error) return leaf(shape);
  out.error = *error;
  return out;
}

}  // namespace varve::test

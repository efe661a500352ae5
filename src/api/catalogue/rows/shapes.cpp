#include "api/axis_list.hpp"
#include "api/catalogue/rows/rows.hpp"
#include "api/catalogue/subscript.hpp"
#include "varve/manipulation.hpp"
#include "varve/rearranging.hpp"

namespace varve::catalogue {
namespace {

Value selected_by_name(const Arguments& a) {
  Value x = {a.array("x")};
  for (const GivenArgument& given : a.keywords()) {
    if (given.value.is_none() || given.value.get<Ellipsis>() != nullptr)
      throw CallError(given.position, "isel: " + describe(given.value) + " selects nothing along an axis");
    const std::int64_t axis = api::axis_of(given.keyword, *x.get<Array>(), "isel");
    std::vector<Value> items(static_cast<std::size_t>(axis), Value{Slice{}});
    items.push_back(given.value);
    x = select(x, std::move(items));
  }
  return x;
}

Value transposed(const Arguments& a) {
  const auto axes = a.optional_integers("axes");
  return {axes ? permute_dims(a.array("x"), *axes) : transpose(a.array("x"))};
}

Value rotated(const Arguments& a) { return {rot90(a.array("x"), a.integer("k"), a.axes("axes"))}; }

Value broadcast_together(const Arguments& a) {
  ValueSequence results;
  for (const Array& array : broadcast_arrays(a.all_arrays())) results.items.push_back({array});
  return {results};
}

Value reshaped(const Arguments& a) {
  return {reshape(a.array("x"), Shape(a.integers("shape")), a.choice<Order>("order"))};
}

Value padded(const Arguments& a) {
  return {pad(a.array("x"), a.pairs("pad_width"),
              {static_cast<Boundary>(a.choice<PadMode>("mode")), a.scalar("constant_values")})};
}

}  // namespace

std::vector<Row> shape_rows() {
  return {
      {"permute_dims(x: array, axes: axes)", "The axes in another order",
       [](const Arguments& a) -> Value { return {permute_dims(a.array("x"), a.integers("axes"))}; }},
      {"transpose(x: array, *axes: axes=None)", "The axes in reverse order, or in the order of axes",
       transposed},
      {"matrix_transpose(x: array)", "The last two axes exchanged",
       [](const Arguments& a) -> Value { return {matrix_transpose(a.array("x"))}; }},
      {"moveaxis(x: array, source: axes, destination: axes)",
       "Axes moved to other places, the others in their order",
       [](const Arguments& a) -> Value {
         return {moveaxis(a.array("x"), a.integers("source"), a.integers("destination"))};
       }},
      {"swapaxes(x: array, axis1: axis, axis2: axis)", "Two axes exchanged",
       [](const Arguments& a) -> Value {
         return {swapaxes(a.array("x"), a.integer("axis1"), a.integer("axis2"))};
       }},
      {"flip(x: array, axis: axes=None)", "The order of the elements reversed along axes (None: all)",
       [](const Arguments& a) -> Value { return {flip(a.array("x"), a.axes("axis"))}; }},
      {"rot90(x: array, k: integer=1, axes: axes=(0,1))", "A plane of two axes turned by k times 90 degrees",
       rotated},
      {"expand_dims(x: array, axis: new_axes=0)", "New axes of extent 1, at these places of the result",
       [](const Arguments& a) -> Value { return {expand_dims(a.array("x"), a.integers("axis"))}; }},
      {"squeeze(x: array, axis: axes=None)", "Axes of extent 1 removed (None: all)",
       [](const Arguments& a) -> Value { return {squeeze(a.array("x"), a.axes("axis"))}; }},
      {"broadcast_to(x: array, shape: shape)",
       "Repeated along axes of extent 1, and new ones in front, to a shape",
       [](const Arguments& a) -> Value { return {broadcast_to(a.array("x"), Shape(a.integers("shape")))}; }},
      {"broadcast_arrays(*arrays: array)", "Several arrays broadcast to their common shape",
       broadcast_together},
      {"diagonal(x: array, offset: integer=0, axis1: axis=0, axis2: axis=1)",
       "The diagonal of a plane of two axes, as a last axis",
       [](const Arguments& a) -> Value {
         return {diagonal(a.array("x"), a.integer("offset"), a.integer("axis1"), a.integer("axis2"))};
       }},
      {"take(x: array, indices: positions, axis: axis=None)",
       "Elements by their positions along an axis (None: of all elements in order)",
       [](const Arguments& a) -> Value {
         return {take(a.array("x"), a.positions("indices"), a.optional_integer("axis"))};
       }},
      {"isel(x: array, **axes: positions)", "Elements by their positions along named axes: isel(t, time=3)",
       selected_by_name},
      {"rechunk(x: array, chunks: shape)", "The same values, stored in other chunks",
       [](const Arguments& a) -> Value { return {rechunk(a.array("x"), Shape(a.integers("chunks")))}; }},
      {"reshape(x: array, *shape: shape, order: order='C', ~copy: flag=None)",
       "The same elements in order, in another shape; one extent may be -1", reshaped},
      {"ravel|flatten(x: array, order: order='C')", "All elements in order, as one axis",
       [](const Arguments& a) -> Value { return {ravel(a.array("x"), a.choice<Order>("order"))}; }},
      {"roll(x: array, shift: integers, axis: axes=None)",
       "Elements moved along axes; those that leave come back at the other end",
       [](const Arguments& a) -> Value { return {roll(a.array("x"), a.integers("shift"), a.axes("axis"))}; }},
      {"pad(x: array, pad_width: pairs, mode: pad_mode='constant', constant_values: scalar=0)",
       "Borders added around an array", padded},
  };
}

}  // namespace varve::catalogue

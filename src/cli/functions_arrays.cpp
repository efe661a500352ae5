#include "cli/functions.hpp"
#include "varve/creation.hpp"
#include "varve/elementwise.hpp"
#include "varve/manipulation.hpp"
#include "varve/rearranging.hpp"

namespace varve::cli {
namespace {

// Manipulation.

Value transposed(const Arguments& a) {
  const Array x = a.array("x");
  std::vector<std::int64_t> reversed;
  for (std::int64_t axis = x.ndim() - 1; axis >= 0; --axis) reversed.push_back(axis);
  return {permute_dims(x, a.optional_integers("axes").value_or(reversed))};
}

Value rotated(const Arguments& a) {
  const std::vector<std::int64_t> first_two = {0, 1};
  return {rot90(a.array("x"), a.integer("k"), a.optional_integers("axes").value_or(first_two))};
}

Value moved(const Arguments& a) {
  return {moveaxis(a.array("x"), a.integers("source"), a.integers("destination"))};
}

Value swapped(const Arguments& a) { return {swapaxes(a.array("x"), a.integer("axis1"), a.integer("axis2"))}; }

// Without an axis NumPy takes from all elements in order.
Value taken(const Arguments& a) {
  const Array x = a.array("x");
  const auto axis = a.optional_integer("axis");
  return {take(axis ? x : ravel(x), a.positions("indices"), axis.value_or(0))};
}

Value diagonal_of(const Arguments& a) {
  return {diagonal(a.array("x"), a.integer("offset"), a.integer("axis1"), a.integer("axis2"))};
}

Value broadcast_together(const Arguments& a) {
  ValueSequence results;
  for (const Array& array : broadcast_arrays(a.all_arrays())) results.items.push_back({array});
  return {results};
}

// Creation.

CreationOptions creation_options(const Arguments& a) {
  const auto chunks = a.optional_integers("chunks");
  return {.dtype = a.optional_dtype("dtype"),
          .chunks = chunks ? std::optional(Shape(*chunks)) : std::nullopt};
}

Value filled(const Arguments& a) {
  return {full(Shape(a.integers("shape")), a.scalar("fill_value"), creation_options(a))};
}

template <Array (*F)(const Shape&, const CreationOptions&)>
Value constant(const Arguments& a) {
  return {F(Shape(a.integers("shape")), creation_options(a))};
}

// Makes an array of the shape, natural chunks and (unless given) dtype of another.
Value filled_like(const Arguments& a, const Scalar& value) {
  const Array x = a.array("x");
  return {full(x.shape(), value,
               {.dtype = a.optional_dtype("dtype").value_or(x.dtype()), .chunks = x.chunks().chunks()})};
}

Value counted(const Arguments& a) {
  const Scalar start = a.scalar("start");
  const auto stop = a.optional_scalar("stop");
  return {stop ? arange(start, *stop, a.scalar("step"), creation_options(a))
               : arange(Scalar(0), start, a.scalar("step"), creation_options(a))};
}

bool is_complex_number(const Scalar& scalar) { return is_complex(scalar.default_dtype()); }

std::complex<double> complex_number(const Scalar& scalar) {
  std::complex<double> number;
  scalar.store(DType::complex128, reinterpret_cast<std::byte*>(&number));
  return number;
}

Value spaced(const Arguments& a) {
  if (is_complex_number(a.scalar("start")) || is_complex_number(a.scalar("stop"))) {
    return {linspace(complex_number(a.scalar("start")), complex_number(a.scalar("stop")), a.integer("num"),
                     a.flag("endpoint"), creation_options(a))};
  }
  return {
      linspace(a.real("start"), a.real("stop"), a.integer("num"), a.flag("endpoint"), creation_options(a))};
}

Value identity(const Arguments& a) {
  return {eye(a.integer("n_rows"), a.optional_integer("n_cols").value_or(-1), a.integer("k"),
              creation_options(a))};
}

Value converted(const Arguments& a) {
  const Array x = a.array("x");
  const auto dtype = a.optional_dtype("dtype");
  return {dtype ? astype(x, *dtype) : x};
}

constexpr Function kFunctions[] = {
    {"permute_dims(x, axes)", "The axes in another order",
     [](const Arguments& a) -> Value { return {permute_dims(a.array("x"), a.integers("axes"))}; }},
    {"transpose(x, *axes=None)", "The axes in reverse order, or in the order of axes", transposed},
    {"matrix_transpose(x)", "The last two axes exchanged",
     [](const Arguments& a) -> Value { return {matrix_transpose(a.array("x"))}; }},
    {"moveaxis(x, source, destination)", "Axes moved to other places, the others in their order", moved},
    {"swapaxes(x, axis1, axis2)", "Two axes exchanged", swapped},
    {"flip(x, axis=None)", "The order of the elements reversed along axes (None: all)",
     [](const Arguments& a) -> Value { return {flip(a.array("x"), a.axes("axis"))}; }},
    {"rot90(x, k=1, axes=None)", "A plane of two axes turned by k times 90 degrees", rotated},
    {"expand_dims(x, axis=0)", "New axes of extent 1, at these places of the result",
     [](const Arguments& a) -> Value { return {expand_dims(a.array("x"), a.integers("axis"))}; }},
    {"squeeze(x, axis=None)", "Axes of extent 1 removed (None: all)",
     [](const Arguments& a) -> Value { return {squeeze(a.array("x"), a.axes("axis"))}; }},
    {"broadcast_to(x, shape)", "Repeated along axes of extent 1, and new ones in front, to a shape",
     [](const Arguments& a) -> Value { return {broadcast_to(a.array("x"), Shape(a.integers("shape")))}; }},
    {"broadcast_arrays(*arrays)", "Several arrays broadcast to their common shape", broadcast_together},
    {"diagonal(x, offset=0, axis1=0, axis2=1)", "The diagonal of a plane of two axes, as a last axis",
     diagonal_of},
    {"take(x, indices, axis=None)",
     "Elements by their positions along an axis (None: of all elements in order)", taken},
    {"rechunk(x, chunks)", "The same values, stored in other chunks",
     [](const Arguments& a) -> Value { return {rechunk(a.array("x"), Shape(a.integers("chunks")))}; }},
    {"full(shape, fill_value, dtype=None, chunks=None, ~device=None)", "An array of one value", filled},
    {"zeros(shape, dtype=None, chunks=None, ~device=None)", "An array of zeros", constant<varve::zeros>},
    {"ones(shape, dtype=None, chunks=None, ~device=None)", "An array of ones", constant<varve::ones>},
    {"empty(shape, dtype=None, chunks=None, ~device=None)", "An array of zeros: nothing is left as it was",
     constant<varve::zeros>},
    {"empty_like(x, dtype=None, ~device=None)", "Zeros in the shape, chunks and dtype of x",
     [](const Arguments& a) -> Value { return filled_like(a, Scalar(0)); }},
    {"full_like(x, fill_value, dtype=None, ~device=None)", "One value in the shape and chunks of x",
     [](const Arguments& a) -> Value { return filled_like(a, a.scalar("fill_value")); }},
    {"zeros_like(x, dtype=None, ~device=None)", "Zeros in the shape, chunks and dtype of x",
     [](const Arguments& a) -> Value { return filled_like(a, Scalar(0)); }},
    {"ones_like(x, dtype=None, ~device=None)", "Ones in the shape, chunks and dtype of x",
     [](const Arguments& a) -> Value { return filled_like(a, Scalar(1)); }},
    {"arange(start, stop=None, step=1, dtype=None, chunks=None, ~device=None)",
     "start, start + step, ... below stop; arange(n) counts from 0", counted},
    {"linspace(start, stop, num=50, endpoint=True, dtype=None, chunks=None, ~device=None)",
     "num numbers at equal distances from start to stop", spaced},
    {"eye(n_rows|N, n_cols|M=None, k=0, dtype=None, chunks=None, ~device=None)",
     "Ones on a diagonal of a matrix of zeros", identity},
    {"asarray(x, dtype=None, ~device=None, ~copy=None)", "A number or nested lists as an array", converted},
};

}  // namespace

std::span<const Function> array_functions() noexcept { return kFunctions; }

}  // namespace varve::cli

#include "varve/creation.hpp"

#include <complex>

#include "api/catalogue/rows/rows.hpp"
#include "varve/elementwise.hpp"

namespace varve::catalogue {
namespace {

template <Array (*F)(const Shape&, const CreationOptions&)>
Value constant(const Arguments& a) {
  return {F(Shape(a.integers("shape")), creation_options(a))};
}

template <Array (*F)(const Array&, const CreationOptions&)>
Value constant_like(const Arguments& a) {
  return {F(a.array("x"), {.dtype = a.optional_dtype("dtype")})};
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

Value diagonal_ones(const Arguments& a) {
  return {eye(a.integer("n_rows"), a.optional_integer("n_cols"), a.integer("k"), creation_options(a))};
}

Value converted(const Arguments& a) {
  const auto dtype = a.optional_dtype("dtype");
  return {dtype ? astype(a.array("x"), *dtype) : a.array("x")};
}

}  // namespace

CreationOptions creation_options(const Arguments& a) {
  const auto chunks = a.optional_integers("chunks");
  return {.dtype = a.optional_dtype("dtype"), .chunks = chunks ? Chunks(Shape(*chunks)) : Chunks()};
}

std::vector<Row> creation_rows() {
  return {
      {"full(shape: shape, fill_value: scalar, dtype: dtype=None, chunks: shape=None, ~device: flag=None)",
       "An array of one value",
       [](const Arguments& a) -> Value {
         return {full(Shape(a.integers("shape")), a.scalar("fill_value"), creation_options(a))};
       }},
      {"zeros(shape: shape, dtype: dtype=None, chunks: shape=None, ~device: flag=None)", "An array of zeros",
       constant<varve::zeros>},
      {"ones(shape: shape, dtype: dtype=None, chunks: shape=None, ~device: flag=None)", "An array of ones",
       constant<varve::ones>},
      {"empty(shape: shape, dtype: dtype=None, chunks: shape=None, ~device: flag=None)",
       "An array of zeros: nothing is left as it was", constant<varve::empty>},
      {"empty_like(x: array, dtype: dtype=None, ~device: flag=None)",
       "Zeros in the shape, chunks and dtype of x", constant_like<varve::empty_like>},
      {"full_like(x: array, fill_value: scalar, dtype: dtype=None, ~device: flag=None)",
       "One value in the shape and chunks of x",
       [](const Arguments& a) -> Value {
         return {full_like(a.array("x"), a.scalar("fill_value"), {.dtype = a.optional_dtype("dtype")})};
       }},
      {"zeros_like(x: array, dtype: dtype=None, ~device: flag=None)",
       "Zeros in the shape, chunks and dtype of x", constant_like<varve::zeros_like>},
      {"ones_like(x: array, dtype: dtype=None, ~device: flag=None)",
       "Ones in the shape, chunks and dtype of x", constant_like<varve::ones_like>},
      {"arange(start: scalar, stop: scalar=None, step: scalar=1, dtype: dtype=None, chunks: shape=None, "
       "~device: flag=None)",
       "start, start + step, ... below stop; arange(n) counts from 0", counted},
      {"linspace(start: scalar, stop: scalar, num: integer=50, endpoint: flag=True, dtype: dtype=None, "
       "chunks: shape=None, ~device: flag=None)",
       "num numbers at equal distances from start to stop", spaced},
      {"eye(n_rows|N: integer, n_cols|M: integer=None, k: integer=0, dtype: dtype=None, chunks: shape=None, "
       "~device: flag=None)",
       "Ones on a diagonal of a matrix of zeros", diagonal_ones},
      {"asarray|array(x: array, dtype: dtype=None, ~device: flag=None, ~copy: flag=None)",
       "A number or nested lists as an array", converted},
  };
}

}  // namespace varve::catalogue

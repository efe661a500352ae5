#include "varve/creation.hpp"

#include <atomic>
#include <cmath>

#include "api/generated.hpp"
#include "expr/natural_chunks.hpp"
#include "ops/generate/generators.hpp"

namespace varve {
namespace {

// The dtype of a value where none was asked for: like Python's, whose only integer is signed.
DType natural_dtype(const Scalar& value) {
  const DType dtype = value.default_dtype();
  return dtype == DType::uint64 && value.fits(DType::int64) ? DType::int64 : dtype;
}

}  // namespace

ChunkGrid api::creation_grid(const Shape& shape, DType dtype, const CreationOptions& options,
                             const std::string& operation) {
  for (const std::int64_t extent : shape) {
    if (extent < 0) throw ShapeError(operation + ": negative extent in the shape " + to_string(shape));
  }
  const std::int64_t count = element_count(shape);
  static_cast<void>(checked_multiply(count, size_bytes(dtype), (operation + ": bytes").c_str()));
  if (!options.chunks) return expr::default_grid(shape, size_bytes(dtype));
  const Shape& chunks = *options.chunks;
  bool fits = chunks.size() == shape.size();
  for (const std::int64_t chunk : chunks) fits = fits && chunk > 0;
  if (!fits) {
    throw ShapeError(operation + ": chunks " + to_string(chunks) + " do not suit the shape " +
                     to_string(shape) + "; give one positive extent per axis");
  }
  return {shape, chunks};
}

std::uint64_t api::identity_of(const std::string& generator,
                               std::initializer_list<std::uint64_t> parameters) {
  std::uint64_t seed = 0xcbf29ce484222325ULL;
  for (const char letter : generator) seed = expr::mix_hash(seed, static_cast<unsigned char>(letter));
  for (const std::uint64_t parameter : parameters) seed = expr::mix_hash(seed, parameter);
  return seed;
}

Array full(const Shape& shape, const Scalar& value, const CreationOptions& options) {
  const DType dtype = options.dtype.value_or(natural_dtype(value));
  // Real numbers lose their fraction, as in NumPy; any number is a truth value.
  const auto* real = std::get_if<double>(&value.value());
  const Scalar kept = real != nullptr ? Scalar(std::trunc(*real)) : value;
  if (dtype != DType::boolean && !representable(kept, dtype)) {
    throw DTypeError("full: " + to_string(value) + " does not fit " + std::string(name_of(dtype)) +
                     "; choose another dtype");
  }
  return Array(expr::make_constant(shape, dtype, value, api::creation_grid(shape, dtype, options, "full")));
}

Array zeros(const Shape& shape, const CreationOptions& options) {
  return full(shape, 0, {options.dtype.value_or(DType::float64), options.chunks});
}

Array ones(const Shape& shape, const CreationOptions& options) {
  return full(shape, 1, {options.dtype.value_or(DType::float64), options.chunks});
}

Array empty(const Shape& shape, const CreationOptions& options) { return zeros(shape, options); }

Array full_like(const Array& x, const Scalar& value, const CreationOptions& options) {
  const DType dtype = options.dtype.value_or(x.dtype());
  const Array filled = full(x.shape(), value, {dtype, options.chunks.value_or(x.chunks().chunks())});
  if (options.chunks) return filled;
  return Array(expr::make_constant(x.shape(), dtype, value, x.chunks()));  // chunks of x may begin inside it
}

Array zeros_like(const Array& x, const CreationOptions& options) { return full_like(x, 0, options); }
Array ones_like(const Array& x, const CreationOptions& options) { return full_like(x, 1, options); }
Array empty_like(const Array& x, const CreationOptions& options) { return zeros_like(x, options); }

Array eye(std::int64_t rows, std::optional<std::int64_t> columns, std::int64_t k,
          const CreationOptions& options) {
  const DType dtype = options.dtype.value_or(DType::float64);
  const Shape shape{rows, columns.value_or(rows)};
  const ChunkGrid grid = api::creation_grid(shape, dtype, options, "eye");
  return Array(expr::make_generator(shape, dtype, grid, ops::eye(k)));
}

Array from_function(const Shape& shape, DType dtype, BoxFunction function, const CreationOptions& options,
                    const std::string& identity) {
  if (!function) throw Error("from_function: the function is empty; give one that fills boxes");
  const ChunkGrid grid = api::creation_grid(shape, dtype, options, "from_function");
  // Functions cannot be compared: without a name from the caller, each call counts as a different array.
  static std::atomic<std::uint64_t> calls{0};
  const bool named = !identity.empty();
  const std::uint64_t hash = named ? api::identity_of("from_function:" + identity, {})
                                   : api::identity_of("from_function", {calls.fetch_add(1)});
  return Array(
      expr::make_generator(shape, dtype, grid, ops::from_function(std::move(function), hash, named)));
}

Array from_memory(const ConstStridedView& view, std::shared_ptr<const void> owner) {
  if (view.byte_strides.size() != view.shape.size()) {
    throw ShapeError("from_memory: strides " + to_string(view.byte_strides) + " do not suit the shape " +
                     to_string(view.shape) + "; give one stride per axis");
  }
  static_cast<void>(api::creation_grid(view.shape, view.dtype, {}, "from_memory"));
  if (view.data == nullptr && element_count(view.shape) > 0)
    throw Error("from_memory: the data pointer is null");
  return Array(expr::make_memory(view, std::move(owner)));
}

}  // namespace varve

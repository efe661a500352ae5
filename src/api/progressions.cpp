#include <cmath>
#include <limits>

#include "api/generated.hpp"
#include "ops/gather/complex_parts.hpp"
#include "ops/generate/generators.hpp"
#include "varve/core/error.hpp"
#include "varve/creation.hpp"
#include "varve/elementwise.hpp"

namespace varve {
namespace {

__extension__ using Wide = __int128;  // holds differences and quotients of 64-bit integers exactly

bool is_whole(const Scalar& scalar) { return scalar.default_dtype() <= DType::uint64; }

Wide whole(const Scalar& scalar) {
  if (const auto* value = std::get_if<std::uint64_t>(&scalar.value())) return static_cast<Wide>(*value);
  if (const auto* value = std::get_if<bool>(&scalar.value())) return static_cast<Wide>(*value);
  return static_cast<Wide>(std::get<std::int64_t>(scalar.value()));
}

double real_value(const Scalar& scalar) {
  if (is_whole(scalar)) return static_cast<double>(whole(scalar));
  if (const auto* value = std::get_if<double>(&scalar.value())) return *value;
  throw DTypeError("arange: takes integers and floating numbers, got " + to_string(scalar));
}

std::string call_text(const Scalar& start, const Scalar& stop, const Scalar& step) {
  return "arange(" + to_string(start) + ", " + to_string(stop) + ", " + to_string(step) + ")";
}

// Counts start, start + step, ... before stop: ceil((stop - start) / step), exactly for integers.
std::int64_t arange_length(const Scalar& start, const Scalar& stop, const Scalar& step) {
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  if (real_value(step) == 0)
    throw ArgumentError(call_text(start, stop, step) + ": the step must not be zero");
  if (is_whole(start) && is_whole(stop) && is_whole(step)) {
    const Wide stride = whole(step);
    const Wide span = whole(stop) - whole(start);
    if ((span > 0) != (stride > 0) || span == 0) return 0;
    const Wide length = (span + stride - (stride > 0 ? 1 : -1)) / stride;
    if (length <= kMax) return static_cast<std::int64_t>(length);
  } else {
    const double length = std::ceil((real_value(stop) - real_value(start)) / real_value(step));
    if (length <= 0) return 0;
    if (length < static_cast<double>(kMax)) return static_cast<std::int64_t>(length);
  }
  throw ShapeError(call_text(start, stop, step) + " has more elements than an array can have");
}

// Fits a wide integer into the kernel's 64 bits by wrapping, as the additions of the kernel do.
std::int64_t wrapped(Wide value) { return static_cast<std::int64_t>(static_cast<std::uint64_t>(value)); }

kernels::Progression progression_of(const Scalar& start, const Scalar& step) {
  kernels::Progression progression;
  progression.start = real_value(start);
  progression.step = real_value(step);
  if (is_whole(start) && is_whole(step)) {
    progression.integer_start = wrapped(whole(start));
    progression.integer_step = wrapped(whole(step));
  } else {
    // An integer dtype was asked for: as in NumPy, the first two values are truncated and set the pace.
    const auto truncate = [](double value) {
      std::int64_t result = 0;
      Scalar(value).store(DType::int64, reinterpret_cast<std::byte*>(&result));
      return result;
    };
    progression.integer_start = truncate(progression.start);
    progression.integer_step = wrapped(static_cast<Wide>(truncate(progression.start + progression.step)) -
                                       static_cast<Wide>(progression.integer_start));
  }
  return progression;
}

}  // namespace

Array arange(const Scalar& start, const Scalar& stop, const Scalar& step, const CreationOptions& options) {
  const bool integers = is_whole(start) && is_whole(stop) && is_whole(step);
  const DType dtype = options.dtype.value_or(integers ? DType::int64 : DType::float64);
  const Shape shape{arange_length(start, stop, step)};
  const ChunkGrid grid = api::creation_grid(shape, dtype, options, "arange");
  return Array(
      expr::make_generator(shape, dtype, grid, ops::progression("arange", progression_of(start, step))));
}

Array arange(const Scalar& stop, const CreationOptions& options) { return arange(0, stop, 1, options); }

Array linspace(double start, double stop, std::int64_t count, bool endpoint, const CreationOptions& options) {
  const DType dtype = options.dtype.value_or(DType::float64);
  if (!is_floating(dtype) && !is_complex(dtype)) {
    const Array values = linspace(start, stop, count, endpoint, {DType::float64, options.chunks});
    return astype(floor(values), dtype);
  }
  const Shape shape{count};
  const ChunkGrid grid = api::creation_grid(shape, dtype, options, "linspace");
  const std::int64_t intervals = endpoint ? count - 1 : count;
  kernels::Progression progression;
  progression.start = start;
  progression.step = intervals > 0 ? (stop - start) / static_cast<double>(intervals) : 0.0;
  // The last value is stop itself, not what rounding makes of start + n * step.
  const std::int64_t exact = endpoint && count > 1 ? count - 1 : -1;
  return Array(
      expr::make_generator(shape, dtype, grid, ops::progression("linspace", progression, exact, stop)));
}

Array linspace(std::complex<double> start, std::complex<double> stop, std::int64_t count, bool endpoint,
               const CreationOptions& options) {
  const DType dtype = options.dtype.value_or(DType::complex128);
  if (!is_complex(dtype)) {
    throw DTypeError("linspace: " + std::string(name_of(dtype)) + " cannot hold the numbers from " +
                     to_string(Scalar(start)) + " to " + to_string(Scalar(stop)) +
                     "; ask for a complex dtype, or give real numbers");
  }
  const CreationOptions parts{real_of(dtype), options.chunks};
  return Array(ops::complex_of(linspace(start.real(), stop.real(), count, endpoint, parts).node(),
                               linspace(start.imag(), stop.imag(), count, endpoint, parts).node()));
}

}  // namespace varve

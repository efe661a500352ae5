#include "cli/element_text.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstring>

#include "cli/float_column.hpp"
#include "cli/number_format.hpp"
#include "varve/core/scalar.hpp"

namespace varve::cli {
namespace {

template <class T>
T load(const std::byte* element) {
  T value;
  std::memcpy(&value, element, sizeof value);
  return value;
}

double load_real(const std::byte* element, DType dtype) {
  if (dtype == DType::float16) return to_float32(load<Float16>(element));
  return dtype == DType::float32 ? load<float>(element) : load<double>(element);
}

std::complex<double> load_complex(const std::byte* element, DType dtype) {
  const DType part = real_of(dtype);
  return {load_real(element, part), load_real(element + size_bytes(part), part)};
}

std::string integer_text(const std::byte* element, DType dtype) {
  switch (dtype) {
    case DType::int8:
      return std::to_string(load<std::int8_t>(element));
    case DType::int16:
      return std::to_string(load<std::int16_t>(element));
    case DType::int32:
      return std::to_string(load<std::int32_t>(element));
    case DType::int64:
      return std::to_string(load<std::int64_t>(element));
    case DType::uint8:
      return std::to_string(load<std::uint8_t>(element));
    case DType::uint16:
      return std::to_string(load<std::uint16_t>(element));
    case DType::uint32:
      return std::to_string(load<std::uint32_t>(element));
    default:
      return std::to_string(load<std::uint64_t>(element));
  }
}

std::string complex_text(std::complex<double> value, DType part) {
  const std::string imaginary = shortest(value.imag(), part);
  return shortest(value.real(), part) + (imaginary[0] == '-' ? "" : "+") + imaginary + "j";
}

std::vector<const std::byte*> addresses(const ConstStridedView& view) {
  std::vector<const std::byte*> elements;
  if (element_count(view.shape) == 0) return elements;
  Index index(view.ndim(), 0);
  do {
    const std::byte* element = view.data;
    for (std::int64_t axis = 0; axis < view.ndim(); ++axis) element += index[axis] * view.byte_strides[axis];
    elements.push_back(element);
  } while (next_index(index, view.shape));
  return elements;
}

std::vector<std::string> right_aligned(const std::vector<const std::byte*>& elements, DType dtype) {
  std::vector<std::string> texts;
  std::size_t width = 0;
  for (const std::byte* element : elements) {
    texts.push_back(element_text(element, dtype));
    width = std::max(width, texts.back().size());
  }
  if (dtype == DType::boolean) width = 5;  // NumPy's, even if all are True
  for (std::string& text : texts) text.insert(0, width - text.size(), ' ');
  return texts;
}

std::vector<std::string> real_column(const std::vector<const std::byte*>& elements, DType dtype) {
  std::vector<double> values;
  for (const std::byte* element : elements) values.push_back(load_real(element, dtype));
  const FloatColumn column(values, dtype, false);
  std::vector<std::string> texts;
  for (const double value : values) texts.push_back(column.text(value));
  return texts;
}

std::vector<std::string> complex_column(const std::vector<const std::byte*>& elements, DType dtype) {
  std::vector<double> reals;
  std::vector<double> imaginaries;
  for (const std::byte* element : elements) {
    const std::complex<double> value = load_complex(element, dtype);
    reals.push_back(value.real());
    imaginaries.push_back(value.imag());
  }
  const FloatColumn left(reals, real_of(dtype), false);
  const FloatColumn right(imaginaries, real_of(dtype), true);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < reals.size(); ++i) {
    std::string imaginary = right.text(imaginaries[i]);
    imaginary.insert(imaginary.find_last_not_of(' ') + 1, "j");  // the padding stays behind it
    texts.push_back(left.text(reals[i]) + imaginary);
  }
  return texts;
}

}  // namespace

std::string element_text(const std::byte* element, DType dtype) {
  if (dtype == DType::boolean) return load<std::uint8_t>(element) != 0 ? "True" : "False";
  if (is_integer(dtype)) return integer_text(element, dtype);
  if (is_complex(dtype)) return complex_text(load_complex(element, dtype), real_of(dtype));
  return shortest(load_real(element, dtype), dtype);
}

std::vector<std::string> aligned_elements(const ConstStridedView& view) {
  const std::vector<const std::byte*> elements = addresses(view);
  if (is_complex(view.dtype)) return complex_column(elements, view.dtype);
  if (is_floating(view.dtype)) return real_column(elements, view.dtype);
  return right_aligned(elements, view.dtype);
}

}  // namespace varve::cli

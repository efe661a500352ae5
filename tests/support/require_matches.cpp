#include "support/require_matches.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <sstream>

#include "varve/compute.hpp"

namespace varve::test {
namespace {

using dense::Dense;
using dense::Number;
using dense::Real;

bool part_matches(Real actual, Real expected, Real allowed, bool any_zero) {
  if (std::isnan(expected) || std::isnan(actual)) return std::isnan(expected) && std::isnan(actual);
  if (actual == expected) return any_zero || actual != 0 || std::signbit(actual) == std::signbit(expected);
  // A finite number next to an infinite one matches only by the tolerance's last unit: the largest number and
  // infinity.
  if (std::isinf(actual) || std::isinf(expected)) return false;
  return std::fabs(actual - expected) <= allowed;
}

// The parts of a complex number share the unit of its magnitude: cancellation leaves no more than that.
bool matches(DType dtype, const Number& actual, const Number& expected, const Tolerance& tolerance) {
  Real allowed = 0;
  if (is_floating(dtype) || is_complex(dtype)) {
    const Real unit = dense::ulp(dtype, is_complex(dtype) ? std::abs(expected) : std::fabs(expected.real()));
    allowed = static_cast<Real>(tolerance.absolute) + static_cast<Real>(tolerance.ulps) * unit;
  }
  return part_matches(actual.real(), expected.real(), allowed, tolerance.any_zero) &&
         part_matches(actual.imag(), expected.imag(), allowed, tolerance.any_zero);
}

std::string text_of(const Number& value, DType dtype) {
  std::ostringstream out;
  out.precision(21);
  out << value.real();
  if (is_complex(dtype)) out << " + " << value.imag() << "j";
  return out.str();
}

std::optional<std::string> bad_chunks(const Array& array) {
  const ChunkGrid& grid = array.chunks();
  if (!(grid.shape() == array.shape())) return "chunk grid of shape " + to_string(grid.shape());
  for (std::int64_t axis = 0; axis < grid.ndim(); ++axis) {
    const std::int64_t chunk = grid.chunks()[axis];
    const bool inside =
        chunk >= 1 && chunk - grid.offset()[axis] <= std::max<std::int64_t>(grid.shape()[axis], 1);
    if (!inside || grid.offset()[axis] < 0 || grid.offset()[axis] >= chunk) {
      return "chunks " + to_string(grid.chunks()) + " with offset " + to_string(grid.offset()) +
             " on shape " + to_string(grid.shape());
    }
  }
  return std::nullopt;
}

std::vector<std::byte> bytes_of(const Array& computed) {
  const ConstStridedView view = computed.view();
  const auto width = static_cast<std::size_t>(size_bytes(view.dtype));
  std::vector<std::byte> bytes;
  bytes.reserve(static_cast<std::size_t>(element_count(view.shape)) * width);
  dense::for_each_index(view.shape, [&](const Index& index) {
    const std::byte* element = view.data;
    for (std::int64_t axis = 0; axis < index.size(); ++axis) element += index[axis] * view.byte_strides[axis];
    bytes.insert(bytes.end(), element, element + width);
  });
  return bytes;
}

Variant parse_variant(const std::string& text) {
  const std::size_t slash = text.find('/');
  const std::string memory = text.substr(0, slash);
  return {memory == "smallest" ? -1 : parse_bytes(memory), std::atoi(text.substr(slash + 1).c_str())};
}

}  // namespace

std::optional<std::string> difference(const Dense& actual, const Dense& expected,
                                      const Tolerance& tolerance) {
  if (actual.dtype != expected.dtype) {
    return "dtype " + std::string(name_of(actual.dtype)) + " instead of " +
           std::string(name_of(expected.dtype));
  }
  if (!(actual.shape == expected.shape)) {
    return "shape " + to_string(actual.shape) + " instead of " + to_string(expected.shape);
  }
  std::string text;
  std::int64_t wrong = 0;
  Index index(expected.shape.size(), 0);
  for (std::size_t i = 0; i < expected.values.size(); ++i, next_index(index, expected.shape)) {
    if (matches(expected.dtype, actual.values[i], expected.values[i], tolerance)) continue;
    if (++wrong > 5) continue;
    text += "\n  at " + to_string(index) + ": " + text_of(actual.values[i], expected.dtype) + " instead of " +
            text_of(expected.values[i], expected.dtype);
  }
  if (wrong == 0) return std::nullopt;
  return std::to_string(wrong) + " of " + std::to_string(expected.size()) + " values of " +
         std::string(name_of(expected.dtype)) + to_string(expected.shape) + " differ:" + text;
}

std::vector<Variant> variants() {
  const char* text = std::getenv("VARVE_TEST_VARIANTS");
  if (text == nullptr) return {{64_MiB, 1}, {-1, 2}, {256_MiB, 8}};
  std::vector<Variant> out;
  std::istringstream list(text);
  for (std::string item; std::getline(list, item, ',');) out.push_back(parse_variant(item));
  return out;
}

std::int64_t smallest_budget(const std::vector<Array>& arrays) {
  std::vector<Output> outputs;
  for (const Array& array : arrays) outputs.push_back({.array = array});
  const Runtime tiny({.memory = 1, .threads = 1});
  try {
    (void)explain(outputs);
  } catch (const BudgetError& error) {
    return error.required_bytes();
  }
  return 1;
}

std::vector<std::vector<std::byte>> bytes_under(const Variant& variant, const std::vector<Array>& arrays) {
  const std::int64_t memory = variant.memory < 0 ? smallest_budget(arrays) : variant.memory;
  const Runtime runtime({.memory = memory, .threads = variant.threads});
  std::vector<std::vector<std::byte>> out;
  for (const Array& computed : compute(arrays)) out.push_back(bytes_of(computed));
  return out;
}

std::optional<std::string> mismatch(const Array& lazy, const Dense& expected, const Tolerance& tolerance) {
  if (lazy.dtype() != expected.dtype || !(lazy.shape() == expected.shape)) {
    Dense promised;
    promised.dtype = lazy.dtype();
    promised.shape = lazy.shape();
    return "before computing: " + difference(promised, expected).value();
  }
  if (auto wrong = bad_chunks(lazy)) return wrong;
  std::vector<std::byte> first;
  for (const Variant& variant : variants()) {
    const std::string under =
        " (memory " + std::to_string(variant.memory) + ", threads " + std::to_string(variant.threads) + ")";
    const std::vector<std::byte> bytes = bytes_under(variant, {lazy}).front();
    if (!first.empty() && bytes != first) return "other bits than under the first variant" + under;
    if (!first.empty()) continue;
    first = bytes;
    const Dense actual = dense::from_view({bytes.data(), expected.dtype, expected.shape});
    if (auto wrong = difference(actual, expected, tolerance)) return *wrong + under;
  }
  return std::nullopt;
}

void require_matches(const Array& lazy, const Dense& expected, const Tolerance& tolerance) {
  const std::optional<std::string> wrong = mismatch(lazy, expected, tolerance);
  INFO(wrong.value_or("matches"));
  REQUIRE_FALSE(wrong.has_value());
}

}  // namespace varve::test

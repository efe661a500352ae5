#include "support/dense.hpp"

#include <algorithm>

namespace varve::dense {
namespace {

// One letter per dtype, in the order of DType: b bool; 1 2 4 8 int8..int64; A B C D uint8..uint64; h f d
// floats; F Z complex. Written after numpy.promote_types, which tests/data/make_oracle_fixtures.py stores for
// comparison.
constexpr std::string_view kLetters = "b1248ABCDhfdFZ";
constexpr std::string_view kPromotion[] = {
    "b1248ABCDhfdFZ",  // bool
    "11248248dhfdFZ",  // int8
    "22248248dffdFZ",  // int16
    "44448448ddddZZ",  // int32
    "88888888ddddZZ",  // int64
    "A2248ABCDhfdFZ",  // uint8
    "B4448BBCDffdFZ",  // uint16
    "C8888CCCDdddZZ",  // uint32
    "DddddDDDDdddZZ",  // uint64
    "hhfddhfddhfdFZ",  // float16
    "fffddffddffdFZ",  // float32
    "ddddddddddddZZ",  // float64
    "FFFZZFFZZFFZFZ",  // complex64
    "ZZZZZZZZZZZZZZ",  // complex128
};

}  // namespace

std::size_t Dense::flat(const Index& index) const {
  std::int64_t position = 0;
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) position = position * shape[axis] + index[axis];
  return static_cast<std::size_t>(position);
}

Dense from_view(const ConstStridedView& view) {
  Dense out(view.dtype, view.shape);
  std::size_t position = 0;
  for_each_index(view.shape, [&](const Index& index) {
    std::int64_t offset = 0;
    for (std::int64_t axis = 0; axis < view.ndim(); ++axis) offset += index[axis] * view.byte_strides[axis];
    out.values[position++] = load(view.dtype, view.data + offset);
  });
  return out;
}

std::vector<std::byte> to_bytes(const Dense& x) {
  const auto width = static_cast<std::size_t>(size_bytes(x.dtype));
  std::vector<std::byte> bytes(x.values.size() * width);
  for (std::size_t i = 0; i < x.values.size(); ++i) store(x.dtype, x.values[i], bytes.data() + i * width);
  return bytes;
}

Dense scalar(DType dtype, const Number& value) {
  Dense out(dtype, Shape{});
  out.values.front() = value;
  return out;
}

DType promote(DType left, DType right) {
  const char letter = kPromotion[static_cast<std::size_t>(left)][static_cast<std::size_t>(right)];
  return kAllDTypes[kLetters.find(letter)];
}

std::optional<Shape> broadcast(const Shape& left, const Shape& right) {
  Shape out(std::max(left.size(), right.size()), 1);
  for (std::int64_t back = 1; back <= out.size(); ++back) {
    const std::int64_t a = back <= left.size() ? left[left.size() - back] : 1;
    const std::int64_t b = back <= right.size() ? right[right.size() - back] : 1;
    if (a != b && a != 1 && b != 1) return std::nullopt;
    out[out.size() - back] = a == 1 ? b : a;
  }
  return out;
}

void for_each_index(const Shape& shape, const std::function<void(const Index&)>& visit) {
  if (element_count(shape) == 0) return;
  Index index(shape.size(), 0);
  do {
    visit(index);
  } while (next_index(index, shape));
}

Dense astype(const Dense& x, DType dtype) {
  Dense out(dtype, x.shape);
  std::transform(x.values.begin(), x.values.end(), out.values.begin(),
                 [&](const Number& value) { return cast(value, x.dtype, dtype); });
  return out;
}

}  // namespace varve::dense

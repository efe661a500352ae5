#include "cli/edges.hpp"

#include <cstring>

#include "cli/array_text.hpp"
#include "varve/manipulation.hpp"

namespace varve::cli {
namespace {

// Each cut axis doubles the number of pieces; beyond this many, positions are picked by `take`, which may
// read more.
constexpr std::size_t kMaxSlicedAxes = 5;

std::vector<std::int64_t> cut_axes(const Shape& shape) {
  const Shape shown = printed_shape(shape);
  std::vector<std::int64_t> axes;
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
    if (shown[axis] != shape[axis]) axes.push_back(axis);
  }
  return axes;
}

bool is_back(std::size_t piece, std::size_t axis, std::size_t axes) {
  return (piece >> (axes - 1 - axis)) & 1;
}

Array corner(const Array& array, const std::vector<std::int64_t>& axes, std::size_t piece) {
  std::vector<IndexItem> items(static_cast<std::size_t>(array.ndim()), IndexItem(Slice{}));
  for (std::size_t i = 0; i < axes.size(); ++i) {
    items[static_cast<std::size_t>(axes[i])] =
        is_back(piece, i, axes.size()) ? Slice{-kPrintEdge, {}, 1} : Slice{{}, kPrintEdge, 1};
  }
  return array(items);
}

// Gives the sliced axes, and the array in which the other cut axes are shortened already.
std::vector<std::int64_t> shorten_last_axes(Array& array, std::vector<std::int64_t> axes) {
  while (axes.size() > kMaxSlicedAxes) {
    const std::int64_t extent = array.shape()[axes.back()];
    array = take(array, {0, 1, 2, extent - 3, extent - 2, extent - 1}, axes.back());
    axes.pop_back();
  }
  return axes;
}

std::vector<std::int64_t> sliced_axes(const Shape& shape) {
  std::vector<std::int64_t> axes = cut_axes(shape);
  if (axes.size() > kMaxSlicedAxes) axes.resize(kMaxSlicedAxes);
  return axes;
}

void copy_elements(const ConstStridedView& from, const StridedView& to) {
  const auto bytes = static_cast<std::size_t>(size_bytes(from.dtype));
  for_each_element(
      [bytes](const std::byte* source, std::byte* target) { std::memcpy(target, source, bytes); }, from, to);
}

}  // namespace

std::vector<Array> printed_pieces(const Array& array) {
  Array shortened = array;
  const std::vector<std::int64_t> axes = shorten_last_axes(shortened, cut_axes(array.shape()));
  if (axes.empty()) return {shortened};
  std::vector<Array> pieces;
  for (std::size_t piece = 0; piece < (std::size_t{1} << axes.size()); ++piece) {
    pieces.push_back(corner(shortened, axes, piece));
  }
  return pieces;
}

DenseValues join_pieces(const std::vector<Array>& pieces, const Shape& shape) {
  DenseValues joined;
  joined.dtype = pieces.front().dtype();
  joined.shape = printed_shape(shape);
  const std::int64_t element_bytes = size_bytes(joined.dtype);
  joined.bytes.resize(static_cast<std::size_t>(element_count(joined.shape) * element_bytes));
  const std::vector<std::int64_t> axes = sliced_axes(shape);
  for (std::size_t piece = 0; piece < pieces.size(); ++piece) {
    const ConstStridedView from = pieces[piece].view();
    StridedView to(joined.bytes.data(), joined.dtype, from.shape,
                   c_order_strides(joined.shape, element_bytes));
    for (std::size_t i = 0; i < axes.size(); ++i) {
      if (is_back(piece, i, axes.size())) to.data += kPrintEdge * to.byte_strides[axes[i]];
    }
    copy_elements(from, to);
  }
  return joined;
}

}  // namespace varve::cli

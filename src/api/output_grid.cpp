#include "api/output_grid.hpp"

#include <algorithm>

#include "expr/natural_chunks.hpp"
#include "expr/walk.hpp"
#include "varve/core/error.hpp"

namespace varve::api {
namespace {

constexpr std::int64_t kMinChunkBytes = 256 << 10;
constexpr std::int64_t kMaxChunkBytes = 64 << 20;

// Whether natural chunks were chosen for the work of an operation rather than found in a file.
bool cut_for_operation(const expr::Node& root) {
  return expr::any_node(
      root, [](const expr::Node& node) { return node.as<expr::Operation>() != nullptr; },
      [](const expr::Node& node) { return node.as<expr::Reduce>() == nullptr; });
}

// The elements of the largest chunk of all sources: broadcast against each other, small chunks make a large
// one.
std::int64_t largest_source_chunk(const expr::Node& root) {
  std::unordered_set<const expr::Node*> seen;
  std::int64_t largest = 0;
  expr::walk(root, seen, [&](const expr::Node& node) {
    if (node.inputs.empty()) largest = std::max(largest, element_count(node.grid.chunks()));
    return true;
  });
  return largest;
}

// Whether the array is one whose chunks were asked for, and not merely found.
bool is_rechunked(const expr::Node& node) {
  const auto* view = node.as<expr::View>();
  return view != nullptr && view->map.is_identity(node.inputs[0]->shape) &&
         !(node.grid == node.inputs[0]->grid);
}

// Halves the longest extents until a chunk is of a size that is good to store.
Shape halved(Shape chunks, std::int64_t element) {
  while (element_count(chunks) * element > expr::kDefaultChunkBytes) {
    auto& longest = *std::max_element(chunks.begin(), chunks.end());
    longest = (longest + 1) / 2;
  }
  return chunks;
}

}  // namespace

Shape output_chunks(const Output& output) {
  const Array& array = output.array;
  if (output.options.chunks) {
    const Shape& asked = *output.options.chunks;
    if (asked.size() != array.ndim() ||
        std::any_of(asked.begin(), asked.end(), [](auto n) { return n < 1; })) {
      throw ShapeError("save: chunks " + to_string(asked) + " do not fit an array of shape " +
                       to_string(array.shape()) + ": one positive extent per axis is needed");
    }
    return ChunkGrid(array.shape(), asked).chunks();
  }
  const ChunkGrid& natural = array.chunks();
  if (is_rechunked(*array.node())) return natural.chunks();
  const std::int64_t element = size_bytes(array.dtype());
  const std::int64_t bytes = element_count(natural.chunks()) * element;
  if (bytes > expr::kDefaultChunkBytes) {
    const bool is_larger = largest_source_chunk(*array.node()) < element_count(natural.chunks());
    if (is_larger || cut_for_operation(*array.node())) return halved(natural.chunks(), element);
  }
  if (bytes >= std::min(kMinChunkBytes, array.size_bytes()) && bytes <= kMaxChunkBytes)
    return natural.chunks();
  return expr::default_grid(array.shape(), element).chunks();
}

}  // namespace varve::api

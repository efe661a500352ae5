#include <algorithm>

#include "api/block_task.hpp"
#include "api/gufunc_signature.hpp"
#include "ops/contract/gathered_axes.hpp"
#include "varve/blocks.hpp"
#include "varve/core/error.hpp"

namespace varve {
namespace {

// A block of loop axes takes about so much, with its core axes: enough to make calls cheap.
constexpr std::int64_t kMinBlockBytes = 256 << 10;
constexpr std::int64_t kBlockBytes = 4 << 20;

/// Works out what the axes of one call are.
class Gufunc {
 public:
  Gufunc(const std::string& text, const std::vector<Array>& inputs, const GufuncOptions& options)
      : text_(text), signature_(api::parse_signature(text)), inputs_(inputs), sizes_(options.sizes) {
    if (inputs.empty() || inputs.size() != signature_.inputs.size()) {
      fail("needs " + std::to_string(signature_.inputs.size()) + " inputs, got " +
           std::to_string(inputs.size()));
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) bind(inputs[i].shape(), signature_.inputs[i]);
    dtype_ = options.dtype.value_or(inputs[0].dtype());
    for (const std::string& name : signature_.result) result_core_.push_back(size_of(name));
    cells_ = options.chunks ? asked_cells(*options.chunks) : natural_cells();
  }

  [[nodiscard]] DType dtype() const { return dtype_; }
  [[nodiscard]] const ChunkGrid& cells() const { return cells_; }
  [[nodiscard]] std::vector<std::int64_t> core_axes() const {
    std::vector<std::int64_t> counts;
    for (const auto& names : signature_.inputs) counts.push_back(static_cast<std::int64_t>(names.size()));
    return counts;
  }
  [[nodiscard]] ChunkGrid result() const {
    Shape shape = cells_.shape();
    Shape chunks = cells_.chunks();
    Index offset = cells_.offset();
    for (const std::int64_t extent : result_core_) {
      shape.push_back(extent);
      chunks.push_back(extent);
      offset.push_back(0);
    }
    for (std::int64_t& chunk : chunks) chunk = std::max<std::int64_t>(chunk, 1);
    return {shape, chunks, offset};
  }

 private:
  void bind(const Shape& shape, const api::GufuncSignature::Names& names) {
    const auto core = static_cast<std::int64_t>(names.size());
    if (shape.size() < core) fail("an input of shape " + to_string(shape) + " lacks core axes");
    const std::int64_t loop = shape.size() - core;
    for (std::int64_t i = 0; i < core; ++i) {
      const auto [entry, is_new] = sizes_.try_emplace(names[static_cast<std::size_t>(i)], shape[loop + i]);
      if (entry->second != shape[loop + i]) {
        fail("the core axis " + entry->first + " is " + std::to_string(entry->second) +
             " long elsewhere, but not in the shape " + to_string(shape));
      }
    }
    Shape leading;
    for (std::int64_t axis = 0; axis < loop; ++axis) leading.push_back(shape[axis]);
    loop_ = broadcast_shapes(loop_, leading, "apply_gufunc");
  }

  std::int64_t size_of(const std::string& name) const {
    const auto entry = sizes_.find(name);
    if (entry == sizes_.end())
      fail("no input has the core axis " + name + " of the result; give its extent in sizes");
    return entry->second;
  }

  ChunkGrid asked_cells(const Shape& chunks) const {
    if (chunks.size() != loop_.size()) {
      fail("chunks " + to_string(chunks) + " do not suit the loop axes " + to_string(loop_));
    }
    return {loop_, chunks};
  }

  // The loop axes of the input with most elements along them, gathered or cut to a few megabytes.
  [[nodiscard]] ChunkGrid natural_cells() const {
    ops::GatheredAxes gathered;
    std::int64_t bytes = saturating_multiply(saturating_count(result_core_), size_bytes(dtype_));
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      bytes += saturating_multiply(saturating_count(core_of(i)), size_bytes(inputs_[i].dtype()));
    }
    for (std::int64_t axis = 0; axis < loop_.size(); ++axis) gathered.add(grid_along(axis), 0);
    gathered.grow(kMinBlockBytes / std::max<std::int64_t>(bytes, 1));
    gathered.shrink(std::max<std::int64_t>(kBlockBytes / std::max<std::int64_t>(bytes, 1), 1));
    return gathered.grid();
  }

  [[nodiscard]] Shape core_of(std::size_t i) const {
    Shape core;
    for (const std::string& name : signature_.inputs[i]) core.push_back(size_of(name));
    return core;
  }

  // The chunks of the first input that has the axis.
  [[nodiscard]] ChunkGrid grid_along(std::int64_t axis) const {
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const auto core = static_cast<std::int64_t>(signature_.inputs[i].size());
      const std::int64_t own = axis - (loop_.size() - (inputs_[i].ndim() - core));
      if (own < 0 || inputs_[i].shape()[own] != loop_[axis]) continue;
      const ChunkGrid& grid = inputs_[i].chunks();
      return {Shape{loop_[axis]}, Shape{grid.chunks()[own]}, Index{grid.offset()[own]}};
    }
    return {Shape{loop_[axis]}, Shape{1}};
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw ShapeError("apply_gufunc with signature \"" + text_ + "\": " + what);
  }

  const std::string& text_;
  api::GufuncSignature signature_;
  const std::vector<Array>& inputs_;
  std::map<std::string, std::int64_t> sizes_;
  Shape loop_;
  Shape result_core_;
  DType dtype_ = DType::float64;
  ChunkGrid cells_;
};

}  // namespace

Array apply_gufunc(const std::string& signature, const std::vector<Array>& inputs, BlockFunction function,
                   const GufuncOptions& options) {
  const Gufunc call(signature, inputs, options);
  return Array(ops::own_blocks(
      call.result(), call.dtype(), api::nodes_of(inputs), call.cells(), call.core_axes(),
      api::task_of("apply_gufunc", std::move(function), options.workspace_bytes, options.identity)));
}

}  // namespace varve

#pragma once

#include <functional>

#include "varve/core/box.hpp"
#include "varve/core/chunk_grid.hpp"

namespace varve::io {

/// Says where the elements of a scratch array lie in its file: one region per chunk of the `readers` grid,
/// and in each region one piece per chunk of the `writers` grid that it touches, each piece dense in C order.
/// A box that is written in one go is whole pieces then, and a box that is read in one go is one region: a
/// change of layout moves long runs of bytes both ways.
class ScratchLayout {
 public:
  /// Is plain C order.
  explicit ScratchLayout(const Shape& shape)
      : ScratchLayout(ChunkGrid(shape, shape), ChunkGrid(shape, shape)) {}
  /// Both grids cut the same shape.
  ScratchLayout(const ChunkGrid& readers, const ChunkGrid& writers) : readers_(readers), writers_(writers) {}

  /// Calls `visit(piece, position)` for each piece that touches `box`; `position` counts elements from the
  /// start of the file.
  void for_each_piece(const Box& box, const std::function<void(const Box&, std::int64_t)>& visit) const;

  /// Returns the elements of the largest piece.
  [[nodiscard]] std::int64_t largest_piece() const;

 private:
  ChunkGrid readers_;
  ChunkGrid writers_;
};

}  // namespace varve::io

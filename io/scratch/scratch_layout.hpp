#pragma once

#include <functional>

#include "varve/core/box.hpp"
#include "varve/core/chunk_grid.hpp"

namespace varve::io {

/// One dense run of elements on disk: what one box that is written and one region that is read share.
struct ScratchPiece {
  Box box;
  std::int64_t region = 0;  ///< number of the region that holds it
  std::int64_t place = 0;   ///< elements of the region before it
  std::int64_t number = 0;  ///< different for every piece, below `number_bound`
};

/// Says where the elements of a scratch array lie: one region per chunk of the `readers` grid, and in each
/// region one piece per chunk of the `writers` grid that it touches, each piece dense in C order. A box that
/// is written in one go is whole pieces then, and a box that is read in one go is one region: a change of
/// layout moves long runs of bytes both ways.
class ScratchLayout {
 public:
  /// Lays elements out in plain C order.
  explicit ScratchLayout(const Shape& shape)
      : ScratchLayout(ChunkGrid(shape, shape), ChunkGrid(shape, shape)) {}
  /// Both grids cut the same shape.
  ScratchLayout(const ChunkGrid& readers, const ChunkGrid& writers) : readers_(readers), writers_(writers) {}

  [[nodiscard]] const Shape& shape() const noexcept { return readers_.shape(); }
  [[nodiscard]] const ChunkGrid& readers() const noexcept { return readers_; }
  [[nodiscard]] const ChunkGrid& writers() const noexcept { return writers_; }

  /// Calls `visit` for each piece that touches `box`.
  void for_each_piece(const Box& box, const std::function<void(const ScratchPiece&)>& visit) const;

  /// Returns the room of a region: that of a whole one also at the edges, so that places are products.
  [[nodiscard]] std::int64_t region_elements() const { return element_count(readers_.chunks()); }
  [[nodiscard]] std::int64_t region_count() const { return readers_.chunk_count(); }
  /// Returns the elements of the largest piece.
  [[nodiscard]] std::int64_t largest_piece() const;
  /// Returns a bound on the numbers of pieces; a little more than there are. INT64_MAX if they cannot be
  /// counted.
  [[nodiscard]] std::int64_t number_bound() const;

  friend bool operator==(const ScratchLayout&, const ScratchLayout&) = default;

 private:
  ChunkGrid readers_;
  ChunkGrid writers_;
};

}  // namespace varve::io

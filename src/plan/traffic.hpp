#pragma once

#include "plan/leaf_reads.hpp"

namespace varve::plan {

/// The traffic that a stage's tiles cause on its datasets, by geometry. Where the sizes of encoded chunks
/// are not known, decoded sizes stand in.
struct Traffic {
  std::int64_t bytes_read = 0;           ///< chunks that several tiles need count once per tile
  std::int64_t min_bytes_read = 0;       ///< every needed chunk once
  std::int64_t bytes_generated = 0;      ///< by generators, for operations; what several tiles need as above
  std::int64_t min_bytes_generated = 0;  ///< every needed element once
  std::int64_t bytes_copied = 0;         ///< of arrays in memory, by operations whose tiles share inputs
  std::int64_t min_bytes_copied = 0;
  bool reads_store = false;

  /// Recomputing takes time as reading does.
  [[nodiscard]] std::int64_t bytes() const noexcept { return bytes_read + bytes_generated; }
  [[nodiscard]] std::int64_t min_bytes() const noexcept { return min_bytes_read + min_bytes_generated; }
};

/// Looks at that many tiles of what operations read, spread over all, and takes the others to be alike. There
/// are `reads` for each leaf of the stage.
inline constexpr std::int64_t kTilesSampled = 48;
inline constexpr std::int64_t kTilesCounted = 4096;
[[nodiscard]] Traffic read_traffic(const Stage& stage, const std::vector<Value>& values,
                                   const std::vector<LeafReads>& reads,
                                   std::int64_t tiles_looked_at = kTilesSampled);

/// A dataset that a stage's tiles decode over and over: the leaf that reads it, and the box that a tile
/// needs of what the leaf sees of it.
struct Reread {
  const Leaf* leaf = nullptr;
  Shape box;
};

struct RereadLimits {
  double max = 1;          ///< times what is needed may be read
  double small_bytes = 0;  ///< arrays up to this size count although parts of them can be read
};

/// Lists the datasets, among those that are decoded by whole chunks or are small, of which tiles read too
/// much.
[[nodiscard]] std::vector<Reread> find_rereads(const Stage& stage, const std::vector<Value>& values,
                                               const RereadLimits& limits);

/// Returns the bytes that the stage's results take, undecided by compression.
[[nodiscard]] std::int64_t write_traffic(const Stage& stage, const std::vector<Value>& values);

}  // namespace varve::plan

#pragma once

#include <vector>

#include "plan/footprint.hpp"

namespace varve::plan {

/// Tells what one leaf reads from stores for boxes of its domain. Planning asks for very many of them, so
/// what is the same for all is looked up when this is made: of the values it is where they lie.
class LeafReads {
 public:
  LeafReads(const Leaf& leaf, const std::vector<Value>& values, const ChunkGrid& steps);

  /// Tells whether every box reads as much as another, because an operation needs the same for each.
  [[nodiscard]] bool are_same() const noexcept { return access_ == LeafAccess::computed && inputs_.empty(); }
  /// Returns the bytes that are read for one box.
  [[nodiscard]] double of(const Box& box) const;

 private:
  /// What an operation reads of one of its inputs.
  struct Input {
    int number = 0;
    std::vector<LeafReads> leaves;  ///< those that read something
  };

  void add_inputs(const std::vector<Value>& values);
  [[nodiscard]] bool reads_nothing() const noexcept;
  [[nodiscard]] double read_inputs(const Box& needed) const;
  [[nodiscard]] double read_pieces(const std::vector<Box>& pieces) const;

  Leaf leaf_;  ///< a copy, because stages are copied
  LeafAccess access_;
  Index used_axes_;            ///< of the domain, where parts are read
  std::vector<Input> inputs_;  ///< of an operation
  double bytes_of_same_ = 0;   ///< what an operation reads for any box
};

/// Tells whether whole chunks are decoded for a leaf.
[[nodiscard]] constexpr bool decodes_chunks(LeafAccess access) noexcept {
  return access == LeafAccess::in_chunk || access == LeafAccess::assembled;
}

/// Returns how many chunks along an axis of a dataset hold what an index map takes from `lo` to `hi`.
[[nodiscard]] std::int64_t chunks_between(const ChunkGrid& chunks, std::int64_t axis,
                                          const expr::AxisMap& map, std::int64_t lo, std::int64_t hi);

}  // namespace varve::plan

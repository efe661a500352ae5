#pragma once

#include <optional>

#include "exec/program_inputs.hpp"

namespace varve::exec {

/// Announces the steps that a slot will load: those of its tile, and then the first ones of a tile that comes
/// soon. Belongs to one slot.
class StepsAhead {
 public:
  explicit StepsAhead(const plan::Stage& stage);

  /// Starts a tile. `next`: one that comes soon, in this slot or another.
  void begin(const Box& tile, const std::optional<Box>& next);
  /// Returns how many steps the tile has.
  [[nodiscard]] std::int64_t count() const noexcept { return count_; }
  /// Returns the box of step `number` of the tile.
  [[nodiscard]] Box step(std::int64_t number) const { return step_of(tile_, number); }
  /// Announces what comes as far behind step `number` as it pays.
  void announce_behind(std::int64_t number, ProgramInputs& inputs);

 private:
  [[nodiscard]] Box step_of(const Box& tile, std::int64_t number) const;

  const ChunkGrid& steps_;
  std::int64_t depth_;  ///< how many steps are on their way
  Box tile_;
  std::optional<Box> next_;
  std::int64_t count_ = 0;
  std::int64_t announced_ = 0;  ///< steps of the tile and the next one
};

}  // namespace varve::exec

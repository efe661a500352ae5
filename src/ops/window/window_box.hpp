#pragma once

#include "expr/fields.hpp"
#include "ops/window/window.hpp"

namespace varve::ops {

/// Returns the natural chunks for windows of that reach.
[[nodiscard]] ChunkGrid window_grid(const ChunkGrid& input, const Reach& reach, std::int64_t element_bytes);

/// What operators with windows share: boxes grown by the reach, of an input that continues beyond its
/// ends.
class WindowOperator : public expr::BoxOperator {
 public:
  static void fields(auto& op, auto& visit) {
    visit("extension", op.extension_, "before", op.reach_.before, "after", op.reach_.after, "wide",
          op.reading_.again);
  }

  WindowOperator() = default;
  /// Windows that add half as much again to a natural chunk, or more, are worth large tiles.
  WindowOperator(Extension extension, Reach reach, const ChunkGrid& grid);
  void prepare() const;

  [[nodiscard]] expr::AxisOrigin axis_origin(int, std::int64_t axis) const override { return {axis, true}; }
  [[nodiscard]] std::vector<Box> demand(int, const Box& box) const override {
    return extension_.demand(grown(box));
  }

 protected:
  [[nodiscard]] Box grown(Box box) const;
  [[nodiscard]] Shape grown(const Shape& box) const { return grown(Box(box)).shape(); }
  [[nodiscard]] const Extension& extension() const noexcept { return extension_; }
  [[nodiscard]] const Reach& reach() const noexcept { return reach_; }

 private:
  Extension extension_;
  Reach reach_;
};

}  // namespace varve::ops

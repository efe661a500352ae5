#pragma once

#include "io/dataset.hpp"
#include "varve/compute.hpp"

namespace varve::api {

/// Hands the chunks of a result to a sink instead of writing them. Thread-safe if the sink is.
class BlockWriter final : public io::DatasetWriter {
 public:
  BlockWriter(const ChunkGrid& grid, DType dtype, BlockSink sink)
      : grid_(grid), dtype_(dtype), sink_(std::move(sink)) {}

  [[nodiscard]] const ChunkGrid& grid() const noexcept override { return grid_; }
  [[nodiscard]] std::int64_t write_workspace_bytes() const noexcept override { return 0; }
  std::int64_t write_chunk(const ChunkIndex& chunk, std::span<std::byte> bytes,
                           std::span<std::byte> workspace) override;

 private:
  ChunkGrid grid_;
  DType dtype_;
  BlockSink sink_;
};

}  // namespace varve::api

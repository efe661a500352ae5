#pragma once

#include <string>

#include "io/codec/codec.hpp"
#include "io/dataset.hpp"
#include "io/format/hdf5_attributes.hpp"
#include "io/format/hdf5_dimensions.hpp"
#include "io/format/hdf5_handle.hpp"

namespace varve::io::hdf5 {

/// Returns the workspace that a ChunkWriter for `spec` needs at most. Errors: ArgumentError for a codec that
/// HDF5 has not.
[[nodiscard]] std::int64_t write_workspace_bytes(const DatasetSpec& spec);

/// Writes one dataset: chunks are encoded and written on the caller's thread; libhdf5 only allocates and
/// indexes them, under its lock. Arrays without elements or without axes are stored contiguously.
class ChunkWriter final : public DatasetWriter {
 public:
  /// Creates the dataset `path` below `file`; the groups above it exist.
  /// Errors: Error if HDF5 or NetCDF cannot hold such an array; StorageError if libhdf5 fails.
  ChunkWriter(hid_t file, const std::string& path, const DatasetSpec& spec, AttributeStyle style,
              const std::string& location);

  [[nodiscard]] const ChunkGrid& grid() const noexcept override { return grid_; }
  [[nodiscard]] std::int64_t write_workspace_bytes() const noexcept override { return workspace_bytes_; }
  std::int64_t write_chunk(const ChunkIndex& chunk, std::span<std::byte> bytes,
                           std::span<std::byte> workspace) override;

  /// Returns what the dimension scales need to know; unnamed axes of NetCDF arrays get names.
  [[nodiscard]] NamedDataset named() const;
  void close() noexcept { dataset_.reset(); }

 private:
  [[nodiscard]] Handle make_properties(const DatasetSpec& spec, hid_t type, AttributeStyle style);
  void write_description(const DatasetSpec& spec, AttributeStyle style);
  void write_scalar(std::span<const std::byte> bytes);
  void place(const ChunkIndex& chunk, std::span<const std::byte> encoded, unsigned skip_mask);

  std::string path_;
  std::string location_;
  ChunkGrid grid_;
  DType dtype_;
  std::vector<std::string> axis_names_;
  CodecChain chain_;
  unsigned filter_count_ = 0;
  std::int64_t chunk_bytes_ = 0;
  std::int64_t encoded_bound_ = 0;
  std::int64_t workspace_bytes_ = 0;
  Handle dataset_;
};

}  // namespace varve::io::hdf5

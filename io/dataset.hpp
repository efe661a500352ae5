#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/attributes.hpp"
#include "io/codec/codec_spec.hpp"
#include "io/store/byte_source.hpp"
#include "varve/core/chunk_grid.hpp"
#include "varve/core/dtype.hpp"
#include "varve/core/scalar.hpp"
#include "varve/core/strided_view.hpp"

namespace varve::io {

/// Describes a dataset: all that can be known without reading a chunk. Everything was checked when it was
/// opened: the shape product fits in 63 bits, chunk extents are positive, the dtype is one of ours, codecs
/// are known.
struct DatasetInfo {
  std::string location;  ///< for messages: "era5.nc:u10"
  std::string format;    ///< "zarr v2", "zarr v3", "hdf5", "netcdf4", "npy"
  Shape shape;
  DType dtype = DType::float64;
  /// The chunks of the file; for contiguous layouts, readable blocks of about 1 MiB.
  ChunkGrid grid;
  /// Extents of a decoded chunk; may exceed the array (edge chunks are decoded whole).
  Shape chunk_shape;
  /// Layout of a decoded chunk: C order, or another order (Zarr "F", transpose codec).
  ByteStrides chunk_strides;
  std::vector<std::string> dimension_names;  ///< empty, or one per axis ("" where an axis has none)
  Attributes attributes;
  std::optional<Scalar> fill_value;
  std::string layout;           ///< for people: "contiguous", "chunked", "compact"
  std::string codecs;           ///< for people: "shuffle, gzip:1"; "" if none
  bool decodes_slowly = false;  ///< decoding costs several times as much as copying: gzip, zstd, ...
  std::string byte_order = "little";
  /// True if any box can be read without decoding whole chunks (no compression): `read_part` then costs what
  /// the box costs.
  bool partial_reads = false;
  std::int64_t encoded_bytes = 0;  ///< most that an encoded chunk has, where chunks can be located
  ReadAhead read_ahead = ReadAhead::hinted;
  std::int64_t read_workspace_bytes = 0;  ///< what read_chunk and read_part need as workspace
  std::int64_t stored_bytes = -1;         ///< bytes of all chunks in the store where known cheaply, else -1
  /// Of one chunk in the store, on average over some, where all are not known.
  std::int64_t sampled_chunk_bytes = -1;
  std::string identity;  ///< path, size and modification time: changes when the data may have changed

  [[nodiscard]] std::int64_t chunk_bytes() const { return element_count(chunk_shape) * size_bytes(dtype); }
};

/// Where the encoded bytes of a chunk lie, and what of their encoding is not the same for all chunks.
struct ChunkLocation {
  const ByteSource* source = nullptr;  ///< null: the chunk was never written and has the fill value
  std::string key;
  ByteRange range;
  /// Bit i: codec i of the array was not applied to this chunk.
  unsigned skipped_codecs = 0;
};

/// A chunk as it lies in its store, in memory. `bytes` is nothing where the store has no such value.
struct EncodedChunk {
  const ChunkIndex& index;
  const ChunkLocation& location;
  std::optional<std::span<const std::byte>> bytes;
};

/// Reads one array of a store. Thread-safe: any number of threads may call the const functions at once.
/// Errors: StorageError if the operating system refuses; FormatError if the bytes are wrong (with location
/// and chunk).
class Dataset {
 public:
  virtual ~Dataset() = default;
  [[nodiscard]] virtual const DatasetInfo& info() const noexcept = 0;

  /// Reads and decodes one chunk, native byte order, `info().chunk_bytes()` bytes in the layout of
  /// `chunk_strides`. Missing chunks are filled with the fill value. Elements outside the array are
  /// unspecified. `workspace` has at least `info().read_workspace_bytes`. Allocates no chunk-sized memory of
  /// its own. Returns the bytes read from the store.
  virtual std::int64_t read_chunk(const ChunkIndex& chunk, std::span<std::byte> out,
                                  std::span<std::byte> workspace) const = 0;

  /// Reads the elements of `part` (array coordinates, inside chunk `chunk`) into `out`, a view of part's
  /// shape with any strides. Only where `info().partial_reads`. Returns the bytes read.
  virtual std::int64_t read_part(const ChunkIndex& chunk, const Box& part, const StridedView& out,
                                 std::span<std::byte> workspace) const;

  /// Returns what `info().identity` would be if the dataset were opened now: another text if what it holds
  /// may have changed since. Costs up to 40 ms. Errors: StorageError if it was removed or replaced.
  [[nodiscard]] virtual std::string current_identity() const;

  /// Returns the numbers, in C order over the grid and rising, of all chunks that are in the store, where
  /// they can be listed and are few: every element of another chunk is the fill value.
  [[nodiscard]] virtual std::optional<std::vector<std::int64_t>> stored_chunks() const;

  /// Says where the bytes of a chunk lie; nothing where they are no range of one value: they come through
  /// libhdf5, or from several chunks. Errors: FormatError if the index of the array is damaged.
  [[nodiscard]] virtual std::optional<ChunkLocation> locate(const ChunkIndex& chunk) const;
  /// Decodes a chunk that was located and fetched, as `read_chunk` does. `encoded.bytes` may lie in the first
  /// `info().encoded_bytes` of the workspace.
  virtual void decode_chunk(const EncodedChunk& encoded, std::span<std::byte> out,
                            std::span<std::byte> workspace) const;

  /// Tells the operating system that the chunk will be read soon; returns false where that is known to change
  /// nothing, as its bytes lie in memory. Costs at most a few microseconds; never fails.
  virtual bool prefetch(const ChunkIndex& chunk) const noexcept;
};

/// Says how a dataset is to be written.
struct DatasetSpec {
  Shape shape;
  DType dtype = DType::float64;
  Shape chunks;  ///< one positive extent per axis
  CodecSpec codec;
  std::optional<Scalar> fill_value;
  Attributes attributes;
  std::vector<std::string> dimension_names;
};

/// Writes one array. Thread-safe for different chunks; each chunk is written once.
class DatasetWriter {
 public:
  virtual ~DatasetWriter() = default;

  [[nodiscard]] virtual const ChunkGrid& grid() const noexcept = 0;
  /// Returns the bytes of workspace that `write_chunk` needs.
  [[nodiscard]] virtual std::int64_t write_workspace_bytes() const noexcept = 0;

  /// Encodes and writes one chunk. `chunk` is dense C order, native byte order, of the full extents
  /// `grid().chunks()` even at the edges (the part outside the array is already filled); the writer may
  /// change these bytes. Atomic for stores with a file per chunk. Returns the bytes written. Errors:
  /// StorageError.
  virtual std::int64_t write_chunk(const ChunkIndex& chunk, std::span<std::byte> bytes,
                                   std::span<std::byte> workspace) = 0;

  /// Tells whether the chunk was already written by an interrupted run that is being resumed.
  [[nodiscard]] virtual bool has_chunk(const ChunkIndex& chunk) const;
};

}  // namespace varve::io

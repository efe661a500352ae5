#include "io/format/zarr_writer.hpp"

#include "io/format/json_text.hpp"
#include "io/format/zarr_attributes.hpp"
#include "io/format/zarr_fill.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

using nlohmann::json;

json shape_json(const Shape& shape) { return json(std::vector<std::int64_t>(shape.begin(), shape.end())); }

std::string v2_dtype(DType dtype) {
  constexpr char kKinds[] = {'b', 'i', 'u', 'f', 'c'};
  const char order = size_bytes(dtype) == 1 ? '|' : '<';
  return std::string{order, kKinds[static_cast<std::size_t>(kind_of(dtype))]} +
         std::to_string(size_bytes(dtype));
}

json v2_metadata(const DatasetSpec& spec, const ChunkGrid& grid, const ZarrCodecMetadata& codecs) {
  return {{"zarr_format", 2},
          {"shape", shape_json(spec.shape)},
          {"chunks", shape_json(grid.chunks())},
          {"dtype", v2_dtype(spec.dtype)},
          {"compressor", codecs.compressor},
          {"filters", codecs.filters},
          {"fill_value", format_zarr_fill(spec.fill_value, spec.dtype, 2)},
          {"order", "C"},
          {"dimension_separator", "."}};
}

json v3_metadata(const DatasetSpec& spec, const ChunkGrid& grid, const ZarrCodecMetadata& codecs) {
  // v3 knows no missing fill value; where the user gave none it is zero.
  const Scalar zero = spec.dtype == DType::boolean ? Scalar(false) : Scalar(std::int64_t{0});
  json metadata = {
      {"zarr_format", 3},
      {"node_type", "array"},
      {"shape", shape_json(spec.shape)},
      {"data_type", std::string(name_of(spec.dtype))},
      {"chunk_grid", {{"name", "regular"}, {"configuration", {{"chunk_shape", shape_json(grid.chunks())}}}}},
      {"chunk_key_encoding", {{"name", "default"}, {"configuration", {{"separator", "/"}}}}},
      {"fill_value", format_zarr_fill(spec.fill_value.value_or(zero), spec.dtype, 3)},
      {"codecs", codecs.codecs},
      {"attributes", make_zarr_attributes(spec.attributes, 3, spec.dtype)}};
  // An array without axes has named all of them: xarray asks for the list.
  if (!spec.dimension_names.empty() || spec.shape.empty()) {
    json names = json::array();
    for (const std::string& name : spec.dimension_names) names.push_back(name.empty() ? json() : json(name));
    metadata["dimension_names"] = names;
  }
  return metadata;
}

class ZarrWriter final : public DatasetWriter {
 public:
  ZarrWriter(std::shared_ptr<ByteStore> store, std::string key, ZarrPlan plan, bool resumed)
      : store_(std::move(store)), key_(std::move(key)), plan_(std::move(plan)), resumed_(resumed) {}

  [[nodiscard]] const ChunkGrid& grid() const noexcept override { return plan_.grid; }
  [[nodiscard]] std::int64_t write_workspace_bytes() const noexcept override { return plan_.workspace_bytes; }

  std::int64_t write_chunk(const ChunkIndex& chunk, std::span<std::byte> bytes,
                           std::span<std::byte> workspace) override {
    if (static_cast<std::int64_t>(bytes.size()) != plan_.chunk_bytes) {
      throw Error("write chunk " + to_string(chunk) + ": got " + std::to_string(bytes.size()) +
                  " bytes instead of " + std::to_string(plan_.chunk_bytes));
    }
    std::span<const std::byte> stored = bytes;
    if (!plan_.codecs.empty()) {
      const auto bound = static_cast<std::size_t>(plan_.encoded_bytes);
      const std::span<std::byte> encoded = workspace.first(bound);
      const std::int64_t size = plan_.codecs.encode(bytes, encoded, workspace.subspan(bound));
      stored = encoded.first(static_cast<std::size_t>(size));
    }
    store_->write(plan_.keys.key_of(key_, chunk), stored);
    return static_cast<std::int64_t>(stored.size());
  }

  [[nodiscard]] bool has_chunk(const ChunkIndex& chunk) const override {
    // No codec makes nothing of a chunk: an empty file is what a power cut leaves of one.
    return resumed_ && store_->size(plan_.keys.key_of(key_, chunk)).value_or(0) > 0;
  }

 private:
  std::shared_ptr<ByteStore> store_;
  std::string key_;
  ZarrPlan plan_;
  bool resumed_;
};

}  // namespace

ZarrPlan::ZarrPlan(const DatasetSpec& spec, int zarr_format) : grid(spec.shape, spec.chunks) {
  if (!spec.dimension_names.empty() &&
      static_cast<std::int64_t>(spec.dimension_names.size()) != spec.shape.size()) {
    throw ShapeError("dimension names: one per axis is needed, " +
                     std::to_string(spec.dimension_names.size()) + " are given for " +
                     std::to_string(spec.shape.size()) + " axes");
  }
  chunk_bytes = checked_multiply(element_count(grid.chunks()), size_bytes(spec.dtype), "chunk");
  const ZarrCodecMetadata made = make_zarr_codecs(spec.codec, spec.dtype, zarr_format);
  codecs = CodecChain(made.steps);
  // A chunk too large for the codec is found here.
  encoded_bytes = codecs.empty() ? 0 : (codecs.encoded_bound(chunk_bytes) + 63) / 64 * 64;
  workspace_bytes = encoded_bytes + codecs.encode_workspace_bytes(chunk_bytes);
  attributes = make_zarr_attributes(spec.attributes, zarr_format, spec.dtype);
  keys = zarr_format == 3 ? ZarrKeys{true, '/'} : ZarrKeys{false, '.'};
  metadata = zarr_format == 3 ? v3_metadata(spec, grid, made) : v2_metadata(spec, grid, made);
  if (zarr_format == 2 && (!spec.dimension_names.empty() || spec.shape.empty()))
    attributes["_ARRAY_DIMENSIONS"] = spec.dimension_names;
}

std::unique_ptr<DatasetWriter> make_zarr_writer(std::shared_ptr<ByteStore> store, const std::string& key,
                                                ZarrPlan plan, bool resumed) {
  return std::make_unique<ZarrWriter>(std::move(store), key, std::move(plan), resumed);
}

}  // namespace varve::io

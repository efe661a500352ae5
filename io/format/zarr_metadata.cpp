#include "io/format/zarr_metadata.hpp"

#include <array>
#include <bit>
#include <string_view>

#include "io/format/encoded_dataset.hpp"
#include "io/format/json_text.hpp"
#include "io/format/zarr_attributes.hpp"
#include "io/format/zarr_codecs.hpp"
#include "io/format/zarr_fill.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

using nlohmann::json;

static_assert(std::endian::native == std::endian::little,
              "byte orders are translated for little-endian machines");

// No chunk can be larger: sizes derived from it must not overflow, and no machine could hold it.
constexpr std::int64_t kMaxChunkBytes = std::int64_t{1} << 40;

struct TypeAndOrder {
  DType dtype;
  bool big_endian;
};

TypeAndOrder parse_v2_dtype(const JsonObject& zarray) {
  const json& field = zarray.require("dtype");
  if (!field.is_string()) zarray.fail("structured dtypes are not supported: " + field.dump());
  const std::string text = field.get<std::string>();
  // "<f4": byte order, kind, bytes. Other kinds than these are strings, objects, dates and raw bytes.
  const bool ordered = text.size() > 2 && std::string_view("<>|").find(text[0]) != std::string_view::npos;
  const bool numeric = ordered && std::string_view("biufc").find(text[1]) != std::string_view::npos;
  const std::optional<DType> dtype = numeric ? parse_dtype(std::string_view(text).substr(1)) : std::nullopt;
  if (!dtype) zarray.fail("the dtype \"" + text + "\" is not supported");
  if (text[0] == '|' && size_bytes(*dtype) > 1) zarray.fail("the dtype \"" + text + "\" has no byte order");
  return {*dtype, text[0] == '>'};
}

DType parse_v3_dtype(const JsonObject& metadata) {
  const json& field = metadata.require("data_type");
  std::string name;
  if (field.is_string()) {
    name = field.get<std::string>();
  } else {
    name = metadata.require_object("data_type").require_string("name");
  }
  for (const DType dtype : kAllDTypes) {
    if (name_of(dtype) == name) return dtype;
  }
  metadata.fail("the data_type \"" + name + "\" is not supported");
}

// Fills in what both versions share, and checks the sizes.
void set_geometry(ZarrArray& array, const Shape& shape, const Shape& chunks, const ZarrPipeline& pipeline,
                  const JsonObject& metadata) {
  DatasetInfo& info = array.info;
  if (chunks.size() != shape.size()) {
    metadata.fail("the chunks " + to_string(chunks) + " do not fit the shape " + to_string(shape));
  }
  try {
    (void)checked_multiply(element_count(shape), size_bytes(info.dtype), "array");
    if (checked_multiply(element_count(chunks), size_bytes(info.dtype), "chunk") > kMaxChunkBytes) {
      metadata.fail("chunks of more than 1 TiB are not supported");
    }
    info.shape = shape;
    info.chunk_shape = chunks;
    info.grid = ChunkGrid(shape, chunks);
    (void)info.grid.chunk_count();
  } catch (const ShapeError& error) {
    metadata.fail(error.what());
  }
  info.chunk_strides = ByteStrides(shape.size(), 0);
  std::int64_t step = size_bytes(info.dtype);
  for (std::size_t i = pipeline.axes.size(); i-- > 0;) {
    info.chunk_strides[pipeline.axes[i]] = step;
    step *= chunks[pipeline.axes[i]];
  }
}

void set_codecs(ZarrArray& array, const ZarrPipeline& pipeline, const JsonObject& metadata) {
  DatasetInfo& info = array.info;
  const std::int64_t word = size_bytes(real_of(info.dtype));
  array.swap_bytes = pipeline.big_endian && word > 1 ? word : 0;
  array.codecs = CodecChain(pipeline.steps);
  info.byte_order = pipeline.big_endian ? "big" : "little";
  info.layout = "chunked";
  info.codecs = array.codecs.description();
  info.decodes_slowly = array.codecs.decodes_slowly();
  try {
    describe_coding(array.codecs, array.codecs.encoded_bound(info.chunk_bytes()), info);
  } catch (const FormatError& error) {
    metadata.fail(error.what());
  }
}

void set_fill(ZarrArray& array, const JsonObject& metadata) {
  const auto found = metadata.value().find("fill_value");
  if (found == metadata.value().end()) metadata.fail("the field \"fill_value\" is missing");
  const ZarrFill fill = parse_zarr_fill(*found, array.info.dtype, metadata.what());
  array.fill = fill.bytes;
  array.info.fill_value = fill.value;
}

char parse_separator(const JsonObject& object, const char* key, const char* otherwise) {
  const std::string text = object.string_or(key, otherwise);
  if (text != "." && text != "/")
    object.fail("the field \"" + std::string(key) + "\" must be \".\" or \"/\"");
  return text[0];
}

// Takes one string (or null) per axis; other JSON is no dimension names.
std::optional<std::vector<std::string>> names_per_axis(const json& value, std::int64_t ndim) {
  if (!value.is_array() || value.size() != static_cast<std::size_t>(ndim)) return std::nullopt;
  std::vector<std::string> names;
  for (const json& name : value) {
    if (!name.is_string() && !name.is_null()) return std::nullopt;
    names.push_back(name.is_null() ? "" : name.get<std::string>());
  }
  return names;
}

ZarrKeys parse_key_encoding(const JsonObject& metadata) {
  const json& field = metadata.require("chunk_key_encoding");
  const json empty = json::object();
  const JsonObject encoding(field.is_string() ? empty : field, metadata.what() + ": chunk_key_encoding");
  const std::string name = field.is_string() ? field.get<std::string>() : encoding.require_string("name");
  const bool configured = encoding.find("configuration") != nullptr;
  const JsonObject config =
      configured ? encoding.require_object("configuration") : JsonObject(empty, encoding.what());
  if (name == "default") return {true, parse_separator(config, "separator", "/")};
  if (name == "v2") return {false, parse_separator(config, "separator", ".")};
  metadata.fail("the chunk_key_encoding \"" + name + "\" is not supported");
}

// The specification has readers fail on members that they do not know, unless these say that they may be
// ignored.
void require_known_members(const JsonObject& metadata) {
  constexpr std::array<std::string_view, 12> kKnown = {"zarr_format",     "node_type",
                                                       "shape",           "data_type",
                                                       "chunk_grid",      "chunk_key_encoding",
                                                       "fill_value",      "codecs",
                                                       "attributes",      "storage_transformers",
                                                       "dimension_names", "consolidated_metadata"};
  for (const auto& [key, value] : metadata.value().items()) {
    bool known = false;
    for (const std::string_view name : kKnown) known = known || name == key;
    const bool optional = value.is_object() && value.value("must_understand", json(true)) == false;
    if (!known && !optional) metadata.fail("the extension \"" + key + "\" is not supported");
  }
}

Shape parse_v3_chunks(const JsonObject& metadata) {
  const JsonObject grid = metadata.require_object("chunk_grid");
  const std::string name = grid.require_string("name");
  if (name != "regular") metadata.fail("the chunk_grid \"" + name + "\" is not supported");
  return grid.require_object("configuration").require_shape("chunk_shape", 1);
}

}  // namespace

std::string ZarrKeys::key_of(const std::string& array, const ChunkIndex& chunk) const {
  std::string key = array.empty() ? "" : array + "/";
  if (with_prefix) key += 'c';
  if (!with_prefix && chunk.empty()) key += '0';
  for (std::int64_t axis = 0; axis < chunk.size(); ++axis) {
    if (axis > 0 || with_prefix) key += separator;
    key += std::to_string(chunk[axis]);
  }
  return key;
}

ZarrArray parse_zarr_v2(const json& zarray, const json& attributes, const std::string& what) {
  const JsonObject metadata(zarray, what);
  if (metadata.require_integer("zarr_format") != 2) metadata.fail("the field \"zarr_format\" must be 2");
  ZarrArray array;
  const TypeAndOrder type = parse_v2_dtype(metadata);
  array.info.format = "zarr v2";
  array.info.dtype = type.dtype;
  const Shape shape = metadata.require_shape("shape", 0);
  ZarrPipeline pipeline = parse_zarr_v2_codecs(metadata, array.info.dtype, shape.size());
  pipeline.big_endian = type.big_endian;
  set_geometry(array, shape, metadata.require_shape("chunks", 1), pipeline, metadata);
  set_codecs(array, pipeline, metadata);
  set_fill(array, metadata);
  array.keys = {false, parse_separator(metadata, "dimension_separator", ".")};
  array.info.attributes =
      read_zarr_attributes(JsonObject(attributes, what + ": attributes").value(), array.info.dtype);
  // xarray's convention: it hides the attribute and shows the names.
  if (const auto found = attributes.find("_ARRAY_DIMENSIONS"); found != attributes.end()) {
    if (auto names = names_per_axis(*found, shape.size())) {
      array.info.dimension_names = std::move(*names);
      array.info.attributes.erase("_ARRAY_DIMENSIONS");
    }
  }
  return array;
}

ZarrArray parse_zarr_v3(const json& value, const std::string& what) {
  const JsonObject metadata(value, what);
  if (metadata.require_integer("zarr_format") != 3) metadata.fail("the field \"zarr_format\" must be 3");
  if (metadata.require_string("node_type") != "array") metadata.fail("is not an array");
  require_known_members(metadata);
  if (metadata.find("storage_transformers") != nullptr &&
      !metadata.require_array("storage_transformers").empty()) {
    metadata.fail("storage transformers are not supported");
  }
  ZarrArray array;
  array.info.format = "zarr v3";
  array.info.dtype = parse_v3_dtype(metadata);
  const Shape shape = metadata.require_shape("shape", 0);
  const ZarrPipeline pipeline = parse_zarr_v3_codecs(metadata, array.info.dtype, shape.size());
  set_geometry(array, shape, parse_v3_chunks(metadata), pipeline, metadata);
  set_codecs(array, pipeline, metadata);
  set_fill(array, metadata);
  array.keys = parse_key_encoding(metadata);
  if (metadata.find("attributes") != nullptr) {
    array.info.attributes =
        read_zarr_attributes(metadata.require_object("attributes").value(), array.info.dtype);
  }
  if (const json* names = metadata.find("dimension_names")) {
    auto parsed = names_per_axis(*names, shape.size());
    if (!parsed) metadata.fail("the field \"dimension_names\" must give one name or null per axis");
    array.info.dimension_names = std::move(*parsed);
  }
  return array;
}

}  // namespace varve::io

#include "io/format/zarr_codecs.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "varve/core/error.hpp"

namespace varve::io {
namespace {

using nlohmann::json;

int level_of(const JsonObject& config, const char* key) {
  const std::int64_t level = config.integer_or(key, -1);
  return static_cast<int>(std::clamp<std::int64_t>(level, -1, std::numeric_limits<int>::max()));
}

// v2 gives a number, v3 a word; -1 lets Blosc choose, which matters for writing only.
int blosc_shuffle(const JsonObject& config) {
  const json* mode = config.find("shuffle");
  if (mode == nullptr) return 1;
  if (mode->is_string()) {
    if (*mode == "noshuffle") return 0;
    if (*mode == "shuffle") return 1;
    if (*mode == "bitshuffle") return 2;
  } else if (mode->is_number_integer() && *mode >= -1 && *mode <= 2) {
    return mode->get<int>() == -1 ? 1 : mode->get<int>();
  }
  config.fail("the field \"shuffle\" is unknown: " + mode->dump());
}

void require_checksum_at_end(const JsonObject& config) {
  if (config.string_or("location", "end") != "end") config.fail("a checksum at the start is not supported");
}

// netCDF-C writes 0, by which it means the elements of the array; a shuffle that says nothing has numcodecs'
// default.
CodecPtr make_zarr_shuffle(const JsonObject& config, DType dtype) {
  constexpr std::int64_t kNumcodecsDefault = 4;
  const std::int64_t element_bytes = config.integer_or("elementsize", kNumcodecsDefault);
  if (element_bytes < 0 || element_bytes > 4096) config.fail("impossible \"elementsize\"");
  return make_shuffle(element_bytes == 0 ? size_bytes(dtype) : element_bytes);
}

// Version 2 does not say the size of elements, which is the array's. Blocks follow from it.
CodecPtr make_zarr_blosc(const JsonObject& config, DType dtype) {
  return make_blosc(config.string_or("cname", "lz4"), level_of(config, "clevel"), blosc_shuffle(config),
                    config.integer_or("typesize", size_bytes(dtype)), config.integer_or("blocksize", 0));
}

// Makes a bytes-to-bytes codec from its numcodecs name and configuration; null if decoding it changes
// nothing.
CodecPtr make_step(const std::string& name, const JsonObject& config, DType dtype) {
  if (name == "gzip") return make_gzip(level_of(config, "level"));
  if (name == "zlib") return make_zlib(level_of(config, "level"));
  if (name == "zstd") return make_zstd(level_of(config, "level"));
  if (name == "lz4") return make_lz4(level_of(config, "acceleration"));
  if (name == "bitround") return nullptr;
  if (name == "shuffle") return make_zarr_shuffle(config, dtype);
  if (name == "blosc") return make_zarr_blosc(config, dtype);
  if (name == "fletcher32" || name == "crc32c") {
    require_checksum_at_end(config);
    return name == "crc32c" ? make_crc32c() : make_fletcher32();
  }
  throw FormatError(config.what() + ": the codec \"" + name + "\" is not supported");
}

void add_step(std::vector<CodecPtr>& steps, const std::string& name, const JsonObject& config, DType dtype) {
  try {
    if (CodecPtr step = make_step(name, config, dtype)) steps.push_back(std::move(step));
  } catch (const FormatError& error) {
    if (std::string(error.what()).starts_with(config.what())) throw;
    config.fail(error.what());
  }
}

void add_v2_step(std::vector<CodecPtr>& steps, const json& value, const std::string& what, DType dtype) {
  const JsonObject config(value, what);
  add_step(steps, config.require_string("id"), config, dtype);
}

// A codec of v3: an object with a name and perhaps a configuration, or the name alone.
struct NamedConfig {
  NamedConfig(const json& entry, const std::string& what) : configuration(json::object()) {
    if (entry.is_string()) {
      name = entry.get<std::string>();
      return;
    }
    const JsonObject object(entry, what);
    name = object.require_string("name");
    if (object.find("configuration") != nullptr)
      configuration = object.require_object("configuration").value();
  }
  std::string name;
  json configuration;
};

void apply_transpose(std::vector<std::int64_t>& axes, const JsonObject& config) {
  const auto ndim = static_cast<std::int64_t>(axes.size());
  const json& order = config.require("order");
  std::vector<std::int64_t> permutation(axes.size());
  std::iota(permutation.begin(), permutation.end(), 0);
  if (order == "F") std::reverse(permutation.begin(), permutation.end());
  if (!order.is_string()) {
    const Shape given = config.require_shape("order", 0);
    std::vector<std::int64_t> sorted(given.begin(), given.end());
    std::sort(sorted.begin(), sorted.end());
    if (given.size() != ndim || sorted != permutation) config.fail("\"order\" is no permutation of the axes");
    permutation.assign(given.begin(), given.end());
  } else if (order != "C" && order != "F") {
    config.fail("\"order\" is no permutation of the axes");
  }
  const std::vector<std::int64_t> before = axes;
  for (std::size_t i = 0; i < axes.size(); ++i) axes[i] = before[static_cast<std::size_t>(permutation[i])];
}

bool parse_endian(const JsonObject& config, DType dtype) {
  const std::string endian = config.string_or("endian", size_bytes(dtype) == 1 ? "little" : "");
  if (endian != "little" && endian != "big") config.fail("\"endian\" must be \"little\" or \"big\"");
  return endian == "big";
}

std::string without_prefix(const std::string& name) {
  constexpr std::string_view kPrefix = "numcodecs.";
  return name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : name;
}

}  // namespace

ZarrPipeline parse_zarr_v2_codecs(const JsonObject& zarray, DType dtype, std::int64_t ndim) {
  ZarrPipeline pipeline;
  pipeline.axes.resize(static_cast<std::size_t>(ndim));
  std::iota(pipeline.axes.begin(), pipeline.axes.end(), 0);
  const std::string order = zarray.string_or("order", "C");
  if (order != "C" && order != "F") zarray.fail("the field \"order\" must be \"C\" or \"F\"");
  if (order == "F") std::reverse(pipeline.axes.begin(), pipeline.axes.end());
  if (zarray.find("filters") != nullptr) {
    for (const json& filter : zarray.require_array("filters")) {
      add_v2_step(pipeline.steps, filter, zarray.what() + ": filters", dtype);
    }
  }
  if (const json* compressor = zarray.find("compressor")) {
    add_v2_step(pipeline.steps, *compressor, zarray.what() + ": compressor", dtype);
  }
  return pipeline;
}

ZarrPipeline parse_zarr_v3_codecs(const JsonObject& metadata, DType dtype, std::int64_t ndim) {
  ZarrPipeline pipeline;
  pipeline.axes.resize(static_cast<std::size_t>(ndim));
  std::iota(pipeline.axes.begin(), pipeline.axes.end(), 0);
  const std::string what = metadata.what() + ": codecs";
  bool is_bytes = false;
  for (const json& entry : metadata.require_array("codecs")) {
    const NamedConfig codec(entry, what);
    const std::string name = without_prefix(codec.name);
    const JsonObject config(codec.configuration, what + ": " + codec.name);
    if (name == "transpose" && !is_bytes) {
      apply_transpose(pipeline.axes, config);
    } else if ((name == "bytes" || name == "endian") && !is_bytes) {
      pipeline.big_endian = parse_endian(config, dtype);
      is_bytes = true;
    } else if (name != "bitround" || is_bytes) {
      add_step(pipeline.steps, name, config, dtype);
      if (!is_bytes) metadata.fail("the codec \"" + codec.name + "\" stands before \"bytes\"");
    }
  }
  if (!is_bytes) metadata.fail("the field \"codecs\" has no \"bytes\" codec");
  return pipeline;
}

namespace {

void add_blosc(ZarrCodecMetadata& result, const CodecSpec& spec, DType dtype) {
  const std::string inner = spec.inner.empty() ? "lz4" : spec.inner;
  const int level = level_of(spec);
  const int shuffle = spec.shuffle ? 1 : 0;
  result.steps.push_back(make_blosc(inner, level, shuffle, size_bytes(dtype), 0));
  result.compressor = {
      {"id", "blosc"}, {"cname", inner}, {"clevel", level}, {"shuffle", shuffle}, {"blocksize", 0}};
  result.codecs.push_back({{"name", "blosc"},
                           {"configuration",
                            {{"cname", inner},
                             {"clevel", level},
                             {"shuffle", spec.shuffle ? "shuffle" : "noshuffle"},
                             {"typesize", size_bytes(dtype)},
                             {"blocksize", 0}}}});
}

void add_compressor(ZarrCodecMetadata& result, const CodecSpec& spec, DType dtype) {
  if (spec.name == "blosc") return add_blosc(result, spec, dtype);
  if (spec.name == "gzip") {
    const int level = level_of(spec);
    result.steps.push_back(make_gzip(level));
    result.compressor = {{"id", "gzip"}, {"level", level}};
    result.codecs.push_back({{"name", "gzip"}, {"configuration", {{"level", level}}}});
  } else if (spec.name == "zstd") {
    const int level = level_of(spec);
    result.steps.push_back(make_zstd(level));
    result.compressor = {{"id", "zstd"}, {"level", level}};
    result.codecs.push_back({{"name", "zstd"}, {"configuration", {{"level", level}, {"checksum", false}}}});
  } else if (spec.name == "lz4") {
    const int acceleration = level_of(spec);
    result.steps.push_back(make_lz4(acceleration));
    result.compressor = {{"id", "lz4"}, {"acceleration", acceleration}};
  } else {
    throw ArgumentError("codec \"" + to_string(spec) +
                        "\": Zarr does not have it; use none, gzip, zstd or blosc");
  }
}

}  // namespace

ZarrCodecMetadata make_zarr_codecs(const CodecSpec& spec, DType dtype, int zarr_format) {
  ZarrCodecMetadata result;
  result.codecs = json::array({{{"name", "bytes"}}});
  if (size_bytes(dtype) > 1) result.codecs[0]["configuration"] = {{"endian", "little"}};
  if (spec.name == "none") return result;
  if (zarr_format == 3 && spec.name == "lz4") {
    throw ArgumentError(
        "codec \"lz4\": Zarr v3 has no lz4 codec of its own; use blosc:lz4, or write Zarr v2");
  }
  if (zarr_format == 2 && spec.name != "blosc" && spec.shuffle && size_bytes(dtype) > 1) {
    result.steps.push_back(make_shuffle(size_bytes(dtype)));
    result.filters = json::array({{{"id", "shuffle"}, {"elementsize", size_bytes(dtype)}}});
  }
  add_compressor(result, spec, dtype);
  return result;
}

}  // namespace varve::io

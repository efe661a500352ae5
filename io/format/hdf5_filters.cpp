#include "io/format/hdf5_filters.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <vector>

#include "io/format/hdf5_bitshuffle.hpp"
#include "varve/core/error.hpp"

namespace varve::io::hdf5 {
namespace {

// Identifiers registered with The HDF Group.
constexpr H5Z_filter_t kLzf = 32000;
constexpr H5Z_filter_t kBlosc = 32001;
constexpr H5Z_filter_t kLz4 = 32004;
constexpr H5Z_filter_t kBitshuffle = 32008;
constexpr H5Z_filter_t kZstd = 32015;

// The order of Blosc's compressor codes.
constexpr std::array<const char*, 6> kBloscCompressors = {"blosclz", "lz4",  "lz4hc",
                                                          "snappy",  "zlib", "zstd"};
// The parameters of the Blosc filter before the level: its revision and the version of the Blosc format.
constexpr unsigned kBloscFilterRevision = 2;
constexpr unsigned kBloscFormatVersion = 2;
// As h5py's LZF filter says.
constexpr unsigned kLzfFilterRevision = 4;
constexpr unsigned kLzfVersion = 0x0105;

/// One entry of a pipeline as libhdf5 tells it.
struct Filter {
  H5Z_filter_t id = H5Z_FILTER_NONE;
  std::array<unsigned, 16> parameters = {};
  std::size_t parameter_count = 0;
  std::string name;

  [[nodiscard]] unsigned parameter(std::size_t index, unsigned otherwise) const {
    return index < std::min(parameter_count, parameters.size()) ? parameters[index] : otherwise;
  }
};

Filter read_filter(hid_t creation, unsigned index, const std::string& location) {
  Filter filter;
  unsigned flags = 0;
  unsigned configuration = 0;
  std::array<char, 64> name = {};
  filter.parameter_count = filter.parameters.size();
  filter.id = H5Pget_filter2(creation, index, &flags, &filter.parameter_count, filter.parameters.data(),
                             name.size() - 1, name.data(), &configuration);
  if (filter.id < 0) throw_library_error(location, "cannot read the filters");
  filter.name = name.data();
  return filter;
}

CodecPtr make_blosc_codec(const Filter& filter, std::int64_t element_bytes) {
  const unsigned code = filter.parameter(6, 0);
  const std::string inner = code < kBloscCompressors.size() ? kBloscCompressors[code] : "lz4";
  const int level = static_cast<int>(std::min(filter.parameter(4, 5), 9U));
  const int shuffle = static_cast<int>(std::min(filter.parameter(5, 1), 2U));
  return make_blosc(inner == "snappy" ? "lz4" : inner, level, shuffle, element_bytes, 0);
}

/// Returns the codec of filter 32008, whose parameters are: version (2), element size, block size,
/// compressor.
CodecPtr make_bitshuffle_codec(const Filter& filter, std::int64_t element_bytes) {
  const auto bytes = static_cast<std::int64_t>(filter.parameter(2, static_cast<unsigned>(element_bytes)));
  const unsigned compressor = filter.parameter(4, 0);
  if (bytes < 1 || bytes > 1024 || compressor == 1 || compressor > 3) return nullptr;
  return make_bitshuffle(bytes, filter.parameter(3, 0), static_cast<BitshuffleCompressor>(compressor));
}

/// Returns our codec for the filter, or null if we have none.
CodecPtr make_codec(const Filter& filter, std::int64_t element_bytes) {
  switch (filter.id) {
    case H5Z_FILTER_DEFLATE:
      return make_zlib(static_cast<int>(std::min(filter.parameter(0, 6), 9U)));
    case H5Z_FILTER_SHUFFLE: {
      const auto bytes = static_cast<std::int64_t>(filter.parameter(0, static_cast<unsigned>(element_bytes)));
      return make_shuffle(std::max<std::int64_t>(bytes, 1));
    }
    case H5Z_FILTER_FLETCHER32:
      return make_fletcher32();
    case kLzf:
      return make_lzf();
    case kBlosc:
      return make_blosc_codec(filter, element_bytes);
    case kLz4:
      return make_hdf5_lz4(static_cast<std::int64_t>(filter.parameter(0, 0)));
    case kBitshuffle:
      return make_bitshuffle_codec(filter, element_bytes);
    case kZstd:
      return make_zstd(static_cast<int>(std::min(filter.parameter(0, 3), 22U)));
    default:
      return nullptr;
  }
}

std::string name_of_filter(const Filter& filter) {
  return "filter " + std::to_string(filter.id) + (filter.name.empty() ? "" : " (" + filter.name + ")");
}

void add_filter(hid_t creation, H5Z_filter_t id, std::span<const unsigned> parameters) {
  // Optional: libhdf5 need not have the filter itself, since our chunks reach the file encoded.
  check_status(H5Pset_filter(creation, id, H5Z_FLAG_OPTIONAL, parameters.size(), parameters.data()), "HDF5",
               "cannot set filter " + std::to_string(id));
}

CodecPtr set_blosc(hid_t creation, const CodecSpec& spec, std::int64_t element_bytes,
                   std::int64_t chunk_bytes) {
  const std::string inner = spec.inner.empty() ? "lz4" : spec.inner;
  const auto* code = std::find(kBloscCompressors.begin(), kBloscCompressors.end(), inner);
  if (code == kBloscCompressors.end())
    throw ArgumentError("codec \"" + to_string(spec) + "\": unknown compressor inside blosc");
  const int level = level_of(spec);
  const unsigned parameters[] = {kBloscFilterRevision,
                                 kBloscFormatVersion,
                                 static_cast<unsigned>(element_bytes),
                                 static_cast<unsigned>(chunk_bytes),
                                 static_cast<unsigned>(level),
                                 spec.shuffle ? 1U : 0U,
                                 static_cast<unsigned>(std::distance(kBloscCompressors.begin(), code))};
  add_filter(creation, kBlosc, parameters);
  return make_blosc(inner, level, spec.shuffle ? 1 : 0, element_bytes, 0);
}

CodecPtr set_compressor(hid_t creation, const CodecSpec& spec, std::int64_t element_bytes,
                        std::int64_t chunk_bytes) {
  if (spec.name == "gzip") {
    const unsigned level[] = {static_cast<unsigned>(level_of(spec))};
    add_filter(creation, H5Z_FILTER_DEFLATE, level);
    return make_zlib(static_cast<int>(level[0]));
  }
  if (spec.name == "zstd") {
    const unsigned level[] = {static_cast<unsigned>(level_of(spec))};
    add_filter(creation, kZstd, level);
    return make_zstd(static_cast<int>(level[0]));
  }
  if (spec.name == "lz4") {
    const unsigned block_bytes[] = {0};  // one block per chunk
    add_filter(creation, kLz4, block_bytes);
    return make_hdf5_lz4(0, level_of(spec));
  }
  if (spec.name == "lzf") {
    const unsigned parameters[] = {kLzfFilterRevision, kLzfVersion, static_cast<unsigned>(chunk_bytes)};
    add_filter(creation, kLzf, parameters);
    return make_lzf();
  }
  if (spec.name == "blosc") return set_blosc(creation, spec, element_bytes, chunk_bytes);
  throw ArgumentError("codec \"" + to_string(spec) +
                      "\": HDF5 has no such filter; use none, gzip, zstd, lz4, lzf or blosc");
}

}  // namespace

FilterPipeline read_pipeline(hid_t creation, std::int64_t element_bytes, const std::string& location) {
  const LibraryLock lock;
  FilterPipeline pipeline;
  const int count = H5Pget_nfilters(creation);
  if (count < 0) throw_library_error(location, "cannot read the filters");
  std::vector<CodecPtr> codecs;
  for (unsigned index = 0; index < static_cast<unsigned>(count); ++index) {
    const Filter filter = read_filter(creation, index, location);
    codecs.push_back(make_codec(filter, element_bytes));
    pipeline.description += index > 0 ? ", " : "";
    pipeline.description += codecs.back() != nullptr ? codecs.back()->name() : name_of_filter(filter);
    if (codecs.back() != nullptr) continue;
    pipeline.by_library = true;
    if (H5Zfilter_avail(filter.id) <= 0) {
      H5Eclear2(H5E_DEFAULT);
      throw FormatError(location + ": " + name_of_filter(filter) +
                        " is not supported; install its HDF5 plugin or " +
                        "rewrite the file without it (h5repack)");
    }
  }
  for (unsigned index = 0; pipeline.by_library && index < static_cast<unsigned>(count); ++index) {
    const Filter filter = read_filter(creation, index, location);
    if (H5Zfilter_avail(filter.id) <= 0) {
      throw FormatError(location + ": " + name_of_filter(filter) +
                        " cannot be combined with the other filters (" + pipeline.description +
                        ") without its HDF5 plugin");
    }
  }
  if (!pipeline.by_library) pipeline.chain = CodecChain(std::move(codecs));
  return pipeline;
}

CodecChain set_pipeline(hid_t creation, const CodecSpec& spec, DType dtype, std::int64_t chunk_bytes) {
  const LibraryLock lock;
  if (spec.name == "none") return {};
  const std::int64_t element_bytes = size_bytes(dtype);
  std::vector<CodecPtr> codecs;
  if (spec.shuffle && spec.name != "blosc" && element_bytes > 1) {
    const unsigned parameters[] = {static_cast<unsigned>(element_bytes)};
    add_filter(creation, H5Z_FILTER_SHUFFLE, parameters);
    codecs.push_back(make_shuffle(element_bytes));
  }
  codecs.push_back(set_compressor(creation, spec, element_bytes, chunk_bytes));
  return CodecChain(std::move(codecs));
}

}  // namespace varve::io::hdf5

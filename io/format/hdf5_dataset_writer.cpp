#include "io/format/hdf5_dataset_writer.hpp"

#include <array>
#include <optional>

#include "io/format/hdf5_driver.hpp"
#include "io/format/hdf5_dtype.hpp"
#include "io/format/hdf5_filters.hpp"
#include "varve/core/error.hpp"

namespace varve::io::hdf5 {
namespace {

constexpr std::int64_t kLargestChunkBytes = 0xffffffffLL;  // HDF5 keeps the size in 32 bits
constexpr std::int64_t kAlignment = 64;

[[noreturn]] void throw_storage_error(const std::string& location, const std::string& action) {
  throw StorageError(location + ": " + action + ": " + take_error_message());
}

Handle make_space(const Shape& shape, const std::string& location) {
  if (shape.empty()) return checked(H5Screate(H5S_SCALAR), location, "cannot make a dataspace");
  std::array<hsize_t, H5S_MAX_RANK> extents = {};
  std::copy(shape.begin(), shape.end(), extents.begin());
  return checked(H5Screate_simple(static_cast<int>(shape.size()), extents.data(), nullptr), location,
                 "cannot make a dataspace");
}

/// Returns the element type. NetCDF knows a compound type only by a name in the file; the names are those
/// that NetCDF's complex number support gives.
Handle make_element_type(hid_t file, DType dtype, AttributeStyle style, const std::string& location) {
  if (style == AttributeStyle::hdf5) return make_file_type(dtype, BoolForm::enumeration);
  if (dtype == DType::float16)
    throw DTypeError(location + ": NetCDF has no float16; cast to float32, or write .h5");
  Handle type = make_file_type(dtype, BoolForm::int8);
  if (!is_complex(dtype)) return type;
  const char* name = dtype == DType::complex64 ? "_PFNC_FLOAT_COMPLEX_TYPE" : "_PFNC_DOUBLE_COMPLEX_TYPE";
  if (H5Lexists(file, name, H5P_DEFAULT) > 0) {
    return checked(H5Topen2(file, name, H5P_DEFAULT), location, "cannot open the complex type");
  }
  check_status(H5Tcommit2(file, name, type.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), location,
               "cannot store the complex type");
  return type;
}

std::int64_t aligned_bound(const CodecChain& chain, std::int64_t chunk_bytes) {
  return (chain.encoded_bound(chunk_bytes) + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace

std::int64_t write_workspace_bytes(const DatasetSpec& spec) {
  const LibraryLock lock;
  const ChunkGrid grid(spec.shape, spec.chunks);
  const std::int64_t chunk_bytes =
      checked_multiply(element_count(grid.chunks()), size_bytes(spec.dtype), "chunk bytes");
  const Handle properties = checked(H5Pcreate(H5P_DATASET_CREATE), "HDF5", "cannot make dataset properties");
  const CodecChain chain = set_pipeline(properties.get(), spec.codec, spec.dtype, chunk_bytes);
  if (chain.empty()) return 0;
  return aligned_bound(chain, chunk_bytes) + chain.encode_workspace_bytes(chunk_bytes);
}

ChunkWriter::ChunkWriter(hid_t file, const std::string& path, const DatasetSpec& spec, AttributeStyle style,
                         const std::string& location)
    : path_(path), location_(location + ":" + path), grid_(spec.shape, spec.chunks), dtype_(spec.dtype) {
  const LibraryLock lock;
  chunk_bytes_ = checked_multiply(element_count(grid_.chunks()), size_bytes(dtype_), "chunk bytes");
  if (chunk_bytes_ > kLargestChunkBytes) {
    throw ArgumentError(location_ + ": chunks " + to_string(grid_.chunks()) +
                        " exceed HDF5's limit of 4 GiB; use smaller ones");
  }
  axis_names_ = spec.dimension_names;
  axis_names_.resize(static_cast<std::size_t>(spec.shape.size()));
  for (std::size_t axis = 0; style == AttributeStyle::netcdf && axis < axis_names_.size(); ++axis) {
    if (axis_names_[axis].empty()) axis_names_[axis] = "dim_" + std::to_string(axis);
  }
  const Handle type = make_element_type(file, dtype_, style, location_);
  const Handle space = make_space(spec.shape, location_);
  const Handle properties = make_properties(spec, type.get(), style);
  dataset_ = Handle(
      H5Dcreate2(file, path.c_str(), type.get(), space.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT));
  if (!dataset_) throw_storage_error(location_, "cannot create the dataset");
  write_description(spec, style);
}

Handle ChunkWriter::make_properties(const DatasetSpec& spec, hid_t type, AttributeStyle style) {
  Handle properties = checked(H5Pcreate(H5P_DATASET_CREATE), location_, "cannot make dataset properties");
  if (style == AttributeStyle::netcdf) {
    H5Pset_attr_creation_order(properties.get(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
  }
  make_room(properties.get(), spec.attributes);
  if (spec.fill_value) {
    std::array<std::byte, 16> element = {};
    spec.fill_value->store(dtype_, element.data());
    check_status(H5Pset_fill_value(properties.get(), type, element.data()), location_,
                 "cannot set the fill value");
  }
  if (spec.shape.empty() || grid_.chunk_count() == 0) return properties;
  std::array<hsize_t, H5S_MAX_RANK> extents = {};
  std::copy(grid_.chunks().begin(), grid_.chunks().end(), extents.begin());
  check_status(H5Pset_chunk(properties.get(), static_cast<int>(spec.shape.size()), extents.data()), location_,
               "cannot set the chunks");
  chain_ = set_pipeline(properties.get(), spec.codec, dtype_, chunk_bytes_);
  if (chain_.empty()) return properties;
  filter_count_ = static_cast<unsigned>(H5Pget_nfilters(properties.get()));
  encoded_bound_ = aligned_bound(chain_, chunk_bytes_);
  workspace_bytes_ = encoded_bound_ + chain_.encode_workspace_bytes(chunk_bytes_);
  return properties;
}

void ChunkWriter::write_description(const DatasetSpec& spec, AttributeStyle style) {
  write_attributes(dataset_.get(), spec.attributes, style, dtype_);
  // NetCDF has no bool; by this mark xarray makes one again.
  if (style == AttributeStyle::netcdf && dtype_ == DType::boolean && !spec.attributes.contains("dtype")) {
    write_text_attribute(dataset_.get(), "dtype", "bool", style);
  }
  const bool wants_fill = style == AttributeStyle::netcdf && spec.fill_value && !is_complex(dtype_);
  if (!wants_fill || spec.attributes.contains("_FillValue")) return;
  std::array<std::byte, 16> element = {};
  spec.fill_value->store(dtype_, element.data());
  write_element_attribute(dataset_.get(), "_FillValue", dtype_,
                          std::span(element).first(static_cast<std::size_t>(size_bytes(dtype_))), style);
}

NamedDataset ChunkWriter::named() const {
  NamedDataset result{path_, dataset_.get(), {}};
  for (std::int64_t axis = 0; axis < grid_.ndim(); ++axis) {
    result.axes.push_back({axis_names_[static_cast<std::size_t>(axis)], grid_.shape()[axis]});
  }
  return result;
}

std::int64_t ChunkWriter::write_chunk(const ChunkIndex& chunk, std::span<std::byte> bytes,
                                      std::span<std::byte> workspace) {
  std::span<const std::byte> encoded = bytes.first(static_cast<std::size_t>(chunk_bytes_));
  unsigned skip_mask = 0;
  if (grid_.ndim() == 0) {
    write_scalar(encoded);
    return chunk_bytes_;
  }
  if (!chain_.empty()) {
    const auto bound = static_cast<std::size_t>(encoded_bound_);
    const std::int64_t size = chain_.encode(encoded, workspace.first(bound), workspace.subspan(bound));
    if (size <= chunk_bytes_) {
      encoded = workspace.first(static_cast<std::size_t>(size));
    } else {
      skip_mask = (1U << filter_count_) - 1;  // incompressible: stored as it is
    }
  }
  place(chunk, encoded, skip_mask);
  return static_cast<std::int64_t>(encoded.size());
}

void ChunkWriter::place(const ChunkIndex& chunk, std::span<const std::byte> encoded, unsigned skip_mask) {
  std::array<hsize_t, H5S_MAX_RANK> offset = {};
  for (std::int64_t axis = 0; axis < chunk.size(); ++axis) {
    offset[static_cast<std::size_t>(axis)] = static_cast<hsize_t>(chunk[axis] * grid_.chunks()[axis]);
  }
  std::optional<FileExtent> extent;
  {
    const LibraryLock lock;
    const LocateRawData locating;
    if (H5Dwrite_chunk(dataset_.get(), H5P_DEFAULT, skip_mask, offset.data(), encoded.size(),
                       encoded.data()) < 0) {
      throw_storage_error(location_, "cannot place chunk " + to_string(chunk));
    }
    extent = locating.found();
  }
  if (!extent || extent->size != static_cast<std::int64_t>(encoded.size())) {
    throw StorageError(location_ + ": cannot place chunk " + to_string(chunk));
  }
  write_bytes(extent->descriptor, extent->offset, encoded, location_);
}

void ChunkWriter::write_scalar(std::span<const std::byte> bytes) {
  const LibraryLock lock;
  const Handle type(H5Dget_type(dataset_.get()));
  if (H5Dwrite(dataset_.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()) < 0) {
    throw_storage_error(location_, "cannot write");
  }
}

}  // namespace varve::io::hdf5

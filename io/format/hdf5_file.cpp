#include "io/format/hdf5_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <limits>

#include "io/format/hdf5_attributes.hpp"
#include "io/format/hdf5_dimensions.hpp"
#include "io/format/hdf5_source_files.hpp"
#include "io/store/file.hpp"
#include "varve/core/error.hpp"

namespace varve::io::hdf5 {
namespace {

// Files that libhdf5 has open at one time, beside those that a call opens: each takes 0.6 MiB, of which 0.5
// are a table of its metadata cache, and up to 4 MiB where there is much metadata. No budget counts them.
constexpr std::size_t kMaxOpen = 8;
// Blocks of layouts without chunks: long enough to hide the cost of a call, short enough to give every core
// work.
constexpr std::int64_t kBlockBytes = std::int64_t{1} << 20U;
// Counting the stored bytes of a chunked dataset walks over its chunk index.
constexpr std::int64_t kMaxChunksCounted = 20000;
constexpr std::int64_t kLargestChunkBytes = 0xffffffffLL;  // HDF5 keeps the size in 32 bits

HandleCache& library_handles() {
  static auto* cache = new HandleCache(kMaxOpen);  // never destroyed: datasets may be static
  return *cache;
}

Layout layout_of(hid_t creation, const std::string& location) {
  switch (H5Pget_layout(creation)) {
    case H5D_COMPACT:
      return Layout::compact;
    case H5D_CONTIGUOUS:
      return H5Pget_external_count(creation) > 0 ? Layout::external : Layout::contiguous;
    case H5D_CHUNKED:
      return Layout::chunked;
    case H5D_VIRTUAL:
      return Layout::virtual_sources;
    default:
      throw_library_error(location, "unknown storage layout");
  }
}

const char* name_of(Layout layout) {
  switch (layout) {
    case Layout::compact:
      return "compact";
    case Layout::contiguous:
      return "contiguous";
    case Layout::chunked:
      return "chunked";
    case Layout::external:
      return "contiguous in external files";
    case Layout::virtual_sources:
      return "virtual";
  }
  return "";
}

std::int64_t to_extent(hsize_t extent, const std::string& location) {
  if (extent > static_cast<hsize_t>(std::numeric_limits<std::int64_t>::max())) {
    throw FormatError(location + ": an extent exceeds 2^63 - 1; the file is damaged");
  }
  return static_cast<std::int64_t>(extent);
}

Shape read_shape(hid_t dataset, const std::string& location) {
  const Handle space = checked(H5Dget_space(dataset), location, "cannot read the shape");
  const int ndim = H5Sget_simple_extent_ndims(space.get());
  if (ndim < 0 || ndim > H5S_MAX_RANK) throw_library_error(location, "cannot read the shape");
  std::array<hsize_t, H5S_MAX_RANK> extents = {};
  check_status(H5Sget_simple_extent_dims(space.get(), extents.data(), nullptr), location,
               "cannot read the shape");
  Shape shape;
  for (int axis = 0; axis < ndim; ++axis) {
    shape.push_back(to_extent(extents[static_cast<std::size_t>(axis)], location));
  }
  return shape;
}

/// Errors: FormatError if the shape times the element size does not fit in 63 bits.
void check_bytes(const Shape& shape, DType dtype, const std::string& location) {
  try {
    static_cast<void>(checked_multiply(element_count(shape), size_bytes(dtype), "bytes"));
  } catch (const ShapeError&) {
    throw FormatError(location + ": shape " + to_string(shape) +
                      " does not fit in 63 bits; the file is damaged");
  }
}

Shape read_chunk_shape(hid_t creation, const Shape& shape, const std::string& location) {
  std::array<hsize_t, H5S_MAX_RANK> extents = {};
  const int ndim = H5Pget_chunk(creation, H5S_MAX_RANK, extents.data());
  if (ndim < 0) throw_library_error(location, "cannot read the chunk shape");
  if (ndim != shape.size()) throw FormatError(location + ": the chunks have another rank than the array");
  Shape chunk;
  for (int axis = 0; axis < ndim; ++axis) {
    chunk.push_back(to_extent(extents[static_cast<std::size_t>(axis)], location));
    if (chunk[axis] < 1) throw FormatError(location + ": a chunk extent is 0; the file is damaged");
  }
  return chunk;
}

/// Returns blocks of about 1 MiB that lie densely in a C-order array: trailing axes whole, one axis cut.
Shape block_shape(const Shape& shape, DType dtype) {
  Shape block(shape.size(), 1);
  std::int64_t room = kBlockBytes / size_bytes(dtype);
  for (std::int64_t axis = shape.size() - 1; axis >= 0; --axis) {
    block[axis] = std::clamp<std::int64_t>(room, 1, std::max<std::int64_t>(shape[axis], 1));
    room = block[axis] < shape[axis] ? 0 : room / block[axis];
  }
  return block;
}

void read_fill(hid_t creation, hid_t type, OpenArray& array) {
  array.fill.assign(static_cast<std::size_t>(size_bytes(array.element.dtype)), std::byte{0});
  H5D_fill_value_t defined = H5D_FILL_VALUE_UNDEFINED;
  if (H5Pfill_value_defined(creation, &defined) < 0 || defined == H5D_FILL_VALUE_UNDEFINED) return;
  check_status(H5Pget_fill_value(creation, type, array.fill.data()), array.info.location,
               "cannot read the fill value");
  normalize_elements(array.element, array.fill);
  if (defined == H5D_FILL_VALUE_USER_DEFINED) {
    array.info.fill_value = load_scalar(array.element.dtype, array.fill.data());
  }
}

void describe_chunks(hid_t creation, OpenArray& array) {
  DatasetInfo& info = array.info;
  info.chunk_shape = read_chunk_shape(creation, info.shape, info.location);
  check_bytes(info.chunk_shape, info.dtype, info.location);
  if (info.chunk_bytes() > kLargestChunkBytes) {
    throw FormatError(info.location + ": chunks " + to_string(info.chunk_shape) +
                      " exceed HDF5's limit of 4 GiB; the file is damaged");
  }
  array.pipeline = read_pipeline(creation, size_bytes(info.dtype), info.location);
  info.codecs = array.pipeline.description;
  info.decodes_slowly = array.pipeline.by_library || array.pipeline.chain.decodes_slowly();
  unsigned options = 0;
  array.edges_unfiltered =
      H5Pget_chunk_opts(creation, &options) >= 0 && (options & H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS) != 0;
}

void describe_contiguous(hid_t dataset, OpenArray& array) {
  DatasetInfo& info = array.info;
  if (array.layout != Layout::contiguous) return;
  const haddr_t offset = H5Dget_offset(dataset);
  if (offset == HADDR_UNDEF) {
    H5Eclear2(H5E_DEFAULT);
    return;
  }
  const std::int64_t bytes = element_count(info.shape) * size_bytes(info.dtype);
  array.data_offset = to_extent(offset, info.location);
  if (array.data_offset > array.file_bytes || bytes > array.file_bytes - array.data_offset) {
    throw FormatError(info.location + ": its data end behind the end of the file; the file is truncated");
  }
}

void describe_layout(hid_t dataset, hid_t creation, OpenArray& array) {
  DatasetInfo& info = array.info;
  array.layout = layout_of(creation, info.location);
  info.layout = name_of(array.layout);
  if (array.layout == Layout::chunked) {
    describe_chunks(creation, array);
  } else {
    info.chunk_shape = block_shape(info.shape, info.dtype);
    describe_contiguous(dataset, array);
  }
  info.grid = ChunkGrid(info.shape, info.chunk_shape);
  info.chunk_strides = c_order_strides(info.chunk_shape, size_bytes(info.dtype));
  if (array.layout != Layout::chunked || info.grid.chunk_count() <= kMaxChunksCounted) {
    info.stored_bytes = static_cast<std::int64_t>(H5Dget_storage_size(dataset));
  }
}

/// Errors: FormatError if the file says that a program has it open for writing: what it holds then is
/// half-written. libhdf5 checks this with its own drivers only.
void check_closed(const std::string& path) {
  constexpr int kFirstMarkedVersion = 3;  // of the superblock; older ones have no mark
  std::ifstream file(path, std::ios::binary);
  const auto signature = find_signature(file);
  std::array<char, 4> fields = {};  // version, two sizes, consistency flags
  if (!signature || !file.read(fields.data(), fields.size())) return;
  if (fields[0] < kFirstMarkedVersion || fields[3] == 0) return;
  throw FormatError(
      path + ": is open for writing in another program, or was never closed; close it there, or clear " +
      "the mark with h5clear -s");
}

bool leaves_folder(const std::string& name) {
  const std::filesystem::path path(name);
  return path.is_absolute() || std::find(path.begin(), path.end(), "..") != path.end();
}

std::string file_name_of(hid_t object) {
  const ::ssize_t length = H5Fget_name(object, nullptr, 0);
  if (length < 0) return "";
  std::string name(static_cast<std::size_t>(length) + 1, '\0');
  H5Fget_name(object, name.data(), name.size());
  name.pop_back();
  return name;
}

/// Errors: FormatError if the data lie in a raw file outside the folder of the HDF5 file, which could be any
/// file of the reader's; StorageError if it is a FIFO or a device, which libhdf5 would wait for.
void check_external_files(hid_t dataset, const std::string& location) {
  const Handle creation(H5Dget_create_plist(dataset));
  const std::filesystem::path folder = std::filesystem::path(file_name_of(dataset)).parent_path();
  const int count = H5Pget_external_count(creation.get());
  for (unsigned index = 0; index < static_cast<unsigned>(std::max(count, 0)); ++index) {
    std::array<char, 4096> name = {};
    off_t offset = 0;
    hsize_t size = 0;
    check_status(H5Pget_external(creation.get(), index, name.size() - 1, name.data(), &offset, &size),
                 location, "cannot read the names of its external files");
    if (leaves_folder(name.data())) {
      throw FormatError(location + ": its data lie in \"" + name.data() +
                        "\"; external files are read only from the folder of the HDF5 file and below");
    }
    struct stat status = {};
    const std::string path = (folder / name.data()).string();
    if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
      throw StorageError(path + ": is not a regular file");
  }
}

Handle open_dataset(hid_t file, const std::string& variable, const std::string& location) {
  Handle dataset =
      checked(H5Dopen2(file, variable.c_str(), dataset_access()), location, "cannot open the dataset");
  check_external_files(dataset.get(), location);
  return dataset;
}

ArrayHandles open_handles(const std::string& path, const std::string& variable, const std::string& location) {
  ArrayHandles handles;
  handles.file = open_file(path);
  handles.dataset = open_dataset(handles.file.get(), variable, location);
  handles.type = checked(H5Dget_type(handles.dataset.get()), location, "cannot read its type");
  return handles;
}

int raw_descriptor(hid_t file, const std::string& location) {
  const int descriptor = descriptor_of(file);
  if (descriptor < 0) throw StorageError(location + ": cannot reach the file behind the dataset");
  return descriptor;
}

void find_raw_file(hid_t file, OpenArray& array) {
  const std::string& location = array.info.location;
  File raw(::fcntl(raw_descriptor(file, location), F_DUPFD_CLOEXEC, 0));
  if (!raw.is_open()) {
    descriptor_cache().close_idle();
    raw = File(::fcntl(raw_descriptor(file, location), F_DUPFD_CLOEXEC, 0));
  }
  if (!raw.is_open()) throw StorageError(location + ": cannot be opened: " + system_message(errno));
  array.file_bytes = raw.require_regular(location).st_size;
  array.raw = std::make_shared<const LeasedFile>(std::move(raw), file_name_of(file));
}

/// Hands the handles over to those of which only a few are open at one time. Opened again, the file must be
/// as it was: what was learnt about the array, where its chunks lie among it, is kept.
void lease_handles(ArrayHandles handles, const std::string& path, const std::string& variable,
                   OpenArray& array) {
  const auto reopen = [path = absolute_path(path), variable, location = array.info.location,
                       version = array.raw->version()] {
    ArrayHandles again = open_handles(path, variable, location);
    const Handle holder(H5Iget_file_id(again.dataset.get()));
    struct stat status = {};
    if (::fstat(raw_descriptor(holder.get(), location), &status) == 0 && version_of(status) == version)
      return again;
    throw StorageError(location + ": was changed while it was in use; run again, or open it again");
  };
  array.handles = std::make_shared<LeasedHandle<ArrayHandles>>(library_handles(), std::move(handles), reopen);
}

}  // namespace

std::optional<std::streamoff> find_signature(std::istream& file) {
  constexpr std::array<char, 8> kSignature = {'\x89', 'H', 'D', 'F', '\r', '\n', '\x1a', '\n'};
  std::array<char, 8> bytes = {};
  for (std::streamoff offset = 0; file.seekg(offset) && file.read(bytes.data(), bytes.size());
       offset = offset == 0 ? 512 : 2 * offset) {
    if (bytes == kSignature) return offset;
  }
  return std::nullopt;
}

Handle open_file(const std::string& path) {
  static_cast<void>(File::open_read(path).require_regular(path));
  check_closed(path);
  const LibraryLock lock;
  const Handle access = file_access();
  return checked(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()), path, "cannot open as HDF5");
}

std::string problem_of(hid_t dataset) {
  const LibraryLock lock;
  const Handle type(H5Dget_type(dataset));
  const Handle space(H5Dget_space(dataset));
  if (!type || !space) return "cannot read its type: " + take_error_message();
  if (H5Sget_simple_extent_type(space.get()) == H5S_NULL) return "it has no data (null dataspace)";
  const auto element = classify_type(type.get());
  if (!element) return "its elements are of an unsupported kind: " + describe_type(type.get());
  const Handle creation(H5Dget_create_plist(dataset));
  if (!creation) return "cannot read its properties: " + take_error_message();
  try {
    if (H5Pget_layout(creation.get()) != H5D_CHUNKED) return "";
    static_cast<void>(read_pipeline(creation.get(), size_bytes(element->dtype), "its filters"));
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

OpenArray open_elements(const std::string& path, const std::string& variable) {
  const LibraryLock lock;
  OpenArray array;
  DatasetInfo& info = array.info;
  info.location = path + ":" + variable;
  ArrayHandles handles = open_handles(path, variable, info.location);
  const hid_t dataset = handles.dataset.get();
  if (const std::string problem = problem_of(dataset); !problem.empty()) {
    throw FormatError(info.location + ": " + problem);
  }
  const Handle holder(H5Iget_file_id(dataset));
  find_raw_file(holder.get(), array);
  const Handle creation = checked(H5Dget_create_plist(dataset), info.location, "cannot read its properties");
  array.element = *classify_type(handles.type.get());
  info.dtype = array.element.dtype;
  info.byte_order = array.element.swap_bytes > 0 ? "big" : "little";
  info.shape = read_shape(dataset, info.location);
  check_bytes(info.shape, info.dtype, info.location);
  read_fill(creation.get(), handles.type.get(), array);
  describe_layout(dataset, creation.get(), array);
  array.holder = absolute_path(file_name_of(dataset));
  array.sources = source_files(creation.get(), array.holder);
  info.identity = current_identity(array);
  info.format = "hdf5";
  lease_handles(std::move(handles), path, variable, array);
  return array;
}

OpenArray open_array(const std::string& path, const std::string& variable) {
  const LibraryLock lock;
  OpenArray array = open_elements(path, variable);
  DatasetInfo& info = array.info;
  const auto handles = array.handles->lease();
  const hid_t dataset = handles->dataset.get();
  const Handle holder(H5Iget_file_id(dataset));
  AttachedScales scales = read_scales(dataset, info.shape.size());
  info.dimension_names = std::move(scales.names);
  if (scales.is_netcdf || has_netcdf_marks(holder.get(), dataset)) info.format = "netcdf4";
  info.attributes = read_attributes(dataset);
  return array;
}

std::string current_identity(const OpenArray& array) {
  std::string identity = array.info.location + " " + array.raw->version();
  for (const std::string& source : array.sources) {
    struct stat status = {};
    identity += ' ';
    identity += ::stat(source.c_str(), &status) == 0 ? version_of(status) : "missing";
  }
  return identity;
}

}  // namespace varve::io::hdf5

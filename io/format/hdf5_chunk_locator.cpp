#include "io/format/hdf5_chunk_locator.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "varve/core/error.hpp"

namespace varve::io::hdf5 {
namespace {

// More than the chunks that all threads of one machine have in flight; 12 KiB per dataset at most.
constexpr std::int64_t kRemembered = 512;
// H5Dget_chunk_storage_size and the function inside it; where an index is damaged, what reads the index comes
// on top.
constexpr std::size_t kAbsenceDepth = 2;

}  // namespace

ChunkLocator::ChunkLocator(std::shared_ptr<LeasedHandle<ArrayHandles>> handles, const DatasetInfo& info,
                           std::int64_t largest_bytes, std::int64_t file_bytes)
    : handles_(std::move(handles)),
      counts_(info.grid.counts()),
      chunk_shape_(info.chunk_shape),
      largest_bytes_(largest_bytes),
      file_bytes_(file_bytes),
      location_(info.location),
      recent_(static_cast<std::size_t>(std::clamp<std::int64_t>(info.grid.chunk_count(), 1, kRemembered))) {}

std::optional<StoredChunk> ChunkLocator::locate(const ChunkIndex& chunk) const {
  const std::int64_t key = key_of(chunk);
  Entry& entry = recent_[static_cast<std::size_t>(key) % recent_.size()];
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    if (entry.key == key) return entry.chunk.offset < 0 ? std::nullopt : std::optional(entry.chunk);
  }
  const std::optional<StoredChunk> found = search(chunk);
  const std::lock_guard<std::mutex> guard(mutex_);
  entry = {key, found.value_or(StoredChunk{-1})};
  return found;
}

// libhdf5 walks from the start to each chunk that it is asked for by number: the time grows with the
// square of how many there are, to a second for the most that are listed.
std::optional<std::vector<std::int64_t>> ChunkLocator::list() const {
  constexpr hsize_t kMaxListed = 4096;
  constexpr std::int64_t kMinBytesOfEntry = 16;  // an address and a size
  constexpr std::int64_t kMostlyAbsent = 4;
  if (saturating_count(counts_) / kMostlyAbsent <= file_bytes_ / kMinBytesOfEntry) return std::nullopt;
  const LibraryLock lock;
  const auto handles = handles_->lease();
  const hid_t dataset = handles->dataset.get();
  const Handle space(H5Dget_space(dataset));
  hsize_t count = 0;
  const bool is_counted = space && H5Dget_num_chunks(dataset, space.get(), &count) >= 0;
  std::vector<std::int64_t> found;
  bool is_whole = is_counted && count <= kMaxListed;
  for (hsize_t i = 0; is_whole && i < count; ++i) {
    std::array<hsize_t, H5S_MAX_RANK> offset = {};
    is_whole = H5Dget_chunk_info(dataset, space.get(), i, offset.data(), nullptr, nullptr, nullptr) >= 0;
    std::int64_t number = 0;
    bool is_inside = true;  // of what the dataset has become
    for (std::int64_t axis = 0; axis < counts_.size(); ++axis) {
      const auto at = static_cast<std::int64_t>(offset[static_cast<std::size_t>(axis)]) / chunk_shape_[axis];
      is_inside = is_inside && at >= 0 && at < counts_[axis];
      if (is_inside) number = number * counts_[axis] + at;
    }
    if (is_inside) found.push_back(number);
  }
  H5Eclear2(H5E_DEFAULT);
  if (!is_whole) return std::nullopt;
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());  // a damaged index may repeat some
  return found;
}

std::int64_t ChunkLocator::key_of(const ChunkIndex& chunk) const {
  std::int64_t key = 0;
  for (std::int64_t axis = 0; axis < chunk.size(); ++axis) key = key * counts_[axis] + chunk[axis];
  return key;
}

std::optional<StoredChunk> ChunkLocator::search(const ChunkIndex& chunk) const {
  std::array<hsize_t, H5S_MAX_RANK> offset = {};
  for (std::int64_t axis = 0; axis < chunk.size(); ++axis) {
    offset[static_cast<std::size_t>(axis)] = static_cast<hsize_t>(chunk[axis] * chunk_shape_[axis]);
  }
  const LibraryLock lock;
  const auto handles = handles_->lease();
  const hid_t dataset = handles->dataset.get();
  hsize_t size = 0;
  if (H5Dget_chunk_storage_size(dataset, offset.data(), &size) < 0) {
    if (take_absence(kAbsenceDepth)) return std::nullopt;
    throw_library_error(location_, "cannot find chunk " + to_string(chunk));
  }
  if (size == 0) return std::nullopt;
  std::uint32_t skip_mask = 0;
  std::byte untouched{};  // the driver does not fill the buffer while it only locates
  const LocateRawData locating;
  if (H5Dread_chunk(dataset, H5P_DEFAULT, offset.data(), &skip_mask, &untouched) < 0)
    throw_library_error(location_, "cannot find chunk " + to_string(chunk));
  const auto extent = locating.found();
  if (!extent) throw FormatError(location_ + ": cannot find chunk " + to_string(chunk));
  check(*extent, chunk);
  return StoredChunk{extent->offset, static_cast<std::uint32_t>(extent->size), skip_mask};
}

void ChunkLocator::check(const FileExtent& extent, const ChunkIndex& chunk) const {
  const auto fail = [&](const char* why) {
    throw FormatError(location_ + ": chunk " + to_string(chunk) + ": its " + std::to_string(extent.size) +
                      " bytes at " + std::to_string(extent.offset) + why);
  };
  constexpr std::int64_t kMost = std::numeric_limits<std::uint32_t>::max();  // HDF5 keeps sizes in 32 bits
  if (extent.size < 0 || extent.size > std::min(largest_bytes_, kMost)) {
    fail(" are more than its filters can produce; the file is damaged");
  }
  if (extent.offset < 0 || extent.offset > file_bytes_ || extent.size > file_bytes_ - extent.offset) {
    fail(" lie behind the end of the file; the file is truncated");
  }
}

}  // namespace varve::io::hdf5

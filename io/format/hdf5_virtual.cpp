#include <algorithm>
#include <cstring>
#include <functional>

#include "io/format/box_reader.hpp"
#include "io/format/hdf5_dataset.hpp"
#include "io/format/hdf5_source_files.hpp"
#include "io/format/hdf5_virtual_chunks.hpp"
#include "io/format/hdf5_virtual_source.hpp"
#include "varve/core/error.hpp"

namespace varve::io::hdf5 {
namespace {

// Virtual datasets that lead to one another: what is deeper is read by libhdf5.
constexpr int kDeepest = 8;
constexpr std::int64_t kAlignment = 64;
// Of so many mappings libhdf5 takes and keeps much memory, some 15 KiB for each.
constexpr std::size_t kMany = 100;
// Advice about what is read soon must cost little.
constexpr std::int64_t kMaxAdvised = 16;

std::int64_t aligned(std::int64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

/// Finds the mappings that touch a box: along the axis where they start at the most places.
class MappingIndex {
 public:
  explicit MappingIndex(std::vector<Mapping> blocks) : blocks_(std::move(blocks)) {
    std::size_t most = 0;
    for (std::int64_t axis = 0; !blocks_.empty() && axis < blocks_.front().place.ndim(); ++axis) {
      std::vector<std::pair<std::int64_t, std::size_t>> starts = starts_along(axis);
      std::size_t places = 1;
      for (std::size_t i = 1; i < starts.size(); ++i)
        places += starts[i].first != starts[i - 1].first ? 1 : 0;
      if (places <= most) continue;
      most = places;
      axis_ = axis;
      starts_ = std::move(starts);
    }
    for (const Mapping& mapping : blocks_) reach_ = std::max(reach_, mapping.place.extent(axis_));
  }

  /// Returns them in the order in which they are read; what a later one covers whole is left out.
  [[nodiscard]] std::vector<const Mapping*> touching(const Box& box) const {
    std::vector<std::size_t> numbers;
    const std::pair<std::int64_t, std::size_t> first(blocks_.empty() ? 0 : box.lo[axis_] - reach_ + 1, 0);
    for (auto at = std::lower_bound(starts_.begin(), starts_.end(), first);
         at != starts_.end() && at->first < box.hi[axis_]; ++at) {
      if (!intersect(blocks_[at->second].place, box).empty()) numbers.push_back(at->second);
    }
    std::sort(numbers.begin(), numbers.end());
    std::vector<const Mapping*> found;
    for (const std::size_t number : numbers) {
      if (blocks_[number].place.contains(box)) found.clear();
      found.push_back(&blocks_[number]);
    }
    return found;
  }

 private:
  [[nodiscard]] std::vector<std::pair<std::int64_t, std::size_t>> starts_along(std::int64_t axis) const {
    std::vector<std::pair<std::int64_t, std::size_t>> starts;
    starts.reserve(blocks_.size());
    for (std::size_t i = 0; i < blocks_.size(); ++i) starts.emplace_back(blocks_[i].place.lo[axis], i);
    std::sort(starts.begin(), starts.end());
    return starts;
  }

  std::vector<Mapping> blocks_;
  std::vector<std::pair<std::int64_t, std::size_t>> starts_;  ///< along `axis_`, with numbers of blocks
  std::int64_t axis_ = 0;
  std::int64_t reach_ = 0;  ///< largest extent along it
};

/// Returns the elements of the source that a part of the mapping's place shows.
Box source_box(const Mapping& mapping, const Box& part) {
  Box box(mapping.start, mapping.start);
  for (std::int64_t axis = 0; axis < box.ndim(); ++axis) {
    const std::int64_t along = mapping.along[axis];
    if (along >= 0) box.lo[axis] += part.lo[along] - mapping.place.lo[along];
    box.hi[axis] = box.lo[axis] + (along >= 0 ? part.extent(along) : 1);
  }
  return box;
}

/// Shows the place of a source's box with the axes of the source.
StridedView source_view(const Mapping& mapping, const Box& from, const StridedView& place) {
  ByteStrides strides(from.ndim(), size_bytes(place.dtype));
  for (std::int64_t axis = 0; axis < from.ndim(); ++axis)
    if (mapping.along[axis] >= 0) strides[axis] = place.byte_strides[mapping.along[axis]];
  return {place.data, place.dtype, from.shape(), strides};
}

bool has_strides(const StridedView& view, const ByteStrides& strides) {
  for (std::int64_t axis = 0; axis < view.ndim(); ++axis)
    if (view.shape[axis] > 1 && view.byte_strides[axis] != strides[axis]) return false;
  return true;
}

class VirtualReader final : public Dataset {
 public:
  VirtualReader(OpenArray array, std::vector<Mapping> blocks,
                std::vector<std::unique_ptr<VirtualSource>> sources)
      : array_(std::move(array)), mappings_(std::move(blocks)), sources_(std::move(sources)) {}

  [[nodiscard]] const DatasetInfo& info() const noexcept override { return array_.info; }

  std::int64_t read_chunk(const ChunkIndex& chunk, std::span<std::byte> out,
                          std::span<std::byte> workspace) const override {
    const Box box = array_.info.grid.box_of(chunk);
    const StridedView whole(out.data(), array_.info.dtype, array_.info.chunk_shape);
    return read({box, whole.sub(relative_to(box, box.lo)), workspace, array_.info.chunk_bytes()});
  }

  std::int64_t read_part(const ChunkIndex&, const Box& part, const StridedView& out,
                         std::span<std::byte> workspace) const override {
    return part.empty() ? 0 : read({part, out, workspace, 0});
  }

  [[nodiscard]] std::string current_identity() const override { return hdf5::current_identity(array_); }

  bool prefetch(const ChunkIndex& chunk) const noexcept override {
    try {
      const Box box = array_.info.grid.box_of(chunk);
      std::int64_t left = kMaxAdvised;
      bool changes = false;
      for (const Mapping* mapping : mappings_.touching(box)) {
        if (left-- == 0) break;
        const VirtualSource* source = sources_[mapping->source].get();
        const auto open = source == nullptr ? nullptr : sources_[mapping->source]->lease_if_open();
        if (!open) continue;
        for_each_chunk((*open)->info().grid, source_box(*mapping, intersect(mapping->place, box)),
                       [&](const ChunkIndex& inner) {
                         if (left-- > 0 && (*open)->prefetch(inner)) changes = true;
                       });
      }
      return changes;
    } catch (...) {  // NOLINT: a hint: the read that follows reports it
      return true;
    }
  }

 private:
  /// What one call reads, and where to.
  struct Request {
    Box box;
    StridedView out;
    std::span<std::byte> workspace;
    std::int64_t room_bytes = 0;  ///< from the first element on that may be written, wanted or not
  };

  [[nodiscard]] std::int64_t read(const Request& request) const {
    const std::vector<const Mapping*> found = mappings_.touching(request.box);
    const bool covers = !found.empty() && found.front()->place.contains(request.box);
    if (!covers) fill_view(request.out, array_.fill.data());
    std::int64_t bytes = 0;
    for (const Mapping* mapping : found) {
      const bool is_alone = covers && found.size() == 1;
      bytes += read_mapping(*mapping, request, is_alone ? request.room_bytes : 0);
    }
    return bytes;
  }

  [[nodiscard]] std::int64_t read_mapping(const Mapping& mapping, const Request& request,
                                          std::int64_t room_bytes) const {
    if (!mapping.problem.empty()) throw FormatError(array_.info.location + ": " + mapping.problem);
    const auto source = sources_[mapping.source]->lease();
    const Box part = intersect(mapping.place, request.box);
    const Box from = source_box(mapping, part);
    const StridedView view = source_view(mapping, from, request.out.sub(relative_to(part, request.box.lo)));
    std::int64_t bytes = 0;
    if (from.ndim() == 0) return read_piece(**source, {}, from, view, request.workspace, room_bytes);
    const ChunkGrid& grid = (*source)->info().grid;
    for_each_chunk(grid, from, [&](const ChunkIndex& chunk) {
      const Box piece = intersect(from, grid.box_of(chunk));
      bytes += read_piece(**source, chunk, piece, view.sub(relative_to(piece, from.lo)), request.workspace,
                          piece == from ? room_bytes : 0);
    });
    return bytes;
  }

  /// Reads a piece of one chunk of a source.
  static std::int64_t read_piece(const Dataset& source, const ChunkIndex& chunk, const Box& piece,
                                 const StridedView& out, std::span<std::byte> workspace,
                                 std::int64_t room_bytes) {
    const DatasetInfo& info = source.info();
    if (info.partial_reads) return source.read_part(chunk, piece, out, workspace);
    Index origin(piece.ndim(), 0);
    for (std::int64_t axis = 0; axis < piece.ndim(); ++axis)
      origin[axis] = chunk[axis] * info.chunk_shape[axis];
    const std::int64_t chunk_bytes = info.chunk_bytes();
    const bool is_whole = piece.shape() == info.chunk_shape || room_bytes >= chunk_bytes;
    if (is_whole && piece.lo == origin && has_strides(out, info.chunk_strides))
      return source.read_chunk(chunk, {out.data, static_cast<std::size_t>(chunk_bytes)}, workspace);
    const std::span<std::byte> decoded = workspace.first(static_cast<std::size_t>(chunk_bytes));
    const std::span<std::byte> rest = workspace.subspan(static_cast<std::size_t>(aligned(chunk_bytes)));
    const std::int64_t bytes = source.read_chunk(chunk, decoded, rest);
    const auto take = [&](std::int64_t offset, std::span<std::byte> to) {
      std::memcpy(to.data(), decoded.data() + offset, to.size());
    };
    static_cast<void>(read_box(take, {0, info.chunk_strides, 0}, relative_to(piece, origin), out, rest));
    return bytes;
  }

  OpenArray array_;  ///< without handles
  MappingIndex mappings_;
  std::vector<std::unique_ptr<VirtualSource>> sources_;  ///< by number; null where missing
};

/// Fits a mapping to the shape that its source has: what that lacks is not mapped. False if libhdf5 alone
/// knows what it means.
bool fit(Mapping& mapping, const Shape& shape, const std::string& name) {
  if (mapping.is_whole) {
    const Shape wanted = mapping.place.shape();
    const auto along = match_axes(shape, wanted);
    if (!along && element_count(shape) == element_count(wanted)) return false;  // another order of rows
    if (along) mapping.along = *along;
    if (!along)
      mapping.problem = name + ": has shape " + to_string(shape) + " instead of " + to_string(wanted);
    mapping.start = Index(shape.size(), 0);
    return true;
  }
  if (mapping.start.size() != shape.size()) {
    mapping.problem = name + ": has " + std::to_string(shape.size()) + " axes instead of " +
                      std::to_string(mapping.start.size());
    return true;
  }
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
    const std::int64_t along = mapping.along[axis];
    const std::int64_t left = shape[axis] - mapping.start[axis];
    if (along < 0 && left < 1) mapping.place.hi = mapping.place.lo;
    if (along < 0) continue;
    std::int64_t& end = mapping.place.hi[along];
    end = std::min(end, mapping.place.lo[along] + std::max<std::int64_t>(left, 0));
  }
  return true;
}

SourceFacts facts_of(const Dataset& source) {
  const DatasetInfo& info = source.info();
  SourceFacts facts{.exists = true,
                    .shape = info.shape,
                    .chunk_shape = info.chunk_shape,
                    .partial_reads = info.partial_reads,
                    .decodes_slowly = info.decodes_slowly,
                    .chunk_bytes = info.chunk_bytes(),
                    .workspace_bytes = info.read_workspace_bytes,
                    .stored_bytes = info.stored_bytes};
  if (!info.partial_reads)
    facts.workspace_bytes =
        aligned(info.chunk_bytes()) + std::max(info.read_workspace_bytes, kBoxWorkspaceBytes);
  return facts;
}

/// Returns the stored bytes of what the mappings show, as far as that is a share of their sources; -1 if one
/// does not know its own.
std::int64_t stored_bytes(std::span<const Mapping> blocks, std::span<const SourceFacts> sources) {
  double bytes = 0;
  for (const Mapping& mapping : blocks) {
    const SourceFacts& source = sources[mapping.source];
    if (source.stored_bytes < 0) return -1;
    const auto elements = static_cast<double>(std::max<std::int64_t>(element_count(source.shape), 1));
    bytes += static_cast<double>(source.stored_bytes) *
             (static_cast<double>(element_count(mapping.place.shape())) / elements);
  }
  return bytes < 1e18 ? static_cast<std::int64_t>(bytes) : -1;
}

void describe(DatasetInfo& info, std::span<const Mapping> blocks, std::span<const SourceFacts> sources) {
  info.chunk_shape = natural_chunks(info.shape, info.dtype, blocks, sources);
  info.grid = ChunkGrid(info.shape, info.chunk_shape);
  info.chunk_strides = c_order_strides(info.chunk_shape, size_bytes(info.dtype));
  info.partial_reads = true;
  info.read_workspace_bytes = kBoxWorkspaceBytes;
  for (const SourceFacts& source : sources) {
    if (!source.exists) continue;
    info.partial_reads = info.partial_reads && source.partial_reads;
    info.decodes_slowly = info.decodes_slowly || source.decodes_slowly;
    info.read_workspace_bytes = std::max(info.read_workspace_bytes, source.workspace_bytes);
  }
  info.stored_bytes = stored_bytes(blocks, sources);
}

/// Opens the sources of a virtual dataset one after another.
class SourceOpening {
 public:
  /// Returns false if libhdf5 must read the array.
  bool open(const OpenArray& array, Mappings& mappings, VirtualOpening& opening) {
    const auto handles = array.handles->lease();
    const SourceRules rules{array.holder, array.element.dtype, handles->type.get()};
    for (const SourceName& name : mappings.sources) {
      FoundSource found = find_source(name, rules, opening);
      if (found.is_unfit) return false;
      facts.push_back(found.opened ? facts_of(*found.opened) : SourceFacts{});
      sources.push_back(std::move(found.source));
    }
    for (Mapping& mapping : mappings.blocks) {
      const SourceName& name = mappings.sources[mapping.source];
      const SourceFacts& source = facts[mapping.source];
      if (source.exists && !fit(mapping, source.shape, name.file + ":" + name.dataset)) return false;
    }
    std::erase_if(mappings.blocks, [&](const Mapping& mapping) {
      return !facts[mapping.source].exists || mapping.place.empty();
    });
    return true;
  }

  std::vector<SourceFacts> facts;
  std::vector<std::unique_ptr<VirtualSource>> sources;
};

std::optional<Mappings> mappings_of(const OpenArray& array, VirtualOpening& opening) {
  if (opening.depth > kDeepest) return std::nullopt;
  const auto handles = array.handles->lease();
  const Handle creation(H5Dget_create_plist(handles->dataset.get()));
  auto mappings = read_mappings(creation.get(), array.info.shape, opening.mappings_left);
  if (mappings) opening.mappings_left -= mappings->blocks.size();
  return mappings;
}

/// Returns nothing if libhdf5 must read the array.
std::shared_ptr<Dataset> try_direct(OpenArray& array, VirtualOpening& opening) {
  auto mappings = mappings_of(array, opening);
  SourceOpening opened;
  if (!mappings || !opened.open(array, *mappings, opening)) return nullptr;
  array.handles.reset();
  if (mappings->blocks.size() > kMany) give_back_memory();
  array.sources.assign(opening.files.begin(), opening.files.end());
  describe(array.info, mappings->blocks, opened.facts);
  array.info.identity = current_identity(array);
  return std::make_shared<VirtualReader>(std::move(array), std::move(mappings->blocks),
                                         std::move(opened.sources));
}

std::string name_of(const OpenArray& array) {
  const auto handles = array.handles->lease();
  return read_name(
      [&](char* out, std::size_t size) { return H5Iget_name(handles->dataset.get(), out, size); });
}

}  // namespace

std::shared_ptr<Dataset> make_virtual_reader(OpenArray array, VirtualOpening& opening) {
  const LibraryLock lock;
  if (auto reader = try_direct(array, opening)) return reader;
  opening.files.insert(array.sources.begin(), array.sources.end());
  if (leads_to_itself(array.holder, name_of(array)))
    throw FormatError(array.info.location + ": is a virtual dataset that leads back to itself");
  return make_library_reader(std::move(array));
}

std::shared_ptr<Dataset> make_virtual_reader(OpenArray array) {
  VirtualOpening opening;
  return make_virtual_reader(std::move(array), opening);
}

}  // namespace varve::io::hdf5

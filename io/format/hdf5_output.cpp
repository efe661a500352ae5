#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "io/format/hdf5.hpp"
#include "io/format/hdf5_dataset_writer.hpp"
#include "io/format/hdf5_driver.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace hdf5 {
namespace {

constexpr unsigned kTracked = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;

/// Returns what NetCDF-4 files say about the software that made them.
std::string provenance() {
  unsigned major = 0;
  unsigned minor = 0;
  unsigned release = 0;
  H5get_libversion(&major, &minor, &release);
  return std::string("version=2,varve=") + VARVE_VERSION + ",hdf5=" + std::to_string(major) + "." +
         std::to_string(minor) + "." + std::to_string(release);
}

/// Errors: ArgumentError naming the rule that the name breaks.
void check_name(const std::string& name, const std::string& location) {
  std::size_t start = 0;
  while (start <= name.size()) {
    const std::size_t end = std::min(name.find('/', start), name.size());
    const std::string part = name.substr(start, end - start);
    if (part.empty() || part == "." || part == ".." || part.find('\0') != std::string::npos) {
      throw ArgumentError(location + ": \"" + name +
                          "\" is not a name for an array; use names between single slashes");
    }
    start = end + 1;
  }
}

class Hdf5Output final : public OutputFile {
 public:
  Hdf5Output(std::unique_ptr<PendingOutput> output, const OutputOptions& options, AttributeStyle style)
      : output_(std::move(output)),
        location_(output_->target()),
        style_(style),
        group_attributes_(options.group_attributes) {
    output_->claim();
    const LibraryLock lock;
    create(options.attributes);
    write_attributes(file_.get(), options.attributes, style_);
    if (style_ == AttributeStyle::netcdf) {
      write_text_attribute(file_.get(), "_NCProperties", provenance(), style_);
    }
  }

  DatasetWriter& add_dataset(const std::string& name, const DatasetSpec& spec) override {
    const std::string path = name.empty() ? "data" : name;
    check_name(path, location_);
    require_groups_above(path);
    const LibraryLock lock;
    make_groups(path);
    if (H5Lexists(file_.get(), path.c_str(), H5P_DEFAULT) > 0) {
      throw ArgumentError(location_ + ": there is already something called \"" + path + "\"");
    }
    writers_.push_back(std::make_unique<ChunkWriter>(file_.get(), path, spec, style_, location_));
    names_.insert(path);
    return *writers_.back();
  }

  void commit() override {
    {
      const LibraryLock lock;
      for (const auto& [group, attributes] : group_attributes_) make_groups(group + "/");
      std::vector<NamedDataset> datasets;
      for (const auto& writer : writers_) datasets.push_back(writer->named());
      write_dimension_scales(file_.get(), datasets, style_ == AttributeStyle::netcdf);
      for (const auto& writer : writers_) writer->close();
      const bool flushed = H5Fflush(file_.get(), H5F_SCOPE_GLOBAL) >= 0;
      if (!file_.reset() || !flushed)
        throw StorageError(location_ + ": cannot finish the file: " + take_error_message());
    }
    output_->publish();
  }

 private:
  /// Errors: ArgumentError if one of the groups that hold `path` is an array.
  void require_groups_above(const std::string& path) const {
    for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
      const std::string above = path.substr(0, slash);
      if (!names_.contains(above)) continue;
      throw ArgumentError(location_ + ": \"" + path + "\" lies below the array \"" + above +
                          "\", which holds no others");
    }
  }

  void create(const Attributes& attributes) {
    const Handle access = file_access();
    const Handle creation = checked(H5Pcreate(H5P_FILE_CREATE), location_, "cannot make file properties");
    // The oldest form of everything that has one, so that all readers understand it.
    H5Pset_libver_bounds(access.get(), H5F_LIBVER_EARLIEST, H5F_LIBVER_V110);
    if (style_ == AttributeStyle::netcdf) {
      H5Pset_link_creation_order(creation.get(), kTracked);
      H5Pset_attr_creation_order(creation.get(), kTracked);
    }
    make_room(creation.get(), attributes);
    errno = 0;
    file_ = Handle(H5Fcreate(output_->place().c_str(), H5F_ACC_TRUNC, creation.get(), access.get()));
    if (file_) return;
    const int reason = errno;
    const std::string message = take_error_message();
    throw StorageError(location_ + ": cannot create: " + (reason != 0 ? std::strerror(reason) : message));
  }

  /// Makes the groups above `path` that do not exist yet.
  void make_groups(const std::string& path) {
    for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
      const std::string group = path.substr(0, slash);
      if (H5Lexists(file_.get(), group.c_str(), H5P_DEFAULT) > 0) continue;
      const auto found = group_attributes_.find(group);
      make_group(group, found == group_attributes_.end() ? Attributes() : found->second);
    }
  }

  void make_group(const std::string& group, const Attributes& attributes) {
    const Handle creation = checked(H5Pcreate(H5P_GROUP_CREATE), location_, "cannot make group properties");
    if (style_ == AttributeStyle::netcdf) {
      H5Pset_link_creation_order(creation.get(), kTracked);
      H5Pset_attr_creation_order(creation.get(), kTracked);
    }
    make_room(creation.get(), attributes);
    const Handle made =
        checked(H5Gcreate2(file_.get(), group.c_str(), H5P_DEFAULT, creation.get(), H5P_DEFAULT), location_,
                "cannot make group \"" + group + "\"");
    write_attributes(made.get(), attributes, style_);
  }

  std::unique_ptr<PendingOutput> output_;  // first: removes the partial file after libhdf5 has closed it
  std::string location_;
  AttributeStyle style_;
  std::map<std::string, Attributes> group_attributes_;
  Handle file_;
  std::vector<std::unique_ptr<ChunkWriter>> writers_;
  std::set<std::string> names_;
};

}  // namespace
}  // namespace hdf5

std::unique_ptr<OutputFile> create_hdf5(std::unique_ptr<PendingOutput> output, const OutputOptions& options) {
  return std::make_unique<hdf5::Hdf5Output>(std::move(output), options, hdf5::AttributeStyle::hdf5);
}

std::unique_ptr<OutputFile> create_netcdf4(std::unique_ptr<PendingOutput> output,
                                           const OutputOptions& options) {
  return std::make_unique<hdf5::Hdf5Output>(std::move(output), options, hdf5::AttributeStyle::netcdf);
}

}  // namespace varve::io

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <string_view>
#include <vector>

#include "io/format/json_text.hpp"
#include "io/format/partial_output.hpp"
#include "io/format/zarr.hpp"
#include "io/format/zarr_writer.hpp"
#include "io/store/directory_store.hpp"
#include "varve/core/argument_error.hpp"

namespace varve::io {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// Lies in the partial directory from its creation to the commit and says which plan it belongs to.
constexpr const char* kJournal = ".varve-journal";
constexpr std::int64_t kMaxJournalBytes = 64 << 10;

// A directory that is replaced must have been a Zarr: an overwriting run may not delete somebody's other
// files.
void require_replaceable(const PartialOutput& place) {
  std::error_code error;
  if (place.existing != ExistingOutput::overwrite || !fs::is_directory(place.target, error)) return;
  if (!fs::is_empty(place.target, error) && !looks_like_zarr(place.target)) {
    throw StorageError(place.target + ": is a directory but no Zarr; it is not overwritten");
  }
}

// Names are keys of the store that cannot be mistaken for metadata, chunks or our own files.
void require_valid_name(const std::string& name) {
  if (name.empty()) return;
  std::string_view rest = name;
  while (true) {
    const std::string_view part = rest.substr(0, rest.find('/'));
    if (!is_valid_key(name) || part.starts_with('.') || part.starts_with("__") || part == "zarr.json") {
      throw Error("dataset name \"" + name +
                  "\": parts must not be empty, start with \".\" or \"__\", or be zarr.json");
    }
    if (part.size() == rest.size()) return;
    rest.remove_prefix(part.size() + 1);
  }
}

class ZarrOutput final : public OutputFile {
 public:
  ZarrOutput(const std::string& path, const OutputOptions& options)
      : place_(path, options.existing), options_(options) {
    if (options_.zarr_format != 2 && options_.zarr_format != 3) {
      throw Error("zarr_format " + std::to_string(options_.zarr_format) + ": known are 2 and 3");
    }
    require_replaceable(place_);
    resumed_ = options_.existing == ExistingOutput::resume && may_resume();
    if (!resumed_) start_anew();
    store_ = std::make_shared<DirectoryStore>(place_.partial);
    store_->remove_temporaries();
    if (!resumed_) put(kJournal, {{"plan_hash", options_.plan_hash}});
  }

  ~ZarrOutput() override {
    if (!keep_) place_.discard();
  }

  DatasetWriter& add_dataset(const std::string& name, const DatasetSpec& spec) override {
    require_valid_name(name);
    require_new_name(name);
    DatasetSpec whole = spec;
    if (!whole.attributes.is_object()) whole.attributes = json::object();
    if (name.empty()) whole.attributes.update(options_.attributes);
    ZarrPlan plan(whole, options_.zarr_format);
    write_groups(name);
    const std::string start = name.empty() ? "" : name + "/";
    if (options_.zarr_format == 3) {
      put(start + "zarr.json", plan.metadata);
    } else {
      put(start + ".zarray", plan.metadata);
      if (!plan.attributes.empty()) put(start + ".zattrs", plan.attributes);
    }
    writers_[name] = make_zarr_writer(store_, name, std::move(plan), resumed_);
    return *writers_[name];
  }

  void commit() override {
    if (writers_.empty()) write_groups("group");
    if (options_.zarr_format == 2 && metadata_.contains(".zgroup")) consolidate();
    store_->remove_temporaries();
    store_->remove(kJournal);
    place_.publish();
    keep_ = true;
  }

  void keep_partial() noexcept override { keep_ = true; }

 private:
  // Tells whether a partial output of the same plan is there. One without a journal died before it wrote
  // anything.
  [[nodiscard]] bool may_resume() const {
    if (!fs::is_directory(place_.partial)) return false;
    const auto text = DirectoryStore(place_.partial).read_text(kJournal, kMaxJournalBytes);
    if (!text) return false;
    const json journal = parse_json(*text, place_.partial + "/" + kJournal);
    if (JsonObject(journal, place_.partial).string_or("plan_hash", "") == options_.plan_hash) return true;
    throw Error(place_.target +
                ": cannot be resumed: the interrupted run had another plan (expression, inputs, chunks or "
                "codec differ); remove " +
                place_.partial + " or run without resuming");
  }

  void start_anew() const {
    place_.discard();
    std::error_code error;
    if (!fs::create_directory(place_.partial, error)) {
      throw StorageError(place_.partial +
                         ": cannot be created: " + (error ? error.message() : "it exists already"));
    }
  }

  void put(const std::string& key, const json& value) {
    const std::string text = format_json(value);
    store_->write(key, std::as_bytes(std::span(text)));
    if (key != kJournal) metadata_[key] = value;
  }

  void require_new_name(const std::string& name) const {
    for (const auto& [other, writer] : writers_) {
      const bool nested =
          other.empty() || name.empty() || name.starts_with(other + "/") || other.starts_with(name + "/");
      if (name == other || nested) {
        throw Error("dataset name \"" + name + "\": lies at, above or below the dataset \"" + other + "\"");
      }
    }
  }

  // Writes the groups above `name` that are not there yet; the root's group has the file's attributes.
  void write_groups(const std::string& name) {
    if (name.empty()) return;
    std::size_t end = 0;
    for (std::string group; end != std::string::npos; end = name.find('/', end + 1)) {
      group = name.substr(0, end);
      const std::string start = group.empty() ? "" : group + "/";
      const auto found = options_.group_attributes.find(group);
      const json below = found == options_.group_attributes.end() ? json::object() : found->second;
      const json& attributes = group.empty() ? options_.attributes : below;
      if (options_.zarr_format == 3) {
        put(start + "zarr.json", {{"zarr_format", 3}, {"node_type", "group"}, {"attributes", attributes}});
      } else {
        put(start + ".zgroup", {{"zarr_format", 2}});
        if (!attributes.empty()) put(start + ".zattrs", attributes);
      }
    }
  }

  // Readers of v2 expect all metadata in one file too; xarray warns without it.
  void consolidate() {
    const json all = {{"zarr_consolidated_format", 1}, {"metadata", metadata_}};
    const std::string text = format_json(all);
    store_->write(".zmetadata", std::as_bytes(std::span(text)));
  }

  PartialOutput place_;
  OutputOptions options_;
  bool resumed_ = false;
  bool keep_ = false;
  std::shared_ptr<DirectoryStore> store_;
  std::map<std::string, std::unique_ptr<DatasetWriter>> writers_;
  json metadata_ = json::object();  // all that `put` wrote, by key
};

}  // namespace

std::unique_ptr<OutputFile> create_zarr(const std::string& path, const OutputOptions& options) {
  return std::make_unique<ZarrOutput>(path, options);
}

}  // namespace varve::io

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <string_view>
#include <vector>

#include "io/format/json_text.hpp"
#include "io/format/zarr.hpp"
#include "io/format/zarr_attributes.hpp"
#include "io/format/zarr_journal.hpp"
#include "io/format/zarr_writer.hpp"
#include "io/store/directory_store.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// A directory that is replaced must have been a Zarr: an overwriting run may not delete somebody's other
// files.
void require_replaceable(const PendingOutput& place) {
  std::error_code error;
  if (place.existing() != ExistingOutput::overwrite || !fs::is_directory(place.target(), error)) return;
  if (!fs::is_empty(place.target(), error) && !looks_like_zarr(place.target())) {
    throw StorageError(place.target() + ": is a directory but no Zarr; it is not overwritten");
  }
}

// Names are keys of the store that cannot be mistaken for metadata, chunks or our own files.
void require_valid_name(const std::string& name) {
  if (name.empty()) return;
  std::string_view rest = name;
  while (true) {
    const std::string_view part = rest.substr(0, rest.find('/'));
    if (!is_valid_key(name) || part.starts_with('.') || part.starts_with("__") || part == "zarr.json") {
      throw ArgumentError("dataset name \"" + name +
                          "\": parts must not be empty, start with \".\" or \"__\", or be zarr.json");
    }
    if (part.size() == rest.size()) return;
    rest.remove_prefix(part.size() + 1);
  }
}

class ZarrOutput final : public OutputFile {
 public:
  ZarrOutput(std::unique_ptr<PendingOutput> output, int version, const OutputOptions& options)
      : output_(std::move(output)),
        version_(version),
        options_(options),
        journal_(options.plan_hash, version) {
    require_replaceable(*output_);
    output_->claim();
    if (options_.existing == ExistingOutput::resume) {
      output_->keep(true);  // what cannot be resumed is not removed either
      resumed_ = may_resume();
    }
    if (!resumed_) output_->clear();
    output_->keep(false);
    store_ = std::make_shared<DirectoryStore>(output_->place());
    store_->keep_open();
    store_->remove_temporaries();
    journal_.write_to(*store_);
  }

  DatasetWriter& add_dataset(const std::string& name, const DatasetSpec& spec) override {
    require_valid_name(name);
    require_new_name(name);
    DatasetSpec whole = spec;
    if (name.empty()) whole.attributes.update(options_.attributes);
    ZarrPlan plan(whole, version_);
    enter_in_journal(name, plan);
    write_groups(name);
    const std::string start = name.empty() ? "" : name + "/";
    if (version_ == 3) {
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
    write_other_groups();
    for (const auto& [name, metadata] : journal_.arrays()) {
      if (!writers_.contains(name)) refuse_resume("it wrote the array \"" + name + "\" too");
    }
    if (version_ == 2 && metadata_.contains(".zgroup")) consolidate();
    store_->remove_temporaries();
    output_->publish();
    // Only now: an output that is complete but lacks its name can still be resumed. Readers ignore the
    // journal.
    ZarrJournal::remove_from(*store_);
  }

  void keep_partial() noexcept override { output_->keep(true); }

 private:
  // Tells whether a partial output of the same plan is there. One without a journal died before it wrote
  // anything.
  [[nodiscard]] bool may_resume() {
    auto journal = ZarrJournal::read(DirectoryStore(output_->place()));
    if (!journal) return false;
    if (journal->plan_hash() != options_.plan_hash)
      refuse_resume("it had another plan (expression, inputs, chunks or codec differ)");
    if (journal->zarr_format() != version_) refuse_resume("it wrote another Zarr version");
    journal_ = *std::move(journal);
    return true;
  }

  [[noreturn]] void refuse_resume(const std::string& reason) {
    output_->keep(true);
    throw Error(output_->target() + ": the interrupted run cannot be resumed: " + reason + "; remove " +
                output_->place() + " or run without resuming");
  }

  // All that decides what the bytes of a chunk mean must be as the interrupted run had it. Attributes may
  // change.
  void enter_in_journal(const std::string& name, const ZarrPlan& plan) {
    json metadata = plan.metadata;
    metadata.erase("attributes");
    const auto known = journal_.arrays().find(name);
    if (known == journal_.arrays().end()) return journal_.add(name, std::move(metadata), *store_);
    if (known->second == metadata) return;
    refuse_resume("it stored the array \"" + name +
                  "\" in another way (shape, dtype, chunks, codec, fill value or names of axes differ)");
  }

  void put(const std::string& key, const json& value) {
    const std::string text = format_json(value);
    store_->write(key, std::as_bytes(std::span(text)));
    metadata_[key] = value;
  }

  void require_new_name(const std::string& name) const {
    const auto refuse = [&name](const std::string& other) {
      throw ArgumentError("dataset name \"" + name + "\": lies at, above or below the dataset \"" + other +
                          "\"");
    };
    if (writers_.empty()) return;
    const std::string& first = writers_.begin()->first;
    if (name.empty() || first.empty()) refuse(first);
    for (std::size_t end = 0; end != std::string::npos;) {
      end = name.find('/', end + 1);
      if (writers_.contains(name.substr(0, end))) refuse(name.substr(0, end));
    }
    const auto below = writers_.lower_bound(name + "/");
    if (below != writers_.end() && below->first.starts_with(name + "/")) refuse(below->first);
  }

  // Writes the groups above `name` that are not there yet; the root's group has the file's attributes.
  void write_groups(const std::string& name) {
    if (name.empty()) return;
    std::size_t end = 0;
    for (std::string group; end != std::string::npos; end = name.find('/', end + 1)) {
      group = name.substr(0, end);
      const std::string start = group.empty() ? "" : group + "/";
      if (metadata_.contains(start + (version_ == 3 ? "zarr.json" : ".zgroup"))) continue;
      const auto found = options_.group_attributes.find(group);
      const Attributes below = found == options_.group_attributes.end() ? Attributes() : found->second;
      const json attributes = make_zarr_attributes(group.empty() ? options_.attributes : below, version_);
      if (version_ == 3) {
        put(start + "zarr.json", {{"zarr_format", 3}, {"node_type", "group"}, {"attributes", attributes}});
      } else {
        put(start + ".zgroup", {{"zarr_format", 2}});
        if (!attributes.empty()) put(start + ".zattrs", attributes);
      }
    }
  }

  // Writes the groups without arrays that the options name. A file whose root is an array has none.
  void write_other_groups() {
    if (writers_.contains("")) return;
    for (const auto& [group, attributes] : options_.group_attributes) {
      require_valid_name(group);
      const bool is_array = std::any_of(writers_.begin(), writers_.end(), [&](const auto& writer) {
        return group == writer.first || group.starts_with(writer.first + "/");
      });
      if (!is_array) write_groups(group + "/");
    }
  }

  // Readers of v2 expect all metadata in one file too; xarray warns without it.
  void consolidate() {
    const json all = {{"zarr_consolidated_format", 1}, {"metadata", metadata_}};
    const std::string text = format_json(all);
    store_->write(".zmetadata", std::as_bytes(std::span(text)));
  }

  std::unique_ptr<PendingOutput> output_;
  int version_;
  OutputOptions options_;
  bool resumed_ = false;
  std::shared_ptr<DirectoryStore> store_;
  std::map<std::string, std::unique_ptr<DatasetWriter>> writers_;
  ZarrJournal journal_;
  json metadata_ = json::object();  // all that `put` wrote, by key
};

}  // namespace

std::unique_ptr<OutputFile> create_zarr(std::unique_ptr<PendingOutput> output, int version,
                                        const OutputOptions& options) {
  return std::make_unique<ZarrOutput>(std::move(output), version, options);
}

}  // namespace varve::io

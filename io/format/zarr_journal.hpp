#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "io/store/directory_store.hpp"

namespace varve::io {

/// Lies in the partial directory of a Zarr from its creation to the commit and says which plan its chunks
/// belong to and how each array is stored. A line of JSON for the plan, and one for each array, added before
/// anything of the array is written: a line that a killed run left unfinished says nothing.
class ZarrJournal {
 public:
  /// Starts a journal, in place of another one.
  ZarrJournal(const std::string& plan_hash, int zarr_format);
  /// Returns the journal in a store, if there is one. Errors: FormatError.
  [[nodiscard]] static std::optional<ZarrJournal> read(const DirectoryStore& store);

  [[nodiscard]] const std::string& plan_hash() const noexcept { return plan_hash_; }
  [[nodiscard]] std::int64_t zarr_format() const noexcept { return zarr_format_; }
  /// Returns the metadata of all arrays that were added, by name.
  [[nodiscard]] const std::map<std::string, nlohmann::json>& arrays() const noexcept { return arrays_; }

  /// Writes all of it. Errors: StorageError.
  void write_to(DirectoryStore& store) const;
  /// Adds an array, to what lies in the store too. Errors: StorageError.
  void add(const std::string& name, nlohmann::json metadata, DirectoryStore& store);
  /// Removes it from a store. Errors: StorageError.
  static void remove_from(DirectoryStore& store);

 private:
  std::string plan_hash_;
  std::int64_t zarr_format_;
  std::map<std::string, nlohmann::json> arrays_;
};

}  // namespace varve::io

#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "io/format/zarr_metadata.hpp"
#include "io/store/byte_store.hpp"

namespace varve::io {

/// Finds the nodes of a Zarr store: by their own metadata, else by consolidated metadata (v2 ".zmetadata", v3
/// inline).
class ZarrHierarchy {
 public:
  /// Reads the root's metadata. Errors: FormatError if it is damaged.
  explicit ZarrHierarchy(std::shared_ptr<const ByteStore> store);

  /// Tells whether an array has that path; "" is the root. False for a path that cannot be a key.
  [[nodiscard]] bool is_array(const std::string& path) const;
  /// Reads and checks the metadata of an array. Errors: FormatError; Error if there is none.
  [[nodiscard]] ZarrArray read_array(const std::string& path) const;
  /// Lists the paths of all arrays, sorted.
  [[nodiscard]] std::vector<std::string> arrays() const { return nodes().arrays; }
  struct Nodes {
    std::vector<std::string> arrays;
    std::vector<std::string> groups;
  };
  /// Lists the paths of all arrays, and of all groups below the root, sorted.
  [[nodiscard]] Nodes nodes() const;
  /// Returns the attributes of a group; "" is the root.
  [[nodiscard]] Attributes group_attributes(const std::string& path) const;
  [[nodiscard]] std::string format() const;
  /// Returns the key of the metadata that describes the array, for `ByteStore::version`.
  [[nodiscard]] std::string metadata_key(const std::string& path) const;

 private:
  [[nodiscard]] bool is_group(const std::string& path) const;
  void keep_consolidated(nlohmann::json& document, bool v3);
  [[nodiscard]] std::optional<nlohmann::json> read_own(const std::string& key) const;
  [[nodiscard]] std::optional<nlohmann::json> read_json(const std::string& path,
                                                        const std::string& name) const;
  struct Walk {
    std::set<std::string> found;
    std::set<std::string> groups;
    std::size_t folders = 0;
  };
  void find_arrays(const std::string& path, int depth, Walk& walk) const;

  std::shared_ptr<const ByteStore> store_;
  std::optional<nlohmann::json> root_v3_;  ///< the root's zarr.json without its consolidated metadata
  /// What was read last: questions about one node follow each other.
  mutable std::string last_key_;
  mutable std::optional<nlohmann::json> last_read_;
  std::map<std::string, nlohmann::json> consolidated_;  ///< by key: "u10/.zarray", "u10/zarr.json"
};

}  // namespace varve::io

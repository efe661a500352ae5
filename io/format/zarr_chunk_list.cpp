#include <algorithm>
#include <charconv>

#include "io/format/zarr_metadata.hpp"

namespace varve::io {
namespace {

// Reads a whole text as a chunk coordinate, spelled as `key_of` spells it.
std::optional<std::int64_t> coordinate_of(std::string_view text, std::int64_t count) {
  if (text.empty()) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = error == std::errc() && end == text.data() + text.size() && text.front() != '-';
  const bool is_canonical = text.size() == 1 || text.front() != '0';
  return is_number && is_canonical && value < count ? std::optional(value) : std::nullopt;
}

/// Finds the chunks below an array's key, where an axis may be a folder or all axes one name.
class ChunkLister {
 public:
  ChunkLister(const ByteStore& store, const ZarrKeys& keys, const ChunkGrid& grid, std::int64_t most)
      : store_(store), keys_(keys), counts_(grid.counts()), most_(most) {}

  // Adds the chunks whose first `axis` coordinates make `number`; false if there are too many.
  bool list(const std::string& folder, std::int64_t axis, std::int64_t number) {
    bool goes_on = true;
    store_.for_each_name(folder, [&](std::string_view name) {
      goes_on = add(folder, name, axis, number);
      return goes_on;
    });
    return goes_on;
  }

  [[nodiscard]] std::vector<std::int64_t> take() {
    std::sort(found_.begin(), found_.end());
    return std::move(found_);
  }

 private:
  bool add(const std::string& folder, std::string_view name, std::int64_t axis, std::int64_t number) {
    if (keys_.separator == '/') {
      const auto coordinate = coordinate_of(name, counts_[axis]);
      if (!coordinate) return true;
      number = number * counts_[axis] + *coordinate;
      if (axis + 1 < counts_.size()) {
        return list((folder.empty() ? "" : folder + "/") + std::string(name), axis + 1, number);
      }
    } else {
      const auto whole = number_of(name);
      if (!whole) return true;
      number = *whole;
    }
    found_.push_back(number);
    return static_cast<std::int64_t>(found_.size()) <= most_;
  }

  // Reads "0.1.2" or, with the prefix, "c.0.1.2".
  [[nodiscard]] std::optional<std::int64_t> number_of(std::string_view name) const {
    if (keys_.with_prefix) {
      if (!name.starts_with(std::string{'c', keys_.separator})) return std::nullopt;
      name.remove_prefix(2);
    }
    std::int64_t number = 0;
    for (std::int64_t axis = 0; axis < counts_.size(); ++axis) {
      const bool is_last = axis + 1 == counts_.size();
      const std::size_t end = is_last ? name.size() : name.find(keys_.separator);
      if (end == std::string_view::npos || end == 0) return std::nullopt;
      const auto coordinate = coordinate_of(name.substr(0, end), counts_[axis]);
      if (!coordinate) return std::nullopt;
      number = number * counts_[axis] + *coordinate;
      name.remove_prefix(is_last ? end : end + 1);
    }
    return number;
  }

  const ByteStore& store_;
  const ZarrKeys& keys_;
  Shape counts_;
  std::int64_t most_;
  std::vector<std::int64_t> found_;
};

}  // namespace

std::optional<std::vector<std::int64_t>> list_zarr_chunks(const ByteStore& store, const std::string& array,
                                                          const ZarrKeys& keys, const ChunkGrid& grid,
                                                          std::int64_t most) {
  if (grid.ndim() == 0) return std::nullopt;
  const bool in_prefix = keys.with_prefix && keys.separator == '/';
  const std::string folder = in_prefix ? (array.empty() ? "c" : array + "/c") : array;
  ChunkLister lister(store, keys, grid, most);
  if (!lister.list(folder, 0, 0)) return std::nullopt;
  return lister.take();
}

}  // namespace varve::io

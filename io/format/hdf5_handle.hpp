#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "io/format/hdf5_lock.hpp"

namespace varve::io::hdf5 {

/// Owns one reference to an object of libhdf5 of any kind (file, dataset, type, property list...). Takes the
/// library lock to release it.
class Handle {
 public:
  Handle() = default;
  explicit Handle(hid_t id) noexcept : id_(id) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)) {}
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) {
      reset();
      id_ = std::exchange(other.id_, H5I_INVALID_HID);
    }
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { reset(); }

  [[nodiscard]] hid_t get() const noexcept { return id_; }
  explicit operator bool() const noexcept { return id_ >= 0; }

  /// Releases the reference; returns false if libhdf5 reports a failure (closing a file writes what is
  /// pending).
  bool reset() noexcept {
    if (id_ < 0) return true;
    const LibraryLock lock;
    return H5Idec_ref(std::exchange(id_, H5I_INVALID_HID)) >= 0;
  }

 private:
  hid_t id_ = H5I_INVALID_HID;
};

/// Takes ownership of a result of libhdf5. Errors: FormatError naming location and action if it is negative.
[[nodiscard]] inline Handle checked(hid_t id, const std::string& location, std::string_view action) {
  if (id < 0) throw_library_error(location, action);
  return Handle(id);
}

/// Errors: FormatError naming location and action if the status is negative.
inline void check_status(herr_t status, const std::string& location, std::string_view action) {
  if (status < 0) throw_library_error(location, action);
}

/// Returns a name of any length. `get` calls a function of libhdf5 with a buffer and its size, and returns
/// the length.
template <class Get>
[[nodiscard]] std::string read_name(const Get& get) {
  const ssize_t length = get(nullptr, 0);
  if (length <= 0) return "";
  std::string name(static_cast<std::size_t>(length), '\0');
  get(name.data(), name.size() + 1);
  return name;
}

}  // namespace varve::io::hdf5

#include "api/source_location.hpp"

#include <filesystem>

namespace varve::api {

ValueSource source_of(const io::DatasetInfo& info) {
  const std::string& location = info.location;
  std::error_code error;
  if (std::filesystem::exists(location, error)) return {location, ""};
  for (std::size_t colon = location.rfind(':'); colon != std::string::npos && colon > 0;
       colon = location.rfind(':', colon - 1)) {
    std::string path = location.substr(0, colon);
    if (std::filesystem::exists(path, error)) return {std::move(path), location.substr(colon + 1)};
  }
  return {location, ""};
}

}  // namespace varve::api

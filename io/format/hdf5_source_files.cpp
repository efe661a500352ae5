#include "io/format/hdf5_source_files.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <string_view>

#include "io/format/hdf5_lock.hpp"
#include "io/store/leased_file.hpp"

namespace varve::io::hdf5 {

std::vector<std::string> source_files(hid_t creation, const std::string& file) {
  constexpr std::size_t kMost = 10000;
  const std::filesystem::path folder = std::filesystem::path(absolute_path(file)).parent_path();
  std::set<std::string> names;
  std::array<char, 4096> name = {};
  std::size_t count = 0;
  if (H5Pget_layout(creation) == H5D_VIRTUAL && H5Pget_virtual_count(creation, &count) >= 0) {
    for (std::size_t index = 0; index < std::min(count, kMost); ++index) {
      if (H5Pget_virtual_filename(creation, index, name.data(), name.size() - 1) < 0) continue;
      if (std::string_view(name.data()) != ".") names.insert((folder / name.data()).string());
    }
  }
  const int external = H5Pget_external_count(creation);
  for (unsigned index = 0; index < std::min<unsigned>(static_cast<unsigned>(std::max(external, 0)), kMost);
       ++index) {
    off_t offset = 0;
    hsize_t size = 0;
    if (H5Pget_external(creation, index, name.size() - 1, name.data(), &offset, &size) < 0) continue;
    names.insert((folder / name.data()).string());
  }
  H5Eclear2(H5E_DEFAULT);
  return {names.begin(), names.end()};
}

}  // namespace varve::io::hdf5

#include "io/format/hdf5.hpp"

#include <array>
#include <cstring>
#include <fstream>

#include "io/format/hdf5_dataset.hpp"
#include "io/format/hdf5_summary.hpp"

namespace varve::io {

bool looks_like_hdf5(const std::string& path) {
  constexpr std::array<char, 8> kSignature = {'\x89', 'H', 'D', 'F', '\r', '\n', '\x1a', '\n'};
  std::ifstream file(path, std::ios::binary);
  std::array<char, 8> bytes = {};
  // A user block before the signature has 512, 1024, 2048... bytes.
  for (std::streamoff offset = 0; file.seekg(offset) && file.read(bytes.data(), bytes.size());
       offset = offset == 0 ? 512 : 2 * offset) {
    if (bytes == kSignature) return true;
  }
  return false;
}

std::shared_ptr<Dataset> open_hdf5(const std::string& path, const std::string& variable) {
  const hdf5::LibraryLock lock;
  const hdf5::Handle file = hdf5::open_file(path);
  return hdf5::make_reader(hdf5::open_array(path, hdf5::choose_variable(file.get(), path, variable)));
}

FileSummary summarize_hdf5(const std::string& path) {
  const hdf5::LibraryLock lock;
  const hdf5::Handle file = hdf5::open_file(path);
  return hdf5::summarize(file.get());
}

}  // namespace varve::io

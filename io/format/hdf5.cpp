#include "io/format/hdf5.hpp"

#include <fstream>

#include "io/format/hdf5_dataset.hpp"
#include "io/format/hdf5_summary.hpp"
#include "io/format/hdf5_unlimited.hpp"
#include "io/format/padded_dataset.hpp"

namespace varve::io {

bool looks_like_hdf5(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return hdf5::find_signature(file).has_value();
}

std::shared_ptr<Dataset> open_hdf5(const std::string& path, const std::string& variable) {
  const hdf5::LibraryLock lock;
  const hdf5::Handle file = hdf5::open_file(path);
  hdf5::OpenArray array = hdf5::open_array(path, hdf5::choose_variable(file.get(), path, variable));
  const Shape shape = hdf5::netcdf_shape(array);
  if (shape == array.info.shape) return hdf5::make_reader(std::move(array));
  std::vector<std::byte> fill = array.fill;
  return pad_dataset(hdf5::make_reader(std::move(array)), shape, std::move(fill));
}

FileSummary summarize_hdf5(const std::string& path) {
  const hdf5::LibraryLock lock;
  auto file = std::make_shared<hdf5::Handle>(hdf5::open_file(path));
  FileSummary summary = hdf5::summarize(file->get());
  summary.file = std::move(file);
  return summary;
}

}  // namespace varve::io

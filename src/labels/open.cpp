#include "io/format.hpp"
#include "labels/cf_decoding.hpp"
#include "varve/storage.hpp"

namespace varve {

Array open(const std::string& path, const std::string& variable, const OpenOptions& options) {
  const std::shared_ptr<const io::Dataset> dataset = io::open_dataset(path, variable);
  const expr::NodePtr raw = expr::make_dataset(dataset);
  return Array(options.raw ? raw : labels::decode_cf(raw, labels::cf_encoding(dataset->info())));
}

}  // namespace varve

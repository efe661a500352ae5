#pragma once

#include <memory>
#include <string>

#include "io/dataset.hpp"
#include "io/format/zarr_metadata.hpp"
#include "io/store/byte_store.hpp"

namespace varve::io {

/// Returns a text that changes when an array, its metadata or its chunks, may have changed.
[[nodiscard]] std::string zarr_identity(const ByteStore& store, const std::string& key,
                                        const ZarrArray& array);

/// Reads the chunks of one Zarr array of a store. `key` is the array's own key; empty for the root.
[[nodiscard]] std::shared_ptr<Dataset> make_zarr_dataset(std::shared_ptr<const ByteStore> store,
                                                         const std::string& key, ZarrArray array);

}  // namespace varve::io

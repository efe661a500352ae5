#pragma once

#include <memory>
#include <vector>

#include "io/dataset.hpp"

namespace varve::io {

/// Shows a dataset in a larger shape, with the same chunks: what lies beyond has the fill value, one native
/// element. Errors: FormatError if the shape does not fit in 63 bits.
[[nodiscard]] std::shared_ptr<Dataset> pad_dataset(std::shared_ptr<Dataset> inner, const Shape& shape,
                                                   std::vector<std::byte> fill);

}  // namespace varve::io

#pragma once

#include <memory>
#include <string>

#include "io/format.hpp"

namespace varve::io {

/// Opens the array of an npy file (header versions 1 to 3). Errors as `open_dataset`.
[[nodiscard]] std::shared_ptr<Dataset> open_npy(const std::string& path, const std::string& variable);

[[nodiscard]] FileSummary summarize_npy(const std::string& path);

/// Creates an npy file, which holds one array and neither attributes nor names. It cannot be resumed: a
/// resumed run starts it anew. Errors as `create_output`.
[[nodiscard]] std::unique_ptr<OutputFile> create_npy(std::unique_ptr<PendingOutput> output,
                                                     const OutputOptions& options);

}  // namespace varve::io

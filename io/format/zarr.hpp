#pragma once

#include <memory>
#include <string>

#include "io/format.hpp"

namespace varve::io {

/// Tells whether the directory holds Zarr metadata (zarr.json, .zarray, .zgroup or .zmetadata).
[[nodiscard]] bool looks_like_zarr(const std::string& path);

/// Opens one array of a Zarr v2 or v3 directory; where a node has metadata of both versions, v3 counts.
/// Arguments and errors as `open_dataset`.
[[nodiscard]] std::shared_ptr<Dataset> open_zarr(const std::string& path, const std::string& variable);

/// Lists the arrays of a Zarr directory: those found by walking it and those in consolidated metadata.
[[nodiscard]] FileSummary summarize_zarr(const std::string& path);

/// Lists the directory of a store, that of an array, and the targets of symbolic links below it.
[[nodiscard]] std::vector<std::string> files_behind_zarr(const std::string& path,
                                                         const std::string& variable);

/// Returns the bytes of all chunks of an array; -1 where that would take a look at more than 20,000 keys.
/// Errors as `open_dataset`.
[[nodiscard]] std::int64_t count_zarr_bytes(const std::string& path, const std::string& variable);

/// Creates a Zarr directory of version 2 or 3. Errors as `create_output`; Error if a partial output with
/// another plan would be resumed.
[[nodiscard]] std::unique_ptr<OutputFile> create_zarr(std::unique_ptr<PendingOutput> output, int version,
                                                      const OutputOptions& options);

}  // namespace varve::io

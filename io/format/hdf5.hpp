#pragma once

#include <memory>
#include <string>

#include "io/format.hpp"

namespace varve::io {

/// Tells whether the file has an HDF5 signature (at its start or behind a user block). False if it cannot be
/// read.
[[nodiscard]] bool looks_like_hdf5(const std::string& path);

/// Opens one array of an HDF5 or NetCDF-4 file. Arguments and errors as `open_dataset`.
[[nodiscard]] std::shared_ptr<Dataset> open_hdf5(const std::string& path, const std::string& variable);

/// Lists the arrays of an HDF5 or NetCDF-4 file. Errors as `open_dataset`.
[[nodiscard]] FileSummary summarize_hdf5(const std::string& path);

/// Lists the files that reading an array touches. Does not fail: see `files_behind`.
[[nodiscard]] std::vector<std::string> files_behind_hdf5(const std::string& path,
                                                         const std::string& variable);

/// Creates an HDF5 file. Errors as `create_output`.
[[nodiscard]] std::unique_ptr<OutputFile> create_hdf5(std::unique_ptr<PendingOutput> output,
                                                      const OutputOptions& options);

/// Creates an HDF5 file as NetCDF-4 wants it. Errors as `create_output`.
[[nodiscard]] std::unique_ptr<OutputFile> create_netcdf4(std::unique_ptr<PendingOutput> output,
                                                         const OutputOptions& options);

}  // namespace varve::io

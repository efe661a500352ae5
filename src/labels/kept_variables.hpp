#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "io/format.hpp"

namespace varve::labels {

/// Arrays of a file that are open, by name.
using Datasets = std::map<std::string, std::shared_ptr<const io::Dataset>>;

/// Opens the arrays of a file that stay where those named `replaced` are written anew: see
/// `varve::kept_variables`. Errors: ArgumentError for an array that cannot be read, and would be lost.
[[nodiscard]] Datasets kept_datasets(const std::string& path, const io::FileSummary& file,
                                     const std::vector<std::string>& replaced);

/// Refuses to lose what cannot be read of a file that is written anew. Errors: ArgumentError.
[[noreturn]] void refuse_to_lose(const std::string& path, const std::string& what, const std::string& why);

}  // namespace varve::labels

#pragma once

#include <string>
#include <string_view>

namespace varve::cli {

/// A dataset as the command line names it: PATH[:VAR].
struct DatasetName {
  std::string path;
  std::string variable;  ///< may be empty
};

/// Splits the name of an existing dataset: at the last ':', if what stands before it exists and the whole
/// does not.
[[nodiscard]] DatasetName input_name(const std::string& text);

/// Splits the name of an output: at the last ':', if what stands before it ends like an output file (.zarr
/// .h5 .nc .npy).
[[nodiscard]] DatasetName output_name(const std::string& text);

/// Returns the ending that says the format of an output, ".nc" for "a/b.nc"; "" if it says none.
[[nodiscard]] std::string_view output_ending(std::string_view path);

/// Returns one key for all spellings of a path.
[[nodiscard]] std::string file_key(const std::string& path);

/// An input with its name: NAME=PATH[:VAR].
struct NamedInput {
  std::string name;
  DatasetName dataset;
};

/// Errors: ExpressionError if there is no '=' or NAME is not an identifier.
[[nodiscard]] NamedInput named_input(const std::string& text);

}  // namespace varve::cli

#pragma once

#include <string>
#include <string_view>

namespace varve::io {

/// Where an array lies, as people write it: PATH[:VAR] or file://PATH[:VAR]. Names of files and of variables
/// may have colons, so what exists and what ends like a format decide where one ends and the other begins.
struct Location {
  std::string path;
  std::string variable;              ///< may be empty
  std::string_view scheme = "file";  ///< of one of the stores that there are
};

/// Takes apart the location of something that is read: the whole is the path if it exists, else what stands
/// before the last colon behind something that exists, else behind a known ending. Errors: ArgumentError for
/// an address in another store, or one that names nothing here.
[[nodiscard]] Location input_location(const std::string& text);

/// Takes apart the location of an output, which need not exist: at the last colon behind a known ending.
/// Errors: ArgumentError if it is empty, or the address of something in another store.
[[nodiscard]] Location output_location(const std::string& text);

/// Takes apart what `DatasetInfo::location` says of an array that is open: nothing is an address there.
[[nodiscard]] Location opened_location(const std::string& text);

}  // namespace varve::io

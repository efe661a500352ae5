#pragma once

#include <memory>
#include <string>
#include <vector>

#include "expr/descent.hpp"
#include "varve/array.hpp"

namespace varve::labels {

/// An array in a file.
struct ValueSource {
  std::string path;      ///< of the file
  std::string variable;  ///< its name inside it
  friend bool operator==(const ValueSource&, const ValueSource&) = default;
};

/// The variables of which the values of an expression still are, whose attributes hold.
struct Provenance {
  /// What the values still are.
  enum class Kind {
    unknown,   ///< of none: products, counts, positions; or of several that differ in their units
    quantity,  ///< the quantity of the sources, in their unit: means, sums, differences
    elements   ///< elements of the sources: selections, extremes, sorted values
  };
  Kind kind = Kind::unknown;              ///< what the values still are
  std::vector<ValueSource> sources = {};  ///< each once; none where the kind is unknown
  bool stored = false;  ///< elements as they are stored (`OpenOptions::raw`), packed if the source is
  std::vector<ValueSource> inputs = {};  ///< all arrays that are read, whatever the values are
  std::string name = {};  ///< the name that all variables in the expression have; empty if they differ
};

/// Follows values from the files through an expression, and through arrays in memory that were computed
/// before.
[[nodiscard]] Provenance provenance(const Array& x);

/// Returns what computed values of `x` are to remember of the files; null if it reads none.
[[nodiscard]] std::shared_ptr<const expr::Descent> descent_of(const Array& x);

}  // namespace varve::labels

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "varve/varve.hpp"

namespace varve::test {

#if defined(VARVE_SANITIZER)
inline constexpr bool kSanitized = true;  // shadow memory is resident too, and everything is slow
#else
inline constexpr bool kSanitized = false;
#endif

/// The budget of the cases, an eighth of their arrays.
inline constexpr std::int64_t kOperationsBudget = kSanitized ? 4_MiB : 8_MiB;

/// What the cases work on, in files.
struct OperationInputs {
  Array x;       ///< (a, b, c) of float32, in [0, 1)
  Array square;  ///< (n, n) of float64, symmetric and positive definite, well-conditioned
  Array tall;    ///< (m, 64) of float64
};

/// Writes the files when called first, and removes them when the program ends. HDF5 with gzip.
[[nodiscard]] const OperationInputs& operation_inputs();
/// The same in Zarr with Blosc, whose decoder takes memory from malloc.
[[nodiscard]] const OperationInputs& blosc_operation_inputs();

struct OperationCase {
  std::string name;
  std::function<std::vector<Array>(const OperationInputs&)> build;
  Shape chunks = {};  ///< of the output, where the default does not do
  /// Pieces or views of one array share chunks; the plan does not know how often one finds them decoded.
  bool shares_chunks = false;
  std::int64_t budget = kOperationsBudget;
};

[[nodiscard]] std::vector<OperationCase> operation_cases();

}  // namespace varve::test

#pragma once

#include <functional>

#include "expr/node.hpp"
#include "kernels/generate.hpp"
#include "kernels/random.hpp"

namespace varve::ops {

// Generators have the names of the functions that made them.

/// Counts along the only axis. `exact`: the position of an element that is `last` to the bit, or -1.
[[nodiscard]] std::shared_ptr<const expr::Generator> progression(const std::string& name,
                                                                 const kernels::Progression& progression,
                                                                 std::int64_t exact = -1, double last = 0);
/// Makes ones on a diagonal of a matrix.
[[nodiscard]] std::shared_ptr<const expr::Generator> eye(std::int64_t diagonal);
/// Makes random numbers, by their positions in C order in an array of that shape.
[[nodiscard]] std::shared_ptr<const expr::Generator> random_values(const std::string& name,
                                                                   const kernels::RandomValues& values,
                                                                   const Shape& shape);
/// Calls a function of the program's own. Equal identities mean equal values; a lasting one means the same in
/// another run of the program.
using BoxFunction = std::function<void(const Box&, const StridedView&)>;
[[nodiscard]] std::shared_ptr<const expr::Generator> from_function(BoxFunction function,
                                                                   std::uint64_t identity, bool lasting);

/// Makes a generator from what another of the same kind says of itself. Errors: ArgumentError, as for
/// operators.
[[nodiscard]] std::shared_ptr<const expr::Generator> make_generator(std::string_view kind,
                                                                    const expr::Parameters& parameters);

}  // namespace varve::ops

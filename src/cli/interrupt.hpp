#pragma once

#include "varve/compute.hpp"

namespace varve::cli {

/// Makes the first SIGINT or SIGTERM cancel runs through the returned token, and the second one end the
/// process.
[[nodiscard]] const CancelToken& cancel_on_signals();

/// Returns the exit status of a run that a signal cancelled: 130 after SIGINT, 143 after SIGTERM.
[[nodiscard]] int interrupted_status() noexcept;

}  // namespace varve::cli

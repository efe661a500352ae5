#pragma once

namespace varve::cli {

/// Lets the process open as many files as it may: each output keeps its partial file or directory open, which
/// is its lock, and the usual limit of 1,024 would bound their number.
void open_more_files() noexcept;

}  // namespace varve::cli

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace varve::cli {

/// Is something that may crash or never end on a damaged file.
struct GuardedStep {
  std::string what;  ///< the file that it looks at, for the message
  std::function<void()> work;
  std::int64_t processor_seconds = 10;
};

/// Runs the steps, one after another, in a child process whose memory and processor time are limited, and
/// returns when all ended there without an error: libhdf5 does not withstand every damaged file. What the
/// steps print is printed; nothing else that they do is seen here. Where no process can be made, the steps
/// run in this one. To be called before the program has threads.
/// Errors: ReportedError, for what a step threw, or with status 1 if one crashed or took too long. A signal
/// that would have ended this process too, such as an interrupt, ends it.
void run_guarded(const std::vector<GuardedStep>& steps);

/// Returns a step that opens a file; its time grows with the file.
[[nodiscard]] GuardedStep guarded_step(const std::string& path, std::function<void()> work);

/// Tells whether opening a file may call libhdf5: any regular file but an npy one. False for what cannot be
/// looked at.
[[nodiscard]] bool needs_guard(const std::string& path);

}  // namespace varve::cli

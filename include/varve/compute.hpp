#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "varve/array.hpp"
#include "varve/core/element.hpp"
#include "varve/runtime.hpp"
#include "varve/storage.hpp"

namespace varve {

/// A function that takes a block of a result: its values, dense in the last axis and valid during the call,
/// and its place.
using BlockSink = std::function<void(const ConstStridedView& values, const Box& place)>;

/// One result that a run should produce: written if `path` is given, handed on block by block if `sink`
/// is, else kept in memory.
struct Output {
  Array array;                ///< what is computed
  std::string path = {};      ///< of a file; empty: none
  std::string variable = {};  ///< name inside the file; may be empty where the file holds one array
  SaveOptions options = {};   ///< with a sink, only `chunks` counts: the extents of the blocks
  /// Called once for each block, in any order, from several threads at once; must not start a run.
  BlockSink sink = {};
};

/// The progress of a run that goes on.
struct Progress {
  std::int64_t stage = 0;          ///< the one that goes on, from 0
  std::int64_t stages = 0;         ///< of the run
  std::int64_t tiles_done = 0;     ///< in this stage
  std::int64_t tiles = 0;          ///< of this stage
  std::int64_t bytes_read = 0;     ///< so far, all stages
  std::int64_t bytes_written = 0;  ///< so far, all stages
};

/// A way to ask runs to stop. `cancel` may be called from a signal handler.
class CancelToken {
 public:
  /// Asks the runs that hold this token to stop.
  void cancel() noexcept { cancelled_.store(true, std::memory_order_relaxed); }
  /// Tells whether they were asked to.
  [[nodiscard]] bool cancelled() const noexcept { return cancelled_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> cancelled_{false};
};

/// Options of `run`.
struct RunOptions {
  /// Called from workers, one at a time, at most 20 times a second and once at the end; must not start a
  /// run.
  std::function<void(const Progress&)> on_progress = {};
  const CancelToken* cancel = nullptr;  ///< asks this run to stop
  std::string report_path = {};         ///< writes what the run measured there, as JSON
  std::string trace_path = {};          ///< writes a Chrome trace there
};

/// What a run measured of one stage.
struct StageReport {
  std::string what;                ///< the operation, for people
  std::int64_t tiles = 0;          ///< as progress counts them
  double seconds = 0;              ///< of wall time
  std::int64_t bytes_read = 0;     ///< from stores and scratch
  std::int64_t bytes_written = 0;  ///< to stores and scratch
};

/// What a run measured.
struct RunReport {
  double seconds = 0;                     ///< of wall time
  int threads = 1;                        ///< that worked at one time, at most
  int refused_threads = 0;                ///< that there was work for but that the system did not give
  std::int64_t budget_bytes = 0;          ///< of the Runtime
  std::int64_t peak_leased_bytes = 0;     ///< by Varve's own ledger
  std::int64_t peak_rss_bytes = 0;        ///< of the process so far, by the operating system
  std::int64_t bytes_read = 0;            ///< from stores and scratch
  std::int64_t bytes_written = 0;         ///< to stores and scratch
  std::int64_t scratch_bytes = 0;         ///< of the arrays that were held in scratch
  std::int64_t scratch_stored_bytes = 0;  ///< that they took: fewer where they were compressed
  std::int64_t passes = 0;                ///< stages that stream data
  std::vector<StageReport> stages;        ///< in the order of running
  /// Says why report or trace could not be written. The results are complete nevertheless.
  std::vector<std::string> unwritten;

  /// Formats as a JSON object.
  [[nodiscard]] std::string json() const;
};

/// What a run made and measured.
struct RunResult {
  /// One per output: in memory, or opened again where it was written; as it was where a sink took it.
  std::vector<Array> arrays;
  RunReport report;  ///< what was measured
};

// Whatever runs takes a Runtime as its first argument, as the algorithms of C++ take an execution policy, and
// uses the budget, the threads and the scratch of that one; without it, those of the current Runtime.

/// Plans and runs all outputs together: those that stream the same sources share one scan. Runs of one
/// Runtime wait for each other. What a run calls back (`on_progress`, the function of a `from_function`) must
/// not start a run nor wait for one in another thread.
///
/// Memory:  results that are not written are charged to the budget while held.
/// Errors:  ArgumentError if an output, the report or the trace is, contains or lies in a file that is read
///          or another one that is written; BudgetError; both before anything is touched. StorageError,
///          FormatError, CancelledError while running; Error if called back by a run. Outputs that were not
///          finished do not appear under their names.
RunResult run(const std::vector<Output>& outputs, const RunOptions& options = {});
/// Does the same with a Runtime of the caller's.
RunResult run(Runtime& runtime, const std::vector<Output>& outputs, const RunOptions& options = {});

/// Checks the places, touching nothing, as `run` will check the places where it writes, for a program that
/// has work to do before: that outputs, report and trace harm neither the files behind `inputs` nor each
/// other. Links, external files and virtual sources are followed.
///
/// Errors:  ArgumentError, StorageError.
void check_places(const std::vector<std::string>& outputs, const std::vector<Array>& inputs,
                  const RunOptions& options = {});

/// Computes arrays together and returns them in memory, in the same order.
///
/// Memory:  charged to the budget while held.
std::vector<Array> compute(const std::vector<Array>& arrays);
/// Does the same with a Runtime of the caller's, whose budget holds the results.
std::vector<Array> compute(Runtime& runtime, const std::vector<Array>& arrays);
/// Computes one array.
Array compute(const Array& array);
/// Does the same with a Runtime of the caller's, whose budget holds the result.
Array compute(Runtime& runtime, const Array& array);

/// Computes several arrays in one scan: `auto [mean, peak] = compute(runtime, mean(x), max(x));`
template <class... Arrays>
  requires(sizeof...(Arrays) > 0 && (std::is_same_v<Arrays, Array> && ...))
std::array<Array, 1 + sizeof...(Arrays)> compute(Runtime& runtime, const Array& first,
                                                 const Arrays&... rest) {
  std::vector<Array> results = compute(runtime, std::vector<Array>{first, rest...});
  std::array<Array, 1 + sizeof...(Arrays)> out;
  std::move(results.begin(), results.end(), out.begin());
  return out;
}
/// Does the same with the current Runtime.
template <class... Arrays>
  requires(sizeof...(Arrays) > 0 && (std::is_same_v<Arrays, Array> && ...))
std::array<Array, 1 + sizeof...(Arrays)> compute(const Array& first, const Arrays&... rest) {
  return compute(Runtime::current(), first, rest...);
}

/// A plan made readable: what a run would do, and why it fits.
struct Explanation {
  std::string text;  ///< for people
  std::string json;  ///< for programs: one object
};

/// Plans without running: stages, passes, bytes read and written, peak memory, scratch, tiles, and the ratio
/// of the bytes to the lower bound of I/O.
///
/// Errors:  BudgetError if the plan does not fit.
Explanation explain(const std::vector<Output>& outputs);
/// Does the same for the memory and the threads of a Runtime of the caller's.
Explanation explain(Runtime& runtime, const std::vector<Output>& outputs);
/// Plans one array that stays in memory.
Explanation explain(const Array& array);
/// Does the same for the memory and the threads of a Runtime of the caller's.
Explanation explain(Runtime& runtime, const Array& array);

namespace bridge {

/// Checks that an array has one element.
///
/// Errors:  ShapeError.
inline void require_one_element(const Array& array) {
  if (array.size() == 1) return;
  throw ShapeError("item: the array has " + std::to_string(array.size()) +
                   " elements, not 1; select one, or use to_vector");
}

/// Copies the values of an array in memory, in C order.
///
/// Errors:  DTypeError if T is not its dtype.
template <class T>
std::vector<T> copy_to_vector(const Array& array) {
  static_assert(is_element<T>, "to_vector<T>, item<T>: T must be the C++ type of one of Varve's dtypes");
  const ConstStridedView view = array.view();
  if (view.dtype != dtype_of<T>()) {
    throw DTypeError("to_vector: the array is " + std::string(name_of(view.dtype)) + ", not " +
                     std::string(name_of(dtype_of<T>())) + "; cast it with astype first");
  }
  std::vector<T> out;
  out.reserve(static_cast<std::size_t>(element_count(view.shape)));
  for_each_element([&out](const std::byte* element) { out.push_back(*reinterpret_cast<const T*>(element)); },
                   view);
  return out;
}

}  // namespace bridge

/// Copies the values of an array, in C order, into a vector, computing it if needed.
///
/// Memory:  the values twice while copying: the array's are charged to the budget, the vector's are not.
/// Errors:  DTypeError if T is not its dtype; those of `compute`.
template <class T>
std::vector<T> to_vector(const Array& array) {
  return bridge::copy_to_vector<T>(array.in_memory() ? array : compute(array));
}
/// Does the same with a Runtime of the caller's.
template <class T>
std::vector<T> to_vector(Runtime& runtime, const Array& array) {
  return bridge::copy_to_vector<T>(array.in_memory() ? array : compute(runtime, array));
}

/// Returns the value of an array of one element, computing it if needed.
///
/// Errors:  ShapeError if it has another number of elements; those of `to_vector`.
template <class T>
T item(const Array& array) {
  bridge::require_one_element(array);
  return to_vector<T>(array).front();
}
/// Does the same with a Runtime of the caller's.
template <class T>
T item(Runtime& runtime, const Array& array) {
  bridge::require_one_element(array);
  return to_vector<T>(runtime, array).front();
}

}  // namespace varve

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "exec/bindings.hpp"
#include "exec/engine.hpp"
#include "exec/run_context.hpp"
#include "exec/value_store.hpp"
#include "plan/plan.hpp"

namespace varve::exec {

/// What a stage took.
struct StageMeasure {
  std::string what;
  std::int64_t tiles = 0;  ///< that it was cut into
  double seconds = 0;
  std::int64_t bytes_read = 0;
  std::int64_t bytes_written = 0;
  bool is_pass = false;
};

struct RunMeasure {
  std::vector<StageMeasure> stages;
  WorkerPool::Use threads;
  std::int64_t peak_leased_bytes = 0;
  std::int64_t scratch_stored_bytes = 0;
};

/// Runs a plan's stages in order. `writers` has one entry per output of the plan, null for results in memory.
/// Returns the stores of the results, by value; those of other values are null. Errors: what the stages
/// threw, after all slots stopped.
[[nodiscard]] std::vector<std::unique_ptr<ValueStore>> run_plan(
    const plan::Plan& plan, const Bindings& bindings, const std::vector<io::DatasetWriter*>& writers,
    Engine& engine, RunContext& context, RunMeasure& measure);

/// Checks, before anything is made, that the scratch directory has the room that the plan needs. Errors:
/// StorageError.
void require_scratch(const plan::Plan& plan, const Engine& engine);

/// Writes the events of a run in the format of Chrome's trace viewer. Errors: StorageError.
void write_trace(const RunContext& context, const std::string& path);

}  // namespace varve::exec

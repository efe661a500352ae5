#include "exec/run_plan.hpp"

#include <fmt/format.h>
#include <malloc.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "exec/input_check.hpp"
#include "exec/stage_runner.hpp"

namespace varve::exec {
namespace {

// Codecs take memory from malloc while a stage has room for it. What malloc keeps of that would come on top
// of what the next one leases. To look costs time that grows with what malloc keeps: one looks when stages
// had room for some.
class FreedMemory {
 public:
  void give_back_after(const plan::Stage& stage) {
#if defined(__GLIBC__)
    had_room_ += stage.tiling.slots * stage.tiling.slot_bytes;
    if (had_room_ < kLittle) return;
    had_room_ = 0;
    if (::mallinfo2().fordblks > std::size_t{kLittle}) ::malloc_trim(0);
#endif
  }

 private:
  static constexpr std::int64_t kLittle = std::int64_t{4} << 20;
  std::int64_t had_room_ = 0;
};

// Where a stage counts, of how many.
struct StagePlace {
  std::int64_t number;
  std::int64_t count;
};

// What a stage was cut into when it ran, and what it did.
struct Cut {
  std::string what;
  std::int64_t tiles;
};

Cut describe(const plan::Stage& stage, const SparseTiles* sparse) {
  std::string what = fmt::format("{} reductions, {} writes over {}", stage.reduces.size(),
                                 stage.writes.size(), to_string(stage.domain));
  if (sparse != nullptr)
    what += fmt::format("; {} tiles computed, the rest constant", sparse->computed.size());
  return {what, stage.tiling.tiles.chunk_count()};
}

// Stages most of whose tiles are constants are cut into reduction blocks, few of which are computed.
Cut run_tiles(const plan::Plan& plan, const plan::Stage& stage, const Bindings& bindings,
              std::vector<std::unique_ptr<ValueStore>>& stores, Engine& engine, RunContext& context,
              const StagePlace& place) {
  plan::Stage cut;
  const std::optional<SparseTiles> found = find_sparse_tiles(stage, bindings);
  const SparseTiles* sparse = found ? &*found : nullptr;
  if (sparse != nullptr) {
    cut = stage;
    cut.tiling.tiles = sparse->tiles;
  }
  const plan::Stage& run = sparse != nullptr ? cut : stage;
  Cut description = describe(run, sparse);
  context.begin_stage(place.number, place.count, description.tiles);
  CountingDispenser dispenser(StageRunner::item_count(run, sparse));
  StageRunner(run, sparse, {plan, bindings, stores, engine, context}, dispenser).run();
  return description;
}

// What a changed input makes of a run may look like a damaged file, or worse: what is told is the change.
Cut run_stage(const plan::Plan& plan, const plan::Stage& stage, const Bindings& bindings,
              std::vector<std::unique_ptr<ValueStore>>& stores, Engine& engine, RunContext& context,
              const StagePlace& place, InputCheck& inputs) {
  Cut cut;
  try {
    cut = run_tiles(plan, stage, bindings, stores, engine, context, place);
    context.rethrow();
  } catch (const CancelledError&) {
    throw;
  } catch (const Error&) {
    inputs.require_unchanged();
    throw;
  }
  inputs.require_unchanged_for_long();
  return cut;
}

}  // namespace

std::vector<std::unique_ptr<ValueStore>> run_plan(const plan::Plan& plan, const Bindings& bindings,
                                                  const std::vector<io::DatasetWriter*>& writers,
                                                  Engine& engine, RunContext& context, RunMeasure& measure) {
  InputCheck inputs(plan, bindings);
  std::vector<std::unique_ptr<ValueStore>> stores(plan.values.size());
  const auto stage_count = static_cast<int>(plan.stages.size());
  std::vector<std::vector<std::size_t>> made_by(plan.stages.size());
  std::vector<std::vector<std::size_t>> last_used(plan.stages.size() + 1);  // by the caller, at the end
  for (std::size_t id = 0; id < plan.values.size(); ++id) {
    made_by[static_cast<std::size_t>(plan.values[id].made_by)].push_back(id);
    last_used[static_cast<std::size_t>(plan.values[id].last_used)].push_back(id);
  }
  engine.memory()->budget.reset_peak();
  FreedMemory freed;
  static_cast<void>(engine.take_thread_use());  // of runs that failed
  for (int at = 0; at < stage_count; ++at) {
    const plan::Stage& stage = plan.stages[static_cast<std::size_t>(at)];
    for (const std::size_t id : made_by[static_cast<std::size_t>(at)]) {
      const plan::Value& value = plan.values[id];
      if (value.output >= std::ssize(writers)) throw ArgumentError("a plan has more outputs than writers");
      io::DatasetWriter* writer =
          value.output >= 0 ? writers[static_cast<std::size_t>(value.output)] : nullptr;
      const auto number = static_cast<plan::ValueId>(id);
      stores[id] = std::make_unique<ValueStore>(value, engine, writer,
                                                ValueStore::scratch_name(engine.options(), number));
    }
    const double begin = context.microseconds();
    const std::int64_t read_before = context.bytes_read();
    const std::int64_t written_before = context.bytes_written();
    const Cut cut = run_stage(plan, stage, bindings, stores, engine, context, {at, stage_count}, inputs);
    for (const std::size_t id : made_by[static_cast<std::size_t>(at)]) stores[id]->finish();
    freed.give_back_after(stage);
    if (at + 1 == stage_count)
      context.report_now();
    else
      context.report_if_due();
    const double end = context.microseconds();
    context.trace({"stage", 0, at, begin, end});
    measure.stages.push_back({cut.what, cut.tiles, (end - begin) * 1e-6, context.bytes_read() - read_before,
                              context.bytes_written() - written_before, stage.estimate.is_pass});
    for (const std::size_t id : last_used[static_cast<std::size_t>(at)]) {
      measure.scratch_stored_bytes += stores[id]->scratch_stored_bytes();
      stores[id].reset();
    }
  }
  inputs.require_unchanged();
  measure.threads = engine.take_thread_use();
  measure.peak_leased_bytes = engine.memory()->budget.peak_bytes();
  return stores;
}

void require_scratch(const plan::Plan& plan, const Engine& engine) {
  if (plan.scratch_bytes == 0) return;
  const EngineOptions& options = engine.options();
  if (options.named_scratch.empty())
    return io::require_scratch_room(options.scratch_directory, plan.scratch_bytes);
  std::int64_t bytes = 0;  // of all values, as nobody removes those that are not read any more
  for (const plan::Value& value : plan.values)
    bytes += value.placement == plan::Placement::scratch ? value.bytes() : 0;
  io::require_scratch_room(options.named_scratch, bytes);
}

void write_trace(const RunContext& context, const std::string& path) {
  std::ofstream file(path, std::ios::trunc);
  file << "[\n";
  const char* separator = "";
  for (const TraceEvent& event : context.events()) {
    file << fmt::format(R"({}{{"name":"{} {}","ph":"X","ts":{:.1f},"dur":{:.1f},"pid":1,"tid":{}}})",
                        separator, event.name, event.index, event.begin, event.end - event.begin, event.slot);
    separator = ",\n";
  }
  file << "\n]\n";
  file.close();
  if (!file) throw StorageError("trace " + path + ": cannot write: " + std::strerror(errno));
}

}  // namespace varve::exec

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
Cut run_tiles(const plan::Stage& stage, const RunResources& resources, const StagePlace& place) {
  plan::Stage cut;
  const std::optional<SparseTiles> found = find_sparse_tiles(stage, resources.bindings);
  const SparseTiles* sparse = found ? &*found : nullptr;
  if (sparse != nullptr) {
    cut = stage;
    cut.tiling.tiles = sparse->tiles;
  }
  const plan::Stage& run = sparse != nullptr ? cut : stage;
  Cut description = describe(run, sparse);
  resources.context.begin_stage(place.number, place.count, description.tiles);
  CountingDispenser dispenser(StageRunner::item_count(run, sparse));
  StageRunner(run, sparse, resources, dispenser).run();
  return description;
}

using Stores = std::vector<std::unique_ptr<ValueStore>>;

// The stores of a run. Each lives from the stage that makes its value to the last one that reads it.
class LivingStores {
 public:
  LivingStores(const plan::Plan& plan, const std::vector<io::DatasetWriter*>& writers, Engine& engine)
      : plan_(plan),
        writers_(writers),
        engine_(engine),
        made_by_(plan.stages.size()),
        last_used_(plan.stages.size() + 1),
        stores_(plan.values.size()) {
    for (std::size_t id = 0; id < plan.values.size(); ++id) {
      made_by_[static_cast<std::size_t>(plan.values[id].made_by)].push_back(id);
      last_used_[static_cast<std::size_t>(plan.values[id].last_used)].push_back(id);
    }
  }

  void open(std::size_t stage) {
    for (const std::size_t id : made_by_[stage]) {
      const plan::Value& value = plan_.values[id];
      if (value.output >= std::ssize(writers_)) throw ArgumentError("a plan has more outputs than writers");
      io::DatasetWriter* writer =
          value.output >= 0 ? writers_[static_cast<std::size_t>(value.output)] : nullptr;
      const auto number = static_cast<plan::ValueId>(id);
      stores_[id] = std::make_unique<ValueStore>(value, engine_, writer,
                                                 ValueStore::scratch_name(engine_.options(), number));
    }
  }
  void finish(std::size_t stage) {
    for (const std::size_t id : made_by_[stage]) stores_[id]->finish();
  }
  // Returns the bytes that those which are not read any more had in scratch.
  std::int64_t close(std::size_t stage) {
    std::int64_t bytes = 0;
    for (const std::size_t id : last_used_[stage]) {
      bytes += stores_[id]->scratch_stored_bytes();
      stores_[id].reset();
    }
    return bytes;
  }

  [[nodiscard]] const Stores& all() const noexcept { return stores_; }
  [[nodiscard]] Stores take() { return std::move(stores_); }

 private:
  const plan::Plan& plan_;
  const std::vector<io::DatasetWriter*>& writers_;
  Engine& engine_;
  std::vector<std::vector<std::size_t>> made_by_;    ///< values by stage
  std::vector<std::vector<std::size_t>> last_used_;  ///< by the caller, at the end
  Stores stores_;
};

// What the stages of a run share.
struct Run {
  RunResources resources;
  LivingStores& stores;
  InputCheck inputs;
  FreedMemory freed = {};
};

// What a changed input makes of a run may look like a damaged file, or worse: what is told is the change.
Cut run_stage(Run& run, const plan::Stage& stage, const StagePlace& place) {
  Cut cut;
  try {
    cut = run_tiles(stage, run.resources, place);
    run.resources.context.rethrow();
  } catch (const CancelledError&) {
    throw;
  } catch (const Error&) {
    run.inputs.require_unchanged();
    throw;
  }
  run.inputs.require_unchanged_for_long();
  return cut;
}

StageMeasure measured_stage(Run& run, const StagePlace& place) {
  RunContext& context = run.resources.context;
  const auto number = static_cast<std::size_t>(place.number);
  const plan::Stage& stage = run.resources.plan.stages[number];
  run.stores.open(number);
  const double begin = context.microseconds();
  const std::int64_t read_before = context.bytes_read();
  const std::int64_t written_before = context.bytes_written();
  const Cut cut = run_stage(run, stage, place);
  run.stores.finish(number);
  run.freed.give_back_after(stage);
  if (place.number + 1 == place.count)
    context.report_now();
  else
    context.report_if_due();
  const double end = context.microseconds();
  context.trace({"stage", 0, place.number, begin, end});
  return {cut.what,
          cut.tiles,
          (end - begin) * 1e-6,
          context.bytes_read() - read_before,
          context.bytes_written() - written_before,
          stage.estimate.is_pass};
}

}  // namespace

Stores run_plan(const plan::Plan& plan, const Bindings& bindings,
                const std::vector<io::DatasetWriter*>& writers, Engine& engine, RunContext& context,
                RunMeasure& measure) {
  LivingStores stores(plan, writers, engine);
  Run run{{plan, bindings, stores.all(), engine, context}, stores, InputCheck(plan, bindings)};
  engine.memory()->budget.reset_peak();
  static_cast<void>(engine.take_thread_use());  // of runs that failed
  const auto count = static_cast<std::int64_t>(plan.stages.size());
  for (std::int64_t number = 0; number < count; ++number) {
    measure.stages.push_back(measured_stage(run, {number, count}));
    measure.scratch_stored_bytes += stores.close(static_cast<std::size_t>(number));
  }
  run.inputs.require_unchanged();
  measure.threads = engine.take_thread_use();
  measure.peak_leased_bytes = engine.memory()->budget.peak_bytes();
  return stores.take();
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

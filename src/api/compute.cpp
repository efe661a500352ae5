#include "varve/compute.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "api/kept_arrays.hpp"
#include "api/label_surroundings.hpp"
#include "api/output_files.hpp"
#include "api/resolved_output.hpp"
#include "api/written_places.hpp"
#include "exec/run_plan.hpp"
#include "labels/output_labels.hpp"
#include "labels/provenance.hpp"
#include "plan/plan.hpp"
#include "varve/postponed_refusals.hpp"

namespace varve {
namespace {

// Plans for the memory that is free now. Errors: BudgetError, whose requirement is that of the whole budget.
plan::Plan make_plan(const std::vector<api::ResolvedOutput>& outputs, Runtime& runtime) {
  const PostponedRefusals* postponed = PostponedRefusals::current();
  const std::int64_t guessed = postponed != nullptr ? postponed->held_bytes() : 0;
  const std::int64_t held = runtime.leased_bytes() + guessed;
  try {
    const plan::Limits limits{std::max<std::int64_t>(runtime.memory() - held, 0), runtime.threads(),
                              runtime.engine().options().scratch_codec};
    return plan::make_plan(api::plan_requests(outputs), limits);
  } catch (const BudgetError& error) {
    if (held == 0) throw;
    const auto required = error.required_bytes() + held;
    throw BudgetError(std::string(error.what()) + "; results in memory hold " + format_bytes(held) +
                          ": release them, or raise the budget to " + std::to_string(required) + " bytes",
                      required);
  }
}

std::int64_t peak_rss_bytes() {
  struct rusage usage {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
}

Array array_of(const plan::Root& root, const std::shared_ptr<const expr::Descent>& descent,
               const exec::Bindings& bindings, const std::vector<std::unique_ptr<exec::ValueStore>>& stores) {
  if (root.source >= 0) return Array(expr::make_view(bindings.node(root.source), root.view));
  const exec::ValueStore& store = *stores[static_cast<std::size_t>(root.value)];
  const expr::NodePtr values = expr::make_memory(varve::as_const(store.memory()), store.owner(), descent);
  return Array(expr::make_view(values, root.view));
}

void set_up(exec::RunContext& context, const RunOptions& options) {
  context.tracing = !options.trace_path.empty();
  if (options.cancel != nullptr)
    context.is_cancelled = [token = options.cancel] { return token->cancelled(); };
  if (!options.on_progress) return;
  context.on_progress = [report = options.on_progress](const exec::RunContext::Tick& tick) {
    report({tick.stage, tick.stages, tick.tiles_done, tick.tiles, tick.bytes_read, tick.bytes_written});
  };
}

RunReport make_report(const plan::Plan& plan, const exec::RunMeasure& measure,
                      const exec::RunContext& context) {
  RunReport report;
  report.seconds = context.microseconds() * 1e-6;
  report.threads = measure.threads.max_threads;
  report.refused_threads = measure.threads.refused;
  report.peak_leased_bytes = measure.peak_leased_bytes;
  report.peak_rss_bytes = peak_rss_bytes();
  report.bytes_read = context.bytes_read();
  report.bytes_written = context.bytes_written();
  report.scratch_bytes = plan.scratch_bytes;
  report.scratch_stored_bytes = measure.scratch_stored_bytes;
  for (const exec::StageMeasure& stage : measure.stages) {
    report.passes += stage.is_pass ? 1 : 0;
    report.stages.push_back({stage.what, stage.tiles, stage.seconds, stage.bytes_read, stage.bytes_written});
  }
  return report;
}

void require_apart(const std::vector<api::ResolvedOutput>& outputs, const RunOptions& options) {
  std::vector<api::NamedPlace> files;
  std::set<const api::OutputTarget*> known;  // arrays of one file share it
  std::vector<Array> inputs;
  for (const api::ResolvedOutput& output : outputs) {
    inputs.push_back(output.wanted.array);
    if (output.target && known.insert(output.target.get()).second)
      files.push_back({output.wanted.path, output.target->file,
                       io::place_until_whole(*output.target->place.store, output.wanted.path)});
  }
  api::require_apart(files, inputs, options);
}

// Results are there by now, and are not lost because this fails.
void write_beside_results(const exec::RunContext& context, const RunOptions& options, RunReport& report) {
  const auto attempt = [&report](const std::string& path, const auto& write) {
    if (path.empty()) return;
    try {
      write(path);
    } catch (const Error& error) {
      report.unwritten.emplace_back(error.what());
    }
  };
  attempt(options.trace_path, [&](const std::string& path) { exec::write_trace(context, path); });
  attempt(options.report_path, [&](const std::string& path) {
    std::ofstream file(path, std::ios::trunc);
    file << report.json() << '\n';
    file.close();
    if (!file) throw StorageError("report " + path + ": cannot write: " + std::strerror(errno));
  });
}

std::vector<Output> with_kept_labels(Runtime& runtime, std::vector<Output> outputs) {
  const labels::Surroundings surroundings = api::label_surroundings(runtime);
  labels::SourceVariables variables(surroundings);
  return labels::with_kept_labels(std::move(outputs), variables);
}

// Results have the labels of what they were computed from, unless the file that they are in has its own.
Array labelled(const Array& result, const Array& wanted) {
  if (result.node()->labels) return result;
  return Array(expr::with_labels(result.node(), expr::without_memory(wanted.node()->labels)));
}

// What results in memory are to remember of the files, if they keep labels. Found before the run, after
// which nothing is to fail.
std::vector<std::shared_ptr<const expr::Descent>> descents_of(const std::vector<Output>& wanted) {
  std::vector<std::shared_ptr<const expr::Descent>> descents;
  for (const Output& output : wanted) {
    const bool remembers = output.path.empty() && !output.sink && output.options.keep_labels;
    descents.push_back(remembers ? labels::descent_of(output.array) : nullptr);
  }
  return descents;
}

// Of many thousand outputs each copy takes its megabytes: these are moved along.
RunResult run_outputs(Runtime& runtime, std::vector<Output> wanted, const RunOptions& options) {
  if (exec::InsideRun::now()) {
    throw Error(
        "run: called back by a run that waits for this call, so it could never begin; compute what a "
        "callback needs before the run starts");
  }
  const std::size_t wanted_count = wanted.size();
  const auto descents = descents_of(wanted);
  wanted = with_kept_labels(runtime, std::move(wanted));
  exec::Engine& engine = runtime.engine();
  const std::lock_guard lock(engine.run_mutex());
  const exec::InsideRun mark;
  std::vector<api::ResolvedOutput> resolved = api::resolve(std::move(wanted));
  require_apart(resolved, options);
  const std::vector<api::ResolvedOutput> outputs = api::with_kept_arrays(std::move(resolved));
  // Plans before any file is made: a refused plan leaves nothing behind.
  const plan::Plan plan = make_plan(outputs, runtime);
  const exec::Bindings bindings(plan);
  exec::require_scratch(plan, engine);
  api::OutputFiles files(outputs);
  exec::RunContext context;
  set_up(context, options);
  exec::RunMeasure measure;
  std::vector<std::unique_ptr<exec::ValueStore>> stores;
  try {
    stores = exec::run_plan(plan, bindings, files.writers(), engine, context, measure);
    files.commit();
  } catch (...) {
    files.keep_partial();
    throw;
  }
  RunResult result;
  result.report = make_report(plan, measure, context);
  result.report.budget_bytes = runtime.memory();
  for (std::size_t i = 0; i < wanted_count; ++i) {
    const Output& output = outputs[i].wanted;
    if (output.sink) {
      result.arrays.push_back(output.array);
    } else {
      const Array made = output.path.empty() ? array_of(plan.roots[i], descents[i], bindings, stores)
                                             : open(output.path, output.variable, {.raw = true});
      result.arrays.push_back(labelled(made, output.array));
    }
  }
  write_beside_results(context, options, result.report);
  return result;
}

}  // namespace

void check_places(const std::vector<std::string>& outputs, const std::vector<Array>& inputs,
                  const RunOptions& options) {
  std::vector<api::NamedPlace> files;
  for (const std::string& path : outputs)
    files.push_back({path, io::FilePlace(path), io::place_until_whole(io::stores().front(), path)});
  api::require_apart(files, inputs, options);
}

RunResult run(const std::vector<Output>& outputs, const RunOptions& options) {
  return run(Runtime::current(), outputs, options);
}

RunResult run(Runtime& runtime, const std::vector<Output>& outputs, const RunOptions& options) {
  return run_outputs(runtime, outputs, options);
}

std::vector<Array> compute(const std::vector<Array>& arrays) { return compute(Runtime::current(), arrays); }

std::vector<Array> compute(Runtime& runtime, const std::vector<Array>& arrays) {
  std::vector<Output> outputs;
  outputs.reserve(arrays.size());
  for (const Array& array : arrays) outputs.push_back({array});
  return run_outputs(runtime, std::move(outputs), {}).arrays;
}

Array compute(const Array& array) { return compute(Runtime::current(), array); }

Array compute(Runtime& runtime, const Array& array) {
  return compute(runtime, std::vector<Array>{array}).front();
}

void save(const Array& x, const std::string& path, const SaveOptions& options) {
  save(Runtime::current(), x, path, options);
}

void save(Runtime& runtime, const Array& x, const std::string& path, const SaveOptions& options) {
  run(runtime, {{x, path, "", options}});
}

Explanation explain(const std::vector<Output>& outputs) { return explain(Runtime::current(), outputs); }

Explanation explain(Runtime& runtime, const std::vector<Output>& outputs) {
  const plan::Plan plan =
      make_plan(api::with_kept_arrays(api::resolve(with_kept_labels(runtime, outputs))), runtime);
  return {plan::explain_text(plan), plan::explain_json(plan)};
}

Explanation explain(const Array& array) { return explain(Runtime::current(), array); }

Explanation explain(Runtime& runtime, const Array& array) {
  return explain(runtime, std::vector<Output>{{array}});
}

std::string RunReport::json() const {
  nlohmann::json rows = nlohmann::json::array();
  for (const StageReport& stage : stages) {
    rows.push_back({{"what", stage.what},
                    {"tiles", stage.tiles},
                    {"seconds", stage.seconds},
                    {"bytes_read", stage.bytes_read},
                    {"bytes_written", stage.bytes_written}});
  }
  const nlohmann::json result = {{"wall_seconds", seconds},
                                 {"threads", threads},
                                 {"refused_threads", refused_threads},
                                 {"budget_bytes", budget_bytes},
                                 {"peak_leased_bytes", peak_leased_bytes},
                                 {"peak_rss_bytes", peak_rss_bytes},
                                 {"bytes_read", bytes_read},
                                 {"bytes_written", bytes_written},
                                 {"scratch_bytes", scratch_bytes},
                                 {"scratch_stored_bytes", scratch_stored_bytes},
                                 {"passes", passes},
                                 {"stages", rows}};
  return result.dump(2);
}

}  // namespace varve

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "ops/elementwise/elementwise_table.hpp"
#include "ops/reduce/reduce_table.hpp"
#include "plan/footprint.hpp"
#include "plan/plan.hpp"
#include "varve/core/byte_size.hpp"

namespace varve::plan {
namespace {

std::string leaf_name(const Leaf& leaf) {
  return leaf.source ? leaf.source->name : fmt::format("value {}", leaf.value);
}

std::string access_name(LeafAccess access) {
  switch (access) {
    case LeafAccess::resident:
      return "in memory";
    case LeafAccess::gathered:
      return "in memory, gathered";
    case LeafAccess::in_chunk:
      return "chunk by chunk, in place";
    case LeafAccess::assembled:
      return "assembled from chunks";
    case LeafAccess::partial:
      return "partial reads";
    case LeafAccess::generated:
      return "generated";
    case LeafAccess::computed:
      return "computed";
  }
  return "";
}

std::string place_name(const Value& value) {
  if (value.placement == Placement::memory) return "memory";
  if (value.placement == Placement::output) return fmt::format("output {}", value.output);
  if (value.scratch_codec == io::ScratchCodec::none) return "scratch";
  return fmt::format("scratch, compressed by {}", io::name_of(value.scratch_codec));
}

std::string fused_names(const Program& program) {
  std::string text;
  for (const Instruction& instruction : program.instructions) {
    if (!text.empty()) text += ", ";
    if (instruction.is_cast) {
      const Register& output = program.registers[static_cast<std::size_t>(instruction.output)];
      text += fmt::format("to {}", name_of(output.dtype));
    } else {
      text += ops::elementwise_row(instruction.op).name;
    }
  }
  return text;
}

double ratio_of(std::int64_t bytes, std::int64_t min) {
  return min > 0 ? static_cast<double>(bytes) / static_cast<double>(min) : 1.0;
}

// The codec of what is compressed in scratch, if anything is.
io::ScratchCodec scratch_codec_of(const Plan& plan) {
  const auto found = std::find_if(plan.values.begin(), plan.values.end(), [](const Value& value) {
    return value.scratch_codec != io::ScratchCodec::none;
  });
  return found == plan.values.end() ? io::ScratchCodec::none : found->scratch_codec;
}

// Compression makes the bytes of scratch a bound.
std::string scratch_text(const Plan& plan) {
  const std::string bytes = format_bytes(plan.scratch_bytes);
  const io::ScratchCodec codec = scratch_codec_of(plan);
  if (codec == io::ScratchCodec::none) return bytes + " scratch";
  return fmt::format("at most {} of scratch, compressed by {}", bytes, io::name_of(codec));
}

struct Totals {
  std::int64_t passes = 0;
  std::int64_t read = 0;
  std::int64_t written = 0;
};

Totals totals_of(const Plan& plan) {
  Totals totals;
  for (const Stage& stage : plan.stages) {
    totals.passes += stage.estimate.is_pass ? 1 : 0;
    totals.read += stage.estimate.bytes_read;
    totals.written += stage.estimate.bytes_written;
  }
  return totals;
}

void add_leaves(std::string& text, const Plan& plan, const Program& program, const ChunkGrid& steps,
                int depth) {
  for (const Leaf& leaf : program.leaves) {
    const LeafAccess access = access_of(leaf, plan.values, steps);
    text += fmt::format("  {:{}}{}  {} {}, {}\n", depth == 0 ? "read   " : "", 7 + 2 * depth, leaf_name(leaf),
                        name_of(leaf.dtype), to_string(leaf.source_shape), access_name(access));
    for (const auto& input : leaf.inputs) {
      const std::string fused = fused_names(input->program);
      if (!fused.empty()) text += fmt::format("  {:{}}{} of\n", "", 9 + 2 * depth, fused);
      add_leaves(text, plan, input->program, input->cells, depth + 1);
    }
  }
}

void add_sinks(std::string& text, const Plan& plan, const Stage& stage) {
  for (const ReduceSink& sink : stage.reduces) {
    const Value& value = plan.values[static_cast<std::size_t>(sink.value)];
    std::string axes;
    for (const std::int64_t axis : sink.axes) axes += (axes.empty() ? "" : ", ") + std::to_string(axis);
    text += fmt::format("  reduce {} over ({}) -> value {}: {} {} in {}\n", ops::reduce_row(sink.op).name,
                        axes, sink.value, name_of(value.dtype), to_string(value.shape), place_name(value));
  }
  for (const WriteSink& sink : stage.writes) {
    const Value& value = plan.values[static_cast<std::size_t>(sink.value)];
    text += fmt::format("  write  value {}: {} {} to {}\n", sink.value, name_of(value.dtype),
                        to_string(value.shape), place_name(value));
  }
}

void add_stage(std::string& text, const Plan& plan, std::size_t at) {
  const Stage& stage = plan.stages[at];
  text += fmt::format("stage {} over {}\n", at + 1, to_string(stage.domain));
  add_leaves(text, plan, stage.program, stage.tiling.steps, 0);
  const std::string fused = fused_names(stage.program);
  if (!fused.empty()) text += "  fuse   " + fused + "\n";
  add_sinks(text, plan, stage);
  text += fmt::format("  tiles  {} of {}, in steps of {}\n", stage.tiling.tiles.chunk_count(),
                      to_string(stage.tiling.tiles.chunks()), to_string(stage.tiling.steps.chunks()));
  if (stage.tiling.workers > 1)
    text += fmt::format("  share  each tile among {} threads\n", stage.tiling.workers);
  const std::string fetched =
      stage.tiling.fetch_bytes == 0 ? "" : " + " + format_bytes(stage.tiling.fetch_bytes) + " fetched ahead";
  text +=
      fmt::format("  memory {} = {} tiles at a time x {} + {} partial results + {} values{}\n",
                  format_bytes(stage.peak_bytes()), stage.tiling.slots, format_bytes(stage.tiling.slot_bytes),
                  format_bytes(stage.tiling.state_bytes), format_bytes(stage.resident_bytes), fetched);
  text += fmt::format("  moves  {} read ({:.2f} x the least), {} written before compression\n",
                      format_bytes(stage.estimate.bytes_read),
                      ratio_of(stage.estimate.bytes_read, stage.estimate.min_bytes_read),
                      format_bytes(stage.estimate.bytes_written));
}

nlohmann::json leaves_json(const Plan& plan, const Program& program, const ChunkGrid& steps) {
  nlohmann::json leaves = nlohmann::json::array();
  for (const Leaf& leaf : program.leaves) {
    nlohmann::json row = {
        {"source", leaf_name(leaf)},
        {"access", access_name(access_of(leaf, plan.values, steps))},
        {"dtype", name_of(leaf.dtype)},
        {"shape", std::vector<std::int64_t>(leaf.source_shape.begin(), leaf.source_shape.end())}};
    for (const auto& input : leaf.inputs)
      row["inputs"].push_back(leaves_json(plan, input->program, input->cells));
    leaves.push_back(std::move(row));
  }
  return leaves;
}

nlohmann::json stage_json(const Plan& plan, const Stage& stage) {
  nlohmann::json sinks = nlohmann::json::array();
  for (const ReduceSink& sink : stage.reduces) {
    sinks.push_back({{"reduce", ops::reduce_row(sink.op).name}, {"axes", sink.axes}, {"value", sink.value}});
  }
  for (const WriteSink& sink : stage.writes) sinks.push_back({{"write", sink.value}});
  const auto list = [](const auto& dims) { return std::vector<std::int64_t>(dims.begin(), dims.end()); };
  return {{"domain", list(stage.domain)},
          {"reads", leaves_json(plan, stage.program, stage.tiling.steps)},
          {"fused", fused_names(stage.program)},
          {"sinks", sinks},
          {"tiles", stage.tiling.tiles.chunk_count()},
          {"tile", list(stage.tiling.tiles.chunks())},
          {"step", list(stage.tiling.steps.chunks())},
          {"tiles_at_a_time", stage.tiling.slots},
          {"threads_per_tile", stage.tiling.workers},
          {"tile_bytes", stage.tiling.slot_bytes},
          {"partial_result_bytes", stage.tiling.state_bytes},
          {"fetched_ahead_bytes", stage.tiling.fetch_bytes},
          {"value_bytes", stage.resident_bytes},
          {"peak_bytes", stage.peak_bytes()},
          {"bytes_read", stage.estimate.bytes_read},
          {"bytes_written", stage.estimate.bytes_written},
          {"ratio_to_least_of_stage", ratio_of(stage.estimate.bytes_read, stage.estimate.min_bytes_read)},
          {"is_pass", stage.estimate.is_pass}};
}

}  // namespace

std::string explain_text(const Plan& plan) {
  const Totals totals = totals_of(plan);
  std::string text = fmt::format(
      "plan: {} {}, {} {}, {} read ({:.2f} x the least), {} written before compression, {}\n"
      "      peak {} of a budget of {}\n",
      plan.stages.size(), plan.stages.size() == 1 ? "stage" : "stages", totals.passes,
      totals.passes == 1 ? "pass" : "passes", format_bytes(totals.read),
      ratio_of(totals.read, plan.min_bytes_read), format_bytes(totals.written), scratch_text(plan),
      format_bytes(plan.peak_bytes), format_bytes(plan.budget_bytes));
  for (std::size_t at = 0; at < plan.stages.size(); ++at) add_stage(text, plan, at);
  return text;
}

std::string explain_json(const Plan& plan) {
  const Totals totals = totals_of(plan);
  nlohmann::json stages = nlohmann::json::array();
  for (const Stage& stage : plan.stages) stages.push_back(stage_json(plan, stage));
  const nlohmann::json result = {{"passes", totals.passes},
                                 {"bytes_read", totals.read},
                                 {"bytes_written", totals.written},
                                 {"min_bytes_read", plan.min_bytes_read},
                                 {"ratio_to_lower_bound", ratio_of(totals.read, plan.min_bytes_read)},
                                 {"scratch_bytes", plan.scratch_bytes},
                                 {"scratch_codec", io::name_of(scratch_codec_of(plan))},
                                 {"peak_bytes", plan.peak_bytes},
                                 {"budget_bytes", plan.budget_bytes},
                                 {"stages", stages}};
  // Names of files need not be UTF-8, which JSON is: what is not is shown as such.
  return result.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace varve::plan

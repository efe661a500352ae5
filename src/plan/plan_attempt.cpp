#include "plan/plan_attempt.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "plan/footprint.hpp"
#include "plan/lower_bound.hpp"
#include "plan/memory_model.hpp"
#include "plan/scratch_boxes.hpp"
#include "plan/staging.hpp"
#include "plan/tiling.hpp"
#include "plan/traffic.hpp"
#include "plan/written.hpp"

namespace varve::plan {
namespace {

// An intermediate value may take this part of the budget before it goes to scratch, and all that live at one
// time this.
constexpr std::int64_t kResidentFraction = 4;
constexpr std::int64_t kResidentTogether = 2;
// A stage takes some 2 KiB.
constexpr std::size_t kManyStages = 1000;

void note_lifetimes(Plan& plan) {
  const int end = static_cast<int>(plan.stages.size());
  for (int at = 0; at < end; ++at) {
    const Stage& stage = plan.stages[static_cast<std::size_t>(at)];
    const auto make = [&](ValueId id) {
      Value& value = plan.values[static_cast<std::size_t>(id)];
      value.made_by = at;
      value.last_used = value.is_result ? end : at;
    };
    for (const WriteSink& sink : stage.writes) make(sink.value);
    for (const ReduceSink& sink : stage.reduces) make(sink.value);
    for_each_leaf(stage.program, [&](const Leaf& leaf) {
      if (leaf.source) return;
      Value& value = plan.values[static_cast<std::size_t>(leaf.value)];
      value.last_used = std::max(value.last_used, at);
    });
  }
}

// The smallest values stay in memory, which helps most stages for least memory.
void place_values(Plan& plan, std::int64_t memory_bytes) {
  std::vector<Value*> values;
  for (Value& value : plan.values) {
    if (value.placement != Placement::output && !value.is_result) values.push_back(&value);
  }
  std::stable_sort(values.begin(), values.end(),
                   [](const Value* left, const Value* right) { return left->bytes() < right->bytes(); });
  std::vector<std::int64_t> resident(plan.stages.size() + 1, 0);
  for (Value* value : values) {
    const auto first = resident.begin() + value->made_by;
    const auto last = resident.begin() + value->last_used + 1;
    const std::int64_t bytes = state_block_bytes(value->bytes());
    const bool fits = value->bytes() <= memory_bytes / kResidentFraction &&
                      *std::max_element(first, last) + bytes <= memory_bytes / kResidentTogether;
    value->placement = fits ? Placement::memory : Placement::scratch;
    if (fits) std::for_each(first, last, [bytes](std::int64_t& sum) { sum += bytes; });
  }
}

// Adds up, for each stage, `bytes_of(value)` of the values that live while it runs.
template <class BytesOf>
std::vector<std::int64_t> bytes_alive(const Plan& plan, const BytesOf& bytes_of) {
  std::vector<std::int64_t> bytes(plan.stages.size() + 2, 0);
  for (const Value& value : plan.values) {
    bytes[static_cast<std::size_t>(value.made_by)] += bytes_of(value);
    bytes[static_cast<std::size_t>(value.last_used) + 1] -= bytes_of(value);
  }
  std::partial_sum(bytes.begin(), bytes.end(), bytes.begin());
  return bytes;
}

std::vector<std::int64_t> resident_bytes(const Plan& plan) {
  return bytes_alive(plan, [](const Value& value) {
    const bool in_memory = value.placement == Placement::memory;
    return (in_memory ? state_block_bytes(value.bytes()) : 0) + value.scratch_table_bytes;
  });
}

std::vector<std::int64_t> scratch_bytes(const Plan& plan) {
  return bytes_alive(
      plan, [](const Value& value) { return value.placement == Placement::scratch ? value.bytes() : 0; });
}

bool tile_stages(Plan& plan, const Limits& limits, std::vector<KnownTraffic>& known) {
  const std::vector<std::int64_t> resident = resident_bytes(plan);
  for (std::size_t at = 0; at < plan.stages.size(); ++at) {
    Stage& stage = plan.stages[at];
    stage.resident_bytes = resident[at];
    const std::int64_t available = limits.memory_bytes - stage.resident_bytes;
    expect_readers(plan, static_cast<int>(at), available, limits.threads, known);
    if (!choose_tiles(stage, plan.values, available, limits.threads, known[at])) return false;
    stage.tiling.fetch_bytes = fetch_ahead_bytes(stage, available - stage.tiling.bytes());
    note_scratch_tiles(plan, static_cast<int>(at));
  }
  return true;
}

// How often operations copy arrays in memory, measured by what the stage has to do in any case.
double times_copied(const Stage& stage, const Traffic& traffic) {
  double min = 16;
  for (const std::int64_t extent : stage.domain) min *= static_cast<double>(extent);
  min += static_cast<double>(traffic.min_bytes()) + static_cast<double>(traffic.min_bytes_copied);
  return traffic.bytes_copied == 0 ? 0 : static_cast<double>(traffic.bytes_copied) / min;
}

void sum_up(Plan& plan, std::vector<KnownTraffic>& known) {
  for (std::size_t at = 0; at < plan.stages.size(); ++at) {
    Stage& stage = plan.stages[at];
    const Traffic& traffic = known[at].of(stage, plan.values, kTilesCounted);
    stage.estimate = {traffic.bytes_read,          write_traffic(stage, plan.values),
                      traffic.min_bytes_read,      traffic.reads_store,
                      traffic.bytes_generated,     traffic.min_bytes_generated,
                      times_copied(stage, traffic)};
    plan.peak_bytes = std::max(plan.peak_bytes, stage.peak_bytes());
  }
  for (const std::int64_t bytes : scratch_bytes(plan))
    plan.scratch_bytes = std::max(plan.scratch_bytes, bytes);
  plan.min_bytes_read = min_bytes_read(plan);
}

}  // namespace

Draft::Draft(const std::vector<Request>& requests, Way way, const Rechunks& rechunks) {
  // Then outputs are made one by one too, but for those that are no less work alone.
  const WantedOutputs wanted(way.sharing == Sharing::scans ? requests : std::vector<Request>());
  Lowering lowering(rechunks, way.in_passes, wanted);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    plan_.roots.push_back(lowering.add_request(requests[i], static_cast<int>(i)));
  }
  plan_.stages = make_stages(lowering, way.sharing);
  for (Stage& stage : plan_.stages) stage.tiling.shares_tiles = way.shares_tiles;
  plan_.values = lowering.take_values();
  plan_.sources = lowering.take_sources();
  note_lifetimes(plan_);
  known_.resize(plan_.stages.size());
}

bool Draft::shares_scans() const {
  return std::any_of(plan_.stages.begin(), plan_.stages.end(), [](const Stage& stage) {
    return writes_outputs_of(stage) == nullptr && stage.reduces.size() + stage.writes.size() > 1;
  });
}

bool Draft::shares_outputs() const {
  return std::any_of(plan_.stages.begin(), plan_.stages.end(), [](const Stage& stage) {
    return writes_outputs_of(stage) != nullptr && stage.writes.size() > 1;
  });
}

std::optional<Plan> Draft::tiled(const Limits& limits) {
  is_spent_ = !keeps_ && plan_.stages.size() >= kManyStages && limits.scratch_codec == io::ScratchCodec::none;
  Plan plan = is_spent_ ? std::move(plan_) : plan_;
  plan.budget_bytes = limits.memory_bytes;
  place_values(plan, limits.memory_bytes);
  std::optional<Plan> plain;
  if (expect_codecs(plan, limits)) {
    plain = plan_;
    plain->budget_bytes = limits.memory_bytes;
    place_values(*plain, limits.memory_bytes);
  }
  if (!tile_stages(plan, limits, known_)) {
    if (!plain || !tile_stages(*plain, limits, known_)) return std::nullopt;
    plan = *std::move(plain);
  }
  settle_codecs(plan);
  sum_up(plan, known_);
  return plan;
}

}  // namespace varve::plan

#include "plan/plan_choice.hpp"

#include <algorithm>
#include <utility>

#include "expr/walk.hpp"
#include "plan/budget_ladder.hpp"
#include "plan/footprint.hpp"
#include "plan/rechunk_copies.hpp"
#include "plan/traffic.hpp"

namespace varve::plan {
namespace {

// Tiles that cut chunks into slivers decode every chunk once per sliver: a run of seconds takes minutes.
// Where a few times the memory would avoid that, the smaller budget is refused; where even that many times
// would not, rereading is the way.
constexpr std::int64_t kMaxRereads = 8;
constexpr std::int64_t kThinTiles = 8;
// Copying from memory takes less time than reading.
constexpr double kMaxCopies = 64;
// Writing 4 GiB to scratch and reading it back took as long as decoding it twice (gzip) to eight times (lz4).
constexpr std::int64_t kWorthCopying = 4;
constexpr std::int64_t kWorthDecoding = 2;
// Passes over inputs as they lie compute more; they must read clearly less. They read a little more than two
// times.
constexpr std::int64_t kWorthPasses = 2;
constexpr std::int64_t kWorthSlowPasses = 3;
constexpr double kClearlyLess = 0.8;
// What is read again and again and takes at most this part of the budget is kept in memory.
constexpr std::int64_t kSmallFraction = 16;

// Whether every stage decodes what it needs only a few times over.
bool rereads_little(const Plan& plan, std::int64_t max) {
  return std::all_of(plan.stages.begin(), plan.stages.end(), [max](const Stage& stage) {
    return stage.estimate.bytes() / max <= stage.estimate.min_bytes();
  });
}

// Whether it is worth running: whether every stage repeats little of its work.
bool repeats_little(const Plan& plan) {
  return rereads_little(plan, kMaxRereads) &&
         std::all_of(plan.stages.begin(), plan.stages.end(),
                     [](const Stage& stage) { return stage.estimate.times_copied <= kMaxCopies; });
}

bool decodes_slowly(const Plan& plan) {
  bool found = false;
  for (const Stage& stage : plan.stages) {
    for_each_leaf(stage.program, [&](const Leaf& leaf) {
      found = found || (leaf.dataset() != nullptr && leaf.dataset()->decodes_slowly);
    });
  }
  return found;
}

double bytes_moved(const Plan& plan) {
  double sum = 0;
  for (const Stage& stage : plan.stages) sum += static_cast<double>(stage.estimate.bytes());
  return sum;
}

double min_bytes_moved(const Plan& plan) {
  auto sum = static_cast<double>(plan.min_bytes_read);
  for (const Stage& stage : plan.stages) sum += static_cast<double>(stage.estimate.min_bytes_generated);
  return sum;
}

// Whether some operation could read its inputs several times as they lie.
bool offers_passes(const Plan& plan) {
  bool found = false;
  for (const Stage& stage : plan.stages) {
    for_each_leaf(stage.program, [&](const Leaf& leaf) {
      found = found || (leaf.operation() != nullptr && leaf.operation()->in_passes() != nullptr);
    });
  }
  return found;
}

// Whether all threads could work on one tile of some stage, and do not in any case.
bool can_share_tiles(const Plan& plan) {
  return std::any_of(plan.stages.begin(), plan.stages.end(), [&](const Stage& stage) {
    return makes_tiles_in_place(stage, plan.values) &&
           !stage.program.leaves.front().operation()->reading().again;
  });
}

bool is_ideal(const Plan& plan, int threads) {
  return plan.scratch_bytes == 0 &&
         std::all_of(plan.stages.begin(), plan.stages.end(), [threads](const Stage& stage) {
           const std::int64_t busy = std::int64_t{stage.tiling.slots} * stage.tiling.workers;
           return busy >= std::min<std::int64_t>(threads, stage.tiling.tiles.chunk_count()) &&
                  stage.estimate.bytes() <= stage.estimate.min_bytes();
         });
}

}  // namespace

PlanChoice::PlanChoice(const std::vector<Request>& requests, const Limits& limits)
    : requests_(requests), limits_(limits) {
  for (const Request& request : requests) {
    Request stored = request;
    if (request.output_chunks && expr::runs_operations(*request.node))
      stored.node = expr::make_materialised(request.node);
    holds_first_ = holds_first_ || stored.node != request.node;
    stored_.push_back(std::move(stored));
  }
  if (!holds_first_) stored_ = {};
}

std::optional<PlanChoice::Verdict> PlanChoice::worthwhile(std::int64_t memory_bytes, int threads) {
  const Verdict verdict = within(memory_bytes, threads);
  if (!verdict.fits) return std::nullopt;
  if (verdict.repeats_little || memory_bytes >= enough_for_whole_tiles(threads)) return verdict;
  return std::nullopt;
}

Plan PlanChoice::plan(std::int64_t memory_bytes, int threads) {
  if (!last_ || last_key_ != Key{memory_bytes, threads})
    last_ = best_within(limits_with(memory_bytes, threads));
  return *std::exchange(last_, std::nullopt);
}

// What is tried, best first. Scans and outputs are shared where there is something to share. Output chunks
// across the boxes that an operation works on may need too much at a time: its result is then held whole
// before it is written.
std::vector<PlanChoice::Attempt> PlanChoice::attempts() {
  std::vector<Attempt> result = {{&requests_, {Sharing::scans}}};
  const Draft& shared = draft_of(result.front());
  const bool shares_outputs = shared.shares_outputs();
  if (shared.shares_scans()) result.push_back({&requests_, {Sharing::outputs}});
  if (shares_outputs) result.push_back({&requests_, {Sharing::none}});
  if (holds_first_) result.push_back({&stored_, {Sharing::scans}});
  return result;
}

Limits PlanChoice::limits_with(std::int64_t memory_bytes, int threads) const {
  Limits limits = limits_;
  limits.memory_bytes = memory_bytes;
  limits.threads = threads;
  return limits;
}

PlanChoice::Verdict PlanChoice::within(std::int64_t memory_bytes, int threads) {
  const Key key{memory_bytes, threads};
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  auto plan = best_within(limits_with(memory_bytes, threads));
  Verdict verdict;
  if (plan) {
    verdict = {true, repeats_little(*plan), is_ideal(*plan, threads), plan->peak_bytes};
    last_key_ = key;
    last_ = std::move(plan);
  }
  return known_[key] = verdict;
}

// A plan that fits, if there is one: one that rereads little, if there is one of those.
std::optional<Plan> PlanChoice::best_within(const Limits& limits) {
  std::optional<Plan> result;
  for (const Attempt& attempt : attempts()) {
    auto plan = tiled(attempt, limits);
    if (!plan) continue;
    if (rereads_little(*plan, kWorthPasses)) return plan;
    if (auto streamed = in_passes(*plan, limits, attempt)) return streamed;
    if (rereads_little(*plan, kWorthCopying)) return plan;
    if (auto shared = with_shared_tiles(*plan, limits, attempt)) return shared;
    auto other = with_rechunks(*plan, limits, attempt);
    if (other && rereads_little(*other, kWorthCopying)) return other;
    if (repeats_little(*plan)) return plan;
    if (!result) result = std::move(plan);
  }
  return result;
}

Draft& PlanChoice::draft_of(const Attempt& attempt) {
  const int number = (attempt.way.in_passes ? 1 : 0) + (attempt.way.shares_tiles ? 2 : 0) +
                     4 * static_cast<int>(attempt.way.sharing);
  const std::pair key{attempt.requests, number};
  auto found = drafts_.find(key);
  const bool was_spent = found != drafts_.end() && found->second.is_spent();
  if (was_spent) drafts_.erase(found);
  if (was_spent || found == drafts_.end()) {
    found = drafts_.emplace(key, Draft(*attempt.requests, attempt.way, {})).first;
    if (was_spent) found->second.keep();
  }
  return found->second;
}

std::optional<Plan> PlanChoice::tiled(const Attempt& attempt, const Limits& limits) {
  return draft_of(attempt).tiled(limits);
}

// Reads sources several times as they lie, if operations can, instead of copying them once: if that moves
// less.
std::optional<Plan> PlanChoice::in_passes(const Plan& plan, const Limits& limits, const Attempt& attempt) {
  if (!offers_passes(plan)) return std::nullopt;
  auto other = tiled({attempt.requests, {attempt.way.sharing, true}}, limits);
  if (!other) return std::nullopt;
  const double bytes = bytes_moved(*other);
  const std::int64_t max = decodes_slowly(*other) ? kWorthSlowPasses : kWorthCopying;
  const bool moves_less =
      bytes <= static_cast<double>(max) * min_bytes_moved(*other) && bytes < kClearlyLess * bytes_moved(plan);
  return moves_less ? std::move(other) : std::nullopt;
}

// Lets all threads work on one tile, which may be larger then, if that spares enough rereading.
std::optional<Plan> PlanChoice::with_shared_tiles(const Plan& given, const Limits& limits,
                                                  const Attempt& attempt) {
  if (!can_share_tiles(given)) return std::nullopt;
  Attempt sharing = attempt;
  sharing.way.shares_tiles = true;
  auto plan = tiled(sharing, limits);
  const bool is_worth = plan && rereads_little(*plan, decodes_slowly(*plan) ? kWorthDecoding : kWorthCopying);
  return is_worth ? std::move(plan) : std::nullopt;
}

// Copies what the plan decodes over and over to scratch first, laid out for the tiles that read it.
std::optional<Plan> PlanChoice::with_rechunks(const Plan& plan, const Limits& limits,
                                              const Attempt& attempt) const {
  Rechunks rechunks;
  for (const Stage& stage : plan.stages) {
    const auto small = static_cast<double>(limits.memory_bytes / kSmallFraction);
    for (const Reread& reread :
         find_rereads(stage, plan.values, {static_cast<double>(kWorthCopying), small})) {
      const bool plain = !reread.leaf->map.has_lists() && element_count(reread.box) > 0;
      if (plain) rechunks[rechunk_key(*reread.leaf->source->origin, reread.leaf->map)] = {reread.box};
    }
  }
  if (rechunks.empty()) return std::nullopt;
  auto result = Draft(*attempt.requests, attempt.way, rechunks).tiled(limits);
  if (!result || !add_copies(*result, limits.short_piece_bytes, rechunks)) return result;
  auto longer = Draft(*attempt.requests, attempt.way, rechunks).tiled(limits);
  return longer && shortest_piece_bytes(*longer) > shortest_piece_bytes(*result) ? longer : result;
}

// A few times the memory that a plan needs at all, if that spares nearly all rereading; else none.
std::int64_t PlanChoice::enough_for_whole_tiles(int threads) {
  if (const auto found = enough_.find(threads); found != enough_.end()) return found->second;
  const std::int64_t possible =
      lowest_accepted([&](std::int64_t bytes) { return within(bytes, threads).fits; });
  const std::int64_t wide = std::min(saturating_multiply(kThinTiles, possible), kHighestRung);
  const Verdict verdict = within(wide, threads);
  return enough_[threads] = verdict.fits && verdict.repeats_little ? wide : 0;
}

}  // namespace varve::plan

#include "plan/plan.hpp"

#include <algorithm>
#include <numeric>

#include "expr/walk.hpp"
#include "plan/plan_attempt.hpp"
#include "plan/relayout_copies.hpp"
#include "plan/traffic.hpp"

namespace varve::plan {
namespace {

// Tiles that cut chunks into slivers decode every chunk once per sliver: a run of seconds takes minutes.
// Where a few times the memory would avoid that, the smaller budget is refused; where even that many times
// would not, rereading is the way.
constexpr std::int64_t kMostRereads = 8;
constexpr std::int64_t kThinTiles = 8;
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
bool rereads_little(const Plan& plan, std::int64_t most = kMostRereads) {
  return std::all_of(plan.stages.begin(), plan.stages.end(), [most](const Stage& stage) {
    return stage.estimate.bytes_read / most <= stage.estimate.least_bytes_read;
  });
}

bool decodes_slowly(const Plan& plan) {
  bool found = false;
  for (const Stage& stage : plan.stages) {
    for_each_leaf(stage.program, [&](const Leaf& leaf) {
      const auto* source = leaf.source ? leaf.source->as<expr::DatasetSource>() : nullptr;
      found = found || (source != nullptr && source->dataset->info().decodes_slowly);
    });
  }
  return found;
}

std::int64_t bytes_read(const Plan& plan) {
  return std::accumulate(
      plan.stages.begin(), plan.stages.end(), std::int64_t{0},
      [](std::int64_t sum, const Stage& stage) { return sum + stage.estimate.bytes_read; });
}

/// Finds plans for one set of requests under varying limits.
class PlanSearch {
 public:
  PlanSearch(const std::vector<Request>& requests, const Limits& limits)
      : requests_(requests), limits_(limits) {
    for (const Request& request : requests) {
      Request stored = request;
      if (request.output_chunks && expr::runs_operations(*request.node))
        stored.node = expr::make_stored(request.node);
      holds_first_ = holds_first_ || stored.node != request.node;
      stored_.push_back(std::move(stored));
    }
  }

  // A plan that fits, if there is one: one that rereads little, if there is one of those.
  [[nodiscard]] std::optional<Plan> within(std::int64_t memory_bytes) const {
    std::optional<Plan> result;
    for (const Attempt& attempt : attempts()) {
      auto plan = try_plan(*attempt.requests, limits_with(memory_bytes), attempt.way);
      if (!plan) continue;
      if (rereads_little(*plan, kWorthPasses)) return plan;
      if (auto streamed = in_passes(*plan, memory_bytes, attempt)) return streamed;
      if (rereads_little(*plan, kWorthCopying)) return plan;
      if (auto shared = with_shared_tiles(memory_bytes, attempt)) return shared;
      auto other = with_relayouts(*plan, limits_with(memory_bytes), attempt);
      if (other && rereads_little(*other, kWorthCopying)) return other;
      if (rereads_little(*plan)) return plan;
      if (!result) result = std::move(plan);
    }
    return result;
  }

  // A plan that fits and is worth running.
  [[nodiscard]] std::optional<Plan> worthwhile_within(std::int64_t memory_bytes) {
    auto plan = within(memory_bytes);
    if (!plan || rereads_little(*plan)) return plan;
    const std::int64_t enough = enough_for_whole_tiles();
    return memory_bytes >= enough ? std::move(plan) : std::nullopt;
  }

  // The least memory under which a worthwhile plan exists, to the byte.
  [[nodiscard]] std::int64_t least_worthwhile() {
    return least([this](std::int64_t bytes) { return worthwhile_within(bytes).has_value(); });
  }

 private:
  struct Attempt {
    const std::vector<Request>* requests;
    Way way;
  };

  // What is tried, best first. Output chunks across the boxes that an operation works on may need too much at
  // a time: its result is then held whole before it is written.
  [[nodiscard]] std::vector<Attempt> attempts() const {
    std::vector<Attempt> result = {{&requests_, {true}}, {&requests_, {false}}};
    if (holds_first_) result.push_back({&stored_, {true}});
    return result;
  }

  [[nodiscard]] Limits limits_with(std::int64_t memory_bytes) const {
    Limits limits = limits_;
    limits.memory_bytes = memory_bytes;
    return limits;
  }

  // Reads sources several times as they lie, if operations can, instead of copying them once: if that moves
  // less.
  [[nodiscard]] std::optional<Plan> in_passes(const Plan& plan, std::int64_t memory_bytes,
                                              const Attempt& attempt) const {
    auto other = try_plan(*attempt.requests, limits_with(memory_bytes), {attempt.way.share_scans, true});
    if (!other) return std::nullopt;
    const auto bytes = static_cast<double>(bytes_read(*other));
    const std::int64_t most = decodes_slowly(*other) ? kWorthSlowPasses : kWorthCopying;
    const bool moves_less =
        bytes <= static_cast<double>(most) * static_cast<double>(other->least_bytes_read) &&
        bytes < kClearlyLess * static_cast<double>(bytes_read(plan));
    return moves_less ? std::move(other) : std::nullopt;
  }

  // Lets all threads work on one tile, which may be larger then, if that spares enough rereading.
  [[nodiscard]] std::optional<Plan> with_shared_tiles(std::int64_t memory_bytes,
                                                      const Attempt& attempt) const {
    Way way = attempt.way;
    way.shares_tiles = true;
    auto plan = try_plan(*attempt.requests, limits_with(memory_bytes), way);
    const bool is_worth =
        plan && rereads_little(*plan, decodes_slowly(*plan) ? kWorthDecoding : kWorthCopying);
    return is_worth ? std::move(plan) : std::nullopt;
  }

  // Copies what the plan decodes over and over to scratch first, laid out for the tiles that read it.
  [[nodiscard]] std::optional<Plan> with_relayouts(const Plan& plan, const Limits& limits,
                                                   const Attempt& attempt) const {
    Relayouts relayouts;
    for (const Stage& stage : plan.stages) {
      const auto small = static_cast<double>(limits.memory_bytes / kSmallFraction);
      for (const Reread& reread :
           find_rereads(stage, plan.values, {static_cast<double>(kWorthCopying), small})) {
        const bool plain = !reread.leaf->map.has_lists() && element_count(reread.box) > 0;
        if (plain) relayouts[relayout_key(*reread.leaf->source, reread.leaf->map)] = {reread.box};
      }
    }
    if (relayouts.empty()) return std::nullopt;
    auto result = try_plan(*attempt.requests, limits, attempt.way, relayouts);
    if (!result || !add_copies(*result, limits.short_piece_bytes, relayouts)) return result;
    auto longer = try_plan(*attempt.requests, limits, attempt.way, relayouts);
    return longer && shortest_piece_bytes(*longer) > shortest_piece_bytes(*result) ? longer : result;
  }

  // A few times the memory that a plan needs at all, if that spares nearly all rereading; else none.
  std::int64_t enough_for_whole_tiles() {
    if (enough_ < 0) {
      const std::int64_t possible = least([this](std::int64_t bytes) { return within(bytes).has_value(); });
      const auto plan = within(kThinTiles * possible);
      enough_ = plan && rereads_little(*plan) ? kThinTiles * possible : 0;
    }
    return enough_;
  }

  template <class Accepts>
  static std::int64_t least(const Accepts& accepts) {
    constexpr std::int64_t kMost = std::int64_t{1} << 60;
    std::int64_t refused = 0;
    std::int64_t accepted = 1 << 20;
    while (!accepts(accepted)) {
      refused = accepted;
      accepted *= 2;
      if (accepted >= kMost) return kMost;
    }
    while (accepted - refused > 1) {
      const std::int64_t middle = refused + (accepted - refused) / 2;
      (accepts(middle) ? accepted : refused) = middle;
    }
    return accepted;
  }

  const std::vector<Request>& requests_;
  /// The same, with results of operations held whole before they are written.
  std::vector<Request> stored_;
  bool holds_first_ = false;
  Limits limits_;             ///< but for the memory
  std::int64_t enough_ = -1;  ///< not known yet
};

std::string in_mebibytes(std::int64_t bytes) {
  const std::int64_t tenths = (bytes * 10 + (1 << 20) - 1) >> 20;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MiB";
}

}  // namespace

Plan make_plan(const std::vector<Request>& requests, const Limits& limits) {
  PlanSearch search(requests, limits);
  if (auto plan = search.worthwhile_within(limits.memory_bytes)) return *std::move(plan);
  const std::int64_t least = search.least_worthwhile();
  std::int64_t held = 0;
  for (const Request& request : requests) {
    if (!request.output_chunks) held += element_count(request.node->shape) * size_bytes(request.node->dtype);
  }
  std::string message = "the memory budget is too small: " + in_mebibytes(limits.memory_bytes) + " (" +
                        std::to_string(limits.memory_bytes) + " bytes) free, at least " +
                        in_mebibytes(least) + " (" + std::to_string(least) + " bytes) needed";
  if (held > least / 2)
    message += "; the results alone take " + in_mebibytes(held) + ": write them to a file";
  throw BudgetError(message, least);
}

}  // namespace varve::plan

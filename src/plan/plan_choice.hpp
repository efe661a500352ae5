#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "plan/plan_attempt.hpp"

namespace varve::plan {

/// The ways to plan one set of requests, and the choice among them for a budget and a number of threads. The
/// choice follows rules of thumb: more memory may lead to a plan that rereads more, or to none.
class PlanChoice {
 public:
  PlanChoice(const std::vector<Request>& requests, const Limits& limits);

  /// Says what a plan is like, without holding it.
  struct Verdict {
    bool fits = false;
    bool repeats_little = false;
    /// More memory could make it no better: every thread has work, nothing is read twice or goes to scratch.
    bool is_ideal = false;
    std::int64_t peak_bytes = 0;
  };

  /// Looks for a plan that fits and is worth running: one that does not decode everything many times over,
  /// unless several times the memory would not spare that either. Returns nothing if there is none.
  [[nodiscard]] std::optional<Verdict> worthwhile(std::int64_t memory_bytes, int threads);
  /// Returns the plan that was found worthwhile.
  [[nodiscard]] Plan plan(std::int64_t memory_bytes, int threads);

 private:
  struct Attempt {
    const std::vector<Request>* requests;
    Way way;
  };
  using Key = std::pair<std::int64_t, int>;

  [[nodiscard]] std::vector<Attempt> attempts();
  [[nodiscard]] Draft& draft_of(const Attempt& attempt);
  [[nodiscard]] Limits limits_with(std::int64_t memory_bytes, int threads) const;
  [[nodiscard]] Verdict within(std::int64_t memory_bytes, int threads);
  [[nodiscard]] std::optional<Plan> best_within(const Limits& limits);
  [[nodiscard]] std::optional<Plan> tiled(const Attempt& attempt, const Limits& limits);
  [[nodiscard]] std::optional<Plan> in_passes(const Plan& plan, const Limits& limits, const Attempt& attempt);
  [[nodiscard]] std::optional<Plan> with_shared_tiles(const Plan& given, const Limits& limits,
                                                      const Attempt& attempt);
  [[nodiscard]] std::optional<Plan> with_rechunks(const Plan& plan, const Limits& limits,
                                                  const Attempt& attempt) const;
  [[nodiscard]] std::int64_t enough_for_whole_tiles(int threads);

  const std::vector<Request>& requests_;
  /// The same, with results of operations held whole before they are written.
  std::vector<Request> stored_;
  bool holds_first_ = false;
  Limits limits_;  ///< but for the memory and the threads
  std::map<std::pair<const std::vector<Request>*, int>, Draft> drafts_;
  std::map<Key, Verdict> known_;
  Key last_key_;
  std::optional<Plan> last_;            ///< the plan that was made last: often the one that is asked for
  std::map<int, std::int64_t> enough_;  ///< by threads
};

}  // namespace varve::plan

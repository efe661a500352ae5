#pragma once

#include <memory>
#include <vector>

#include "exec/bindings.hpp"
#include "exec/leaf_reader.hpp"
#include "exec/run_context.hpp"
#include "exec/value_store.hpp"

namespace varve::exec {

/// What everything that reads in one run shares.
struct RunResources {
  const plan::Plan& plan;
  const Bindings& bindings;
  /// One entry per value, null for those that do not live now.
  const std::vector<std::unique_ptr<ValueStore>>& stores;
  Engine& engine;
  RunContext& context;
  FetchAhead* ahead = nullptr;  ///< of the stage that runs; null: nothing is fetched before it is needed
};

/// Brings all leaves of a program into memory, step by step. Leaves of one dataset share the chunks that they
/// decode. Belongs to one thread; takes its memory when made, as plan::slot_footprint says.
class ProgramInputs {
 public:
  /// `workers`: how many threads an operation among the leaves may use. `in_place`: the only leaf is an
  /// operation, and will be made, not loaded. `caches`: shared with other programs of the same thread, or
  /// null.
  ProgramInputs(const plan::Program& program, const ChunkGrid& steps, int workers,
                const RunResources& resources, bool in_place = false,
                std::shared_ptr<ChunkCaches> caches = nullptr);
  ~ProgramInputs();
  ProgramInputs(const ProgramInputs&) = delete;
  ProgramInputs& operator=(const ProgramInputs&) = delete;

  /// Loads the elements of `step`, a non-empty box; returns the bytes read from stores.
  std::int64_t load(const Box& step);
  /// Makes the elements of `step` in dense views, one for each output of the operation; returns the bytes
  /// read from stores.
  std::int64_t make(const Box& step, std::span<const StridedView> outputs) {
    return producers_.front()->produce(step, outputs);
  }
  /// Decodes the first leaf's chunk under `step` straight into `target`; returns the bytes read, or -1 if
  /// that cannot be.
  std::int64_t decode(const Box& step, const StridedView& target) {
    return readers_.front().decode(step, target);
  }
  /// Returns what was loaded last, a row per leaf.
  [[nodiscard]] const std::vector<LoadedLeaf>& loaded() const noexcept { return loaded_; }
  /// Announces that `box` will be loaded soon.
  void announce(const Box& box);

 private:
  LeafBinding bind(const plan::Leaf& leaf, plan::LeafAccess access, const Shape& step, int workers);
  [[nodiscard]] const io::Dataset* dataset_of(const plan::Leaf& leaf) const;

  RunResources resources_;
  std::shared_ptr<ChunkCaches> caches_;
  std::vector<std::unique_ptr<BoxProducer>> producers_;
  std::vector<LeafReader> readers_;
  std::vector<LoadedLeaf> loaded_;
};

}  // namespace varve::exec

#pragma once

#include <memory>
#include <vector>

#include "exec/leaf_reader.hpp"
#include "exec/run_context.hpp"
#include "exec/value_store.hpp"

namespace varve::exec {

/// Is what everything that reads in one run shares.
struct RunResources {
  const plan::Plan& plan;
  const std::vector<std::unique_ptr<ValueStore>>& stores;  ///< one entry per value, null for those that do not live now
  Engine& engine;
  RunContext& context;
};

/// Brings all leaves of a program into memory, step by step. Leaves of one dataset share the chunks that they decode. Belongs
/// to one thread; takes its memory when made, as plan::slot_footprint says.
class ProgramInputs {
 public:
  /// `workers`: how many threads an operation among the leaves may use.
  ProgramInputs(const plan::Program& program, const ChunkGrid& steps, int workers, const RunResources& resources);
  ~ProgramInputs();
  ProgramInputs(const ProgramInputs&) = delete;
  ProgramInputs& operator=(const ProgramInputs&) = delete;

  /// Loads the elements of `step`, a non-empty box; returns the bytes read from stores.
  std::int64_t load(const Box& step);
  /// Returns what was loaded last, a row per leaf.
  [[nodiscard]] const std::vector<LoadedLeaf>& loaded() const noexcept { return loaded_; }
  /// Hints that the chunks under `box` come soon.
  void prefetch(const Box& box) const;

 private:
  LeafBinding bind(const plan::Leaf& leaf, plan::LeafAccess access, const Shape& step, int workers);
  ChunkCache& cache_for(const io::Dataset& dataset);
  [[nodiscard]] const io::Dataset* dataset_of(const plan::Leaf& leaf) const;

  const plan::Program& program_;
  RunResources resources_;
  std::vector<std::unique_ptr<ChunkCache>> caches_;
  std::vector<std::unique_ptr<BoxProducer>> producers_;
  std::vector<LeafReader> readers_;
  std::vector<LoadedLeaf> loaded_;
};

}  // namespace varve::exec

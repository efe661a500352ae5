#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "expr/node.hpp"

namespace varve::plan {

/// What planning knows of a dataset.
struct DatasetFacts {
  std::string location;  ///< "era5.nc:u10"
  std::string identity;  ///< path, size and time of modification
  ChunkGrid grid;
  std::int64_t chunk_bytes = 0;  ///< of a decoded chunk
  std::int64_t read_workspace_bytes = 0;
  /// Most that one encoded chunk has, where chunks are to be fetched before they are needed; else 0.
  std::int64_t fetched_bytes = 0;
  double stored_bytes = 0;        ///< of all chunks in the store; decoded bytes where that is unknown
  double stored_chunk_bytes = 0;  ///< of one, on average
  bool partial_reads = false;     ///< any box can be read without decoding whole chunks
  bool decodes_slowly = false;

  friend bool operator==(const DatasetFacts&, const DatasetFacts&) = default;
};

/// What a leaf reads that is no value of the plan. Datasets and memory are named by their ids, with the facts
/// that planning needs; a run binds them to what they are in its process. Generators and operations are
/// values.
struct Source {
  enum class Kind : std::uint8_t { dataset, memory, generator, operation };

  int id = -1;  ///< place in Plan::sources
  Kind kind = Kind::memory;
  std::string name;  ///< for people: a location, a generator's or an operation's name
  Shape shape;
  DType dtype = DType::float64;
  std::shared_ptr<const DatasetFacts> dataset;  ///< of a dataset
  std::shared_ptr<const expr::Generator> generator;
  std::shared_ptr<const expr::BoxOperator> op;  ///< of an operation
  /// What it was made of in this process, to be bound to; null in a plan that came from another. No part of
  /// the value.
  expr::NodePtr origin;

  /// Returns the generator or operation; null for others.
  [[nodiscard]] const expr::Definition* definition() const noexcept {
    if (generator) return generator.get();
    return op.get();
  }

  /// Compares values: all but the origin.
  friend bool operator==(const Source& left, const Source& right);
};

using SourcePtr = std::shared_ptr<const Source>;

/// Numbers the sources of a plan: equal ones are one.
class SourceTable {
 public:
  /// Returns the source that a dataset, memory, generator or operation is.
  [[nodiscard]] SourcePtr of(const expr::NodePtr& node);
  [[nodiscard]] std::vector<SourcePtr> take() noexcept { return std::move(sources_); }

 private:
  std::vector<SourcePtr> sources_;
  std::unordered_multimap<std::uint64_t, SourcePtr> known_;  ///< by hash
};

}  // namespace varve::plan

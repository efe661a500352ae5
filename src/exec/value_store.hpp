#pragma once

#include <memory>
#include <string>

#include "exec/engine.hpp"
#include "io/scratch/scratch_array.hpp"
#include "plan/plan.hpp"

namespace varve::exec {

/// Holds one value while a plan runs: in memory, in scratch, or behind a dataset writer.
class ValueStore {
 public:
  /// Takes memory or scratch space for the value; `writer` is that of an output. `name`: that of its scratch,
  /// if it has one.
  ValueStore(const plan::Value& value, Engine& engine, io::DatasetWriter* writer,
             const std::string& name = {});
  /// Opens, to be read only, a value in named scratch that another process made whole. Errors: StorageError
  /// if there is none, FormatError if it is damaged or another.
  [[nodiscard]] static std::unique_ptr<ValueStore> open_scratch(const plan::Value& value, Engine& engine,
                                                                const std::string& name);
  /// Returns the name of a value in scratch; empty where the engine gives them none.
  [[nodiscard]] static std::string scratch_name(const EngineOptions& options, plan::ValueId value);

  [[nodiscard]] const plan::Value& value() const noexcept { return value_; }
  [[nodiscard]] const StridedView& memory() const noexcept { return view_; }
  [[nodiscard]] const io::Dataset* scratch() const noexcept { return scratch_.get(); }
  /// Returns the bytes that were written to scratch.
  [[nodiscard]] std::int64_t scratch_stored_bytes() const noexcept {
    return scratch_ ? scratch_->stored_bytes() : 0;
  }
  [[nodiscard]] io::DatasetWriter* writer() const noexcept { return writer_; }
  /// Returns the owner of the memory and of its lease; results hold it.
  [[nodiscard]] std::shared_ptr<const void> owner() const noexcept { return block_; }

  /// Stores the elements of `box` from dense C-order memory, in memory or scratch; the workspace, which may
  /// be empty, makes short runs on disk into long ones. Returns the bytes written to disk.
  std::int64_t put(const Box& box, const std::byte* values, std::span<std::byte> workspace);
  /// Says that the value is whole: where its scratch has a name, other processes can open it.
  void finish() {
    if (scratch_) scratch_->finish();
  }

 private:
  explicit ValueStore(const plan::Value& value) : value_(value) {}

  struct Block {
    std::shared_ptr<Memory> memory;
    Lease lease;
    Buffer buffer;
    std::unique_ptr<std::byte[]> small;  ///< instead, for values of few bytes
  };

  const plan::Value& value_;  ///< of the plan, which lives longer
  io::DatasetWriter* writer_ = nullptr;
  std::shared_ptr<Block> block_;
  StridedView view_;
  Lease table_lease_;
  std::unique_ptr<io::ScratchArray> scratch_;
};

}  // namespace varve::exec

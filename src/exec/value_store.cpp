#include "exec/value_store.hpp"

#include "kernels/copy.hpp"
#include "plan/memory_model.hpp"

namespace varve::exec {
namespace {

io::ScratchLayout layout_of(const plan::Value& value) {
  if (value.scratch_readers.ndim() == 0 || value.scratch_writers.ndim() == 0)
    return io::ScratchLayout(value.shape);
  return {value.scratch_readers, value.scratch_writers};
}

}  // namespace

ValueStore::ValueStore(const plan::Value& value, Engine& engine, io::DatasetWriter* writer,
                       const std::string& name)
    : value_(value), writer_(writer) {
  if (value.placement == plan::Placement::memory) {
    block_ = std::make_shared<Block>();
    block_->memory = engine.memory();
    block_->lease = block_->memory->budget.acquire(plan::state_block_bytes(value.bytes()));
    if (value.bytes() < plan::kSmallStateBytes) {
      block_->small = std::make_unique<std::byte[]>(static_cast<std::size_t>(value.bytes()));
    } else {
      block_->buffer = block_->memory->pool.allocate(value.bytes());
    }
    std::byte* data = block_->small ? block_->small.get() : block_->buffer.data();
    view_ = StridedView(data, value.dtype, value.shape);
  } else if (value.placement == plan::Placement::scratch) {
    table_lease_ = engine.memory()->budget.acquire(value.scratch_table_bytes);
    const io::ScratchOptions options{value.scratch_codec, engine.options().threads, name};
    scratch_ = std::make_unique<io::ScratchArray>(engine.options().scratch_directory, value.shape,
                                                  value.dtype, layout_of(value), options);
  }
}

std::unique_ptr<ValueStore> ValueStore::open_scratch(const plan::Value& value, Engine& engine,
                                                     const std::string& name) {
  if (value.placement != plan::Placement::scratch) throw Error("a value that is not in scratch has no files");
  std::unique_ptr<ValueStore> store(new ValueStore(value));
  store->table_lease_ = engine.memory()->budget.acquire(value.scratch_table_bytes);
  store->scratch_ = std::make_unique<io::ScratchArray>(
      name, io::ScratchDescription{value.dtype, layout_of(value), value.scratch_codec});
  return store;
}

std::string ValueStore::scratch_name(const EngineOptions& options, plan::ValueId value) {
  if (options.named_scratch.empty()) return {};
  return options.named_scratch + "/value-" + std::to_string(value);
}

std::int64_t ValueStore::put(const Box& box, const std::byte* values, std::span<std::byte> workspace) {
  if (scratch_) return scratch_->write_box(box, values, workspace);
  kernels::copy({values, value_.dtype, box.shape()}, view_.sub(box));
  return 0;
}

}  // namespace varve::exec

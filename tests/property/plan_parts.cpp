#include "property/plan_parts.hpp"

#include <cstring>
#include <fstream>
#include <iterator>

#include "exec/reductions.hpp"
#include "exec/state_coding.hpp"
#include "exec/tile_runner.hpp"
#include "io/format.hpp"
#include "kernels/copy.hpp"
#include "plan/footprint.hpp"
#include "varve/varve.hpp"

namespace varve::test {
namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::byte>;

std::vector<std::byte> dense(const ConstStridedView& view) {
  Bytes bytes(static_cast<std::size_t>(element_count(view.shape) * size_bytes(view.dtype)));
  kernels::copy(view, StridedView(bytes.data(), view.dtype, view.shape));
  return bytes;
}

constexpr std::int64_t kMemory = std::int64_t{256} << 20;

/// One process's side of a plan.
class Side {
 public:
  explicit Side(const fs::path& folder)
      : folder_(folder), plan_(read()), bindings_(plan_, bound()), engine_({kMemory, 1, folder.string()}) {}

  [[nodiscard]] const plan::Plan& plan() const { return plan_; }
  [[nodiscard]] const plan::Stage& stage(std::size_t number) const { return plan_.stages[number]; }
  [[nodiscard]] exec::RunResources resources() { return {plan_, bindings_, stores_, engine_, context_}; }
  [[nodiscard]] exec::Engine& engine() { return engine_; }
  [[nodiscard]] const fs::path& folder() const { return folder_; }
  [[nodiscard]] exec::ValueStore& store(plan::ValueId id) { return *stores_[static_cast<std::size_t>(id)]; }
  [[nodiscard]] fs::path value_file(plan::ValueId id) const {
    return folder_ / ("value-" + std::to_string(id));
  }

  // Values that were made before the stage come from files; those that it makes are empty.
  void take_values(std::size_t stage) {
    stores_.resize(plan_.values.size());
    for (std::size_t id = 0; id < plan_.values.size(); ++id) {
      const plan::Value& value = plan_.values[id];
      const auto at = static_cast<int>(stage);
      if (value.made_by > at || value.last_used < at) continue;
      stores_[id] = std::make_unique<exec::ValueStore>(value, engine_, nullptr);
      if (value.made_by < at) fill(static_cast<plan::ValueId>(id));
    }
  }

  // The elements of a box of a value that this process holds.
  [[nodiscard]] Bytes elements(plan::ValueId id, const Box& box) {
    const exec::ValueStore& store = this->store(id);
    if (store.scratch() == nullptr) return dense(varve::as_const(store.memory()).sub(box));
    Bytes bytes(static_cast<std::size_t>(element_count(box.shape()) * size_bytes(store.value().dtype)));
    const StridedView target(bytes.data(), store.value().dtype, box.shape());
    const ChunkGrid& grid = store.scratch()->info().grid;
    Bytes workspace(static_cast<std::size_t>(store.scratch()->info().read_workspace_bytes) +
                    (std::size_t{8} << 20));
    for_each_chunk(grid, box, [&](const ChunkIndex& chunk) {
      const Box part = intersect(grid.box_of(chunk), box);
      store.scratch()->read_part(chunk, part, target.sub(relative_to(part, box.lo)), workspace);
    });
    return bytes;
  }

 private:
  [[nodiscard]] plan::Plan read() const {
    plan::OperatorContents contents;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      // held-HASH-DTYPE
      const std::string name = entry.path().filename().string();
      if (!name.starts_with("held-")) continue;
      const std::size_t end = name.rfind('-');
      const auto bytes = std::make_shared<const Bytes>(read_file(entry.path()));
      contents.held[std::stoull(name.substr(5, end - 5))] =
          expr::Held(*parse_dtype(name.substr(end + 1)), std::span(*bytes), bytes);
    }
    const Bytes text = read_file(folder_ / "plan.json");
    return plan::read_plan({reinterpret_cast<const char*>(text.data()), text.size()}, contents);
  }

  [[nodiscard]] std::vector<expr::NodePtr> bound() const {
    std::vector<expr::NodePtr> nodes;
    for (const plan::SourcePtr& source : plan_.sources) {
      nodes.emplace_back();
      if (source->kind == plan::Source::Kind::dataset)
        nodes.back() = open(source->dataset->location, "", {.raw = true}).node();
      if (source->kind == plan::Source::Kind::memory) {
        const auto bytes =
            std::make_shared<const Bytes>(read_file(folder_ / ("source-" + std::to_string(source->id))));
        nodes.back() = expr::make_memory({bytes->data(), source->dtype, source->shape}, bytes);
      }
    }
    return nodes;
  }

  // Tile by tile of its maker, as scratch wants it.
  void fill(plan::ValueId id) {
    exec::ValueStore& store = this->store(id);
    const plan::Value& value = store.value();
    const Bytes whole = read_file(value_file(id));
    const ConstStridedView view(whole.data(), value.dtype, value.shape);
    const ChunkGrid tiles = value.scratch_writers.ndim() == value.shape.size() && value.shape.size() > 0
                                ? value.scratch_writers
                                : ChunkGrid(value.shape, value.shape);
    if (element_count(value.shape) == 0) return;
    Bytes workspace(std::size_t{16} << 20);
    for_each_chunk(tiles, Box(value.shape), [&](const ChunkIndex& tile) {
      const Box box = tiles.box_of(tile);
      store.put(box, dense(view.sub(box)).data(), workspace);
    });
    store.finish();
  }

  fs::path folder_;
  plan::Plan plan_;
  exec::Bindings bindings_;
  exec::Engine engine_;
  exec::RunContext context_;
  std::vector<std::unique_ptr<exec::ValueStore>> stores_;
};

// Records are numbers, then bytes.
class RecordWriter {
 public:
  void number(std::int64_t value) { bytes(std::as_bytes(std::span(&value, 1))); }
  void bytes(std::span<const std::byte> data) { all_.insert(all_.end(), data.begin(), data.end()); }
  void box(const Box& box) {
    number(box.ndim());
    for (std::int64_t axis = 0; axis < box.ndim(); ++axis) {
      number(box.lo[axis]);
      number(box.hi[axis]);
    }
  }
  [[nodiscard]] const Bytes& all() const { return all_; }

 private:
  Bytes all_;
};

class RecordReader {
 public:
  explicit RecordReader(Bytes all) : all_(std::move(all)) {}
  [[nodiscard]] bool at_end() const { return at_ == all_.size(); }
  std::int64_t number() {
    std::int64_t value = 0;
    std::memcpy(&value, bytes(sizeof value).data(), sizeof value);
    return value;
  }
  std::span<const std::byte> bytes(std::size_t count) {
    at_ += count;
    return std::span(all_).subspan(at_ - count, count);
  }
  Box box() {
    Box box;
    for (std::int64_t axis = number(); axis > 0; --axis) {
      box.lo.push_back(number());
      box.hi.push_back(number());
    }
    return box;
  }

 private:
  Bytes all_;
  std::size_t at_ = 0;
};

fs::path part_file(const fs::path& folder, std::size_t stage, std::int64_t part) {
  return folder / ("part-" + std::to_string(stage) + "-" + std::to_string(part));
}

// The stage is known from the name of the file, the reduction from the record.
exec::StateKind kind_of_state(const exec::Reductions& reductions, std::size_t sink, std::int64_t kept_tile) {
  exec::StateKind kind = reductions.kind_of(sink, kept_tile);
  kind.stage_hash = sink;
  return kind;
}

void write_result(const exec::TileResult& result, Side& side, const exec::Reductions& reductions,
                  RecordWriter& out) {
  out.number(std::ssize(result.reductions));
  for (std::size_t sink = 0; sink < result.reductions.size(); ++sink) {
    const exec::TileReduction& reduction = result.reductions[sink];
    out.number(reduction.kept_tile);
    out.number(std::ssize(reduction.blocks));
    for (const exec::BlockState& block : reduction.blocks) {
      const exec::StateKind kind = kind_of_state(reductions, sink, reduction.kept_tile);
      Bytes bytes(static_cast<std::size_t>(exec::encoded_state_bytes(kind)));
      exec::encode_state(block.state, kind, bytes);
      out.number(block.block);
      out.number(std::ssize(bytes));
      out.bytes(bytes);
    }
  }
  out.number(std::ssize(result.stored));
  for (const exec::StoredPiece& piece : result.stored) {
    const Bytes bytes = side.elements(piece.value, piece.box);
    out.number(piece.value);
    out.box(piece.box);
    out.number(std::ssize(bytes));
    out.bytes(bytes);
  }
}

void join_result(RecordReader& in, exec::Reductions& reductions, Side& side) {
  const std::int64_t sinks = in.number();
  for (std::int64_t sink = 0; sink < sinks; ++sink) {
    const std::int64_t kept_tile = in.number();
    for (std::int64_t blocks = in.number(); blocks > 0; --blocks) {
      const std::int64_t block = in.number();
      const auto at = static_cast<std::size_t>(sink);
      const auto bytes = in.bytes(static_cast<std::size_t>(in.number()));
      reductions.add(
          at, kept_tile, block,
          exec::decode_state(bytes, kind_of_state(reductions, at, kept_tile), side.engine().memory()->pool));
    }
  }
  Bytes workspace(std::size_t{16} << 20);
  for (std::int64_t pieces = in.number(); pieces > 0; --pieces) {
    const auto value = static_cast<plan::ValueId>(in.number());
    const Box box = in.box();
    side.store(value).put(box, in.bytes(static_cast<std::size_t>(in.number())).data(), workspace);
  }
}

}  // namespace

std::vector<std::byte> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw StorageError(path.string() + ": cannot be read");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

void write_file(const fs::path& path, std::span<const std::byte> bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
  if (!file.flush()) throw StorageError(path.string() + ": cannot be written");
}

void share_plan(const plan::Plan& plan, const fs::path& folder) {
  const std::string text = plan::write_plan(plan);
  write_file(folder / "plan.json", std::as_bytes(std::span(text)));
  for (const auto& [hash, held] : plan::contents_of(plan).held)
    write_file(folder / ("held-" + std::to_string(hash) + "-" + std::string(name_of(held.dtype()))),
               held.bytes());
  for (const plan::SourcePtr& source : plan.sources) {
    if (source->kind != plan::Source::Kind::memory) continue;
    const auto* memory = source->origin->as<expr::MemorySource>();
    write_file(folder / ("source-" + std::to_string(source->id)), dense(memory->view));
  }
}

void run_part(const fs::path& folder, std::size_t stage, std::int64_t part, std::int64_t parts) {
  Side side(folder);
  side.take_values(stage);
  const plan::Stage& own = side.stage(stage);
  const exec::Lease lease = side.engine().memory()->budget.acquire(own.tiling.bytes());
  exec::TileRunner runner(own, side.resources());
  const exec::Reductions reductions(own, side.resources());  // knows the kinds of accumulators
  RecordWriter out;
  for (std::int64_t tile = part; tile < own.tiling.tiles.chunk_count(); tile += parts)
    write_result(runner.run(tile), side, reductions, out);
  write_file(part_file(folder, stage, part), out.all());
}

void join_parts(const fs::path& folder, std::size_t stage, std::int64_t parts) {
  Side side(folder);
  side.take_values(stage);
  const plan::Stage& own = side.stage(stage);
  const exec::Lease lease = side.engine().memory()->budget.acquire(own.tiling.bytes());
  exec::Reductions reductions(own, side.resources());
  if (own.tiling.tiles.chunk_count() == 0) reductions.deliver_empty();
  // The last part comes first, and the first one twice.
  for (std::int64_t part = parts; part >= 0; --part) {
    RecordReader in(read_file(part_file(folder, stage, part % parts)));
    while (!in.at_end()) join_result(in, reductions, side);
  }
  for (std::size_t id = 0; id < side.plan().values.size(); ++id) {
    const plan::Value& value = side.plan().values[id];
    if (value.made_by != static_cast<int>(stage)) continue;
    const auto number = static_cast<plan::ValueId>(id);
    side.store(number).finish();
    write_file(side.value_file(number), side.elements(number, Box(value.shape)));
  }
}

}  // namespace varve::test

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "expr/fields.hpp"
#include "expr/node.hpp"

namespace varve::ops {

/// An input of an operator on blocks, in chunks of which each block of the result takes one.
struct BlockInput {
  ChunkGrid grid;
  /// The axis of the result whose blocks the chunks along each axis follow; -1: the axis is one chunk.
  std::vector<std::int64_t> along;
  DType dtype = DType::float64;
};

/// The grids of an operator on blocks, and what else follows from its parameters.
struct BlockGrids {
  std::string name;
  ChunkGrid result;
  std::vector<BlockInput> inputs;
  expr::Workspace workspace = {};  ///< for one block
  DType dtype = DType::float64;    ///< of the result
  /// Made at the same time, beside the result: chunks of each are its part of a block.
  std::vector<expr::OperatorOutput> further = {};
};

/// Returns a workspace of so many bytes.
[[nodiscard]] expr::Workspace one_region(std::int64_t bytes);

/// A block of the result, as its function is told.
struct BlockPlace {
  Box box;
  ChunkIndex index;
  std::span<std::byte> workspace;
  std::span<const StridedView> further = {};  ///< outputs after the first; without data, where not wanted

  [[nodiscard]] expr::WorkMemory memory() const { return expr::WorkMemory(workspace); }
};

/// Fills a block. Inputs lie dense in memory of the call's own, which it may write to.
using BlockWork =
    std::function<void(std::span<const StridedView> inputs, const StridedView& out, const BlockPlace&)>;

/// Makes the blocks of its result, each whole; boxes that hold a part of a block take it from the whole. The
/// first of several outputs is the result.
class BlockOperator : public expr::BoxOperator {
 public:
  [[nodiscard]] const BlockGrids& grids() const noexcept { return grids_; }
  [[nodiscard]] std::string_view name() const noexcept override { return grids_.name; }
  [[nodiscard]] std::vector<Box> demand(int input, const Box& box) const override;
  [[nodiscard]] expr::Workspace workspace(const Shape& box, int workers) const override;
  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override;
  [[nodiscard]] expr::AxisOrigin axis_origin(int input, std::int64_t axis) const override;

 protected:
  /// Errors: ArgumentError where the chunks of an input, or of another output, are not those of the blocks
  /// that they follow.
  void set_grids(BlockGrids grids);
  /// Returns the chunk of an input that a block takes.
  [[nodiscard]] virtual ChunkIndex chunk_for(int input, const ChunkIndex& block) const;
  virtual void work(std::span<const StridedView> inputs, const StridedView& out,
                    const BlockPlace& place) const = 0;

 private:
  [[nodiscard]] int count() const { return static_cast<int>(grids_.inputs.size()); }
  [[nodiscard]] const BlockInput& input(int i) const { return grids_.inputs[static_cast<std::size_t>(i)]; }
  [[nodiscard]] Box input_box(int i, const ChunkIndex& block) const {
    return input(i).grid.box_of(chunk_for(i, block));
  }
  [[nodiscard]] StridedView input_view(int i, const Box& box, const expr::WorkMemory& memory) const {
    return one_.inputs[static_cast<std::size_t>(i)].view(memory, box.shape());
  }
  // What is wanted of a box of the result, and of each further output what belongs to it.
  struct Wanted {
    Box box;
    std::vector<StridedView> outputs;
  };
  void run_group(const std::vector<ChunkIndex>& group, const Wanted& wanted,
                 expr::OperatorContext& context) const;
  void run_block(const ChunkIndex& block, const Wanted& wanted, const expr::WorkMemory& memory) const;
  [[nodiscard]] const expr::OperatorOutput& further(std::size_t output) const {
    return grids_.further[output - 1];
  }
  [[nodiscard]] Box part_of(std::size_t output, const Box& box) const {
    return output == 0 ? box : further(output).part(box);
  }

  // The memory of one block, and of as many as are worked on at a time.
  struct OneBlock : expr::Workspace {
    std::vector<expr::Elements> inputs;
    std::vector<expr::Elements> outputs;
    expr::Region<std::byte> workspace;
  };
  struct Memory : expr::Workspace {
    Memory(const BlockOperator& op, const Shape& box, int workers);
    expr::Region<std::byte> blocks;
  };

  BlockGrids grids_;
  OneBlock one_;
};

/// The operator of a step: a struct of parameters with `kKind` and `fields`, whose `grids()` refuses
/// those that it cannot work with, and which is called as a BlockWork. Where blocks follow no axes, it has
/// a `chunk_for`; where one of several outputs is less work than all, an `only`.
template <class Step>
class BlockStep final : public expr::Described<BlockStep<Step>, BlockOperator> {
 public:
  static constexpr std::string_view kKind = Step::kKind;
  static void fields(auto& op, auto& visit) { Step::fields(op.step_, visit); }

  BlockStep() = default;
  explicit BlockStep(Step step) : step_(std::move(step)) { prepare(); }
  void prepare() { this->set_grids(step_.grids()); }

 private:
  [[nodiscard]] std::shared_ptr<const expr::BoxOperator> only(int output) const override {
    if constexpr (requires { step_.only(output); })
      return step_.only(output);
    else
      return nullptr;
  }
  [[nodiscard]] ChunkIndex chunk_for(int input, const ChunkIndex& block) const override {
    if constexpr (requires { step_.chunk_for(input, block); })
      return step_.chunk_for(input, block);
    else
      return BlockOperator::chunk_for(input, block);
  }
  void work(std::span<const StridedView> inputs, const StridedView& out,
            const BlockPlace& place) const override {
    step_(inputs, out, place);
  }

  Step step_;
};

/// Makes the blocks of a step.
template <class Step>
[[nodiscard]] expr::NodePtr blocks(Step step, std::vector<expr::NodePtr> inputs) {
  auto op = std::make_shared<BlockStep<Step>>(std::move(step));
  return expr::make_operation(op->grids().result, op->grids().dtype, std::move(inputs), op);
}

/// Makes the blocks of all outputs of a step.
template <class Step>
[[nodiscard]] std::vector<expr::NodePtr> blocks_of_outputs(Step step,
                                                           const std::vector<expr::NodePtr>& inputs) {
  return expr::make_outputs(inputs, std::make_shared<BlockStep<Step>>(std::move(step)));
}

/// Cuts loop axes into cells: block k of the result sees cell k of the loop axes of each input, which stand
/// first, are aligned at the end and may be of extent 1, and all of the core axes that follow. Axes of the
/// result beyond the loop axes are one block.
struct Loops {
  ChunkGrid cells;
  std::vector<Shape> inputs;
  std::vector<std::int64_t> core_axes;  ///< of each input

  static void fields(auto& loops, auto& visit) {
    visit("cells", loops.cells, "inputs", loops.inputs, "core_axes", loops.core_axes);
  }
  /// Errors: ArgumentError for a result or shapes that do not suit the cells, or not so many dtypes.
  [[nodiscard]] std::vector<BlockInput> block_inputs(const ChunkGrid& result,
                                                     const std::vector<DType>& dtypes) const;
  /// Returns the inputs of a block, that lie dense in memory, with all loop axes of its cell.
  [[nodiscard]] std::vector<StridedView> seen(std::span<const StridedView> dense,
                                              const ChunkIndex& block) const;
};

/// A function of the program's own, and what there is to know of it.
struct BlockTask {
  std::string name;
  BlockWork function;
  std::int64_t workspace_bytes = 0;
  std::uint64_t identity = 0;
  bool lasting = true;  ///< whether the identity means the same in another run of the program
};

/// Makes the blocks of `result` by a function of the program's own, from the cells of inputs with so many
/// core axes each.
[[nodiscard]] expr::NodePtr own_blocks(const ChunkGrid& result, DType dtype,
                                       std::vector<expr::NodePtr> inputs, const ChunkGrid& cells,
                                       std::vector<std::int64_t> core_axes, BlockTask task);

/// Refuses matrices that have no elements, and those whose bytes nobody can count. Errors: ArgumentError,
/// ShapeError.
void require_matrix(std::int64_t rows, std::int64_t columns);

}  // namespace varve::ops

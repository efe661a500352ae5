#include "ops/factor/held_matrices.hpp"

#include <algorithm>
#include <complex>
#include <numeric>
#include <span>

#include "expr/fields.hpp"
#include "kernels/factor.hpp"
#include "kernels/plain_factor.hpp"
#include "ops/blocks/blocks.hpp"
#include "ops/contract/gathered_axes.hpp"
#include "varve/core/error.hpp"
#include "varve/core/walks.hpp"

namespace varve::ops {
namespace {

// Small matrices are worked on many at a time.
constexpr std::int64_t kMinBytes = 256 << 10;
constexpr std::int64_t kMaxBytes = 4 << 20;

/// One matrix of a stack.
struct Matrix {
  kernels::MatrixView view;
  std::int64_t rows = 0;
  std::int64_t columns = 0;

  Matrix(const StridedView& stack, const Index& at)
      : view{stack.data, stack.byte_strides[at.size()], stack.byte_strides[at.size() + 1]},
        rows(stack.shape[at.size()]),
        columns(stack.shape[at.size() + 1]) {
    if (!is_wanted()) return;
    for (std::int64_t axis = 0; axis < at.size(); ++axis) view.data += at[axis] * stack.byte_strides[axis];
  }
  [[nodiscard]] bool is_wanted() const { return view.data != nullptr; }
  template <class T>
  void load(T* dense) const {
    kernels::plain_load(view, rows, columns, dense);
  }
  template <class T>
  void store(const T* dense) const {
    kernels::plain_store(dense, rows, columns, view);
  }
};

using MatrixWork = std::function<void(const Index& at)>;

Shape loop_of(const Shape& stack) {
  return without_axis(without_axis(stack, stack.size() - 1), stack.size() - 2);
}

void for_each_matrix(const Shape& stack, const MatrixWork& work) {
  const Shape loop = loop_of(stack);
  Index at(loop.size(), 0);
  do work(at);
  while (next_index(at, loop));
}

// Cuts the loop axes as the first input that has them is cut, gathered or cut to a few megabytes.
ChunkGrid cells_of(const std::vector<expr::NodePtr>& inputs, const Shape& loop, std::int64_t matrix_bytes) {
  GatheredAxes cells;
  for (std::int64_t axis = 0; axis < loop.size(); ++axis) {
    ChunkGrid along(Shape{loop[axis]}, Shape{1});
    for (const expr::NodePtr& input : inputs) {
      const std::int64_t own = axis - (loop.size() - (input->shape.size() - 2));
      if (own < 0 || input->shape[own] != loop[axis]) continue;
      along =
          ChunkGrid(Shape{loop[axis]}, Shape{input->grid.chunks()[own]}, Index{input->grid.offset()[own]});
      break;
    }
    cells.add(along, 0);
  }
  cells.grow(kMinBytes / matrix_bytes);
  cells.shrink(std::max<std::int64_t>(kMaxBytes / matrix_bytes, 1));
  return cells.grid();
}

struct Extents {
  std::int64_t rows = 0;
  std::int64_t columns = 0;

  friend bool operator==(const Extents&, const Extents&) = default;
};

// The extents of the matrices of a stack. Errors: ArgumentError, ShapeError.
Extents matrix_extents(const Shape& shape) {
  expr::require_parameter(shape.size() >= 2, "matrices have two axes");
  const Extents found{shape[shape.size() - 2], shape.back()};
  require_matrix(found.rows, found.columns);
  return found;
}

/// What is done once for each of the loop axes.
struct Call {
  Matrix a;
  Matrix b;  ///< the second input, if there is one
  Matrix out;
  Matrix second;  ///< output, where there are two; else the first
  Index at;       ///< in the block
  const BlockPlace& place;

  [[nodiscard]] expr::WorkMemory memory() const { return place.memory(); }
  // Names the matrix in messages.
  [[nodiscard]] std::string name() const {
    if (at.empty()) return "the matrix";
    Index index = at;
    for (std::int64_t axis = 0; axis < at.size(); ++axis) index[axis] += place.box.lo[axis];
    return "the matrix at " + to_string(index);
  }
};

/// What makes a second matrix beside its result says its extents, and what makes each of the two alone.
template <class Of>
concept HasSecond = requires { typename Of::OnlyFirst; };

/// Makes a matrix, or two, for each of the loop axes.
template <class Of>
struct HeldMatrices {
  static constexpr std::string_view kKind = Of::kKind;
  DType dtype = DType::float64;
  Loops loops;
  Extents result;

  static void fields(auto& step, auto& visit) {
    visit("dtype", step.dtype, "loops", step.loops, "rows", step.result.rows, "columns", step.result.columns);
  }
  [[nodiscard]] BlockGrids grids() const {
    expr::require_parameter(dtype == DType::float64 || dtype == DType::complex128,
                            "matrices are of float64 or complex128");
    expr::require_parameter(loops.inputs.size() == Of::kInputs, "there are not so many inputs");
    for (const std::int64_t core : loops.core_axes)
      expr::require_parameter(core == 2, "matrices have two axes");
    const Extents a = matrix_extents(loops.inputs.front());
    const Extents b = matrix_extents(loops.inputs.back());
    require_matrix(result.rows, result.columns);
    expr::require_parameter(Of::suits(a, b, result), "the matrices of inputs and result do not suit");
    const ChunkGrid grid = grid_of(result);
    BlockGrids made{
        std::string(Of::kName), grid, loops.block_inputs(grid, std::vector<DType>(Of::kInputs, dtype)),
        is_complex(dtype) ? workspace<std::complex<double>>(a, result) : workspace<double>(a, result), dtype};
    if constexpr (HasSecond<Of>) made.further = {second_output(a)};
    return made;
  }
  // The operator that makes but one of two outputs.
  [[nodiscard]] std::shared_ptr<const expr::BoxOperator> only(int output) const
    requires HasSecond<Of>
  {
    const Extents a = matrix_extents(loops.inputs.front());
    using First = HeldMatrices<typename Of::OnlyFirst>;
    using Second = HeldMatrices<typename Of::OnlySecond>;
    if (output == 0) return std::make_shared<BlockStep<First>>(First{dtype, loops, result});
    return std::make_shared<BlockStep<Second>>(Second{dtype, loops, Of::second(a, result)});
  }
  void operator()(std::span<const StridedView> inputs, const StridedView& out,
                  const BlockPlace& place) const {
    is_complex(dtype) ? run<std::complex<double>>(inputs, out, place) : run<double>(inputs, out, place);
  }

 private:
  [[nodiscard]] ChunkGrid grid_of(const Extents& matrix) const {
    Shape shape = loops.cells.shape();
    Shape chunks = loops.cells.chunks();
    Index offset = loops.cells.offset();
    for (const std::int64_t extent : {matrix.rows, matrix.columns}) {
      shape.push_back(extent);
      chunks.push_back(extent);
      offset.push_back(0);
    }
    return {shape, chunks, offset};
  }
  [[nodiscard]] expr::OperatorOutput second_output(const Extents& a) const {
    std::vector<std::int64_t> along(static_cast<std::size_t>(loops.cells.ndim()));
    std::iota(along.begin(), along.end(), 0);
    along.insert(along.end(), 2, -1);
    return {grid_of(Of::second(a, result)), dtype, std::move(along)};
  }
  template <class T>
  static expr::Workspace workspace(const Extents& a, const Extents& out) {
    expr::Workspace made;
    static_cast<void>(typename Of::template Memory<T>(made, a, out));
    return made;
  }
  template <class T>
  void run(std::span<const StridedView> inputs, const StridedView& out, const BlockPlace& place) const {
    const std::vector<StridedView> stacks = loops.seen(inputs, place.index);
    expr::Workspace made;
    const typename Of::template Memory<T> memory(made, matrix_extents(loops.inputs.front()), result);
    const StridedView& second = place.further.empty() ? out : place.further.front();
    for_each_matrix(out.shape, [&](const Index& at) {
      Of::run(Call{{stacks.front(), at}, {stacks.back(), at}, {out, at}, {second, at}, at, place}, memory);
    });
  }
};

template <class Of>
HeldMatrices<Of> step_of(const std::vector<expr::NodePtr>& inputs, Extents result) {
  require_matrix(result.rows, result.columns);
  const DType dtype = inputs[0]->dtype;
  Shape loop;
  Loops loops;
  std::int64_t bytes = result.rows * result.columns * size_bytes(dtype);
  for (const expr::NodePtr& input : inputs) {
    const Extents matrix = matrix_extents(input->shape);
    bytes += matrix.rows * matrix.columns * size_bytes(dtype);
    loop = broadcast_shapes(loop, loop_of(input->shape), std::string(Of::kName));
    loops.inputs.push_back(input->shape);
    loops.core_axes.push_back(2);
  }
  loops.cells = cells_of(inputs, loop, bytes);
  return {dtype, std::move(loops), result};
}

template <class Of>
expr::NodePtr made_of(const std::vector<expr::NodePtr>& inputs, Extents result) {
  return blocks(step_of<Of>(inputs, result), inputs);
}

template <class T>
struct ReflectorMemory {
  ReflectorMemory(expr::Workspace& workspace, const Extents& of)
      : a(workspace.add<T>(of.rows * of.columns)),
        factors(workspace.add<T>(of.rows + of.columns)),
        row(workspace.add<T>(of.rows + of.columns)) {}
  expr::Region<T> a;
  expr::Region<T> factors;
  expr::Region<T> row;
};

// Factors one matrix; the reflectors then lie in `a`.
template <class T>
struct Reflectors {
  std::int64_t m;
  std::int64_t n;
  T* a;
  T* factors;
  T* row;

  Reflectors(const Matrix& matrix, const ReflectorMemory<T>& parts, const expr::WorkMemory& memory)
      : m(matrix.rows),
        n(matrix.columns),
        a(parts.a.in(memory).data()),
        factors(parts.factors.in(memory).data()),
        row(parts.row.in(memory).data()) {
    matrix.load(a);
    kernels::plain_reflectors(a, m, n, factors, row);
  }
};

struct Triangle {
  static constexpr std::string_view kKind = "held_triangle";
  static constexpr std::string_view kName = "qr";
  static constexpr std::size_t kInputs = 1;

  static bool suits(const Extents& a, const Extents&, const Extents& r) {
    return r.columns == a.columns && (r.rows == a.rows || r.rows == std::min(a.rows, a.columns));
  }
  template <class T>
  struct Memory {
    Memory(expr::Workspace& workspace, const Extents& a, const Extents&) : reflectors(workspace, a) {}
    ReflectorMemory<T> reflectors;
  };
  template <class T>
  static void run(const Call& call, const Memory<T>& memory) {
    const Reflectors<T> of(call.a, memory.reflectors, call.memory());
    kernels::plain_store_upper(of.a, call.out.rows, of.n, call.out.view);
  }
};

struct Orthogonal {
  static constexpr std::string_view kKind = "held_orthogonal";
  static constexpr std::string_view kName = "qr";
  static constexpr std::size_t kInputs = 1;

  static bool suits(const Extents& a, const Extents&, const Extents& q) {
    return q.rows == a.rows && (q.columns == a.rows || q.columns == std::min(a.rows, a.columns));
  }
  template <class T>
  struct Memory {
    Memory(expr::Workspace& workspace, const Extents& a, const Extents& out)
        : reflectors(workspace, a), q(workspace.add<T>(out.rows * out.columns)) {}
    ReflectorMemory<T> reflectors;
    expr::Region<T> q;
  };
  template <class T>
  static void run(const Call& call, const Memory<T>& memory) {
    const Reflectors<T> of(call.a, memory.reflectors, call.memory());
    const std::int64_t columns = call.out.columns;
    T* const q = memory.q.in(call.memory()).data();
    kernels::plain_orthogonal(of.a, of.m, of.n, of.factors, q, columns, of.row);
    call.out.store(q);
  }
};

/// Makes Q, and R beside it.
struct Qr {
  static constexpr std::string_view kKind = "held_qr";
  static constexpr std::string_view kName = "qr";
  static constexpr std::size_t kInputs = 1;
  using OnlyFirst = Orthogonal;
  using OnlySecond = Triangle;

  static bool suits(const Extents& a, const Extents& b, const Extents& q) {
    return Orthogonal::suits(a, b, q);
  }
  static Extents second(const Extents& a, const Extents& q) { return {q.columns, a.columns}; }

  template <class T>
  using Memory = Orthogonal::Memory<T>;
  template <class T>
  static void run(const Call& call, const Memory<T>& memory) {
    const Reflectors<T> of(call.a, memory.reflectors, call.memory());
    if (call.second.is_wanted()) kernels::plain_store_upper(of.a, call.second.rows, of.n, call.second.view);
    if (!call.out.is_wanted()) return;
    T* const q = memory.q.in(call.memory()).data();
    kernels::plain_orthogonal(of.a, of.m, of.n, of.factors, q, call.out.columns, of.row);
    call.out.store(q);
  }
};

kernels::MatrixView dense(double* data, std::int64_t columns) {
  constexpr std::int64_t kDouble = sizeof(double);
  return {reinterpret_cast<std::byte*>(data), columns * kDouble, kDouble};
}

// Factors in place; returns -1, or the first position where `a` is not positive definite.
std::int64_t factor_in_place(double* a, std::int64_t n, std::byte* products) {
  return kernels::cholesky_factor(dense(a, n), n, products);
}

std::int64_t factor_in_place(std::complex<double>* a, std::int64_t n, std::byte*) {
  return kernels::plain_cholesky(a, n);
}

struct Cholesky {
  static constexpr std::string_view kKind = "held_cholesky";
  static constexpr std::string_view kName = "cholesky";
  static constexpr std::size_t kInputs = 1;

  static bool suits(const Extents& a, const Extents&, const Extents& lower) {
    return a.rows == a.columns && lower == a;
  }
  template <class T>
  struct Memory {
    Memory(expr::Workspace& workspace, const Extents& matrix, const Extents&)
        : a(workspace.add<T>(matrix.rows * matrix.rows)),
          products(workspace.add<std::byte>(kernels::triangular_workspace_bytes(matrix.rows, matrix.rows))) {}
    expr::Region<T> a;
    expr::Region<std::byte> products;
  };
  template <class T>
  static void run(const Call& call, const Memory<T>& memory) {
    T* const a = memory.a.in(call.memory()).data();
    call.a.load(a);
    const std::int64_t failed = factor_in_place(a, call.a.rows, memory.products.in(call.memory()).data());
    if (failed >= 0) {
      throw SingularMatrixError("cholesky: " + call.name() + " is not positive definite: the leading " +
                                    std::to_string(failed + 1) + " rows and columns are not",
                                failed);
    }
    call.out.store(a);
  }
};

// Solves one system in place; returns -1, or the first position whose pivot is zero.
std::int64_t solve_in_place(double* a, std::int64_t n, double* b, std::int64_t columns,
                            std::int64_t* exchanges, std::byte* products) {
  const kernels::MatrixView matrix = dense(a, n);
  const kernels::MatrixView right = dense(b, columns);
  const std::int64_t failed = kernels::lu_factor(matrix, n, n, exchanges, products);
  if (failed >= 0) return failed;
  kernels::exchange_rows(right, columns, exchanges, n);
  kernels::solve_unit_lower(matrix, n, right, columns, products);
  kernels::solve_upper(matrix, n, right, columns);
  return -1;
}

std::int64_t solve_in_place(std::complex<double>* a, std::int64_t n, std::complex<double>* b,
                            std::int64_t columns, std::int64_t*, std::byte*) {
  return kernels::plain_solve(a, n, b, columns);
}

struct Solve {
  static constexpr std::string_view kKind = "held_solve";
  static constexpr std::string_view kName = "solve";
  static constexpr std::size_t kInputs = 2;

  static bool suits(const Extents& a, const Extents& b, const Extents& x) {
    return a.rows == a.columns && b.rows == a.rows && x == b;
  }
  template <class T>
  struct Memory {
    Memory(expr::Workspace& workspace, const Extents& matrix, const Extents& x)
        : a(workspace.add<T>(matrix.rows * matrix.rows)),
          b(workspace.add<T>(x.rows * x.columns)),
          exchanges(workspace.add<std::int64_t>(matrix.rows)),
          products(workspace.add<std::byte>(
              kernels::triangular_workspace_bytes(matrix.rows, std::max(matrix.rows, x.columns)))) {}
    expr::Region<T> a;
    expr::Region<T> b;
    expr::Region<std::int64_t> exchanges;
    expr::Region<std::byte> products;
  };
  template <class T>
  static void run(const Call& call, const Memory<T>& memory) {
    T* const a = memory.a.in(call.memory()).data();
    T* const b = memory.b.in(call.memory()).data();
    call.a.load(a);
    call.b.load(b);
    const std::int64_t failed =
        solve_in_place(a, call.a.rows, b, call.b.columns, memory.exchanges.in(call.memory()).data(),
                       memory.products.in(call.memory()).data());
    if (failed >= 0) {
      throw SingularMatrixError("solve: " + call.name() + " is singular: column " + std::to_string(failed) +
                                    " depends on the columns before it",
                                failed);
    }
    call.out.store(b);
  }
};

std::int64_t rows_of(const expr::NodePtr& a) { return a->shape[a->shape.size() - 2]; }
std::int64_t columns_of(const expr::NodePtr& a) { return a->shape.back(); }

}  // namespace

extern const expr::OperatorRow held_cholesky_row = BlockStep<HeldMatrices<Cholesky>>::row();
extern const expr::OperatorRow held_qr_row = BlockStep<HeldMatrices<Qr>>::row();
extern const expr::OperatorRow held_orthogonal_row = BlockStep<HeldMatrices<Orthogonal>>::row();
extern const expr::OperatorRow held_solve_row = BlockStep<HeldMatrices<Solve>>::row();
extern const expr::OperatorRow held_triangle_row = BlockStep<HeldMatrices<Triangle>>::row();

QrNodes held_qr(const expr::NodePtr& a, bool complete) {
  const std::int64_t columns = complete ? rows_of(a) : std::min(rows_of(a), columns_of(a));
  const std::vector<expr::NodePtr> made = blocks_of_outputs(step_of<Qr>({a}, {rows_of(a), columns}), {a});
  return {made[0], made[1]};
}

expr::NodePtr held_cholesky(const expr::NodePtr& a) {
  return made_of<Cholesky>({a}, {rows_of(a), columns_of(a)});
}

expr::NodePtr held_solve(const expr::NodePtr& a, const expr::NodePtr& b) {
  return made_of<Solve>({a, b}, {rows_of(b), columns_of(b)});
}

}  // namespace varve::ops

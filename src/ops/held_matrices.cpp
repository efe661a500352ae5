#include "ops/held_matrices.hpp"

#include <algorithm>
#include <complex>
#include <span>

#include "kernels/factor.hpp"
#include "kernels/plain_factor.hpp"
#include "ops/blocks.hpp"
#include "ops/gathered_axes.hpp"
#include "ops/operators.hpp"
#include "varve/core/error.hpp"

namespace varve::ops {
namespace {

// Small matrices are worked on many at a time.
constexpr std::int64_t kLeastBytes = 256 << 10;
constexpr std::int64_t kMostBytes = 4 << 20;

std::int64_t aligned(std::int64_t bytes) { return (bytes + 63) / 64 * 64; }

/// One matrix of a stack.
struct Matrix {
  std::byte* data = nullptr;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t row_stride = 0;
  std::int64_t column_stride = 0;

  Matrix(const StridedView& stack, const Index& at)
      : data(stack.data),
        rows(stack.shape[at.size()]),
        columns(stack.shape[at.size() + 1]),
        row_stride(stack.byte_strides[at.size()]),
        column_stride(stack.byte_strides[at.size() + 1]) {
    for (std::int64_t axis = 0; axis < at.size(); ++axis) data += at[axis] * stack.byte_strides[axis];
  }
  template <class T>
  [[nodiscard]] T& element(std::int64_t row, std::int64_t column) const {
    return *reinterpret_cast<T*>(data + row * row_stride + column * column_stride);
  }
  template <class T>
  void load(T* dense) const {
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = 0; j < columns; ++j) dense[i * columns + j] = element<T>(i, j);
    }
  }
  template <class T>
  void store(const T* dense) const {
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = 0; j < columns; ++j) element<T>(i, j) = dense[i * columns + j];
    }
  }
};

// Hands out parts of a workspace.
class Room {
 public:
  explicit Room(std::span<std::byte> memory) : at_(memory.data()) {}
  template <class T>
  T* take(std::int64_t count) {
    return reinterpret_cast<T*>(
        std::exchange(at_, at_ + aligned(count * static_cast<std::int64_t>(sizeof(T)))));
  }

 private:
  std::byte* at_;
};

using MatrixWork = std::function<void(const Index& at)>;

void for_each_matrix(const StridedView& stack, const MatrixWork& work) {
  Shape loop = stack.shape;
  loop.erase(loop.size() - 1);
  loop.erase(loop.size() - 1);
  Index at(loop.size(), 0);
  do work(at);
  while (next_index(at, loop));
}

Shape loop_of(const expr::Node& a) {
  Shape loop = a.shape;
  loop.erase(loop.size() - 1);
  loop.erase(loop.size() - 1);
  return loop;
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
  cells.grow(kLeastBytes / matrix_bytes);
  cells.shrink(std::max<std::int64_t>(kMostBytes / matrix_bytes, 1));
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
  Index at;  ///< in the block
  const BlockPlace& place;

  // Names the matrix in messages.
  [[nodiscard]] std::string name() const {
    if (at.empty()) return "the matrix";
    Index index = at;
    for (std::int64_t axis = 0; axis < at.size(); ++axis) index[axis] += place.box.lo[axis];
    return "the matrix at " + to_string(index);
  }
};

/// Makes a matrix for each of the loop axes.
template <class Of>
struct HeldMatrices {
  static constexpr std::string_view kKind = Of::kKind;
  DType dtype = DType::float64;
  Loops loops;
  Extents result;

  static void fields(auto& step, auto& visit) {
    visit("dtype", step.dtype, "loops", step.loops, "rows", step.result.rows, "columns", step.result.columns);
  }
  [[nodiscard]] BlockLayout layout() const {
    expr::require_parameter(dtype == DType::float64 || dtype == DType::complex128,
                            "matrices are of float64 or complex128");
    expr::require_parameter(loops.inputs.size() == Of::kInputs, "there are not so many inputs");
    for (const std::int64_t core : loops.core_axes)
      expr::require_parameter(core == 2, "matrices have two axes");
    const Extents a = matrix_extents(loops.inputs.front());
    const Extents b = matrix_extents(loops.inputs.back());
    require_matrix(result.rows, result.columns);
    expr::require_parameter(Of::suits(a, b, result), "the matrices of inputs and result do not suit");
    Shape shape = loops.cells.shape();
    Shape chunks = loops.cells.chunks();
    Index offset = loops.cells.offset();
    for (const std::int64_t extent : {result.rows, result.columns}) {
      shape.push_back(extent);
      chunks.push_back(extent);
      offset.push_back(0);
    }
    const ChunkGrid grid(shape, chunks, offset);
    return {std::string(Of::kName), grid, loops.block_inputs(grid, std::vector<DType>(Of::kInputs, dtype)),
            is_complex(dtype) ? Of::template bytes<std::complex<double>>(a, result)
                              : Of::template bytes<double>(a, result),
            dtype};
  }
  void operator()(std::span<const StridedView> inputs, const StridedView& out,
                  const BlockPlace& place) const {
    const std::vector<StridedView> stacks = loops.seen(inputs, place.index);
    for_each_matrix(out, [&](const Index& at) {
      const Call call{{stacks.front(), at}, {stacks.back(), at}, {out, at}, at, place};
      Room room(place.workspace);
      is_complex(dtype) ? Of::template run<std::complex<double>>(call, room)
                        : Of::template run<double>(call, room);
    });
  }
};

template <class Of>
expr::NodePtr made_of(std::vector<expr::NodePtr> inputs, Extents result) {
  require_matrix(result.rows, result.columns);
  const DType dtype = inputs[0]->dtype;
  Shape loop;
  Loops loops;
  std::int64_t bytes = result.rows * result.columns * size_bytes(dtype);
  for (const expr::NodePtr& input : inputs) {
    const Extents matrix = matrix_extents(input->shape);
    bytes += matrix.rows * matrix.columns * size_bytes(dtype);
    loop = broadcast_shapes(loop, loop_of(*input), std::string(Of::kName));
    loops.inputs.push_back(input->shape);
    loops.core_axes.push_back(2);
  }
  loops.cells = cells_of(inputs, loop, bytes);
  return blocks(HeldMatrices<Of>{dtype, std::move(loops), result}, std::move(inputs));
}

template <class T>
constexpr std::int64_t kBytes = static_cast<std::int64_t>(sizeof(T));

// Factors one matrix; the reflectors then lie in `a`.
template <class T>
struct Reflectors {
  std::int64_t m;
  std::int64_t n;
  T* a;
  T* factors;
  T* row;

  static std::int64_t bytes(std::int64_t m, std::int64_t n) {
    return aligned(m * n * kBytes<T>) + 2 * aligned((m + n) * kBytes<T>);
  }
  Reflectors(const Matrix& matrix, Room& room)
      : m(matrix.rows),
        n(matrix.columns),
        a(room.take<T>(m * n)),
        factors(room.take<T>(m + n)),
        row(room.take<T>(m + n)) {
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
  static std::int64_t bytes(const Extents& a, const Extents&) {
    return Reflectors<T>::bytes(a.rows, a.columns);
  }
  template <class T>
  static void run(const Call& call, Room& room) {
    const Reflectors<T> of(call.a, room);
    const Matrix& r = call.out;
    for (std::int64_t i = 0; i < r.rows; ++i) {
      for (std::int64_t j = 0; j < r.columns; ++j) r.element<T>(i, j) = j < i ? T{0} : of.a[i * of.n + j];
    }
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
  static std::int64_t bytes(const Extents& a, const Extents& q) {
    return Reflectors<T>::bytes(a.rows, a.columns) + aligned(q.rows * q.columns * kBytes<T>);
  }
  template <class T>
  static void run(const Call& call, Room& room) {
    const Reflectors<T> of(call.a, room);
    const std::int64_t columns = call.out.columns;
    T* const q = room.take<T>(call.out.rows * columns);
    kernels::plain_orthogonal(of.a, of.m, of.n, of.factors, q, columns, of.row);
    call.out.store(q);
  }
};

// Factors in place; returns -1, or the first position where `a` is not positive definite.
std::int64_t factor_in_place(double* a, std::int64_t n, Room& room) {
  return kernels::cholesky_factor({reinterpret_cast<std::byte*>(a), n * kBytes<double>, kBytes<double>}, n,
                                  room.take<std::byte>(0));
}

std::int64_t factor_in_place(std::complex<double>* a, std::int64_t n, Room&) {
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
  static std::int64_t bytes(const Extents& a, const Extents&) {
    return aligned(a.rows * a.rows * kBytes<T>) + kernels::triangular_workspace_bytes(a.rows, a.rows);
  }
  template <class T>
  static void run(const Call& call, Room& room) {
    const std::int64_t n = call.a.rows;
    T* const a = room.take<T>(n * n);
    call.a.load(a);
    const std::int64_t failed = factor_in_place(a, n, room);
    if (failed >= 0) {
      throw SingularMatrixError("cholesky: " + call.name() + " is not positive definite: the leading " +
                                    std::to_string(failed + 1) + " rows and columns are not",
                                failed);
    }
    call.out.store(a);
  }
};

// Solves one system in place; returns -1, or the first position whose pivot is zero.
std::int64_t solve_in_place(double* a, std::int64_t n, double* b, std::int64_t columns, Room& room) {
  constexpr std::int64_t kDouble = sizeof(double);
  const kernels::MatrixView matrix{reinterpret_cast<std::byte*>(a), n * kDouble, kDouble};
  const kernels::MatrixView right{reinterpret_cast<std::byte*>(b), columns * kDouble, kDouble};
  auto* exchanges = room.take<std::int64_t>(n);
  auto* rest = room.take<std::byte>(0);
  const std::int64_t failed = kernels::lu_factor(matrix, n, n, exchanges, rest);
  if (failed >= 0) return failed;
  kernels::exchange_rows(right, columns, exchanges, n);
  kernels::solve_unit_lower(matrix, n, right, columns, rest);
  kernels::solve_upper(matrix, n, right, columns);
  return -1;
}

std::int64_t solve_in_place(std::complex<double>* a, std::int64_t n, std::complex<double>* b,
                            std::int64_t columns, Room&) {
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
  static std::int64_t bytes(const Extents& a, const Extents& x) {
    return aligned(a.rows * a.rows * kBytes<T>) + aligned(x.rows * x.columns * kBytes<T>) +
           aligned(a.rows * 8) + kernels::triangular_workspace_bytes(a.rows, std::max(a.rows, x.columns));
  }
  template <class T>
  static void run(const Call& call, Room& room) {
    const std::int64_t n = call.a.rows;
    const std::int64_t columns = call.b.columns;
    T* const a = room.take<T>(n * n);
    T* const b = room.take<T>(n * columns);
    call.a.load(a);
    call.b.load(b);
    const std::int64_t failed = solve_in_place(a, n, b, columns, room);
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

const expr::OperatorRow held_cholesky_row = BlockStep<HeldMatrices<Cholesky>>::row();
const expr::OperatorRow held_orthogonal_row = BlockStep<HeldMatrices<Orthogonal>>::row();
const expr::OperatorRow held_solve_row = BlockStep<HeldMatrices<Solve>>::row();
const expr::OperatorRow held_triangle_row = BlockStep<HeldMatrices<Triangle>>::row();

expr::NodePtr held_triangle(const expr::NodePtr& a, bool complete) {
  const std::int64_t rows = complete ? rows_of(a) : std::min(rows_of(a), columns_of(a));
  return made_of<Triangle>({a}, {rows, columns_of(a)});
}

expr::NodePtr held_orthogonal(const expr::NodePtr& a, bool complete) {
  const std::int64_t columns = complete ? rows_of(a) : std::min(rows_of(a), columns_of(a));
  return made_of<Orthogonal>({a}, {rows_of(a), columns});
}

expr::NodePtr held_cholesky(const expr::NodePtr& a) {
  return made_of<Cholesky>({a}, {rows_of(a), columns_of(a)});
}

expr::NodePtr held_solve(const expr::NodePtr& a, const expr::NodePtr& b) {
  return made_of<Solve>({a, b}, {rows_of(b), columns_of(b)});
}

}  // namespace varve::ops

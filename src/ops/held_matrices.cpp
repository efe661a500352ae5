#include "ops/held_matrices.hpp"

#include <algorithm>
#include <complex>
#include <span>

#include "kernels/factor.hpp"
#include "kernels/plain_factor.hpp"
#include "ops/blocks.hpp"
#include "ops/gathered_axes.hpp"
#include "varve/core/error.hpp"

namespace varve::ops {
namespace {

// Small matrices are worked on many at a time.
constexpr std::int64_t kLeastBytes = 256 << 10;
constexpr std::int64_t kMostBytes = 4 << 20;

std::int64_t aligned(std::int64_t bytes) { return (bytes + 63) / 64 * 64; }

/// Is one matrix of a stack.
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

// Names a matrix of a stack in messages.
std::string matrix_at(const BlockPlace& place, const Index& at) {
  if (at.empty()) return "the matrix";
  Index index = at;
  for (std::int64_t axis = 0; axis < at.size(); ++axis) index[axis] += place.box.lo[axis];
  return "the matrix at " + to_string(index);
}

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

/// Says what is made of each matrix of a stack.
struct Work {
  BlockTask task;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
};

// Makes a matrix for each of the loop axes.
expr::NodePtr made_of(std::vector<expr::NodePtr> inputs, Work work) {
  Shape loop;
  std::int64_t bytes = work.rows * work.columns * size_bytes(inputs[0]->dtype);
  std::vector<Shape> shapes;
  for (const expr::NodePtr& input : inputs) {
    loop = broadcast_shapes(loop, loop_of(*input), work.task.name);
    shapes.push_back(input->shape);
    bytes += input->shape[input->shape.size() - 2] * input->shape.back() * size_bytes(input->dtype);
  }
  const ChunkGrid cells = cells_of(inputs, loop, bytes);
  Shape shape = loop;
  Shape chunks = cells.chunks();
  Index offset = cells.offset();
  for (const std::int64_t extent : {work.rows, work.columns}) {
    shape.push_back(extent);
    chunks.push_back(extent);
    offset.push_back(0);
  }
  const DType dtype = inputs[0]->dtype;
  auto geometry = loop_geometry(cells, shapes, std::vector<std::int64_t>(inputs.size(), 2));
  return blocks({shape, chunks, offset}, dtype, std::move(inputs), std::move(geometry), std::move(work.task));
}

enum class Step : std::uint8_t { triangle, orthogonal, cholesky, solve };

std::uint64_t identity_of(Step step, const expr::Node& a) {
  const auto columns = static_cast<std::uint64_t>(a.shape.back());
  return expr::mix_hash(static_cast<std::uint64_t>(step), columns);
}

template <class T>
constexpr std::int64_t kBytes = static_cast<std::int64_t>(sizeof(T));

// Calls `make` with a zero of the dtype in which matrices are factored.
template <class Make>
expr::NodePtr by_dtype(const expr::NodePtr& a, const Make& make) {
  return is_complex(a->dtype) ? make(std::complex<double>()) : make(double());
}

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

template <class T>
Work triangle_work(std::int64_t m, std::int64_t n, bool complete) {
  Work work{{"qr", {}, Reflectors<T>::bytes(m, n), 0}, complete ? m : std::min(m, n), n};
  work.task.function = [](std::span<const StridedView> inputs, const StridedView& out,
                          const BlockPlace& place) {
    for_each_matrix(out, [&](const Index& at) {
      Room room(place.workspace);
      const Reflectors<T> of({inputs[0], at}, room);
      const Matrix r(out, at);
      for (std::int64_t i = 0; i < r.rows; ++i) {
        for (std::int64_t j = 0; j < r.columns; ++j) r.element<T>(i, j) = j < i ? T{0} : of.a[i * of.n + j];
      }
    });
  };
  return work;
}

template <class T>
Work orthogonal_work(std::int64_t m, std::int64_t n, bool complete) {
  const std::int64_t columns = complete ? m : std::min(m, n);
  Work work{{"qr", {}, Reflectors<T>::bytes(m, n) + aligned(m * columns * kBytes<T>), 0}, m, columns};
  work.task.function = [](std::span<const StridedView> inputs, const StridedView& out,
                          const BlockPlace& place) {
    for_each_matrix(out, [&](const Index& at) {
      Room room(place.workspace);
      const Reflectors<T> of({inputs[0], at}, room);
      const Matrix result(out, at);
      T* const q = room.take<T>(result.rows * result.columns);
      kernels::plain_orthogonal(of.a, of.m, of.n, of.factors, q, result.columns, of.row);
      result.store(q);
    });
  };
  return work;
}

template <class T>
Work cholesky_work(std::int64_t n) {
  Work work{
      {"cholesky", {}, aligned(n * n * kBytes<T>) + kernels::triangular_workspace_bytes(n, n), 0}, n, n};
  work.task.function = [n](std::span<const StridedView> inputs, const StridedView& out,
                           const BlockPlace& place) {
    for_each_matrix(out, [&](const Index& at) {
      Room room(place.workspace);
      T* const a = room.take<T>(n * n);
      Matrix(inputs[0], at).load(a);
      std::int64_t failed = -1;
      if constexpr (std::is_same_v<T, double>) {
        failed = kernels::cholesky_factor({reinterpret_cast<std::byte*>(a), n * kBytes<T>, kBytes<T>}, n,
                                          room.take<std::byte>(0));
      } else {
        failed = kernels::plain_cholesky(a, n);
      }
      if (failed >= 0) {
        throw SingularMatrixError("cholesky: " + matrix_at(place, at) +
                                      " is not positive definite: the leading " + std::to_string(failed + 1) +
                                      " rows and columns are not",
                                  failed);
      }
      Matrix(out, at).store(a);
    });
  };
  return work;
}

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

template <class T>
Work solve_work(std::int64_t n, std::int64_t columns) {
  const std::int64_t bytes = aligned(n * n * kBytes<T>) + aligned(n * columns * kBytes<T>) + aligned(n * 8) +
                             kernels::triangular_workspace_bytes(n, std::max(n, columns));
  Work work{{"solve", {}, bytes, 0}, n, columns};
  work.task.function = [n, columns](std::span<const StridedView> inputs, const StridedView& out,
                                    const BlockPlace& place) {
    for_each_matrix(out, [&](const Index& at) {
      Room room(place.workspace);
      T* const a = room.take<T>(n * n);
      T* const b = room.take<T>(n * columns);
      Matrix(inputs[0], at).load(a);
      Matrix(inputs[1], at).load(b);
      const std::int64_t failed = solve_in_place(a, n, b, columns, room);
      if (failed >= 0) {
        throw SingularMatrixError("solve: " + matrix_at(place, at) + " is singular: column " +
                                      std::to_string(failed) + " depends on the columns before it",
                                  failed);
      }
      Matrix(out, at).store(b);
    });
  };
  return work;
}

// Errors: ShapeError for matrices whose bytes nobody can count.
void require_countable(std::int64_t rows, std::int64_t columns) {
  constexpr std::int64_t kRoom = 1 << 12;  // for several, of any dtype
  static_cast<void>(checked_multiply(checked_multiply(rows, columns, "matrix"), kRoom, "matrix"));
}

std::int64_t rows_of(const expr::NodePtr& a) { return a->shape[a->shape.size() - 2]; }
std::int64_t columns_of(const expr::NodePtr& a) { return a->shape.back(); }

expr::NodePtr made_by(Step step, Work work, std::vector<expr::NodePtr> inputs) {
  work.task.identity = identity_of(step, *inputs[0]);
  return made_of(std::move(inputs), std::move(work));
}

}  // namespace

expr::NodePtr held_triangle(const expr::NodePtr& a, bool complete) {
  require_countable(rows_of(a), columns_of(a));
  return by_dtype(a, [&](auto zero) {
    return made_by(Step::triangle, triangle_work<decltype(zero)>(rows_of(a), columns_of(a), complete), {a});
  });
}

expr::NodePtr held_orthogonal(const expr::NodePtr& a, bool complete) {
  require_countable(rows_of(a), complete ? std::max(rows_of(a), columns_of(a)) : columns_of(a));
  return by_dtype(a, [&](auto zero) {
    return made_by(Step::orthogonal, orthogonal_work<decltype(zero)>(rows_of(a), columns_of(a), complete),
                   {a});
  });
}

expr::NodePtr held_cholesky(const expr::NodePtr& a) {
  require_countable(rows_of(a), columns_of(a));
  return by_dtype(a, [&](auto zero) {
    return made_by(Step::cholesky, cholesky_work<decltype(zero)>(columns_of(a)), {a});
  });
}

expr::NodePtr held_solve(const expr::NodePtr& a, const expr::NodePtr& b) {
  require_countable(rows_of(a), std::max(columns_of(a), columns_of(b)));
  return by_dtype(a, [&](auto zero) {
    return made_by(Step::solve, solve_work<decltype(zero)>(columns_of(a), columns_of(b)), {a, b});
  });
}

}  // namespace varve::ops

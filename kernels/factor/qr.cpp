#include <algorithm>

#include "kernels/factor.hpp"
#include "kernels/factor/reflectors.hpp"

namespace varve::kernels {
namespace {

constexpr std::int64_t kDouble = sizeof(double);

// Dense rows of `stride` elements.
struct Rows {
  double* data = nullptr;
  std::int64_t stride = 0;
  std::int64_t count = 0;

  [[nodiscard]] double* row(std::int64_t at) const noexcept { return data + at * stride; }
  [[nodiscard]] Rows from(std::int64_t at, std::int64_t rows) const noexcept {
    return {row(at), stride, rows};
  }
};

StripProduct product(const Rows& left, const Rows& right, std::int64_t columns, const Rows& out, Into into) {
  return {left.data,   left.stride, 1,          right.data, right.stride, left.count, columns,
          right.count, out.data,    out.stride, 1,          into};
}
// `left` is transposed, and has so many columns.
StripProduct transposed_product(const Rows& left, std::int64_t left_columns, const Rows& right,
                                std::int64_t columns, const Rows& out, Into into) {
  return {left.data,   1,        left.stride, right.data, right.stride, left_columns, columns,
          right.count, out.data, out.stride,  1,          into};
}

// From so many columns on, products pay for packing their operands.
constexpr std::int64_t kWideColumns = 192;

void multiply_packed(const StripProduct& p, std::byte* workspace) noexcept {
  const auto view = [](const double* data, std::int64_t row_stride, std::int64_t column_stride) {
    auto* bytes = const_cast<std::byte*>(reinterpret_cast<const std::byte*>(data));
    return MatrixView{bytes, row_stride * kDouble, column_stride * kDouble};
  };
  multiply(DType::float64,
           {view(p.left, p.left_row_stride, p.left_depth_stride), view(p.right, p.right_stride, 1), p.rows,
            p.columns, p.depth, view(p.out, p.out_stride, p.out_column_stride), p.into},
           workspace);
}

/// The memory that a block is factored in, cut from a workspace.
struct Room {
  double* panel = nullptr;     // of the tallest piece that so many rows may have
  double* products = nullptr;  // panel x columns, twice
  double* scaled = nullptr;
  double* triangle = nullptr;   // R, where there are several pieces; then free
  double* blocks = nullptr;     // T of each piece, for Q
  double* factor = nullptr;     // columns x columns, for Q
  double* weights = nullptr;    // columns x columns, for Q
  std::byte* packed = nullptr;  // operands of wide products
  std::int64_t bytes = 0;

  void multiply(const StripProduct& p) const noexcept {
    if (packed != nullptr) return multiply_packed(p, packed);
    reflector_kernels().multiply(p);
  }
};

Room room_for(const QrBlock& block, bool with_q, std::byte* workspace) {
  Room room;
  const auto take = [&](std::int64_t elements) {
    auto* taken = reinterpret_cast<double*>(reinterpret_cast<std::uintptr_t>(workspace) +
                                            static_cast<std::uintptr_t>(room.bytes));
    room.bytes += (elements * kDouble + 63) / 64 * 64;
    return taken;
  };
  const std::int64_t n = block.columns;
  const std::int64_t pieces = block.pieces();
  const std::int64_t tallest = std::min(block.rows, 2 * block.height);
  room.panel = take((tallest + kPanelColumns) * kPanelColumns);
  room.products = take(kPanelColumns * std::max(n, kPanelColumns));
  room.scaled = take(kPanelColumns * std::max(n, kPanelColumns));
  if (pieces > 1 || with_q) room.triangle = take(block.factored * n);
  if (with_q) {
    room.blocks = take(pieces * n * n);
    room.factor = take(n * n);
    room.weights = take(n * n);
  }
  if (n >= kWideColumns) {
    const std::int64_t bytes = multiply_workspace_bytes(DType::float64, std::max(block.rows, n), n);
    room.packed = reinterpret_cast<std::byte*>(take(bytes / kDouble + 1));
  }
  return room;
}

/// A piece of a block: rows that are factored together, under the triangle of those before them.
struct Piece {
  Rows rows;
  Rows triangle;  // none for the first piece, whose triangle is at its own top
  double* block;  // T (n x n) such that the piece's reflectors make I - V T V^T; null if it is not wanted

  // The rows of panel `first`, at its diagonal and below it.
  [[nodiscard]] Rows top(std::int64_t first, std::int64_t width) const noexcept {
    return triangle.data != nullptr ? triangle.from(first, width) : rows.from(first, width);
  }
  [[nodiscard]] Rows tail(std::int64_t first, std::int64_t width) const noexcept {
    if (triangle.data != nullptr) return rows;
    return rows.from(first + width, rows.count - first - width);
  }
};

void load_rows(const Rows& from, std::int64_t column, std::int64_t width, const Rows& panel) noexcept {
  for (std::int64_t i = 0; i < from.count; ++i) {
    const double* row = from.row(i) + column;
    double* to = panel.row(i);
    for (std::int64_t j = 0; j < width; ++j) to[j] = row[j];
    for (std::int64_t j = width; j < panel.stride; ++j) to[j] = 0;
  }
}

void store_rows(const Rows& panel, std::int64_t column, std::int64_t width, const Rows& to) noexcept {
  for (std::int64_t i = 0; i < to.count; ++i) {
    const double* row = panel.row(i);
    double* target = to.row(i) + column;
    for (std::int64_t j = 0; j < width; ++j) target[j] = row[j];
  }
}

/// Factors a piece panel by panel.
class PieceFactoring {
 public:
  PieceFactoring(const Piece& piece, const QrBlock& block, const Room& room) noexcept
      : piece_(piece),
        columns_(block.columns),
        factored_(block.factored),
        room_(room),
        kernels_(reflector_kernels()) {
    const std::int64_t width = std::min(factored_, kPanelColumns);
    pitch_ = (width + kernels_.lanes - 1) / kernels_.lanes * kernels_.lanes;
  }

  void run() noexcept {
    const std::int64_t count =
        piece_.triangle.data != nullptr ? factored_ : std::min(piece_.rows.count, factored_);
    for (std::int64_t first = 0; first < count; first += kPanelColumns) {
      factor_panel(first, std::min(kPanelColumns, count - first));
    }
  }

 private:
  // Rows of the panel as it lies in its own memory.
  [[nodiscard]] Rows panel(std::int64_t first, std::int64_t count) const noexcept {
    return {room_.panel + first * pitch_, pitch_, count};
  }

  void factor_panel(std::int64_t first, std::int64_t width) noexcept {
    const Rows top = piece_.top(first, width);
    const Rows tail = piece_.tail(first, width);
    load_rows(top, first, width, panel(0, width));
    load_rows(tail, first, width, panel(width, tail.count));
    double tau[kPanelColumns];
    kernels_.factor(room_.panel, pitch_, width + tail.count, width, tau);
    store_rows(panel(0, width), first, width, top);
    store_rows(panel(width, tail.count), first, width, tail);
    for (std::int64_t i = 0; i < width; ++i) {
      double* row = panel(i, 1).data;
      row[i] = 1;
      for (std::int64_t j = i + 1; j < width; ++j) row[j] = 0;
    }
    fill_block(tau, width, width + tail.count);
    reduce_columns(first + width, top, tail, width);
    if (piece_.block != nullptr) join_block(first, width, top, tail);
  }

  // T of the panel: column j is -tau_j T (V^T v_j), and tau_j on the diagonal.
  void fill_block(const double* tau, std::int64_t width, std::int64_t height) noexcept {
    const Rows vectors = panel(0, height);
    double products[kPanelColumns * kPanelColumns];
    if (width > 1) {
      kernels_.multiply(transposed_product(vectors, width, vectors, width, {products, kPanelColumns, width},
                                           Into::replace));
    }
    std::fill(block_, block_ + kPanelColumns * kPanelColumns, 0.0);
    for (std::int64_t j = 0; j < width; ++j) {
      for (std::int64_t i = 0; i < j; ++i) {
        double sum = 0;
        for (std::int64_t k = i; k < j; ++k)
          sum += block_[i * kPanelColumns + k] * products[k * kPanelColumns + j];
        block_[i * kPanelColumns + j] = -tau[j] * sum;
      }
      block_[j * kPanelColumns + j] = tau[j];
    }
  }

  // The columns behind the panel: C -= V T^T (V^T C).
  void reduce_columns(std::int64_t first, const Rows& top, const Rows& tail, std::int64_t width) noexcept {
    const std::int64_t rest = columns_ - first;
    if (rest == 0) return;
    const Rows top_vectors = panel(0, width);
    const Rows vectors = panel(width, tail.count);
    const Rows top_rest{top.data + first, top.stride, width};
    const Rows tail_rest{tail.data + first, tail.stride, tail.count};
    const Rows products{room_.products, rest, width};
    const Rows scaled{room_.scaled, rest, width};
    room_.multiply(transposed_product(top_vectors, width, top_rest, rest, products, Into::replace));
    room_.multiply(transposed_product(vectors, width, tail_rest, rest, products, Into::add));
    room_.multiply(
        transposed_product({block_, kPanelColumns, width}, width, products, rest, scaled, Into::replace));
    room_.multiply(product(top_vectors, scaled, rest, top_rest, Into::subtract));
    room_.multiply(product(vectors, scaled, rest, tail_rest, Into::subtract));
  }

  // T of the whole piece: the new columns are -T (V^T V_panel) T_panel.
  void join_block(std::int64_t first, std::int64_t width, const Rows& top, const Rows& tail) noexcept {
    const Rows whole{piece_.block, columns_, columns_};
    for (std::int64_t i = 0; i < columns_; ++i) {
      double* to = whole.row(i) + first;
      const std::int64_t at = i - first;
      const bool own = at >= 0 && at < width;
      for (std::int64_t j = 0; j < width; ++j) to[j] = own ? block_[at * kPanelColumns + j] : 0;
    }
    if (first == 0) return;
    const Rows products{room_.factor, kPanelColumns, first};
    const Rows scaled{room_.weights, kPanelColumns, first};
    const Rows top_vectors = panel(0, width);
    const Rows vectors = panel(width, tail.count);
    room_.multiply(transposed_product(top, first, top_vectors, width, products, Into::replace));
    room_.multiply(transposed_product(tail, first, vectors, width, products, Into::add));
    room_.multiply(product({whole.data, columns_, first}, products, width, scaled, Into::replace));
    const Rows target{whole.data + first, columns_, first};
    room_.multiply(product(scaled, {block_, kPanelColumns, width}, width, target, Into::subtract));
  }

  const Piece& piece_;
  std::int64_t columns_;
  std::int64_t factored_;
  const Room& room_;
  const ReflectorKernels& kernels_;
  std::int64_t pitch_;  ///< of the panel's rows
  double block_[kPanelColumns * kPanelColumns];
};

Piece piece_of(const QrBlock& block, std::int64_t number, double* a, const Room& room) noexcept {
  const std::int64_t n = block.columns;
  const std::int64_t pieces = block.pieces();
  const std::int64_t start = block.rows * number / pieces;
  const std::int64_t stop = block.rows * (number + 1) / pieces;
  Piece piece{{a + start * n, n, stop - start}, {}, nullptr};
  if (number > 0) piece.triangle = {room.triangle, n, block.factored};
  if (room.blocks != nullptr) piece.block = room.blocks + number * n * n;
  return piece;
}

// The upper triangle of rows, and what stands beside it; rows that are missing are zero.
void copy_triangle(const Rows& from, const QrBlock& block, const MatrixView& to) noexcept {
  for (std::int64_t i = 0; i < block.factored; ++i) {
    for (std::int64_t j = 0; j < block.columns; ++j) {
      *reinterpret_cast<double*>(to.at(i, j)) = i < from.count && j >= i ? from.row(i)[j] : 0;
    }
  }
}

// Factors all pieces, one under the other. Returns where the triangle is.
Rows factor_block(const QrBlock& block, double* a, const Room& room) noexcept {
  const std::int64_t n = block.columns;
  Rows triangle{a, n, std::min(block.rows, block.factored)};
  for (std::int64_t number = 0; number < block.pieces(); ++number) {
    if (number == 1) {
      copy_triangle(triangle, block, {reinterpret_cast<std::byte*>(room.triangle), n * kDouble, kDouble});
      triangle = {room.triangle, n, block.factored};
    }
    const Piece piece = piece_of(block, number, a, room);
    PieceFactoring(piece, block, room).run();
  }
  return triangle;
}

void negate(double* x, std::int64_t count) noexcept {
  for (std::int64_t i = 0; i < count; ++i) x[i] = -x[i];
}

// A square matrix; the identity where there is none.
void load_square(const MatrixView& from, std::int64_t n, double* to) noexcept {
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      to[i * n + j] = from.data != nullptr ? *reinterpret_cast<const double*>(from.at(i, j)) : i == j ? 1 : 0;
    }
  }
}

// V of the first piece has ones on its diagonal and zeros above; R was there.
void complete_vectors(double* a, std::int64_t n) noexcept {
  for (std::int64_t i = 0; i < n; ++i) {
    a[i * n + i] = 1;
    std::fill(a + i * n + i + 1, a + (i + 1) * n, 0.0);
  }
}

// Multiplies (factor, 0, 0, ...) by the reflectors of the pieces, from the last to the first. A piece's own
// rows are zero before, so that they become -V T (factor) in one product.
void form_q(const QrBlock& block, double* a, const Room& room, const MatrixView& q) noexcept {
  const std::int64_t n = block.columns;
  const Rows factor{room.factor, n, n};
  const Rows seen{room.triangle, n, n};
  const Rows weights{room.weights, n, n};
  complete_vectors(a, n);
  for (std::int64_t number = block.pieces() - 1; number >= 0; --number) {
    const Piece piece = piece_of(block, number, a, room);
    const Rows t{piece.block, n, n};
    if (number > 0) {
      room.multiply(product(t, factor, n, weights, Into::replace));
      for (std::int64_t i = 0; i < n * n; ++i) factor.data[i] -= weights.data[i];
    } else {
      room.multiply(transposed_product({a, n, n}, n, factor, n, seen, Into::replace));
      room.multiply(product(t, seen, n, weights, Into::replace));
    }
    negate(weights.data, n * n);
    StripProduct rows = product(piece.rows, weights, n, {}, Into::replace);
    rows.out = reinterpret_cast<double*>(q.at((piece.rows.data - a) / n, 0));
    rows.out_stride = q.row_stride / kDouble;
    rows.out_column_stride = q.column_stride / kDouble;
    room.multiply(rows);
  }
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < n; ++j) *reinterpret_cast<double*>(q.at(i, j)) += factor.row(i)[j];
  }
}

}  // namespace

std::int64_t qr_workspace_bytes(const QrBlock& block, bool with_q) {
  return room_for(block, with_q, nullptr).bytes;
}

void qr_triangle(const QrBlock& block, double* a, const MatrixView& r, std::byte* workspace) noexcept {
  copy_triangle(factor_block(block, a, room_for(block, false, workspace)), block, r);
}

void qr_factors(const QrBlock& block, double* a, const MatrixView& factor, const MatrixView& r,
                const MatrixView& q, std::byte* workspace) noexcept {
  const Room room = room_for(block, true, workspace);
  const Rows triangle = factor_block(block, a, room);
  if (r.data != nullptr) copy_triangle(triangle, block, r);
  if (q.data == nullptr) return;
  load_square(factor, block.columns, room.factor);
  form_q(block, a, room, q);
}

}  // namespace varve::kernels

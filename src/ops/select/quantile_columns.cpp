#include <algorithm>
#include <cstdint>

#include "expr/fields.hpp"
#include "expr/labelled_operator.hpp"
#include "ops/pieces.hpp"
#include "ops/select/column_search.hpp"
#include "ops/select/quantile.hpp"

namespace varve::ops {
namespace {

// A sample is taken from so many places, but from no more than this part of them all: they are decoded once
// more for it.
constexpr std::int64_t kSamplePlaces = 32;
constexpr std::int64_t kSamplePart = 5;
// Columns are worked on in ranges whose keys stay in cache while a kernel runs.
constexpr std::int64_t kMaxColumns = 1024;
constexpr std::int64_t kMinColumns = 64;

/// Says how the rows above a box of kept elements are read.
struct RowPieces {
  ChunkGrid chunks;  ///< natural ones, without kept axes
  ChunkGrid pieces;  ///< several of those
};

/// Reads the rows above a box of kept elements as keys.
template <class Key>
class BoxKeys final : public KeyStream<Key> {
 public:
  BoxKeys(const FoldedAxes& axes, const Box& kept, DType dtype, const RowPieces& rows, std::byte* piece,
          expr::OperatorContext& context)
      : axes_(axes),
        kept_(kept),
        columns_(element_count(kept.shape())),
        dtype_(dtype),
        rows_(rows),
        piece_(piece),
        context_(context) {}

  std::int64_t sample(std::int64_t most, const VisitKeys<Key>& visit) override;
  void all(const VisitKeys<Key>& visit) override;
  void for_columns(const std::function<void(std::int64_t, std::int64_t)>& work) override;

 private:
  // Reads a part of the rows; returns how many there are.
  std::int64_t read(const Box& rows);
  Key* keys() const { return reinterpret_cast<Key*>(piece_); }

  const FoldedAxes& axes_;
  const Box& kept_;
  std::int64_t columns_;
  DType dtype_;
  const RowPieces& rows_;
  std::byte* piece_;
  expr::OperatorContext& context_;
};

// Chunks of rows, spread evenly.
std::vector<Box> sample_rows(const ChunkGrid& chunks) {
  const std::int64_t all = chunks.chunk_count();
  const std::int64_t count = std::clamp<std::int64_t>(all / kSamplePart, 1, kSamplePlaces);
  std::vector<Box> boxes;
  for (std::int64_t i = 0; i < count; ++i)
    boxes.push_back(chunks.box_of(index_at<ChunkIndex>((2 * i + 1) * all / (2 * count), chunks.counts())));
  return boxes;
}

template <class Key>
std::int64_t BoxKeys<Key>::read(const Box& rows) {
  const Box part = axes_.above(kept_, rows);
  context_.read(0, part, axes_.columns(piece_, dtype_, part));
  return element_count(rows.shape());
}

template <class Key>
std::int64_t BoxKeys<Key>::sample(std::int64_t most, const VisitKeys<Key>& visit) {
  const std::vector<Box> boxes = sample_rows(rows_.chunks);
  const kernels::MakeKeys make_keys = kernels::find_make_keys(dtype_);
  std::int64_t taken = 0;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const std::int64_t rows = read(boxes[i]);
    const std::int64_t wanted = std::min((most - taken) / static_cast<std::int64_t>(boxes.size() - i), rows);
    for_columns([&](std::int64_t first, std::int64_t columns) {
      for (std::int64_t row = 0; row < wanted; ++row) {
        Key* const at = keys() + (2 * row + 1) * rows / (2 * wanted) * columns_ + first;
        make_keys(at, columns);
        visit({at, 1, columns, columns_}, first, taken + row);
      }
    });
    taken += wanted;
  }
  return taken;
}

template <class Key>
void BoxKeys<Key>::all(const VisitKeys<Key>& visit) {
  const kernels::MakeKeys make_keys = kernels::find_make_keys(dtype_);
  std::int64_t done = 0;
  for_each_chunk(rows_.pieces, Box(rows_.pieces.shape()), [&](const ChunkIndex& at) {
    const std::int64_t rows = read(rows_.pieces.box_of(at));
    for_columns([&](std::int64_t first, std::int64_t columns) {
      for (std::int64_t row = 0; row < rows; ++row) make_keys(keys() + row * columns_ + first, columns);
      visit({keys() + first, rows, columns, columns_}, first, done);
    });
    done += rows;
  });
}

template <class Key>
void BoxKeys<Key>::for_columns(const std::function<void(std::int64_t, std::int64_t)>& work) {
  const std::int64_t each = divide_up(columns_ / (4 * context_.workers()), kMinColumns) * kMinColumns;
  const std::int64_t range = std::clamp(each, kMinColumns, kMaxColumns);
  context_.for_each(divide_up(columns_, range), [&](std::int64_t number, int /*worker*/) {
    work(number * range, std::min(range, columns_ - number * range));
  });
}

bool can_search(const RowQuantiles& of) {
  return of.axes.row_length() <= INT32_MAX && kernels::find_make_keys(of.dtype) != nullptr;
}

/// Streams the rows of a box of kept elements, as they lie in their chunks, a few times.
class ColumnQuantiles final : public expr::Described<ColumnQuantiles>, public expr::LabelledOperator {
 public:
  static constexpr std::string_view kKind = "column_quantiles";
  static constexpr expr::Reading kReading{.again = true};
  static void fields(auto& op, auto& visit) { visit("of", op.of_, "row_chunks", op.row_chunks_); }

  ColumnQuantiles() = default;
  ColumnQuantiles(RowQuantiles of, const ChunkGrid& row_chunks)
      : of_(std::move(of)), row_chunks_(row_chunks) {}
  void prepare() const {
    of_.require_rows(row_chunks_);
    expr::require_parameter(can_search(of_), "these rows cannot be searched in passes");
  }

  [[nodiscard]] std::string_view name() const noexcept override { return "quantile, in passes"; }
  [[nodiscard]] expr::ValueOrigin value_origin(int) const override { return expr::ValueOrigin::quantity; }
  [[nodiscard]] expr::AxisOrigin axis_origin(int, std::int64_t axis) const override {
    return axis == 0 ? expr::AxisOrigin{} : expr::AxisOrigin{of_.axes.kept_axis(axis - 1), true};
  }
  // A sample, a pass that counts and one that collects; more only where the sample misleads.
  [[nodiscard]] std::vector<Box> demand(int, const Box& box) const override {
    const Box kept = without_axis(box, 0);
    const Box above = of_.axes.above(kept);
    std::vector<Box> boxes;
    for (const Box& rows : sample_rows(row_chunks_)) boxes.push_back(of_.axes.above(kept, rows));
    boxes.insert(boxes.end(), {above, above});
    return boxes;
  }
  [[nodiscard]] expr::Workspace workspace(const Shape& box, int workers) const override {
    return Memory(*this, request(saturating_count(without_axis(box, 0))), workers);
  }

  void run(const Box& box, const StridedView& out, expr::OperatorContext& context) const override {
    switch (size_bytes(of_.dtype)) {
      case 1:
        return run_with<std::int8_t>(box, out, context);
      case 2:
        return run_with<std::int16_t>(box, out, context);
      case 4:
        return run_with<std::int32_t>(box, out, context);
      default:
        return run_with<std::int64_t>(box, out, context);
    }
  }

 private:
  struct Memory : expr::Workspace {
    Memory(const ColumnQuantiles& op, const ColumnRequest& wanted, int workers)
        : values(add<kernels::QuantileValue>(op.of_.wanted.count(), workers)),
          search(*this, wanted),
          piece(add<std::byte>(op.max_piece_bytes(wanted.columns, workers))) {}
    expr::Region<kernels::QuantileValue> values;
    ColumnMemory search;
    expr::Region<std::byte> piece;
  };

  [[nodiscard]] ColumnRequest request(std::int64_t columns) const {
    return {of_.axes.row_length(), columns, of_.dtype, of_.wanted.q, of_.method, of_.skips_nan};
  }

  // All workers together read whole chunks, or parts of chunks side by side.
  [[nodiscard]] static int readers(int workers) { return std::max(workers, 2); }
  [[nodiscard]] std::int64_t max_piece_bytes(std::int64_t columns, int workers) const {
    constexpr std::int64_t kMinPieceBytes = 1 << 20;
    const std::int64_t row = saturating_multiply(columns, size_bytes(of_.dtype));
    const std::int64_t chunk = saturating_multiply(saturating_count(row_chunks_.chunks()), row);
    return std::min(saturating_multiply(std::max(chunk, kMinPieceBytes), readers(workers)), INT64_MAX / 4);
  }

  template <class Key>
  void run_with(const Box& box, const StridedView& out, expr::OperatorContext& context) const {
    const Box kept = without_axis(box, 0);
    const Shape shape = kept.shape();
    const ColumnRequest wanted = request(element_count(shape));
    const Memory memory(*this, wanted, context.workers());
    const std::int64_t row_bytes = wanted.columns * size_bytes(of_.dtype);
    const RowPieces rows{row_chunks_, pieces_of(row_chunks_, row_bytes, readers(context.workers()))};
    BoxKeys<Key> keys(of_.axes, kept, of_.dtype, rows, memory.piece.in(context.memory()).data(), context);
    ColumnSearch<Key> search(wanted, memory.search, context.memory());
    search.run(keys);
    constexpr std::int64_t kGroup = 4096;
    context.for_each(divide_up(wanted.columns, kGroup), [&](std::int64_t number, int worker) {
      kernels::QuantileValue* found = memory.values.in(context.memory(), worker).data();
      const std::int64_t end = std::min(wanted.columns, (number + 1) * kGroup);
      for (std::int64_t column = number * kGroup; column < end; ++column) {
        search.quantiles(column, found);
        of_.wanted.scatter(found, box.lo[0], box.hi[0], index_at<Index>(column, shape), out);
      }
    });
  }

  RowQuantiles of_;
  ChunkGrid row_chunks_;
};

}  // namespace

extern const expr::OperatorRow column_quantiles_row = ColumnQuantiles::row();

std::shared_ptr<const expr::BoxOperator> column_quantiles(const RowQuantiles& of,
                                                          const ChunkGrid& row_chunks) {
  return can_search(of) ? std::make_shared<ColumnQuantiles>(of, row_chunks) : nullptr;
}

}  // namespace varve::ops

#include <limits>

#include "kernels/select/column_table.hpp"

namespace varve::kernels::VARVE_ISA_NAMESPACE {
namespace {

#if defined(__AVX512F__)
constexpr int kVectorBytes = 64;
#elif defined(__AVX__)
constexpr int kVectorBytes = 32;
#else
constexpr int kVectorBytes = 16;
#endif
// Vectors of counters that stay in registers while the rows pass by.
constexpr int kVectors = 4;
template <class Key>
constexpr int kLanes = kVectorBytes / static_cast<int>(sizeof(Key));
template <class Key>
constexpr int kWidth = kVectors * kLanes<Key>;
// Counters of the keys' own width do not overflow within so many rows.
constexpr std::int64_t kCountedRows = 64;

template <class Key>
using VectorOf [[gnu::vector_size(kVectorBytes)]] = Key;

template <class Key>
VARVE_INLINE VectorOf<Key> load(const Key* from) noexcept {
  VectorOf<Key> vector;
  __builtin_memcpy(&vector, from, sizeof vector);
  return vector;
}

template <class Key>
VARVE_INLINE void store(VectorOf<Key> vector, Key* to) noexcept {
  __builtin_memcpy(to, &vector, sizeof vector);
}

VARVE_INLINE std::int64_t least(std::int64_t a, std::int64_t b) noexcept { return a < b ? a : b; }

template <class Key>
VARVE_INLINE void add(const VectorOf<Key>& below, std::int32_t* counts) noexcept {
  using Counts [[gnu::vector_size(kLanes<Key> * sizeof(std::int32_t))]] = std::int32_t;
  Counts sums;
  __builtin_memcpy(&sums, counts, sizeof sums);
  sums += __builtin_convertvector(below, Counts);
  __builtin_memcpy(counts, &sums, sizeof sums);
}

// Counts in kWidth columns and at most kCountedRows rows.
template <class Key>
VARVE_INLINE void count_below_whole(const Key* keys, std::int64_t rows, std::int64_t stride,
                                    const Key* bounds, std::int64_t bound_count, std::int64_t bound_stride,
                                    std::int32_t* counts) noexcept {
  for (std::int64_t i = 0; i < bound_count; ++i) {
    VectorOf<Key> bound[kVectors];
    VectorOf<Key> below[kVectors] = {};
    for (int v = 0; v < kVectors; ++v) bound[v] = load(bounds + i * bound_stride + v * kLanes<Key>);
    for (std::int64_t row = 0; row < rows; ++row) {
      for (int v = 0; v < kVectors; ++v) below[v] -= load(keys + row * stride + v * kLanes<Key>) < bound[v];
    }
    for (int v = 0; v < kVectors; ++v) add<Key>(below[v], counts + i * bound_stride + v * kLanes<Key>);
  }
}

template <class Key>
void count_below(const KeyTable<const Key>& table, const KeyTable<const Key>& bounds,
                 std::int32_t* counts) noexcept {
  for (std::int64_t begin = 0; begin < table.rows; begin += kCountedRows) {
    const std::int64_t rows = least(kCountedRows, table.rows - begin);
    const Key* keys = table.keys + begin * table.stride;
    std::int64_t column = 0;
    for (; column + kWidth<Key> <= table.columns; column += kWidth<Key>) {
      count_below_whole(keys + column, rows, table.stride, bounds.keys + column, bounds.rows, bounds.stride,
                        counts + column);
    }
    for (std::int64_t i = 0; i < bounds.rows; ++i) {
      for (std::int64_t row = 0; row < rows; ++row) {
        for (std::int64_t at = column; at < table.columns; ++at)
          counts[i * bounds.stride + at] +=
              keys[row * table.stride + at] < bounds.keys[i * bounds.stride + at] ? 1 : 0;
      }
    }
  }
}

template <class Key>
constexpr int kSortedWidth = 64 / static_cast<int>(sizeof(Key));

// Puts the lesser of two rows first, column by column.
template <class Key>
VARVE_INLINE void exchange(Key* first, Key* second) noexcept {
  for (int v = 0; v < kSortedWidth<Key> / kLanes<Key>; ++v) {
    const VectorOf<Key> a = load(first + v * kLanes<Key>);
    const VectorOf<Key> b = load(second + v * kLanes<Key>);
    store<Key>(a < b ? a : b, first + v * kLanes<Key>);
    store<Key>(a < b ? b : a, second + v * kLanes<Key>);
  }
}

// Batcher's merge exchange (Knuth, The Art of Computer Programming, volume 3, algorithm 5.2.2M): the same
// exchanges whatever the keys, so that columns are sorted side by side.
template <class Key>
void sort_rows(Key* block, std::int64_t rows) noexcept {
  constexpr std::int64_t width = kSortedWidth<Key>;
  std::int64_t top = 1;
  while (2 * top < rows) top *= 2;
  for (std::int64_t p = top; p > 0; p /= 2) {
    std::int64_t q = top;
    std::int64_t r = 0;
    for (std::int64_t d = p;; d = q - p, q /= 2, r = p) {
      for (std::int64_t i = 0; i + d < rows; ++i) {
        if ((i & p) == r) exchange(block + i * width, block + (i + d) * width);
      }
      if (q == p) break;
    }
  }
}

template <class Key>
void pick_sorted(const KeyTable<const Key>& table, const std::int64_t* ranks, std::int64_t count, Key* picked,
                 std::int64_t picked_stride) noexcept {
  constexpr std::int64_t width = kSortedWidth<Key>;
  constexpr Key kGreatest = std::numeric_limits<Key>::max();
  Key block[ColumnKernels<Key>::kMaxSorted * width];
  for (std::int64_t column = 0; column < table.columns; column += width) {
    const std::int64_t columns = least(width, table.columns - column);
    for (std::int64_t row = 0; row < table.rows; ++row) {
      for (std::int64_t i = 0; i < columns; ++i)
        block[row * width + i] = table.keys[row * table.stride + column + i];
      for (std::int64_t i = columns; i < width; ++i) block[row * width + i] = 0;
    }
    if (table.rows > 1) sort_rows(block, table.rows);
    std::int64_t numbers[width];
    for (std::int64_t i = 0; i < columns; ++i) {
      numbers[i] = table.rows;
      while (numbers[i] > 1 && block[(numbers[i] - 1) * width + i] == kGreatest) --numbers[i];
    }
    for (std::int64_t at = 0; at < count; ++at) {
      Key* out = picked + at * picked_stride + column;
      for (std::int64_t i = 0; i < columns; ++i) {
        Key key = block[ranks[at] * numbers[i] / table.rows * width + i];
        if (at > 0 && key <= out[i - picked_stride]) {
          const Key before = out[i - picked_stride];
          key = before == kGreatest ? before : static_cast<Key>(before + 1);
        }
        out[i] = key;
      }
    }
  }
}

template <class Key>
void collect(const KeyTable<const Key>& table, const Key* lo, const Key* hi, const std::int64_t* places,
             const std::int32_t* limits, std::int32_t* sizes, Key* lists) noexcept {
  // The lists of neighbouring columns lie far from each other: fetched before they are needed.
  constexpr std::int64_t kAhead = 8;
  for (std::int64_t column = 0; column < table.columns; ++column) {
    if (column + kAhead < table.columns)
      __builtin_prefetch(lists + places[column + kAhead] + sizes[column + kAhead], 1);
    if (hi[column] < lo[column]) continue;
    const Key from = lo[column];
    const Key to = hi[column];
    const Key* key = table.keys + column;
    Key* const begin = lists + places[column];
    Key* end = begin + sizes[column];
    const Key* const limit = begin + limits[column];
    for (std::int64_t row = 0; row < table.rows; ++row, key += table.stride) {
      *end = *key;
      end += static_cast<std::int64_t>(*key >= from) & static_cast<std::int64_t>(*key <= to) &
             static_cast<std::int64_t>(end < limit);
    }
    sizes[column] = static_cast<std::int32_t>(end - begin);
  }
}

template <class Key>
ColumnKernels<Key> kernels_of() noexcept {
  return {pick_sorted<Key>, count_below<Key>, collect<Key>};
}

// Signed integers are keys themselves.
void keep_keys(void* /*elements*/, std::int64_t /*n*/) noexcept {}

template <class Key>
void make_unsigned_keys(void* elements, std::int64_t n) noexcept {
  Key* keys = static_cast<Key*>(elements);
  for (std::int64_t i = 0; i < n; ++i) keys[i] = static_cast<Key>(keys[i] ^ std::numeric_limits<Key>::min());
}

// The bits of negative floats are mirrored; those above infinity are NaN.
template <class Key, Key infinity>
void make_float_keys(void* elements, std::int64_t n) noexcept {
  constexpr Key kGreatest = std::numeric_limits<Key>::max();
  Key* keys = static_cast<Key*>(elements);
  for (std::int64_t i = 0; i < n; ++i) {
    const Key bits = keys[i];
    const Key ordered = bits ^ ((bits >> (8 * sizeof(Key) - 1)) & kGreatest);
    keys[i] = (bits & kGreatest) > infinity ? kGreatest : ordered;
  }
}

constexpr std::int32_t kInfinity32 = 0x7f800000;
constexpr std::int64_t kInfinity64 = 0x7ff0000000000000;

}  // namespace

void fill_columns(ColumnTable& table) noexcept {
  table.bytes = kernels_of<std::int8_t>();
  table.shorts = kernels_of<std::int16_t>();
  table.ints = kernels_of<std::int32_t>();
  table.longs = kernels_of<std::int64_t>();
  const auto set = [&table](DType dtype, MakeKeys make) {
    table.make_keys[static_cast<std::size_t>(dtype)] = make;
  };
  set(DType::boolean, make_unsigned_keys<std::int8_t>);
  set(DType::uint8, make_unsigned_keys<std::int8_t>);
  set(DType::uint16, make_unsigned_keys<std::int16_t>);
  set(DType::uint32, make_unsigned_keys<std::int32_t>);
  set(DType::uint64, make_unsigned_keys<std::int64_t>);
  for (const DType dtype : {DType::int8, DType::int16, DType::int32, DType::int64}) set(dtype, keep_keys);
  set(DType::float32, make_float_keys<std::int32_t, kInfinity32>);
  set(DType::float64, make_float_keys<std::int64_t, kInfinity64>);
}

}  // namespace varve::kernels::VARVE_ISA_NAMESPACE

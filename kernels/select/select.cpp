#include "kernels/select.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/select/key.hpp"

namespace varve::kernels {
namespace {

constexpr QuantileValue kNan{std::numeric_limits<double>::quiet_NaN()};

template <class T>
QuantileValue between(T lower, T upper, double weight, QuantileMethod method) noexcept {
  QuantileValue value{};
  if (std::is_integral_v<T> && takes_elements(method)) {
    value.element = static_cast<std::int64_t>(lower);
  } else {
    value.number = interpolate(static_cast<double>(lower), static_cast<double>(upper), weight);
  }
  return value;
}

template <class T>
QuantileValue between_keys(std::uint64_t lower, std::uint64_t upper, double weight,
                           QuantileMethod method) noexcept {
  return between(number_of<T>(static_cast<KeyOf<T>>(lower)), number_of<T>(static_cast<KeyOf<T>>(upper)),
                 weight, method);
}

// Moves numbers to the front; returns how many there are.
template <class T>
std::int64_t numbers_first(T* row, std::int64_t n) noexcept {
  if constexpr (!std::is_floating_point_v<T>) return n;
  return std::partition(row, row + n, [](T value) { return !is_nan(value); }) - row;
}

// Rows of so many elements are narrowed down to those between two elements of a sample, if few ranks are
// wanted.
constexpr std::int64_t kMinNarrowed = 512;
constexpr std::int64_t kMaxNarrowed = 32768;
constexpr std::size_t kFewQuantiles = 8;
constexpr std::int64_t kMaxCandidates = 4096;
constexpr std::int64_t kMaxSampled = 1024;

template <class T>
constexpr T min_value() noexcept {
  using Limits = std::numeric_limits<T>;
  return Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
}

template <class T>
constexpr T greatest_value() noexcept {
  using Limits = std::numeric_limits<T>;
  return Limits::has_infinity ? Limits::infinity() : Limits::max();
}

template <class T>
struct Pair {
  T lower;
  T upper;
};

// Moves the elements for which `is_first` to the front, without branches; returns how many there are.
template <class T, class IsFirst>
std::int64_t move_first(T* row, std::int64_t n, const IsFirst& is_first) noexcept {
  std::int64_t count = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    const T value = row[i];
    row[i] = row[count];
    row[count] = value;
    count += is_first(value) ? 1 : 0;
  }
  return count;
}

template <class T>
T middle_of(T a, T b, T c) noexcept {
  return std::max(std::min(a, b), std::min(std::max(a, b), c));
}

// As std::nth_element, whose branches nobody can predict; leaves the last few and bad luck to it.
template <class T>
void move_rank(T* row, std::int64_t n, std::int64_t rank) noexcept {
  constexpr std::int64_t kFew = 24;
  for (int round = 0; n > kFew && round < 48; ++round) {
    const T pivot = middle_of(row[0], row[n / 2], row[n - 1]);
    const std::int64_t less = move_first(row, n, [pivot](T value) { return value < pivot; });
    if (rank < less) {
      n = less;
      continue;
    }
    row += less;
    rank -= less;
    n -= less;
    const std::int64_t equal = move_first(row, n, [pivot](T value) { return !(pivot < value); });
    if (rank < equal) return;
    row += equal;
    rank -= equal;
    n -= equal;
  }
  std::nth_element(row, row + rank, row + n);
}

// Finds the elements of two ranks that are the same or neighbours; reorders.
template <class T>
Pair<T> select_in_place(T* row, std::int64_t n, std::int64_t lower, std::int64_t upper) noexcept {
  move_rank(row, n, lower);
  const T found = row[lower];
  return {found, upper == lower ? found : *std::min_element(row + upper, row + n)};
}

// A power of two near n^(2/3) (Floyd and Rivest, 1975).
std::int64_t sample_size(std::int64_t n) noexcept {
  std::int64_t size = 64;
  while (size < kMaxSampled && size * size * size < n * n) size *= 2;
  return size;
}

// Finds the same as select_in_place, and leaves the row as it is: one pass picks the elements between two of
// a sample, without branches, and counts those below. Returns false if the sample misled.
template <class T>
bool select_by_sample(const T* row, std::int64_t n, std::int64_t lower, std::int64_t upper,
                      Pair<T>& found) noexcept {
  std::array<T, kMaxSampled> sample;
  const std::int64_t size = sample_size(n);
  for (std::int64_t i = 0; i < size; ++i) sample[static_cast<std::size_t>(i)] = row[i * n / size];
  const auto margin = static_cast<std::int64_t>(1.5 * std::sqrt(static_cast<double>(size)));
  T* const begin = sample.data();
  const std::int64_t first = std::max<std::int64_t>(lower * size / n - margin, 0);
  const std::int64_t last = std::min<std::int64_t>(upper * size / n + margin, size - 1);
  move_rank(begin, size, first);
  move_rank(begin + first, size - first, last - first);
  // Ranks near an end have no bound on that side.
  const bool open_below = lower * size / n < margin;
  const bool open_above = upper * size / n + margin > size - 1;
  const T least = open_below ? min_value<T>() : begin[first];
  const T most = open_above ? greatest_value<T>() : begin[last];

  std::array<T, kMaxCandidates> between;
  constexpr std::int64_t kBlock = 256;
  std::int64_t below = 0;
  std::int64_t count = 0;
  for (std::int64_t block = 0; block < n; block += kBlock) {
    if (count > kMaxCandidates - kBlock) return false;
    const std::int64_t end = std::min(block + kBlock, n);
    for (std::int64_t i = block; i < end; ++i) {
      const T value = row[i];
      between[static_cast<std::size_t>(count)] = value;
      count += static_cast<std::int64_t>(!(value < least)) & static_cast<std::int64_t>(!(value > most));
    }
    for (std::int64_t i = block; i < end; ++i) below += row[i] < least ? 1 : 0;
  }
  if (lower < below || upper >= below + count) return false;
  found = select_in_place(between.data(), count, lower - below, upper - below);
  return true;
}

template <class T>
Pair<T> select(T* row, std::int64_t n, std::int64_t lower, std::int64_t upper) noexcept {
  Pair<T> found;
  if (n >= kMinNarrowed && n <= kMaxNarrowed && select_by_sample(row, n, lower, upper, found)) return found;
  return select_in_place(row, n, lower, upper);
}

// For many ranks: everything before `sorted` is in its place already.
template <class T>
Pair<T> select_after(T* row, std::int64_t n, const QuantileRank& rank, std::int64_t& sorted) noexcept {
  for (const std::int64_t wanted : {rank.lower, rank.upper}) {
    if (wanted < sorted) continue;
    if (wanted == sorted) {
      std::iter_swap(row + wanted, std::min_element(row + wanted, row + n));
    } else {
      std::nth_element(row + sorted, row + wanted, row + n);
    }
    sorted = wanted + 1;
  }
  return {row[rank.lower], row[rank.upper]};
}

template <class T>
void quantiles(void* data, std::int64_t length, QuantileMethod method, bool skips_nan,
               std::span<const double> q, QuantileValue* values) noexcept {
  T* row = static_cast<T*>(data);
  const std::int64_t n = numbers_first(row, length);
  if (n == 0 || (n < length && !skips_nan)) {
    std::fill_n(values, q.size(), kNan);
    return;
  }
  std::int64_t sorted = 0;
  for (std::size_t i = 0; i < q.size(); ++i) {
    const QuantileRank rank = quantile_rank(method, q[i], n);
    const Pair<T> found = q.size() <= kFewQuantiles ? select(row, n, rank.lower, rank.upper)
                                                    : select_after(row, n, rank, sorted);
    values[i] = between(found.lower, found.upper, rank.weight, method);
  }
}

// Counts every element. Neighbours are often equal, and a counter cannot be added to again at once: four
// places of the row take turns.
template <class T>
std::int64_t count_first_digits(const T* values, std::int64_t n, int shift, std::int64_t* counters) noexcept {
  std::int64_t nans = 0;
  const auto count = [&](T value) {
    if (is_nan(value)) {
      ++nans;
    } else {
      ++counters[static_cast<std::uint64_t>(key_of(value)) >> shift];
    }
  };
  const std::int64_t quarter = n / 4;
  for (std::int64_t i = 0; i < quarter; ++i) {
    count(values[i]);
    count(values[quarter + i]);
    count(values[2 * quarter + i]);
    count(values[3 * quarter + i]);
  }
  for (std::int64_t i = 4 * quarter; i < n; ++i) count(values[i]);
  return nans;
}

// Where prefixes are few, blocks of so many elements are compared with all of them at once: most have none.
constexpr std::int64_t kComparedTogether = 16;
constexpr std::size_t kFewPrefixes = 8;

template <class T>
bool has_any(const T* values, int above, std::span<const std::uint64_t> prefixes) noexcept {
  using Bits = KeyOf<T>;
  using Vector [[gnu::vector_size(16)]] = Bits;
  using SignedVector [[gnu::vector_size(16)]] = std::make_signed_t<Bits>;
  constexpr std::int64_t kLanes = 16 / static_cast<std::int64_t>(sizeof(Bits));
  SignedVector found{};
  for (std::int64_t i = 0; i < kComparedTogether; i += kLanes) {
    Vector key;
    std::memcpy(&key, values + i, sizeof key);
    if constexpr (std::is_floating_point_v<T>) {
      key ^=
          reinterpret_cast<Vector>(reinterpret_cast<SignedVector>(key) >> (8 * sizeof(T) - 1)) | kSignBit<T>;
    } else if constexpr (std::is_signed_v<T>) {
      key ^= kSignBit<T>;
    }
    key >>= static_cast<Bits>(above);
    for (const std::uint64_t prefix : prefixes) found |= key == static_cast<Bits>(prefix);
  }
  std::array<std::uint64_t, 2> halves;
  std::memcpy(halves.data(), &found, sizeof halves);
  return (halves[0] | halves[1]) != 0;
}

template <class T>
std::int64_t count_nans(const T* values, std::int64_t n) noexcept {
  std::int64_t nans = 0;
  if constexpr (std::is_floating_point_v<T>) {
    constexpr std::int64_t kBlock = 4096;
    for (std::int64_t block = 0; block < n; block += kBlock) {
      KeyOf<T> count = 0;  // as wide as an element, so that vectors hold as many
      for (std::int64_t i = block; i < std::min(block + kBlock, n); ++i) count += is_nan(values[i]) ? 1 : 0;
      nans += static_cast<std::int64_t>(count);
    }
  }
  return nans;
}

/// Counts the elements with one of the prefixes.
template <class T>
class PrefixCounter {
 public:
  PrefixCounter(int shift, int digit_bits, std::span<const std::uint64_t> prefixes,
                std::int64_t* counters) noexcept
      : shift_(shift),
        digit_bits_(digit_bits),
        mask_((std::uint64_t{1} << digit_bits) - 1),
        prefixes_(prefixes),
        counters_(counters) {
    for (const std::uint64_t prefix : prefixes)
      map_[(prefix & kMapped) / 64] |= std::uint64_t{1} << (prefix & 63);
  }

  [[nodiscard]] int above() const noexcept { return shift_ + digit_bits_; }

  void add(T value) noexcept {
    const std::uint64_t key = key_of(value);
    const std::uint64_t prefix = key >> above();
    if ((map_[(prefix & kMapped) / 64] >> (prefix & 63) & 1) == 0 || is_nan(value)) return;
    const auto at = std::lower_bound(prefixes_.begin(), prefixes_.end(), prefix) - prefixes_.begin();
    if (at == std::ssize(prefixes_) || prefixes_[static_cast<std::size_t>(at)] != prefix) return;
    ++counters_[(static_cast<std::uint64_t>(at) << digit_bits_) + (key >> shift_ & mask_)];
  }

 private:
  // A map of the prefixes' low bits tells nearly all others apart.
  static constexpr std::uint64_t kMapped = 0xffff;
  std::array<std::uint64_t, (kMapped + 1) / 64> map_{};
  int shift_;
  int digit_bits_;
  std::uint64_t mask_;
  std::span<const std::uint64_t> prefixes_;
  std::int64_t* counters_;
};

template <class T>
std::int64_t count_digits_of(const T* values, std::int64_t n, int shift, int digit_bits,
                             std::span<const std::uint64_t> prefixes, std::int64_t* counters) noexcept {
  PrefixCounter<T> counter(shift, digit_bits, prefixes, counters);
  std::int64_t i = 0;
  for (; prefixes.size() <= kFewPrefixes && i + kComparedTogether <= n; i += kComparedTogether) {
    if (!has_any(values + i, counter.above(), prefixes)) continue;
    for (std::int64_t at = i; at < i + kComparedTogether; ++at) counter.add(values[at]);
  }
  for (; i < n; ++i) counter.add(values[i]);
  return count_nans(values, n);
}

template <class T>
std::int64_t count_digits(const void* data, std::int64_t n, int shift, int digit_bits,
                          std::span<const std::uint64_t> prefixes, std::int64_t* counters) noexcept {
  const T* values = static_cast<const T*>(data);
  if (shift + digit_bits == 8 * static_cast<int>(sizeof(T)))
    return count_first_digits(values, n, shift, counters);
  return count_digits_of(values, n, shift, digit_bits, prefixes, counters);
}

using Rows = std::array<SelectKernel, kDTypeCount>;

template <class T>
void add(Rows& rows, DType dtype) noexcept {
  rows[static_cast<std::size_t>(dtype)] = {quantiles<T>, 8 * static_cast<int>(sizeof(T)), between_keys<T>,
                                           count_digits<T>};
}

Rows make_rows() noexcept {
  Rows rows{};
  add<std::uint8_t>(rows, DType::boolean);
  add<std::int8_t>(rows, DType::int8);
  add<std::int16_t>(rows, DType::int16);
  add<std::int32_t>(rows, DType::int32);
  add<std::int64_t>(rows, DType::int64);
  add<std::uint8_t>(rows, DType::uint8);
  add<std::uint16_t>(rows, DType::uint16);
  add<std::uint32_t>(rows, DType::uint32);
  add<std::uint64_t>(rows, DType::uint64);
  add<float>(rows, DType::float32);
  add<double>(rows, DType::float64);
  return rows;
}

}  // namespace

const SelectKernel* find_select(DType dtype) noexcept {
  static const Rows rows = make_rows();
  const SelectKernel& row = rows[static_cast<std::size_t>(dtype)];
  return row.quantiles != nullptr ? &row : nullptr;
}

}  // namespace varve::kernels

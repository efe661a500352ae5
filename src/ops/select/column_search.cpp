#include "ops/select/column_search.hpp"

#include <cmath>
#include <cstring>
#include <utility>

#include "varve/core/chunk_grid.hpp"
#include "varve/core/error.hpp"

namespace varve::ops {
namespace {

// Bounds per column, with one to tell numbers from NaN: 32 took a second longer than 16 for 4 GiB. The median
// of 224 elements lies 3.3% of the rows from that of all, by its standard deviation: twelve bounds 2.5% apart
// reach four times as far.
constexpr std::int64_t kBounds = 16;
constexpr std::int64_t kSampled = 224;
// Room for this part of the rows is kept in lists, per quantile: brackets 2.5% wide hold 5% on average, since
// wide ones are more often met.
constexpr std::int64_t kListedPart = 16;
constexpr double kFine = 0.025;          // between bounds near a wanted rank, as a part of the sample
constexpr std::int64_t kEverywhere = 4;  // parts that the other bounds cut the sample into

// The ranks in a sorted sample that become bounds: some everywhere, most around what is wanted.
std::vector<std::int64_t> bound_ranks(std::int64_t rows, std::span<const double> q) {
  std::vector<std::int64_t> ranks;
  const auto most = static_cast<double>(rows - 1);
  const auto add = [&](double rank) {
    ranks.push_back(static_cast<std::int64_t>(std::lround(std::clamp(rank, 0.0, most))));
  };
  const std::int64_t each = (kBounds - kEverywhere) / std::max<std::int64_t>(std::ssize(q), 1) / 2;
  const std::int64_t everywhere = each > 0 ? kEverywhere : kBounds;
  for (std::int64_t i = 1; i < everywhere; ++i)
    add(static_cast<double>(i) * static_cast<double>(rows) / static_cast<double>(everywhere));
  const double step = std::max(kFine * static_cast<double>(rows), 1.0);
  for (const double wanted : q) {
    for (std::int64_t i = 0; i < each; ++i) {
      const double away = (static_cast<double>(i) + 0.5) * step;
      add(wanted * most - away);
      add(wanted * most + away);
    }
  }
  std::sort(ranks.begin(), ranks.end());
  ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
  return ranks;
}

// Counts of one pass must suit those of another: places in lists follow from them.
void require_unchanged(bool is_unchanged) {
  if (is_unchanged) return;
  throw StorageError("quantile: the input changed between two passes over it; keep it as it is during a run");
}

}  // namespace

std::int64_t ColumnRequest::listed_rows() const {
  return std::max(rows / kListedPart * std::max<std::int64_t>(std::ssize(q), 1), 4 * kBounds);
}

std::int64_t ColumnRequest::sampled_rows() const {
  return std::min(std::min(kSampled, listed_rows() - 2 * kBounds), rows);
}

ColumnMemory::Bracket::Bracket(expr::Workspace& workspace, const ColumnRequest& request) {
  for (expr::Elements& row : keys) row = workspace.add(request.dtype, request.columns);
  for (auto& row : counts) row = workspace.add<std::int32_t>(request.columns);
  place = workspace.add<std::int64_t>(request.columns);
}

ColumnMemory::ColumnMemory(expr::Workspace& workspace, const ColumnRequest& request)
    : numbers(workspace.add<std::int32_t>(request.columns)) {
  const auto rows = [&](std::int64_t count) { return saturating_multiply(count, request.columns); };
  for (std::int64_t i = 0; i < request.wanted(); ++i) brackets.emplace_back(workspace, request);
  expr::Turns of_pass(workspace);
  {
    bounds = workspace.add(request.dtype, rows(kBounds));
    expr::Turns of_bounds(workspace);
    counts = workspace.add<std::int32_t>(rows(kBounds));
    of_bounds.next();
    sample = workspace.add(request.dtype, rows(request.sampled_rows()));
  }
  of_pass.next();
  lists = workspace.add(request.dtype, rows(request.listed_rows()));
}

template <class Key>
ColumnSearch<Key>::ColumnSearch(const ColumnRequest& request, const ColumnMemory& parts,
                                const expr::WorkMemory& memory)
    : request_(request),
      has_nan_(request.dtype == DType::float32 || request.dtype == DType::float64),
      kernels_(kernels::column_kernels<Key>()),
      numbers_(parts.numbers.in(memory).data()),
      counts_(parts.counts.in(memory).data()) {
  const auto keys = [&](const expr::Elements& place) { return reinterpret_cast<Key*>(place.in(memory)); };
  const auto list = [&](const auto& region) { return region.in(memory).data(); };
  for (const ColumnMemory::Bracket& of : parts.brackets) {
    brackets_.push_back({keys(of.keys[0]), keys(of.keys[1]), list(of.counts[0]), list(of.counts[1]),
                         keys(of.keys[2]), keys(of.keys[3]), list(of.counts[2]), list(of.place)});
  }
  bounds_ = keys(parts.bounds);
  sample_ = keys(parts.sample);
  lists_ = keys(parts.lists);
}

template <class Key>
void ColumnSearch<Key>::run(KeyStream<Key>& stream) {
  bound_by_sample(stream);
  count(stream);
  stream.for_columns([&](std::int64_t first, std::int64_t columns) {
    for (std::int64_t column = first; column < first + columns; ++column) begin(column);
  });
  do {
    while (assign_lists()) collect(stream);
  } while (divide(stream));
}

template <class Key>
void ColumnSearch<Key>::bound_by_sample(KeyStream<Key>& stream) {
  const std::int64_t columns = request_.columns;
  const std::int64_t taken =
      stream.sample(request_.sampled_rows(),
                    [&](const kernels::KeyTable<const Key>& keys, std::int64_t first, std::int64_t row) {
                      for (std::int64_t i = 0; i < keys.rows; ++i) {
                        std::memcpy(sample_ + (row + i) * columns + first, keys.keys + i * keys.stride,
                                    static_cast<std::size_t>(keys.columns) * sizeof(Key));
                      }
                    });
  const std::vector<std::int64_t> ranks = bound_ranks(taken, request_.q);
  bound_count_ = std::ssize(ranks) + 1;
  stream.for_columns([&](std::int64_t first, std::int64_t count) {
    kernels_.pick_sorted({sample_ + first, taken, count, columns}, ranks.data(), std::ssize(ranks),
                         bounds_ + first, columns);
    std::fill_n(bounds_ + std::ssize(ranks) * columns + first, count, kGreatest);
  });
}

template <class Key>
void ColumnSearch<Key>::count(KeyStream<Key>& stream) {
  const std::int64_t columns = request_.columns;
  std::memset(counts_, 0, static_cast<std::size_t>(bound_count_ * columns) * sizeof(std::int32_t));
  stream.all([&](const kernels::KeyTable<const Key>& keys, std::int64_t first, std::int64_t /*row*/) {
    kernels_.count_below(keys, {bounds_ + first, bound_count_, keys.columns, columns}, counts_ + first);
  });
}

// No key lies above the last bound but NaN, if the dtype has any.
template <class Key>
void ColumnSearch<Key>::begin(std::int64_t column) {
  const std::int32_t less = counts_[(bound_count_ - 1) * request_.columns + column];
  numbers_[column] = has_nan_ ? less : static_cast<std::int32_t>(request_.rows);
  for (std::int64_t i = 0; i < request_.wanted(); ++i) {
    const Brackets& of = brackets_[static_cast<std::size_t>(i)];
    of.lo[column] = kLeast;
    of.hi[column] = has_quantiles(column) ? static_cast<Key>(kGreatest - (has_nan_ ? 1 : 0)) : kLeast;
    of.below[column] = 0;
    of.within[column] = numbers_[column];
    if (has_quantiles(column)) narrow(i, column);
  }
}

template <class Key>
bool ColumnSearch<Key>::has_quantiles(std::int64_t column) const {
  const std::int64_t numbers = numbers_[column];
  return numbers > 0 && (request_.skips_nan || numbers == request_.rows);
}

template <class Key>
std::int64_t ColumnSearch<Key>::rank(std::int64_t wanted, std::int64_t column) const {
  const double q = request_.q[static_cast<std::size_t>(wanted / 2)];
  const kernels::QuantileRank found = kernels::quantile_rank(request_.method, q, numbers_[column]);
  return wanted % 2 == 0 ? found.lower : found.upper;
}

// Moves the ends of a bracket to the counted bounds around its rank.
template <class Key>
void ColumnSearch<Key>::narrow(std::int64_t wanted, std::int64_t column) {
  const Brackets& of = brackets_[static_cast<std::size_t>(wanted)];
  const std::int64_t wanted_rank = rank(wanted, column);
  std::int32_t end = of.below[column] + of.within[column];
  for (std::int64_t i = 0; i < bound_count_; ++i) {
    const Key bound = bounds_[i * request_.columns + column];
    const std::int32_t less = counts_[i * request_.columns + column];
    if (bound <= of.lo[column]) continue;
    if (bound > of.hi[column]) break;
    if (less > wanted_rank) {
      of.hi[column] = static_cast<Key>(bound - 1);
      end = less;
      break;
    }
    of.lo[column] = bound;
    of.below[column] = less;
  }
  require_unchanged(of.below[column] <= wanted_rank && wanted_rank < end);
  of.within[column] = end - of.below[column];
}

// Gives lists to open brackets as long as there is room; returns whether there are any. Equal brackets of one
// column share a list.
template <class Key>
bool ColumnSearch<Key>::assign_lists() {
  const std::int64_t room = request_.listed_rows() * request_.columns;
  std::int64_t used = 0;
  for (std::int64_t column = 0; column < request_.columns; ++column) {
    const Brackets* before = nullptr;
    for (const Brackets& of : brackets_) {
      of.place[column] = -1;
      of.from[column] = kGreatest;
      of.to[column] = kLeast;
      of.size[column] = 0;
      const Brackets* last = std::exchange(before, &of);
      if (!is_open(of, column)) continue;
      if (last != nullptr && last->place[column] >= 0 && last->lo[column] == of.lo[column] &&
          last->hi[column] == of.hi[column]) {
        of.place[column] = last->place[column];
        continue;
      }
      // The kernel writes to one place behind the list.
      const std::int64_t needed = of.within[column] + 1;
      if (used + needed > room) continue;
      of.place[column] = used;
      of.from[column] = of.lo[column];
      of.to[column] = of.hi[column];
      used += needed;
    }
  }
  return used > 0;
}

template <class Key>
void ColumnSearch<Key>::collect(KeyStream<Key>& stream) {
  std::vector<bool> collects;
  for (const Brackets& of : brackets_) {
    bool any = false;
    for (std::int64_t column = 0; column < request_.columns && !any; ++column)
      any = of.from[column] <= of.to[column];
    collects.push_back(any);
  }
  stream.all([&](const kernels::KeyTable<const Key>& keys, std::int64_t first, std::int64_t /*row*/) {
    for (std::size_t i = 0; i < brackets_.size(); ++i) {
      const Brackets& of = brackets_[i];
      if (collects[i])
        kernels_.collect(keys, of.from + first, of.to + first, of.place + first, of.within + first,
                         of.size + first, lists_);
    }
  });
  stream.for_columns([&](std::int64_t first, std::int64_t columns) {
    for (std::int64_t column = first; column < first + columns; ++column) select(column);
  });
}

// Brackets that share a list come one after the other, and so do their ranks.
template <class Key>
void ColumnSearch<Key>::select(std::int64_t column) {
  std::int64_t list = -1;
  Key* begin = nullptr;
  Key* end = nullptr;
  for (std::int64_t i = 0; i < request_.wanted(); ++i) {
    const Brackets& of = brackets_[static_cast<std::size_t>(i)];
    if (of.place[column] < 0) continue;
    if (of.place[column] != list) {
      list = of.place[column];
      begin = lists_ + list;
      end = begin + of.size[column];
    }
    require_unchanged(end - (lists_ + list) == of.within[column]);
    // What lies before the last one found is in its place already.
    Key* const found = lists_ + list + (rank(i, column) - of.below[column]);
    if (found >= begin) {
      std::nth_element(begin, found, end);
      begin = found;
    }
    of.lo[column] = of.hi[column] = *found;
  }
}

// Where not even one bracket fits into all room, or many columns are left: cuts the brackets of one rank into
// equal parts.
template <class Key>
bool ColumnSearch<Key>::divide(KeyStream<Key>& stream) {
  for (std::int64_t i = 0; i < request_.wanted(); ++i) {
    const Brackets& of = brackets_[static_cast<std::size_t>(i)];
    bool any = false;
    for (std::int64_t column = 0; column < request_.columns && !any; ++column) any = is_open(of, column);
    if (!any) continue;
    bound_count_ = kBounds;
    for (std::int64_t column = 0; column < request_.columns; ++column) divide(of, column);
    count(stream);
    stream.for_columns([&](std::int64_t first, std::int64_t columns) {
      for (std::int64_t column = first; column < first + columns; ++column) {
        if (is_open(of, column)) narrow(i, column);
      }
    });
    return true;
  }
  return false;
}

template <class Key>
void ColumnSearch<Key>::divide(const Brackets& of, std::int64_t column) {
  using Distance = std::make_unsigned_t<Key>;
  const auto span =
      static_cast<Distance>(static_cast<Distance>(of.hi[column]) - static_cast<Distance>(of.lo[column]));
  const auto step = static_cast<Distance>(std::max<Distance>(span / kBounds, 1));
  for (std::int64_t i = 0; i < kBounds; ++i) {
    const auto away = static_cast<Distance>(
        std::min<std::uint64_t>(static_cast<std::uint64_t>(step) * static_cast<std::uint64_t>(i + 1), span));
    bounds_[i * request_.columns + column] =
        static_cast<Key>(static_cast<Distance>(static_cast<Distance>(of.lo[column]) + away));
  }
}

template <class Key>
std::uint64_t ColumnSearch<Key>::key(const Brackets& of, std::int64_t column) {
  using Bits = std::make_unsigned_t<Key>;
  return static_cast<Bits>(static_cast<Bits>(of.lo[column]) ^ static_cast<Bits>(kLeast));
}

template <class Key>
void ColumnSearch<Key>::quantiles(std::int64_t column, kernels::QuantileValue* values) const {
  const kernels::SelectKernel& kernel = *kernels::find_select(request_.dtype);
  for (std::size_t i = 0; i < request_.q.size(); ++i) {
    values[i].number = std::numeric_limits<double>::quiet_NaN();
    if (!has_quantiles(column)) continue;
    const kernels::QuantileRank found =
        kernels::quantile_rank(request_.method, request_.q[i], numbers_[column]);
    values[i] = kernel.between_keys(key(brackets_[2 * i], column), key(brackets_[2 * i + 1], column),
                                    found.weight, request_.method);
  }
}

template class ColumnSearch<std::int8_t>;
template class ColumnSearch<std::int16_t>;
template class ColumnSearch<std::int32_t>;
template class ColumnSearch<std::int64_t>;

}  // namespace varve::ops

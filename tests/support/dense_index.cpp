#include <algorithm>
#include <utility>

#include "support/dense.hpp"

namespace varve::dense {
namespace {

using List = std::vector<std::int64_t>;

// One axis of the result that walks one axis of the source; `axis` < 0: a new axis.
struct Walk {
  std::int64_t axis;
  std::int64_t start;
  std::int64_t step;
  std::int64_t count;
};

// Positions along one axis of the source.
struct Listed {
  std::int64_t axis;
  List values;
  Shape shape;

  // `at`: coordinates in the shape to which all positions of an index are broadcast.
  [[nodiscard]] std::int64_t position(const Index& at) const {
    std::int64_t place = 0;
    for (std::int64_t i = 0; i < shape.size(); ++i) {
      place = place * shape[i] + (shape[i] == 1 ? 0 : at[at.size() - shape.size() + i]);
    }
    return values[static_cast<std::size_t>(place)];
  }
};

struct Selection {
  std::vector<Walk> walks;
  std::vector<Listed> lists;
  Shape common;              // to which all lists are broadcast
  std::size_t lists_at = 0;  // before which walk their axes stand
};

Shape broadcast(const Shape& left, const Shape& right) {
  Shape result = left.size() >= right.size() ? left : right;
  const Shape& shorter = left.size() >= right.size() ? right : left;
  for (std::int64_t i = 1; i <= shorter.size(); ++i) {
    std::int64_t& extent = result[result.size() - i];
    if (extent == 1) extent = shorter[shorter.size() - i];
  }
  return result;
}

// Python's slice.indices(extent).
Walk walk_of(const Slice& slice, std::int64_t axis, std::int64_t extent) {
  const std::int64_t least = slice.step > 0 ? 0 : -1;
  const std::int64_t most = slice.step > 0 ? extent : extent - 1;
  const auto place = [&](std::int64_t position) {
    return std::clamp(position < 0 ? position + extent : position, least, most);
  };
  const std::int64_t start = slice.start ? place(*slice.start) : (slice.step > 0 ? least : most);
  const std::int64_t stop = slice.stop ? place(*slice.stop) : (slice.step > 0 ? most : least);
  const std::int64_t span = slice.step > 0 ? stop - start : start - stop;
  const std::int64_t stride = slice.step > 0 ? slice.step : -slice.step;
  return {axis, start, slice.step, span > 0 ? (span + stride - 1) / stride : 0};
}

template <class T>
bool holds(const IndexItem& item) {
  return std::holds_alternative<T>(item.value());
}

// Puts full slices in place of the ellipsis, or at the end.
std::vector<IndexItem> spelled_out(const std::vector<IndexItem>& items, std::int64_t ndim) {
  const auto consumes = [](const IndexItem& item) { return !holds<NewAxis>(item) && !holds<Ellipsis>(item); };
  const auto missing = static_cast<std::size_t>(ndim - std::count_if(items.begin(), items.end(), consumes));
  std::vector<IndexItem> out = items;
  auto at = std::find_if(out.begin(), out.end(), [](const IndexItem& item) { return holds<Ellipsis>(item); });
  if (at != out.end()) at = out.erase(at);
  out.insert(at, missing, IndexItem(Slice{}));
  return out;
}

bool is_list(const IndexItem& item) {
  const auto* positions = std::get_if<Positions>(&item.value());
  return holds<List>(item) || (positions != nullptr && !positions->shape().empty());
}

Listed listed(const IndexItem& item, std::int64_t axis, std::int64_t extent) {
  Listed result{axis, {}, {}};
  if (const auto* positions = std::get_if<Positions>(&item.value())) {
    result.values = positions->values();
    result.shape = positions->shape();
  } else if (const auto* list = std::get_if<List>(&item.value())) {
    result.values = *list;
    result.shape = {static_cast<std::int64_t>(list->size())};
  } else {
    result.values = {std::get<std::int64_t>(item.value())};
  }
  for (std::int64_t& position : result.values) position += position < 0 ? extent : 0;
  return result;
}

// With a list anywhere, integers are lists too, as in NumPy: the axes of all stand where they stand if they
// are neighbours, else in front.
Selection selection_of(const std::vector<IndexItem>& items, const Shape& shape) {
  const bool any_list = std::any_of(items.begin(), items.end(), is_list);
  Selection s;
  std::int64_t axis = 0;
  bool started = false, ended = false, apart = false;
  for (const IndexItem& item : items) {
    if (is_list(item) || holds<std::int64_t>(item) || holds<Positions>(item)) {
      s.lists.push_back(listed(item, axis, shape[axis]));
      s.common = broadcast(s.common, s.lists.back().shape);
      ++axis;
      if (!started) s.lists_at = s.walks.size();
      started = true;
      apart = apart || ended;
      continue;
    }
    ended = started;
    if (holds<NewAxis>(item))
      s.walks.push_back({-1, 0, 1, 1});
    else
      s.walks.push_back(walk_of(std::get<Slice>(item.value()), axis, shape[axis])), ++axis;
  }
  if (any_list && apart) s.lists_at = 0;
  return s;
}

}  // namespace

Dense index(const Dense& x, const std::vector<IndexItem>& items) {
  const Selection s = selection_of(spelled_out(items, x.shape.size()), x.shape);
  const auto lists_at = static_cast<std::int64_t>(s.lists_at);
  Shape shape;
  for (const Walk& walk : s.walks) shape.push_back(walk.count);
  for (std::int64_t i = 0; i < s.common.size(); ++i) shape.insert(lists_at + i, s.common[i]);
  return gather(x, shape, [&](const Index& to) {
    Index from(x.shape.size(), 0);
    Index at;
    for (std::int64_t i = 0; i < s.common.size(); ++i) at.push_back(to[lists_at + i]);
    for (const Listed& list : s.lists) from[list.axis] = list.position(at);
    for (std::size_t i = 0; i < s.walks.size(); ++i) {
      const auto position = static_cast<std::int64_t>(i) + (i >= s.lists_at ? s.common.size() : 0);
      if (s.walks[i].axis >= 0) from[s.walks[i].axis] = s.walks[i].start + to[position] * s.walks[i].step;
    }
    return from;
  });
}

}  // namespace varve::dense

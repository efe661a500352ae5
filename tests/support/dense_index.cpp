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

struct Selection {
  std::vector<Walk> walks;
  std::vector<std::pair<std::int64_t, List>> lists;  // source axis and positions; all of one length
  std::size_t lists_at = 0;                          // before which walk the axis of the lists stands
};

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

// With a list anywhere, integers are lists of one position, as in NumPy: together they make one axis, which
// stands where they stand if they are neighbours, else in front.
Selection selection_of(const std::vector<IndexItem>& items, const Shape& shape) {
  const bool any_list =
      std::any_of(items.begin(), items.end(), [](const auto& item) { return holds<List>(item); });
  Selection s;
  std::int64_t axis = 0;
  bool started = false, ended = false, apart = false;
  for (const IndexItem& item : items) {
    const bool integer = holds<std::int64_t>(item);
    if (holds<List>(item) || integer) {
      List list = integer ? List{std::get<std::int64_t>(item.value())} : std::get<List>(item.value());
      for (std::int64_t& position : list) position += position < 0 ? shape[axis] : 0;
      s.lists.emplace_back(axis++, std::move(list));
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
  const bool any_list =
      std::any_of(items.begin(), items.end(), [](const auto& item) { return holds<List>(item); });
  Shape shape;
  for (const Walk& walk : s.walks) shape.push_back(walk.count);
  const auto list_axis = static_cast<std::int64_t>(s.lists_at);
  if (any_list) {
    std::size_t longest = 1;
    for (const auto& [axis, list] : s.lists) longest = list.size() == 1 ? longest : list.size();
    shape.insert(list_axis, static_cast<std::int64_t>(longest));
  }
  return gather(x, shape, [&](const Index& to) {
    Index from(x.shape.size(), 0);
    for (const auto& [axis, list] : s.lists) {
      from[axis] = list.size() == 1 ? list.front() : list[static_cast<std::size_t>(to[list_axis])];
    }
    for (std::size_t i = 0; i < s.walks.size(); ++i) {
      const auto position = static_cast<std::int64_t>(i) + (any_list && i >= s.lists_at ? 1 : 0);
      if (s.walks[i].axis >= 0) from[s.walks[i].axis] = s.walks[i].start + to[position] * s.walks[i].step;
    }
    return from;
  });
}

}  // namespace varve::dense

#include "api/index_oracle.hpp"

#include <algorithm>

namespace varve::test {
namespace {

using Positions = std::vector<std::int64_t>;

Positions slice_positions(const Slice& slice, std::int64_t n) {
  const std::int64_t low = slice.step > 0 ? 0 : -1;
  const std::int64_t high = slice.step > 0 ? n : n - 1;
  const auto place = [&](std::int64_t bound) {
    return std::min(std::max(bound < 0 ? bound + n : bound, low), high);
  };
  const std::int64_t start = slice.start ? place(*slice.start) : (slice.step > 0 ? low : high);
  const std::int64_t stop = slice.stop ? place(*slice.stop) : (slice.step > 0 ? high : low);
  Positions result;
  for (std::int64_t p = start; slice.step > 0 ? p < stop : p > stop; p += slice.step) result.push_back(p);
  return result;
}

// One output axis: for each coordinate, the source coordinates that it fixes (one per axis in `axes`).
struct OutputAxis {
  std::int64_t extent = 1;
  std::vector<std::int64_t> axes;
  std::vector<Positions> positions;  // per axis in `axes`
};

bool is_advanced(const IndexItem& item) {
  return std::holds_alternative<std::int64_t>(item.value()) ||
         std::holds_alternative<Positions>(item.value());
}

bool has_list(const std::vector<IndexItem>& items) {
  return std::any_of(items.begin(), items.end(),
                     [](const IndexItem& item) { return std::holds_alternative<Positions>(item.value()); });
}

// NumPy: the axis of the lists takes their place if they stand side by side, and comes first if not.
bool lists_in_front(const std::vector<IndexItem>& items) {
  std::string pattern;
  for (const IndexItem& item : items) pattern += is_advanced(item) ? 'a' : '-';
  const std::size_t first = pattern.find('a');
  const std::size_t last = pattern.rfind('a');
  return first != std::string::npos && pattern.substr(first, last - first).find('-') != std::string::npos;
}

std::vector<OutputAxis> output_axes(const Shape& shape, const std::vector<IndexItem>& items) {
  std::int64_t consumed = 0;
  for (const IndexItem& item : items) {
    consumed += is_advanced(item) || std::holds_alternative<Slice>(item.value()) ? 1 : 0;
  }
  std::vector<IndexItem> full = items;
  const auto is_ellipsis = [](const IndexItem& item) {
    return std::holds_alternative<Ellipsis>(item.value());
  };
  if (std::none_of(full.begin(), full.end(), is_ellipsis)) full.emplace_back(ellipsis);

  std::vector<OutputAxis> result;
  OutputAxis together;
  std::size_t place = 0;
  bool placed = false;
  std::int64_t axis = 0;
  for (const IndexItem& item : full) {
    if (is_advanced(item)) {
      if (!placed) place = result.size();
      placed = true;
      const auto* list = std::get_if<Positions>(&item.value());
      Positions positions = list != nullptr ? *list : Positions{std::get<std::int64_t>(item.value())};
      for (std::int64_t& p : positions) p += p < 0 ? shape[axis] : 0;
      if (positions.size() != 1) together.extent = static_cast<std::int64_t>(positions.size());
      together.axes.push_back(axis++);
      together.positions.push_back(positions);
    } else if (const auto* slice = std::get_if<Slice>(&item.value())) {
      const Positions positions = slice_positions(*slice, shape[axis]);
      result.push_back({static_cast<std::int64_t>(positions.size()), {axis++}, {positions}});
    } else if (is_ellipsis(item)) {
      for (std::int64_t i = consumed; i < shape.size(); ++i, ++axis) {
        result.push_back({shape[axis], {axis}, {slice_positions(Slice{}, shape[axis])}});
      }
    } else {
      result.push_back({});
    }
  }
  if (!placed) return result;
  if (!has_list(items)) {
    result.push_back(together);  // plain integers: an axis of extent 1 that `select` drops
  } else {
    if (lists_in_front(items)) place = 0;
    result.insert(result.begin() + static_cast<std::ptrdiff_t>(place), together);
  }
  return result;
}

std::int64_t pick_one(std::mt19937_64& random, std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1));
}

IndexItem random_slice(std::mt19937_64& random, std::int64_t n) {
  Slice slice;
  if (pick_one(random, 0, 2) > 0) slice.start = pick_one(random, -n - 2, n + 2);
  if (pick_one(random, 0, 2) > 0) slice.stop = pick_one(random, -n - 2, n + 2);
  while ((slice.step = pick_one(random, -3, 3)) == 0) {
  }
  return slice;
}

}  // namespace

Selected select(const Shape& shape, const std::vector<IndexItem>& items) {
  std::vector<OutputAxis> axes = output_axes(shape, items);
  Selected result;
  for (const OutputAxis& axis : axes) result.shape.push_back(axis.extent);
  Index out(result.shape.size(), 0);
  if (element_count(result.shape) > 0) {
    do {
      Index source(shape.size(), 0);
      for (std::int64_t i = 0; i < out.size(); ++i) {
        const OutputAxis& axis = axes[static_cast<std::size_t>(i)];
        for (std::size_t j = 0; j < axis.axes.size(); ++j) {
          const Positions& positions = axis.positions[j];
          source[axis.axes[j]] = positions[positions.size() == 1 ? 0 : static_cast<std::size_t>(out[i])];
        }
      }
      std::int64_t flat = 0;
      for (std::int64_t i = 0; i < shape.size(); ++i) flat = flat * shape[i] + source[i];
      result.values.push_back(flat);
    } while (next_index(out, result.shape));
  }
  const bool drop_last = !has_list(items) && std::any_of(items.begin(), items.end(), is_advanced);
  if (drop_last) result.shape.erase(result.shape.size() - 1);
  return result;
}

std::vector<IndexItem> random_index(std::mt19937_64& random, const Shape& shape) {
  std::vector<IndexItem> items;
  const std::int64_t list_extent = pick_one(random, 0, 4);
  const std::int64_t consumed = pick_one(random, 0, shape.size());
  // Axes behind an ellipsis are the last ones of the shape.
  const std::int64_t ellipsis_at = pick_one(random, 0, 1) == 1 ? pick_one(random, 0, consumed) : -1;
  for (std::int64_t i = 0; i <= consumed; ++i) {
    if (i == ellipsis_at) items.emplace_back(ellipsis);
    if (pick_one(random, 0, 6) == 0) items.emplace_back(newaxis);
    if (i == consumed) break;
    const bool behind = ellipsis_at >= 0 && i >= ellipsis_at;
    const std::int64_t n = shape[behind ? shape.size() - consumed + i : i];
    const std::int64_t kind = pick_one(random, 0, 3);
    if (n == 0 || kind <= 1) {
      items.push_back(random_slice(random, n));
    } else if (kind == 2) {
      items.emplace_back(pick_one(random, -n, n - 1));
    } else {
      Positions list(static_cast<std::size_t>(pick_one(random, 0, 4) == 0 ? 1 : list_extent));
      for (std::int64_t& position : list) position = pick_one(random, -n, n - 1);
      items.emplace_back(std::move(list));
    }
  }
  return items;
}

std::string to_python(const std::vector<IndexItem>& items) {
  const auto bound = [](const std::optional<std::int64_t>& value) {
    return value ? std::to_string(*value) : "";
  };
  std::string text = "(";
  for (const IndexItem& item : items) {
    if (const auto* position = std::get_if<std::int64_t>(&item.value())) text += std::to_string(*position);
    if (const auto* slice = std::get_if<Slice>(&item.value())) {
      text += bound(slice->start) + ":" + bound(slice->stop) + ":" + std::to_string(slice->step);
    }
    if (std::holds_alternative<Ellipsis>(item.value())) text += "...";
    if (std::holds_alternative<NewAxis>(item.value())) text += "None";
    if (const auto* list = std::get_if<Positions>(&item.value())) {
      text += "[";
      for (const std::int64_t position : *list) text += std::to_string(position) + ",";
      text += "]";
    }
    text += ", ";
  }
  return text + ")";
}

}  // namespace varve::test

#include "support/dense_operations.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace varve::dense {
namespace {

bool before(const Number& a, const Number& b) {
  return std::isnan(b.real()) ? !std::isnan(a.real()) : a.real() < b.real();
}

// Calls `change` with each row along an axis and puts what becomes of it, `extent` elements, into the result.
template <class Change>
Dense along(const Dense& x, std::int64_t axis, std::int64_t extent, DType dtype, const Change& change) {
  Shape shape = x.shape;
  shape[axis] = extent;
  Dense out(dtype, shape);
  Shape kept = x.shape;
  kept[axis] = 1;
  for_each_index(kept, [&](const Index& first) {
    std::vector<Number> row;
    Index index = first;
    for (index[axis] = 0; index[axis] < x.shape[axis]; ++index[axis]) row.push_back(x.at(index));
    const std::vector<Number> changed = change(std::move(row));
    for (index[axis] = 0; index[axis] < extent; ++index[axis])
      out.at(index) = changed[static_cast<std::size_t>(index[axis])];
  });
  return out;
}

}  // namespace

std::int64_t continued(std::int64_t at, std::int64_t n, Boundary boundary) {
  if (at >= 0 && at < n) return at;
  if (boundary == Boundary::constant) return -1;
  if (boundary == Boundary::nearest) return at < 0 ? 0 : n - 1;
  if (boundary == Boundary::wrap) return ((at % n) + n) % n;
  std::int64_t place = 0;
  std::int64_t direction = at < 0 ? -1 : 1;
  for (std::int64_t i = 0; i < std::abs(at); ++i) {
    place += direction;
    if (place >= 0 && place < n) continue;
    place = boundary == Boundary::reflect ? place - direction
                                          : std::clamp<std::int64_t>(place - 2 * direction, 0, n - 1);
    direction = -direction;
  }
  return place;
}

Dense concat(const std::vector<Dense>& parts, std::int64_t axis) {
  Shape shape = parts[0].shape;
  DType dtype = parts[0].dtype;
  shape[axis] = 0;
  for (const Dense& part : parts) {
    shape[axis] += part.shape[axis];
    dtype = promote(dtype, part.dtype);
  }
  Dense out(dtype, shape);
  std::int64_t start = 0;
  for (const Dense& part : parts) {
    const Dense converted = astype(part, dtype);
    for_each_index(part.shape, [&](const Index& index) {
      Index target = index;
      target[axis] += start;
      out.at(target) = converted.at(index);
    });
    start += part.shape[axis];
  }
  return out;
}

Dense pad(const Dense& x, const std::vector<std::pair<std::int64_t, std::int64_t>>& widths, Boundary boundary,
          const Number& constant) {
  Shape shape = x.shape;
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
    const auto& [front, back] = widths[static_cast<std::size_t>(axis)];
    shape[axis] += front + back;
  }
  Dense out(x.dtype, shape);
  for_each_index(shape, [&](const Index& index) {
    Index source = index;
    bool inside = true;
    for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
      source[axis] =
          continued(index[axis] - widths[static_cast<std::size_t>(axis)].first, x.shape[axis], boundary);
      inside = inside && source[axis] >= 0;
    }
    out.at(index) = inside ? x.at(source) : constant;
  });
  return out;
}

Dense roll(const Dense& x, const Index& shift) {
  return gather(x, x.shape, [&](const Index& index) {
    Index source = index;
    for (std::int64_t axis = 0; axis < index.size(); ++axis) {
      const std::int64_t n = x.shape[axis];
      source[axis] = (((index[axis] - shift[axis]) % n) + n) % n;
    }
    return source;
  });
}

Dense extract(const Dense& x, const Dense& mask) {
  std::vector<Index> places;
  for_each_index(mask.shape, [&](const Index& index) {
    if (truth(mask.at(index))) places.push_back(index);
  });
  Shape shape{static_cast<std::int64_t>(places.size())};
  for (std::int64_t axis = mask.shape.size(); axis < x.shape.size(); ++axis) shape.push_back(x.shape[axis]);
  return gather(x, shape, [&](const Index& index) {
    Index source = places[static_cast<std::size_t>(index[0])];
    for (std::int64_t axis = 1; axis < index.size(); ++axis) source.push_back(index[axis]);
    return source;
  });
}

Dense cumulative_sum(const Dense& x, std::int64_t axis, DType dtype) {
  return along(x, axis, x.shape[axis], dtype, [&](std::vector<Number> row) {
    Number total = 0;
    for (Number& value : row) {
      const Number next = cast(value, x.dtype, dtype);
      total = is_integer(dtype)
                  ? wrapped(dtype, static_cast<Wide>(total.real()) + static_cast<Wide>(next.real()))
                  : total + next;
      value = is_integer(dtype) ? total : rounded(dtype, total);
    }
    return row;
  });
}

Dense sort(const Dense& x, std::int64_t axis, bool descending) {
  return along(x, axis, x.shape[axis], x.dtype, [&](std::vector<Number> row) {
    std::stable_sort(row.begin(), row.end(), [&](const Number& a, const Number& b) {
      return descending ? before(b, a) : before(a, b);
    });
    return row;
  });
}

Dense median(const Dense& x, std::int64_t axis) {
  const DType dtype = is_floating(x.dtype) ? x.dtype : DType::float64;
  Dense out = along(x, axis, 1, dtype, [&](std::vector<Number> row) -> std::vector<Number> {
    std::stable_sort(row.begin(), row.end(), before);
    if (row.empty() || is_nan(row.back())) return {std::numeric_limits<Real>::quiet_NaN()};
    const std::size_t half = row.size() / 2;
    if (row.size() % 2 == 1 || row[half] == row[half - 1]) return {rounded(dtype, row[half])};
    return {rounded(dtype, row[half - 1] / Real{2} + row[half] / Real{2})};
  });
  out.shape.erase(axis);
  return out;
}

Dense grouped(const Dense& x, const std::vector<std::int64_t>& labels, std::int64_t axis,
              std::string_view name) {
  std::map<std::int64_t, std::vector<std::int64_t>> rows;
  for (std::size_t row = 0; row < labels.size(); ++row)
    rows[labels[row]].push_back(static_cast<std::int64_t>(row));
  std::vector<Dense> parts;
  for (const auto& [label, members] : rows)
    parts.push_back(reduce(name, take(x, members, axis), {.axes = {{axis}}, .keepdims = true}));
  return concat(parts, axis);
}

Dense correlate(const Dense& x, const Dense& weights) {
  Dense out(x.dtype, x.shape);
  for_each_index(x.shape, [&](const Index& i) {
    double sum = 0;
    for_each_index(weights.shape, [&](const Index& k) {
      if (weights.at(k) == Number(0)) return;  // as in SciPy: what has no weight may be infinite
      Index at = i;
      for (std::int64_t axis = 0; axis < at.size(); ++axis)
        at[axis] = continued(i[axis] + k[axis] - weights.shape[axis] / 2, x.shape[axis], Boundary::reflect);
      sum += static_cast<double>(x.at(at).real()) * static_cast<double>(weights.at(k).real());
    });
    out.at(i) = cast(Number(sum), DType::float64, x.dtype);
  });
  return out;
}

Dense matmul(const Dense& left, const Dense& right) {
  const DType dtype = promote(left.dtype, right.dtype);
  Shape rows = left.shape, columns = right.shape;
  const std::int64_t depth = left.shape.back();
  const auto batch_of = [](const Shape& shape) {
    Shape batch = shape;
    batch.erase(batch.size() - 1);
    batch.erase(batch.size() - 1);
    return batch;
  };
  Shape shape = *broadcast(batch_of(left.shape), batch_of(right.shape));
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
    const std::int64_t from_left = axis - shape.size() + rows.size() - 2;
    const std::int64_t from_right = axis - shape.size() + columns.size() - 2;
    if (from_left >= 0) rows[from_left] = shape[axis];
    if (from_right >= 0) columns[from_right] = shape[axis];
  }
  const Dense a = astype(broadcast_to(left, rows), dtype), b = astype(broadcast_to(right, columns), dtype);
  shape.push_back(rows[rows.size() - 2]);
  shape.push_back(columns.back());
  Dense out(dtype, shape);
  for_each_index(shape, [&](const Index& index) {
    Index of_a = index, of_b = index;
    while (of_a.size() > rows.size()) of_a.erase(0);
    while (of_b.size() > columns.size()) of_b.erase(0);
    Number total = 0;
    for (std::int64_t k = 0; k < depth; ++k) {
      of_a.back() = k;
      of_b[of_b.size() - 2] = k;
      const Number product = a.at(of_a) * b.at(of_b);
      total = is_integer(dtype)
                  ? wrapped(dtype, static_cast<Wide>(total.real()) + static_cast<Wide>(a.at(of_a).real()) *
                                                                         static_cast<Wide>(b.at(of_b).real()))
                  : total + product;
    }
    out.at(index) = is_integer(dtype) ? total : rounded(dtype, total);
  });
  return out;
}

}  // namespace varve::dense

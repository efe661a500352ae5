#include "index_maps.hpp"

namespace varve::test {
namespace {

std::int64_t draw(std::int64_t lo, std::int64_t hi, std::mt19937_64& random) {
  return std::uniform_int_distribution<std::int64_t>(lo, hi)(random);
}

std::string axis_text(const expr::AxisMap& axis) {
  if (axis.is_constant()) return std::to_string(axis.offset);
  const std::string index = "i" + std::to_string(axis.output_axis);
  if (!axis.is_listed()) return std::to_string(axis.offset) + " + " + std::to_string(axis.step) + "*" + index;
  std::string list;
  for (const std::int64_t position : *axis.positions)
    list += (list.empty() ? "" : ", ") + std::to_string(position);
  return "(" + list + ")[" + index + "]";
}

// An axis of the output that selects from an axis of `extent`: a slice of any step, or listed positions.
struct Selected {
  expr::AxisMap axis;
  std::int64_t count;
};

Selected random_slice(std::int64_t extent, std::mt19937_64& random) {
  const std::int64_t start = draw(0, extent - 1, random);
  const std::int64_t step = draw(0, 1, random) == 0 ? draw(1, 3, random) : -draw(1, 3, random);
  const std::int64_t room = step > 0 ? extent - 1 - start : start;
  return {{-1, start, step, nullptr}, draw(1, room / std::abs(step) + 1, random)};
}

Selected random_list(std::int64_t extent, std::mt19937_64& random) {
  auto positions = std::make_shared<std::vector<std::int64_t>>();
  const std::int64_t count = draw(1, 5, random);
  for (std::int64_t i = 0; i < count; ++i) positions->push_back(draw(0, extent - 1, random));
  return {{-1, 0, 0, positions}, count};
}

}  // namespace

std::string text_of(const expr::IndexMap& map) {
  std::string text;
  for (const expr::AxisMap& axis : map.axes()) text += (text.empty() ? "" : ", ") + axis_text(axis);
  return to_string(map.output_shape()) + " -> x[" + text + "]";
}

Index at(const expr::IndexMap& map, const Index& output) {
  Index input;
  for (const expr::AxisMap& axis : map.axes()) {
    if (axis.is_constant()) {
      input.push_back(axis.offset);
    } else if (axis.is_listed()) {
      input.push_back((*axis.positions)[static_cast<std::size_t>(output[axis.output_axis])]);
    } else {
      input.push_back(axis.offset + axis.step * output[axis.output_axis]);
    }
  }
  return input;
}

MapCase random_map(const Shape& input, bool any_kind, std::mt19937_64& random) {
  std::vector<expr::AxisMap> axes;
  Shape output;
  for (const std::int64_t extent : input) {
    const std::int64_t kind = draw(0, any_kind ? 4 : 2, random);
    if (kind == 4) {
      axes.push_back({-1, draw(0, extent - 1, random), 0, nullptr});
      continue;
    }
    Selected selected = kind == 3 ? random_list(extent, random) : random_slice(extent, random);
    selected.axis.output_axis = output.size();
    output.push_back(selected.count);
    axes.push_back(selected.axis);
  }
  // Axes of the output change places, and one that no input depends on may stand among them.
  const std::int64_t stretched = draw(0, 2, random) == 0 ? draw(0, output.size(), random) : -1;
  if (stretched >= 0) {
    output.insert(stretched, draw(1, 3, random));
    for (expr::AxisMap& axis : axes) axis.output_axis += axis.output_axis >= stretched ? 1 : 0;
  }
  if (output.size() > 1 && draw(0, 1, random) == 0) {
    std::swap(output[0], output.back());
    for (expr::AxisMap& axis : axes) {
      if (axis.output_axis == 0) {
        axis.output_axis = output.size() - 1;
      } else if (axis.output_axis == output.size() - 1) {
        axis.output_axis = 0;
      }
    }
  }
  return {input, {output, std::move(axes)}};
}

void for_each_in(const Box& box, const std::function<void(const Index&)>& visit) {
  if (box.empty()) return;
  Index offset(box.ndim(), 0);
  do {
    Index index = box.lo;
    for (std::int64_t axis = 0; axis < box.ndim(); ++axis) index[axis] += offset[axis];
    visit(index);
  } while (next_index(offset, box.shape()));
}

}  // namespace varve::test

#include "cli/array_text.hpp"

#include "cli/element_text.hpp"

namespace varve::cli {
namespace {

constexpr std::size_t kLineWidth = 75;

// Lays out the texts of the elements in nested brackets.
class Layout {
 public:
  Layout(const std::vector<std::string>& words, const Shape& shown, const Shape& shape)
      : words_(words), shown_(shown), shape_(shape) {}

  std::string text() { return level(0, " ", kLineWidth); }

 private:
  [[nodiscard]] bool has_gap(std::int64_t axis, std::int64_t i) const {
    return shown_[axis] != shape_[axis] && i == kPrintEdge;
  }

  std::string level(std::int64_t axis, const std::string& indent, std::size_t width) {
    if (axis == shown_.size()) return words_[next_++];
    const std::string inner =
        axis + 1 == shown_.size() ? row(axis, indent, width) : block(axis, indent, width);
    return "[" + inner.substr(indent.size()) + "]";
  }

  // The last axis: words on lines of limited width.
  std::string row(std::int64_t axis, const std::string& indent, std::size_t width) {
    std::string lines;
    std::string line = indent;
    const auto extend = [&](const std::string& word) {
      if (line.size() + word.size() > width - 1 && line.size() > indent.size()) {
        line.erase(line.find_last_not_of(' ') + 1);
        lines += line + "\n";
        line = indent;
      }
      line += word;
    };
    for (std::int64_t i = 0; i < shown_[axis]; ++i) {
      if (i > 0) line += ' ';
      if (has_gap(axis, i)) {
        extend("...");
        line += ' ';
      }
      extend(words_[next_++]);
    }
    return lines + line;
  }

  std::string block(std::int64_t axis, const std::string& indent, std::size_t width) {
    const std::string separator(static_cast<std::size_t>(shown_.size() - axis - 1), '\n');
    std::string text;
    for (std::int64_t i = 0; i < shown_[axis]; ++i) {
      if (has_gap(axis, i)) text += indent + "..." + separator;
      text += indent + level(axis + 1, indent + " ", width - 1);
      if (i + 1 < shown_[axis]) text += separator;
    }
    return text;
  }

  const std::vector<std::string>& words_;
  const Shape& shown_;
  const Shape& shape_;
  std::size_t next_ = 0;
};

}  // namespace

Shape printed_shape(const Shape& shape) {
  Shape shown = shape;
  if (element_count(shape) <= kPrintWhole) return shown;
  for (std::int64_t& extent : shown) extent = std::min(extent, 2 * kPrintEdge);
  return shown;
}

std::string array_text(const ConstStridedView& edges, const Shape& shape) {
  if (shape.empty()) return element_text(edges.data, edges.dtype);
  if (element_count(shape) == 0) return "[]";
  const std::vector<std::string> words = aligned_elements(edges);
  return Layout(words, edges.shape, shape).text();
}

}  // namespace varve::cli

#include "cli/array_json.hpp"

#include <string>

#include "cli/element_text.hpp"

namespace varve::cli {
namespace {

constexpr std::size_t kFlushBytes = 1 << 16;

class JsonWriter {
 public:
  JsonWriter(std::FILE* file, const ConstStridedView& view) : file_(file), view_(view) {}

  void write() {
    text_ = "{\"shape\": [";
    for (std::int64_t axis = 0; axis < view_.ndim(); ++axis) {
      text_ += (axis > 0 ? ", " : "") + std::to_string(view_.shape[axis]);
    }
    text_ += "], \"dtype\": \"" + std::string(name_of(view_.dtype)) + "\", \"data\": ";
    level(0, view_.data);
    text_ += "}\n";
    flush();
  }

 private:
  void level(std::int64_t axis, const std::byte* first) {
    if (axis == view_.ndim()) return value(first);
    text_ += '[';
    for (std::int64_t i = 0; i < view_.shape[axis]; ++i) {
      if (i > 0) text_ += ", ";
      level(axis + 1, first + i * view_.byte_strides[axis]);
      if (text_.size() > kFlushBytes) flush();
    }
    text_ += ']';
  }

  void value(const std::byte* element) {
    if (!is_complex(view_.dtype)) return part(element, view_.dtype);
    const DType dtype = real_of(view_.dtype);
    text_ += '[';
    part(element, dtype);
    text_ += ", ";
    part(element + size_bytes(dtype), dtype);
    text_ += ']';
  }

  void part(const std::byte* element, DType dtype) {
    const std::string text = element_text(element, dtype);
    if (text == "True")
      text_ += "true";
    else if (text == "False")
      text_ += "false";
    else if (text == "nan")
      text_ += "\"NaN\"";
    else if (text == "inf")
      text_ += "\"Infinity\"";
    else if (text == "-inf")
      text_ += "\"-Infinity\"";
    else
      text_ += text;
  }

  void flush() {
    std::fwrite(text_.data(), 1, text_.size(), file_);
    text_.clear();
  }

  std::FILE* file_;
  const ConstStridedView& view_;
  std::string text_;
};

}  // namespace

void write_json(std::FILE* file, const ConstStridedView& view) { JsonWriter(file, view).write(); }

}  // namespace varve::cli

#include "io/format/npy_header.hpp"

#include <charconv>
#include <string_view>

#include "io/codec/byte_order.hpp"
#include "varve/core/error.hpp"

namespace varve::io {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::int64_t kMaxHeaderBytes = 64 << 10;
constexpr std::int64_t kAlignment = 64;

// Parses the one Python literal that headers hold: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4),
// }.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, std::string what) : text_(text), what_(std::move(what)) {}

  void parse(NpyHeader& header) {
    expect('{');
    while (!accept('}')) {
      const std::string key = parse_string();
      expect(':');
      if (key == "descr") {
        once(has_descr_, key);
        parse_descr(header);
      } else if (key == "fortran_order") {
        once(has_order_, key);
        header.fortran_order = parse_bool();
      } else if (key == "shape") {
        once(has_shape_, key);
        header.shape = parse_shape();
      } else {
        fail("the header has an unknown key \"" + key + "\"");
      }
      if (!accept(',') && peek() != '}') fail("the header is no dictionary");
    }
    if (!has_descr_ || !has_order_ || !has_shape_)
      fail("the header must give descr, fortran_order and shape");
    if (peek() != '\0' || !text_.empty()) fail("the header goes on after its dictionary");
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const { throw FormatError(what_ + ": npy: " + problem); }

  void once(bool& seen, const std::string& key) {
    if (seen) fail("the header gives " + key + " twice");
    seen = true;
  }

  char peek() {
    while (!text_.empty() && std::string_view(" \t\r\n").find(text_.front()) != std::string_view::npos) {
      text_.remove_prefix(1);
    }
    return text_.empty() ? '\0' : text_.front();
  }
  bool accept(char wanted) {
    if (peek() != wanted) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char wanted) {
    if (!accept(wanted)) fail(std::string("the header has no '") + wanted + "' where one is due");
  }

  std::string parse_string() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') fail("the header has no string where one is due");
    const std::size_t end = text_.find(quote, 1);
    if (end == std::string_view::npos) fail("a string of the header does not end");
    std::string result(text_.substr(1, end - 1));
    text_.remove_prefix(end + 1);
    return result;
  }

  bool parse_bool() {
    (void)peek();
    for (const auto& [word, value] : {std::pair<std::string_view, bool>{"True", true}, {"False", false}}) {
      if (text_.starts_with(word)) {
        text_.remove_prefix(word.size());
        return value;
      }
    }
    fail("fortran_order must be True or False");
  }

  Shape parse_shape() {
    Shape shape;
    expect('(');
    while (!accept(')')) {
      (void)peek();
      std::int64_t extent = 0;
      const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), extent);
      if (error != std::errc{} || extent < 0) fail("the shape has an entry that is no extent");
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      (void)accept('L');  // Python 2 wrote 3L
      if (shape.size() == kMaxNdim) fail("the shape has more than 32 axes");
      shape.push_back(extent);
      if (!accept(',') && peek() != ')') fail("the shape is no tuple");
    }
    return shape;
  }

  void parse_descr(NpyHeader& header) {
    if (peek() == '[') fail("structured dtypes are not supported");
    const std::string descr = parse_string();
    const bool ordered =
        descr.size() > 2 && std::string_view("<>|=").find(descr[0]) != std::string_view::npos;
    const bool numeric = ordered && std::string_view("biufc").find(descr[1]) != std::string_view::npos;
    const std::optional<DType> dtype =
        numeric ? parse_dtype(std::string_view(descr).substr(1)) : std::nullopt;
    if (!dtype || (descr[0] == '|' && size_bytes(*dtype) > 1))
      fail("the dtype \"" + descr + "\" is not supported");
    header.dtype = *dtype;
    header.big_endian = descr[0] == '>' && size_bytes(*dtype) > 1;
  }

  std::string_view text_;
  std::string what_;
  bool has_descr_ = false;
  bool has_order_ = false;
  bool has_shape_ = false;
};

// Checks that the file holds as many bytes as the header says.
void require_data(const NpyHeader& header, std::int64_t file_bytes, const std::string& path) {
  try {
    const std::int64_t bytes =
        checked_multiply(element_count(header.shape), size_bytes(header.dtype), "array");
    if (bytes > file_bytes - header.data_offset) {
      throw FormatError(path + ": npy: the shape " + to_string(header.shape) + " needs " +
                        std::to_string(bytes) + " bytes, the file has " +
                        std::to_string(file_bytes - header.data_offset));
    }
  } catch (const ShapeError& error) {
    throw FormatError(path + ": npy: " + error.what());
  }
}

}  // namespace

NpyHeader read_npy_header(const File& file, const std::string& path) {
  const std::int64_t file_bytes = file.require_regular(path).st_size;
  std::byte start[12] = {};
  file.read_at(0, std::span(start).first(10), path);
  if (std::string_view(reinterpret_cast<const char*>(start), kMagic.size()) != kMagic) {
    throw FormatError(path + ": npy: the magic number is wrong");
  }
  const int version = std::to_integer<int>(start[6]);
  if (version < 1 || version > 3)
    throw FormatError(path + ": npy: version " + std::to_string(version) + " is unknown");
  NpyHeader header;
  std::int64_t length = load_integer<std::uint16_t, std::endian::little>(std::span(start).subspan(8));
  header.data_offset = 10;
  if (version > 1) {
    file.read_at(8, std::span(start).subspan(8), path);
    length = load_integer<std::uint32_t, std::endian::little>(std::span(start).subspan(8));
    header.data_offset = 12;
  }
  if (length > kMaxHeaderBytes) throw FormatError(path + ": npy: a header of more than 64 KiB is not read");
  std::string text(static_cast<std::size_t>(length), '\0');
  file.read_at(header.data_offset, std::as_writable_bytes(std::span(text)), path);
  header.data_offset += length;
  HeaderParser(text, path).parse(header);
  require_data(header, file_bytes, path);
  return header;
}

std::string format_npy_header(DType dtype, const Shape& shape) {
  constexpr char kKinds[] = {'b', 'i', 'u', 'f', 'c'};
  const std::string order = size_bytes(dtype) == 1 ? "|" : "<";
  std::string text = "{'descr': '" + order + kKinds[static_cast<std::size_t>(kind_of(dtype))] +
                     std::to_string(size_bytes(dtype)) +
                     "', 'fortran_order': False, 'shape': " + to_string(shape) + ", }";
  const std::int64_t unpadded = 10 + static_cast<std::int64_t>(text.size()) + 1;
  text.append(static_cast<std::size_t>((kAlignment - unpadded % kAlignment) % kAlignment), ' ');
  text += '\n';
  std::string header(kMagic);
  header += {'\x01', '\x00'};
  header += static_cast<char>(text.size() & 0xffU);
  header += static_cast<char>(text.size() >> 8U);
  return header + text;
}

}  // namespace varve::io

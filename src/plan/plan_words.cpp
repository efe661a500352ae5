#include "plan/plan_words.hpp"

#include <cmath>
#include <optional>
#include <string_view>

#include "ops/elementwise/elementwise_table.hpp"
#include "ops/reduce/reduce_table.hpp"

namespace varve::plan::words {
namespace {

template <class T>
struct Word {
  T value;
  std::string_view word;
};

constexpr Word<io::ScratchCodec> kCodecs[] = {{io::ScratchCodec::none, "none"},
                                              {io::ScratchCodec::lz4, "lz4"}};
constexpr Word<Source::Kind> kSourceKinds[] = {{Source::Kind::dataset, "dataset"},
                                               {Source::Kind::memory, "memory"},
                                               {Source::Kind::generator, "generator"},
                                               {Source::Kind::operation, "operation"}};
constexpr Word<Placement> kPlacements[] = {
    {Placement::memory, "memory"}, {Placement::scratch, "scratch"}, {Placement::output, "output"}};
constexpr Word<Register::Kind> kRegisterKinds[] = {{Register::Kind::leaf, "leaf"},
                                                   {Register::Kind::constant, "constant"},
                                                   {Register::Kind::result, "result"}};

template <class T, std::size_t kCount>
Json word_of(T value, const Word<T> (&words)[kCount]) {
  return std::find_if(std::begin(words), std::end(words),
                      [&](const auto& each) { return each.value == value; })
      ->word;
}

[[noreturn]] void refuse_word(const char* what, const std::string& word) {
  throw FormatError("there is no " + std::string(what) + " '" + word + "'");
}

template <class T, std::size_t kCount>
T value_of(const Json& json, const Word<T> (&words)[kCount], const char* what) {
  const auto word = json.get<std::string>();
  const auto* found =
      std::find_if(std::begin(words), std::end(words), [&](const auto& each) { return each.word == word; });
  if (found == std::end(words)) refuse_word(what, word);
  return found->value;
}

template <class Rows>
auto op_named(const Json& json, const Rows& rows, const char* what) {
  const auto name = json.get<std::string>();
  const auto row =
      std::find_if(rows.begin(), rows.end(), [&](const auto& each) { return each.name == name; });
  if (row == rows.end()) refuse_word(what, name);
  return row->op;
}

// The writer of JSON knows what is UTF-8.
bool is_utf8(const std::string& text) {
  const std::string kept = Json(text).dump(-1, ' ', false, Json::error_handler_t::ignore);
  const std::string marked = Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
  return kept == marked;
}

}  // namespace

void require(bool is_valid, const char* rule) {
  if (!is_valid) throw FormatError(rule);
}

Json write(DType dtype) { return name_of(dtype); }
void read(const Json& json, DType& dtype) {
  const auto name = json.get<std::string>();
  const auto found = parse_dtype(name);
  if (!found || name_of(*found) != name) refuse_word("dtype", name);
  dtype = *found;
}

Json write(kernels::ElementwiseOp op) { return ops::elementwise_row(op).name; }
void read(const Json& json, kernels::ElementwiseOp& op) {
  op = op_named(json, ops::elementwise_rows(), "elementwise operation");
}

Json write(kernels::ReduceOp op) { return ops::reduce_row(op).name; }
void read(const Json& json, kernels::ReduceOp& op) { op = op_named(json, ops::reduce_rows(), "reduction"); }

Json write(io::ScratchCodec codec) { return word_of(codec, kCodecs); }
void read(const Json& json, io::ScratchCodec& codec) { codec = value_of(json, kCodecs, "codec"); }

Json write(Source::Kind kind) { return word_of(kind, kSourceKinds); }
void read(const Json& json, Source::Kind& kind) { kind = value_of(json, kSourceKinds, "kind of source"); }

Json write(Placement placement) { return word_of(placement, kPlacements); }
void read(const Json& json, Placement& placement) { placement = value_of(json, kPlacements, "placement"); }

Json write(Register::Kind kind) { return word_of(kind, kRegisterKinds); }
void read(const Json& json, Register::Kind& kind) {
  kind = value_of(json, kRegisterKinds, "kind of register");
}

Json write(double number) {
  if (std::isfinite(number)) return number;
  return {{"number", std::isnan(number) ? "nan" : number > 0 ? "inf" : "-inf"}};
}
void read(const Json& json, double& number) {
  if (json.is_number()) {
    number = json.get<double>();
    return;
  }
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr Word<double> kNumbers[] = {
      {std::numeric_limits<double>::quiet_NaN(), "nan"}, {kInfinity, "inf"}, {-kInfinity, "-inf"}};
  number = value_of(json.at("number"), kNumbers, "number");
}

Json write(const std::string& text) {
  if (is_utf8(text)) return text;
  Json bytes = Json::array();
  for (const char byte : text) bytes.push_back(static_cast<unsigned char>(byte));
  return {{"bytes", bytes}};
}
void read(const Json& json, std::string& text) {
  if (json.is_string()) {
    text = json.get<std::string>();
    return;
  }
  text.clear();
  for (const Json& byte : json.at("bytes"))
    text.push_back(static_cast<char>(number_in_range<std::uint8_t>(byte, 0, 255)));
}

Json write(const ChunkGrid& grid) {
  return {{"shape", write(grid.shape())}, {"chunks", write(grid.chunks())}, {"offset", write(grid.offset())}};
}
void read(const Json& json, ChunkGrid& grid) {
  const auto shape = read_field<Shape>(json, "shape");
  const auto chunks = read_field<Shape>(json, "chunks");
  const auto offset = read_field<Index>(json, "offset");
  require(std::find(chunks.begin(), chunks.end(), 0) == chunks.end(), "chunks have no extents of 0");
  grid = ChunkGrid(shape, chunks, offset);
  require(grid.chunks() == chunks && grid.offset() == offset, "chunks are no larger than their array");
  for (std::int64_t axis = 0; axis < shape.size(); ++axis)
    require(offset[axis] <= std::numeric_limits<std::int64_t>::max() - shape[axis], "a grid is too large");
}

Json write(const expr::AxisMap& map) {
  Json json = {{"output_axis", map.output_axis}, {"offset", map.offset}, {"step", map.step}};
  if (map.positions) json["positions"] = *map.positions;
  return json;
}
void read(const Json& json, expr::AxisMap& map) {
  map.output_axis = number_in_range<std::int64_t>(json.at("output_axis"), -1, kMaxNdim - 1);
  read(json.at("offset"), map.offset);
  read(json.at("step"), map.step);
  if (json.contains("positions")) {
    map.positions = std::make_shared<const std::vector<std::int64_t>>(
        read_field<std::vector<std::int64_t>>(json, "positions"));
  }
}

Json write(const expr::IndexMap& map) {
  return {{"shape", write(map.output_shape())}, {"axes", write(map.axes())}};
}
void read(const Json& json, expr::IndexMap& map) {
  map =
      expr::IndexMap(read_field<Shape>(json, "shape"), read_field<std::vector<expr::AxisMap>>(json, "axes"));
}

}  // namespace varve::plan::words

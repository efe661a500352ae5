#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "plan/plan.hpp"

// The words of a plan's JSON: `write` makes them of values, `read` takes values from them. A class says its
// fields once, in a specialisation of Fields. What a word says of itself alone is checked here; what words
// say of each other is the business of plan_check.hpp.
namespace varve::plan::words {

using Json = nlohmann::json;

/// Throws FormatError, unless what a text says can be so.
void require(bool is_valid, const char* rule);

/// Returns the integer, if it is one between `lo` and `hi`. Errors: FormatError.
template <class T>
[[nodiscard]] T number_in_range(const Json& json, T lo, T hi) {
  require(json.is_number_integer(), "an integer was expected");
  const auto checked = [&](auto number) {
    require(std::cmp_less_equal(lo, number) && std::cmp_less_equal(number, hi), "a number is out of range");
    return static_cast<T>(number);
  };
  if (json.is_number_unsigned()) return checked(json.get<std::uint64_t>());
  return checked(json.get<std::int64_t>());
}

/// Specialisations have `static void visit(auto& self, auto& each)`, which gives names and fields to `each`.
template <class T>
struct Fields;
template <class T>
concept HasFields = requires { sizeof(Fields<T>); };

[[nodiscard]] Json write(DType dtype);
[[nodiscard]] Json write(kernels::ElementwiseOp op);
[[nodiscard]] Json write(kernels::ReduceOp op);
[[nodiscard]] Json write(io::ScratchCodec codec);
[[nodiscard]] Json write(Source::Kind kind);
[[nodiscard]] Json write(Placement placement);
[[nodiscard]] Json write(Register::Kind kind);
/// NaN and infinities, which JSON lacks, are words in an object.
[[nodiscard]] Json write(double number);
/// JSON is UTF-8. Other texts, as names of files may be, are lists of bytes in an object.
[[nodiscard]] Json write(const std::string& text);
[[nodiscard]] Json write(const ChunkGrid& grid);
[[nodiscard]] Json write(const expr::AxisMap& map);
[[nodiscard]] Json write(const expr::IndexMap& map);

void read(const Json& json, DType& dtype);
void read(const Json& json, kernels::ElementwiseOp& op);
void read(const Json& json, kernels::ReduceOp& op);
void read(const Json& json, io::ScratchCodec& codec);
void read(const Json& json, Source::Kind& kind);
void read(const Json& json, Placement& placement);
void read(const Json& json, Register::Kind& kind);
void read(const Json& json, double& number);
void read(const Json& json, std::string& text);
void read(const Json& json, ChunkGrid& grid);
void read(const Json& json, expr::AxisMap& map);
void read(const Json& json, expr::IndexMap& map);

template <std::integral T>
[[nodiscard]] Json write(T number) {
  return number;
}
[[nodiscard]] inline Json write(std::byte byte) { return std::to_integer<int>(byte); }
template <HasFields T>
[[nodiscard]] Json write(const T& value);
template <class T>
[[nodiscard]] Json write(const std::vector<T>& list);
template <class T, std::size_t kCount>
[[nodiscard]] Json write(const std::array<T, kCount>& list);
template <class Tag>
[[nodiscard]] Json write(const Dims<Tag>& dims) {
  return std::vector<std::int64_t>(dims.begin(), dims.end());
}

template <std::integral T>
void read(const Json& json, T& number) {
  number = number_in_range(json, std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
}
inline void read(const Json& json, bool& flag) {
  require(json.is_boolean(), "true or false was expected");
  flag = json.get<bool>();
}
inline void read(const Json& json, std::byte& byte) {
  byte = std::byte{number_in_range<std::uint8_t>(json, 0, 255)};
}
template <HasFields T>
void read(const Json& json, T& value);
template <class T>
void read(const Json& json, std::vector<T>& list);
template <class T, std::size_t kCount>
void read(const Json& json, std::array<T, kCount>& list);
/// Extents and positions are not negative.
template <class Tag>
void read(const Json& json, Dims<Tag>& dims) {
  std::vector<std::int64_t> values;
  read(json, values);
  require(values.empty() || *std::min_element(values.begin(), values.end()) >= 0,
          "extents and positions are not negative");
  dims = Dims<Tag>(values);
}

/// Writes what Fields gives it.
struct FieldsWriter {
  Json json = Json::object();

  template <class T, class... Rest>
  void operator()(const char* name, const T& value, const Rest&... rest) {
    json[name] = write(value);
    if constexpr (sizeof...(rest) > 0) (*this)(rest...);
  }
};

/// Reads what Fields asks for.
struct FieldsReader {
  const Json& json;

  template <class T, class... Rest>
  void operator()(const char* name, T& value, Rest&... rest) {
    read(json.at(name), value);
    if constexpr (sizeof...(rest) > 0) (*this)(rest...);
  }
};

template <HasFields T>
Json write(const T& value) {
  FieldsWriter writer;
  Fields<T>::visit(value, writer);
  return std::move(writer.json);
}

template <class T>
Json write(const std::vector<T>& list) {
  Json json = Json::array();
  for (const T& each : list) json.push_back(write(each));
  return json;
}

template <class T, std::size_t kCount>
Json write(const std::array<T, kCount>& list) {
  Json json = Json::array();
  for (const T& each : list) json.push_back(write(each));
  return json;
}

template <HasFields T>
void read(const Json& json, T& value) {
  FieldsReader reader{json};
  Fields<T>::visit(value, reader);
}

template <class T>
void read(const Json& json, std::vector<T>& list) {
  require(json.is_array(), "a list was expected");
  list.clear();
  for (const Json& each : json) read(each, list.emplace_back());
}

template <class T, std::size_t kCount>
void read(const Json& json, std::array<T, kCount>& list) {
  require(json.is_array() && json.size() == kCount, "a list of another length was expected");
  for (std::size_t i = 0; i < kCount; ++i) read(json[i], list[i]);
}

/// Returns what a field of an object says.
template <class T>
[[nodiscard]] T read_field(const Json& json, const char* name) {
  T value{};
  read(json.at(name), value);
  return value;
}

template <>
struct Fields<DatasetFacts> {
  static void visit(auto& self, auto& each) {
    each("location", self.location, "identity", self.identity, "grid", self.grid, "chunk_bytes",
         self.chunk_bytes, "read_workspace_bytes", self.read_workspace_bytes, "fetched_bytes",
         self.fetched_bytes, "stored_bytes", self.stored_bytes, "stored_chunk_bytes", self.stored_chunk_bytes,
         "partial_reads", self.partial_reads, "decodes_slowly", self.decodes_slowly);
  }
};

template <>
struct Fields<Value> {
  static void visit(auto& self, auto& each) {
    each("shape", self.shape, "dtype", self.dtype, "placement", self.placement, "is_result", self.is_result,
         "output", self.output, "output_chunks", self.output_chunks, "write_workspace_bytes",
         self.write_workspace_bytes, "scratch_tile", self.scratch_tile, "scratch_writers",
         self.scratch_writers, "scratch_readers", self.scratch_readers, "rechunk", self.rechunk,
         "scratch_codec", self.scratch_codec, "scratch_table_bytes", self.scratch_table_bytes, "made_by",
         self.made_by, "last_used", self.last_used);
  }
};

template <>
struct Fields<ReduceSink> {
  static void visit(auto& self, auto& each) {
    each("input", self.input, "op", self.op, "input_dtype", self.input_dtype, "axes", self.axes, "blocks",
         self.blocks, "correction", self.correction, "value", self.value);
  }
};

template <>
struct Fields<WriteSink> {
  static void visit(auto& self, auto& each) {
    each("input", self.input, "value", self.value, "output", self.output);
  }
};

template <>
struct Fields<Tiling> {
  static void visit(auto& self, auto& each) {
    each("tiles", self.tiles, "steps", self.steps, "axis_order", self.axis_order, "shares_tiles",
         self.shares_tiles, "slots", self.slots, "workers", self.workers, "slot_bytes", self.slot_bytes,
         "state_bytes", self.state_bytes, "fetch_bytes", self.fetch_bytes);
  }
};

template <>
struct Fields<StageEstimate> {
  static void visit(auto& self, auto& each) {
    each("bytes_read", self.bytes_read, "bytes_written", self.bytes_written, "min_bytes_read",
         self.min_bytes_read, "is_pass", self.is_pass, "bytes_generated", self.bytes_generated,
         "min_bytes_generated", self.min_bytes_generated, "times_copied", self.times_copied);
  }
};

template <>
struct Fields<Register> {
  static void visit(auto& self, auto& each) {
    each("kind", self.kind, "dtype", self.dtype, "index", self.index, "constant", self.constant, "slot",
         self.slot);
  }
};

template <>
struct Fields<Instruction> {
  static void visit(auto& self, auto& each) {
    each("is_cast", self.is_cast, "op", self.op, "compute_dtype", self.compute_dtype, "input_count",
         self.input_count, "inputs", self.inputs, "output", self.output);
  }
};

template <>
struct Fields<Root> {
  static void visit(auto& self, auto& each) {
    each("value", self.value, "source", self.source, "view", self.view);
  }
};

}  // namespace varve::plan::words

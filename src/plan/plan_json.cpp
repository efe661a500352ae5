#include "plan/plan_json.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "ops/elementwise_table.hpp"
#include "ops/generators.hpp"
#include "ops/operators.hpp"
#include "ops/reduce_table.hpp"

using Json = nlohmann::json;

namespace varve {

// The words of the core.

template <class Tag>
void to_json(Json& json, const Dims<Tag>& dims) {
  json = std::vector<std::int64_t>(dims.begin(), dims.end());
}
template <class Tag>
void from_json(const Json& json, Dims<Tag>& dims) {
  dims = Dims<Tag>(json.get<std::vector<std::int64_t>>());
}

void to_json(Json& json, DType dtype) { json = name_of(dtype); }
void from_json(const Json& json, DType& dtype) {
  const auto name = json.get<std::string>();
  const auto found = parse_dtype(name);
  if (!found) throw FormatError("there is no dtype '" + name + "'");
  dtype = *found;
}

void to_json(Json& json, const ChunkGrid& grid) {
  json = {{"shape", grid.shape()}, {"chunks", grid.chunks()}, {"offset", grid.offset()}};
}
void from_json(const Json& json, ChunkGrid& grid) {
  const auto chunks = json.at("chunks").get<Shape>();
  if (std::any_of(chunks.begin(), chunks.end(), [](std::int64_t extent) { return extent < 1; }))
    throw FormatError("chunks have no extents below 1");
  grid = ChunkGrid(json.at("shape").get<Shape>(), chunks, json.at("offset").get<Index>());
}

namespace kernels {

void to_json(Json& json, ElementwiseOp op) { json = ops::elementwise_row(op).name; }
void from_json(const Json& json, ElementwiseOp& op) {
  const auto name = json.get<std::string>();
  const auto rows = ops::elementwise_rows();
  const auto row =
      std::find_if(rows.begin(), rows.end(), [&](const auto& each) { return each.name == name; });
  if (row == rows.end()) throw FormatError("there is no elementwise operation '" + name + "'");
  op = row->op;
}

void to_json(Json& json, ReduceOp op) { json = ops::reduce_row(op).name; }
void from_json(const Json& json, ReduceOp& op) {
  const auto name = json.get<std::string>();
  const auto rows = ops::reduce_rows();
  const auto row =
      std::find_if(rows.begin(), rows.end(), [&](const auto& each) { return each.name == name; });
  if (row == rows.end()) throw FormatError("there is no reduction '" + name + "'");
  op = row->op;
}

}  // namespace kernels

namespace io {

NLOHMANN_JSON_SERIALIZE_ENUM(ScratchCodec, {{ScratchCodec::none, "none"}, {ScratchCodec::lz4, "lz4"}})

}  // namespace io

namespace expr {

void to_json(Json& json, const AxisMap& map) {
  json = {{"output_axis", map.output_axis}, {"offset", map.offset}, {"step", map.step}};
  if (map.positions) json["positions"] = *map.positions;
}
void from_json(const Json& json, AxisMap& map) {
  json.at("output_axis").get_to(map.output_axis);
  json.at("offset").get_to(map.offset);
  json.at("step").get_to(map.step);
  if (json.contains("positions")) {
    map.positions = std::make_shared<const std::vector<std::int64_t>>(
        json.at("positions").get<std::vector<std::int64_t>>());
  }
}

void to_json(Json& json, const IndexMap& map) {
  json = {{"shape", map.output_shape()}, {"axes", map.axes()}};
}
void from_json(const Json& json, IndexMap& map) {
  map = IndexMap(json.at("shape").get<Shape>(), json.at("axes").get<std::vector<AxisMap>>());
}

// A parameter's type is that of the text: integers have no point, numbers do; NaN and infinities, which JSON
// lacks, are words in an object, as is what the text does not hold.
void to_json(Json& json, const Parameter& parameter) {
  struct Write {
    Json operator()(double number) const {
      if (std::isfinite(number)) return number;
      return Json{{"number", std::isnan(number) ? "nan" : number > 0 ? "inf" : "-inf"}};
    }
    Json operator()(const std::vector<double>& numbers) const {
      Json list = Json::array();
      for (const double number : numbers) list.push_back((*this)(number));
      return Json{{"numbers", list}};
    }
    Json operator()(const Held& held) const { return Json{{"held", held.hash()}}; }
    Json operator()(const Bound& bound) const {
      return Json{{"bound", bound.identity}, {"lasting", bound.lasting}};
    }
    Json operator()(const std::vector<std::int64_t>& numbers) const { return numbers; }
    Json operator()(const std::string& text) const { return text; }
    Json operator()(bool flag) const { return flag; }
    Json operator()(std::int64_t number) const { return number; }
  };
  json = Json::array({parameter.name, std::visit(Write{}, parameter.value)});
}

}  // namespace expr

namespace plan {

using Kind = Source::Kind;
NLOHMANN_JSON_SERIALIZE_ENUM(Kind, {{Kind::dataset, "dataset"},
                                    {Kind::memory, "memory"},
                                    {Kind::generator, "generator"},
                                    {Kind::operation, "operation"}})
NLOHMANN_JSON_SERIALIZE_ENUM(Placement, {{Placement::memory, "memory"},
                                         {Placement::scratch, "scratch"},
                                         {Placement::output, "output"}})
using RegisterKind = Register::Kind;
NLOHMANN_JSON_SERIALIZE_ENUM(RegisterKind, {{RegisterKind::leaf, "leaf"},
                                            {RegisterKind::constant, "constant"},
                                            {RegisterKind::result, "result"}})

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(DatasetFacts, location, identity, grid, chunk_bytes, read_workspace_bytes,
                                   stored_bytes, stored_chunk_bytes, partial_reads, decodes_slowly)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Value, shape, dtype, placement, is_result, output, output_chunks,
                                   write_workspace_bytes, scratch_tile, scratch_writers, scratch_readers,
                                   relayout, scratch_codec, scratch_table_bytes, made_by, last_used)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ReduceSink, input, op, input_dtype, axes, blocks, correction, value)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(WriteSink, input, value)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Tiling, tiles, steps, axis_order, shares_tiles, slots, workers, slot_bytes,
                                   state_bytes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(StageEstimate, bytes_read, bytes_written, least_bytes_read, is_pass,
                                   bytes_generated, least_bytes_generated, times_copied)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Register, kind, dtype, index, constant, slot)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Instruction, is_cast, op, compute_dtype, input_count, inputs, output)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Root, value, source, view)

namespace {

// Leaves point at the inputs of operations, which several leaves share: the text has a list of all.
using InputPtr = std::shared_ptr<const InputProgram>;

class Writer {
 public:
  explicit Writer(const Plan& plan) : plan_(plan) {}

  [[nodiscard]] Json write() {
    Json stages = Json::array();
    for (const Stage& stage : plan_.stages) stages.push_back(write(stage));
    Json sources = Json::array();
    for (const SourcePtr& source : plan_.sources) sources.push_back(write(*source));
    return {{"varve_plan", kVersion},
            {"sources", sources},
            {"inputs", inputs_},
            {"values", plan_.values},
            {"stages", stages},
            {"roots", plan_.roots},
            {"budget_bytes", plan_.budget_bytes},
            {"peak_bytes", plan_.peak_bytes},
            {"scratch_bytes", plan_.scratch_bytes},
            {"least_bytes_read", plan_.least_bytes_read}};
  }

  static constexpr int kVersion = 1;

 private:
  static Json write(const Source& source) {
    Json json = {
        {"kind", source.kind}, {"name", source.name}, {"shape", source.shape}, {"dtype", source.dtype}};
    if (source.dataset) json["dataset"] = *source.dataset;
    if (const expr::Definition* made = source.definition())
      json["definition"] = {{"kind", made->kind()}, {"parameters", made->parameters().list}};
    return json;
  }

  Json write(const Stage& stage) {
    return {{"domain", stage.domain},
            {"natural", stage.natural},
            {"program", write(stage.program)},
            {"reduces", stage.reduces},
            {"writes", stage.writes},
            {"tiling", stage.tiling},
            {"resident_bytes", stage.resident_bytes},
            {"estimate", stage.estimate}};
  }

  Json write(const Program& program) {
    Json leaves = Json::array();
    for (const Leaf& leaf : program.leaves) leaves.push_back(write(leaf));
    return {{"leaves", leaves},
            {"registers", program.registers},
            {"instructions", program.instructions},
            {"slot_count", program.slot_count}};
  }

  Json write(const Leaf& leaf) {
    Json inputs = Json::array();
    for (const InputPtr& input : leaf.inputs) inputs.push_back(number_of(input));
    return {{"source", leaf.source ? leaf.source->id : -1},
            {"value", leaf.value},
            {"shape", leaf.source_shape},
            {"dtype", leaf.dtype},
            {"map", leaf.map},
            {"register", leaf.register_id},
            {"inputs", inputs}};
  }

  // What an input reads stands before it.
  std::size_t number_of(const InputPtr& input) {
    if (const auto known = numbers_.find(input.get()); known != numbers_.end()) return known->second;
    Json json = {{"domain", input->domain},
                 {"cells", input->cells},
                 {"program", write(input->program)},
                 {"output", input->output}};
    inputs_.push_back(std::move(json));
    return numbers_[input.get()] = inputs_.size() - 1;
  }

  const Plan& plan_;
  Json inputs_ = Json::array();
  std::map<const InputProgram*, std::size_t> numbers_;
};

// Throws unless what a text says can be so.
void require(bool is_valid, const char* rule) {
  if (!is_valid) throw FormatError(rule);
}

template <class List>
void require_in(int number, const List& list, const char* rule) {
  require(number >= 0 && static_cast<std::size_t>(number) < list.size(), rule);
}

double number_in(const Json& json) {
  if (json.is_number()) return json.get<double>();
  const auto word = json.at("number").get<std::string>();
  if (word == "nan") return std::numeric_limits<double>::quiet_NaN();
  require(word == "inf" || word == "-inf", "a number is a number, or nan, inf or -inf");
  return word == "inf" ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity();
}

class Reader {
 public:
  Reader(const Json& json, const OperatorContents& contents) : json_(json), contents_(contents) {}

  [[nodiscard]] Plan read() {
    require(json_.at("varve_plan").get<int>() == Writer::kVersion, "it was written by another version");
    json_.at("values").get_to(plan_.values);
    for (const Json& source : json_.at("sources")) add_source(source);
    for (const Json& input : json_.at("inputs")) add_input(input);
    for (const Json& stage : json_.at("stages")) plan_.stages.push_back(read_stage(stage));
    json_.at("roots").get_to(plan_.roots);
    json_.at("budget_bytes").get_to(plan_.budget_bytes);
    json_.at("peak_bytes").get_to(plan_.peak_bytes);
    json_.at("scratch_bytes").get_to(plan_.scratch_bytes);
    json_.at("least_bytes_read").get_to(plan_.least_bytes_read);
    for (const Root& root : plan_.roots) require_root(root);
    for (const Value& value : plan_.values) require_value(value);
    return std::move(plan_);
  }

 private:
  void add_source(const Json& json) {
    auto source = std::make_shared<Source>();
    source->id = static_cast<int>(plan_.sources.size());
    json.at("kind").get_to(source->kind);
    json.at("name").get_to(source->name);
    json.at("shape").get_to(source->shape);
    json.at("dtype").get_to(source->dtype);
    if (source->kind == Source::Kind::dataset)
      source->dataset = std::make_shared<const DatasetFacts>(json.at("dataset").get<DatasetFacts>());
    if (source->kind == Source::Kind::operation || source->kind == Source::Kind::generator)
      read_definition(json.at("definition"), *source);
    plan_.sources.push_back(std::move(source));
  }

  void read_definition(const Json& json, Source& source) const {
    expr::Parameters parameters;
    for (const Json& each : json.at("parameters")) {
      const auto name = each.at(0).get<std::string>();
      const auto bound = contents_.bound.find({source.id, name});
      if (bound != contents_.bound.end())
        parameters.list.push_back({name, bound->second});
      else
        parameters.list.push_back({name, parameter_in(each.at(1))});
    }
    const auto kind = json.at("kind").get<std::string>();
    if (source.kind == Source::Kind::generator)
      source.generator = ops::make_generator(kind, parameters);
    else
      source.op = ops::make_operator(kind, parameters);
  }

  [[nodiscard]] expr::ParameterValue parameter_in(const Json& json) const {
    if (json.is_boolean()) return json.get<bool>();
    if (json.is_number_integer()) return json.get<std::int64_t>();
    if (json.is_number_float()) return json.get<double>();
    if (json.is_string()) return json.get<std::string>();
    if (json.is_array()) return json.get<std::vector<std::int64_t>>();
    if (json.contains("number")) return number_in(json);
    if (json.contains("held")) return held_in(json.at("held").get<std::uint64_t>());
    if (json.contains("bound"))
      return expr::Bound{json.at("bound").get<std::uint64_t>(), json.at("lasting").get<bool>(), {}};
    std::vector<double> numbers;
    for (const Json& each : json.at("numbers")) numbers.push_back(number_in(each));
    return numbers;
  }

  [[nodiscard]] expr::Held held_in(std::uint64_t hash) const {
    const auto found = contents_.held.find(hash);
    return found == contents_.held.end() ? expr::Held(hash) : found->second;
  }

  void add_input(const Json& json) {
    auto input = std::make_shared<InputProgram>();
    json.at("domain").get_to(input->domain);
    json.at("cells").get_to(input->cells);
    input->program = read_program(json.at("program"));
    json.at("output").get_to(input->output);
    require_in(input->output, input->program.registers, "an input of an operation has no register to give");
    inputs_.push_back(std::move(input));
  }

  [[nodiscard]] Program read_program(const Json& json) const {
    Program program;
    for (const Json& leaf : json.at("leaves")) program.leaves.push_back(read_leaf(leaf));
    json.at("registers").get_to(program.registers);
    json.at("instructions").get_to(program.instructions);
    json.at("slot_count").get_to(program.slot_count);
    require_program(program);
    return program;
  }

  [[nodiscard]] Leaf read_leaf(const Json& json) const {
    Leaf leaf;
    const int source = json.at("source").get<int>();
    json.at("value").get_to(leaf.value);
    json.at("shape").get_to(leaf.source_shape);
    json.at("dtype").get_to(leaf.dtype);
    json.at("map").get_to(leaf.map);
    json.at("register").get_to(leaf.register_id);
    if (source >= 0) {
      require_in(source, plan_.sources, "a leaf has no such source");
      leaf.source = plan_.sources[static_cast<std::size_t>(source)];
    } else {
      require_in(leaf.value, plan_.values, "a leaf has no such value");
    }
    for (const Json& number : json.at("inputs")) {
      require_in(number.get<int>(), inputs_, "an operation has no such input");
      leaf.inputs.push_back(inputs_[number.get<std::size_t>()]);
    }
    require_map(leaf.map, leaf.source_shape);
    return leaf;
  }

  static void require_map(const expr::IndexMap& map, const Shape& source) {
    require(map.input_ndim() == source.size(), "a map has one axis for each of its source");
    for (const expr::AxisMap& axis : map.axes())
      require(axis.is_constant() || axis.output_axis < map.output_shape().size(), "a map has no such axis");
  }

  static void require_program(const Program& program) {
    const auto& registers = program.registers;
    for (const Register& each : registers)
      require(each.slot < program.slot_count, "a program has fewer vectors than its registers ask for");
    for (const Leaf& leaf : program.leaves)
      require_in(leaf.register_id, registers, "a leaf has no such register");
    for (const Instruction& instruction : program.instructions) {
      require_in(instruction.output, registers, "an instruction has no such register");
      require(instruction.input_count >= 0 && instruction.input_count <= 4,
              "an instruction has up to 4 inputs");
      for (int i = 0; i < instruction.input_count; ++i)
        require_in(instruction.inputs[static_cast<std::size_t>(i)], registers,
                   "an instruction has no such register");
    }
  }

  [[nodiscard]] Stage read_stage(const Json& json) const {
    Stage stage;
    json.at("domain").get_to(stage.domain);
    json.at("natural").get_to(stage.natural);
    stage.program = read_program(json.at("program"));
    json.at("reduces").get_to(stage.reduces);
    json.at("writes").get_to(stage.writes);
    json.at("tiling").get_to(stage.tiling);
    json.at("resident_bytes").get_to(stage.resident_bytes);
    json.at("estimate").get_to(stage.estimate);
    require_stage(stage);
    return stage;
  }

  void require_stage(const Stage& stage) const {
    const auto fits = [&](const ChunkGrid& grid) { return grid.shape() == stage.domain; };
    require(fits(stage.tiling.tiles) && fits(stage.tiling.steps),
            "tiles and steps cut the domain of their stage");
    std::vector<std::int64_t> axes = stage.tiling.axis_order;
    std::sort(axes.begin(), axes.end());
    for (std::size_t i = 0; i < axes.size(); ++i)
      require(axes[i] == static_cast<std::int64_t>(i), "tiles are handed out along each axis once");
    require(std::ssize(axes) == stage.domain.size(), "tiles are handed out along each axis once");
    require(stage.tiling.slots >= 1 && stage.tiling.workers >= 1,
            "a stage runs a tile at least, on a thread at least");
    for (const WriteSink& sink : stage.writes) {
      require_in(sink.input, stage.program.registers, "a stage has no such register to write");
      require_in(sink.value, plan_.values, "a stage has no such value to write");
    }
    for (const ReduceSink& sink : stage.reduces) {
      require_in(sink.input, stage.program.registers, "a stage has no such register to reduce");
      require_in(sink.value, plan_.values, "a stage has no such value to reduce to");
      require(fits(sink.blocks), "reduction blocks cut the domain of their stage");
      for (const std::int64_t axis : sink.axes)
        require(axis >= 0 && axis < stage.domain.size(), "a reduction has no such axis");
    }
  }

  void require_root(const Root& root) const {
    if (root.value >= 0)
      require_in(root.value, plan_.values, "a result has no such value");
    else
      require_in(root.source, plan_.sources, "a result has no such source");
  }

  void require_value(const Value& value) const {
    const auto stages = static_cast<int>(plan_.stages.size());
    require(value.made_by >= 0 && value.made_by < stages, "a value is made by a stage");
    require(value.last_used >= value.made_by && value.last_used <= stages,
            "a value is used after it is made");
  }

  const Json& json_;
  const OperatorContents& contents_;
  Plan plan_;
  std::vector<InputPtr> inputs_;
};

}  // namespace

OperatorContents contents_of(const Plan& plan) {
  OperatorContents contents;
  for (const SourcePtr& source : plan.sources) {
    const expr::Definition* made = source->definition();
    if (made == nullptr) continue;
    for (const expr::Parameter& parameter : made->parameters().list) {
      if (const auto* held = std::get_if<expr::Held>(&parameter.value)) contents.held[held->hash()] = *held;
      if (const auto* bound = std::get_if<expr::Bound>(&parameter.value))
        contents.bound[{source->id, parameter.name}] = *bound;
    }
  }
  return contents;
}

std::string write_plan(const Plan& plan) { return Writer(plan).write().dump(); }

Plan read_plan(std::string_view text, const OperatorContents& contents) {
  try {
    return Reader(Json::parse(text), contents).read();
  } catch (const nlohmann::json::exception& error) {
    throw FormatError("the text is no plan: " + std::string(error.what()));
  } catch (const FormatError& error) {
    throw FormatError("the text is no plan: " + std::string(error.what()));
  } catch (const ShapeError& error) {
    throw FormatError("the text is no plan: " + std::string(error.what()));
  }
}

// What is written is all that a plan says.
bool operator==(const Plan& left, const Plan& right) { return Writer(left).write() == Writer(right).write(); }

}  // namespace plan
}  // namespace varve

#include "plan/plan_json.hpp"

#include "ops/generate/generators.hpp"
#include "ops/operators.hpp"
#include "plan/plan_check.hpp"
#include "plan/plan_words.hpp"

namespace varve::plan {
namespace {

using words::Json;
using words::number_in_range;
using words::read;
using words::read_field;
using words::require;
using words::write;

// A parameter's type is that of the text: integers have no point, numbers do; what the text does not hold is
// named in an object.
struct WriteParameter {
  Json operator()(const std::vector<double>& numbers) const { return Json{{"numbers", write(numbers)}}; }
  Json operator()(const expr::Held& held) const { return Json{{"held", held.hash()}}; }
  Json operator()(const expr::Bound& bound) const {
    return Json{{"bound", bound.identity}, {"lasting", bound.lasting}};
  }
  Json operator()(const auto& value) const { return write(value); }
};

Json write_parameters(const expr::Parameters& parameters) {
  Json list = Json::array();
  for (const expr::Parameter& each : parameters.list)
    list.push_back(Json::array({each.name, std::visit(WriteParameter{}, each.value)}));
  return list;
}

// Leaves point at the inputs of operations, which several leaves share: the text has a list of all.
using InputPtr = std::shared_ptr<const InputProgram>;

class Writer {
 public:
  explicit Writer(const Plan& plan) : plan_(plan) {}

  [[nodiscard]] Json write_all() {
    Json stages = Json::array();
    for (const Stage& stage : plan_.stages) stages.push_back(write_stage(stage));
    Json sources = Json::array();
    for (const SourcePtr& source : plan_.sources) sources.push_back(write_source(*source));
    return {{"varve_plan", kVersion},
            {"sources", sources},
            {"inputs", inputs_},
            {"values", write(plan_.values)},
            {"stages", stages},
            {"roots", write(plan_.roots)},
            {"budget_bytes", plan_.budget_bytes},
            {"peak_bytes", plan_.peak_bytes},
            {"scratch_bytes", plan_.scratch_bytes},
            {"min_bytes_read", plan_.min_bytes_read}};
  }

  static constexpr int kVersion = 1;

 private:
  static Json write_source(const Source& source) {
    Json json = {{"kind", write(source.kind)},
                 {"name", write(source.name)},
                 {"shape", write(source.shape)},
                 {"dtype", write(source.dtype)}};
    if (source.dataset) json["dataset"] = write(*source.dataset);
    if (const expr::Definition* made = source.definition())
      json["definition"] = {{"kind", made->kind()}, {"parameters", write_parameters(made->parameters())}};
    return json;
  }

  Json write_stage(const Stage& stage) {
    return {{"domain", write(stage.domain)},           {"natural", write(stage.natural)},
            {"program", write_program(stage.program)}, {"reduces", write(stage.reduces)},
            {"writes", write(stage.writes)},           {"tiling", write(stage.tiling)},
            {"resident_bytes", stage.resident_bytes},  {"estimate", write(stage.estimate)}};
  }

  Json write_program(const Program& program) {
    Json leaves = Json::array();
    for (const Leaf& leaf : program.leaves) leaves.push_back(write_leaf(leaf));
    return {{"leaves", leaves},
            {"registers", write(program.registers)},
            {"instructions", write(program.instructions)},
            {"slot_count", program.slot_count}};
  }

  Json write_leaf(const Leaf& leaf) {
    Json inputs = Json::array();
    for (const InputPtr& input : leaf.inputs) inputs.push_back(number_of(input));
    return {{"source", leaf.source ? leaf.source->id : -1},
            {"value", leaf.value},
            {"shape", write(leaf.source_shape)},
            {"dtype", write(leaf.dtype)},
            {"map", write(leaf.map)},
            {"register", leaf.register_id},
            {"inputs", inputs}};
  }

  // What an input reads stands before it.
  std::size_t number_of(const InputPtr& input) {
    if (const auto known = numbers_.find(input.get()); known != numbers_.end()) return known->second;
    Json json = {{"domain", write(input->domain)},
                 {"cells", write(input->cells)},
                 {"program", write_program(input->program)},
                 {"output", input->output}};
    inputs_.push_back(std::move(json));
    return numbers_[input.get()] = inputs_.size() - 1;
  }

  const Plan& plan_;
  Json inputs_ = Json::array();
  std::map<const InputProgram*, std::size_t> numbers_;
};

class Reader {
 public:
  Reader(const Json& json, const OperatorContents& contents) : json_(json), contents_(contents) {}

  [[nodiscard]] Plan read_all() {
    require(read_field<int>(json_, "varve_plan") == Writer::kVersion, "it was written by another version");
    read(json_.at("values"), plan_.values);
    for (const Json& source : list_in(json_, "sources")) add_source(source);
    for (const Json& input : list_in(json_, "inputs")) add_input(input);
    for (const Json& stage : list_in(json_, "stages")) plan_.stages.push_back(read_stage(stage));
    read(json_.at("roots"), plan_.roots);
    read(json_.at("budget_bytes"), plan_.budget_bytes);
    read(json_.at("peak_bytes"), plan_.peak_bytes);
    read(json_.at("scratch_bytes"), plan_.scratch_bytes);
    read(json_.at("min_bytes_read"), plan_.min_bytes_read);
    require_valid(plan_);
    return std::move(plan_);
  }

 private:
  static const Json& list_in(const Json& json, const char* name) {
    const Json& list = json.at(name);
    require(list.is_array(), "a list was expected");
    return list;
  }

  // The item of a list that a number names.
  template <class T>
  static const T& item_at(const Json& number, const std::vector<T>& list) {
    require(!list.empty(), "there is no such item");
    return list[number_in_range<std::size_t>(number, 0, list.size() - 1)];
  }

  void add_source(const Json& json) {
    auto source = std::make_shared<Source>();
    source->id = static_cast<int>(plan_.sources.size());
    read(json.at("kind"), source->kind);
    read(json.at("name"), source->name);
    read(json.at("shape"), source->shape);
    read(json.at("dtype"), source->dtype);
    if (source->kind == Source::Kind::dataset)
      source->dataset = std::make_shared<const DatasetFacts>(read_field<DatasetFacts>(json, "dataset"));
    if (source->kind == Source::Kind::operation || source->kind == Source::Kind::generator)
      read_definition(json.at("definition"), *source);
    plan_.sources.push_back(std::move(source));
  }

  void read_definition(const Json& json, Source& source) const {
    expr::Parameters parameters;
    for (const Json& each : list_in(json, "parameters")) {
      const auto name = each.at(0).get<std::string>();
      parameters.list.push_back({name, bound_to({source.id, name}, parameter_in(each.at(1)))});
    }
    const auto kind = json.at("kind").get<std::string>();
    if (source.kind == Source::Kind::generator)
      source.generator = ops::make_generator(kind, parameters);
    else
      source.op = ops::make_operator(kind, parameters);
  }

  [[nodiscard]] expr::ParameterValue parameter_in(const Json& json) const {
    if (json.is_boolean()) return json.get<bool>();
    if (json.is_number_float()) return json.get<double>();
    if (json.is_array()) return value_in<std::vector<std::int64_t>>(json);
    if (!json.is_object())
      return json.is_string() ? expr::ParameterValue(json.get<std::string>()) : value_in<std::int64_t>(json);
    if (json.contains("number")) return value_in<double>(json);
    if (json.contains("bytes")) return value_in<std::string>(json);
    if (json.contains("held")) return held_in(read_field<std::uint64_t>(json, "held"));
    if (json.contains("bound"))
      return expr::Bound{read_field<std::uint64_t>(json, "bound"), read_field<bool>(json, "lasting"), {}};
    return read_field<std::vector<double>>(json, "numbers");
  }

  template <class T>
  static expr::ParameterValue value_in(const Json& json) {
    T value{};
    read(json, value);
    return value;
  }

  [[nodiscard]] expr::Held held_in(std::uint64_t hash) const {
    const auto found = contents_.held.find(hash);
    if (found == contents_.held.end()) return expr::Held(hash);
    require(found->second.hash() == hash, "what is held has another hash");
    return found->second;
  }

  // What only the running program has takes the place of what names it.
  [[nodiscard]] expr::ParameterValue bound_to(const std::pair<int, std::string>& place,
                                              expr::ParameterValue named) const {
    const auto found = contents_.bound.find(place);
    if (found == contents_.bound.end()) return named;
    const auto* bound = std::get_if<expr::Bound>(&named);
    require(bound != nullptr && *bound == found->second, "what is bound has another identity");
    return found->second;
  }

  void add_input(const Json& json) {
    auto input = std::make_shared<InputProgram>();
    read(json.at("domain"), input->domain);
    read(json.at("cells"), input->cells);
    input->program = read_program(json.at("program"));
    read(json.at("output"), input->output);
    inputs_.push_back(std::move(input));
  }

  [[nodiscard]] Program read_program(const Json& json) const {
    Program program;
    for (const Json& leaf : list_in(json, "leaves")) program.leaves.push_back(read_leaf(leaf));
    read(json.at("registers"), program.registers);
    read(json.at("instructions"), program.instructions);
    read(json.at("slot_count"), program.slot_count);
    return program;
  }

  [[nodiscard]] Leaf read_leaf(const Json& json) const {
    Leaf leaf;
    if (json.at("source") != -1) leaf.source = item_at(json.at("source"), plan_.sources);
    read(json.at("value"), leaf.value);
    read(json.at("shape"), leaf.source_shape);
    read(json.at("dtype"), leaf.dtype);
    read(json.at("map"), leaf.map);
    read(json.at("register"), leaf.register_id);
    for (const Json& number : list_in(json, "inputs")) leaf.inputs.push_back(item_at(number, inputs_));
    return leaf;
  }

  [[nodiscard]] Stage read_stage(const Json& json) const {
    Stage stage;
    read(json.at("domain"), stage.domain);
    read(json.at("natural"), stage.natural);
    stage.program = read_program(json.at("program"));
    read(json.at("reduces"), stage.reduces);
    read(json.at("writes"), stage.writes);
    read(json.at("tiling"), stage.tiling);
    read(json.at("resident_bytes"), stage.resident_bytes);
    read(json.at("estimate"), stage.estimate);
    return stage;
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

std::string write_plan(const Plan& plan) { return Writer(plan).write_all().dump(); }

Plan read_plan(std::string_view text, const OperatorContents& contents) {
  try {
    return Reader(Json::parse(text), contents).read_all();
  } catch (const nlohmann::json::exception& error) {
    throw FormatError("the text is no plan: " + std::string(error.what()));
  } catch (const FormatError& error) {
    throw FormatError("the text is no plan: " + std::string(error.what()));
  } catch (const ShapeError& error) {
    throw FormatError("the text is no plan: " + std::string(error.what()));
  }
}

// What is written is all that a plan says.
bool operator==(const Plan& left, const Plan& right) {
  return Writer(left).write_all() == Writer(right).write_all();
}

}  // namespace varve::plan

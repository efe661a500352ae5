#include <algorithm>
#include <catch2/catch.hpp>
#include <complex>
#include <cstring>
#include <map>
#include <set>

#include "api/catalogue/catalogue.hpp"
#include "cli/evaluate.hpp"
#include "expr/node.hpp"
#include "expr/walk.hpp"
#include "ops/factor/embedding.hpp"
#include "ops/factor/equations.hpp"
#include "ops/operators.hpp"
#include "ops/select/select.hpp"
#include "support/function_table.hpp"
#include "varve/varve.hpp"

// Every operator is a value: one that is made again from its kind and its parameters does the same.
namespace varve::test {
namespace {

using expr::BoxOperator;
using OperatorPtr = std::shared_ptr<const BoxOperator>;

struct Case {
  std::string text;
  Array array;
};

Array numbers(const Shape& shape, std::uint64_t seed, const Shape& chunks) {
  return random::normal(shape, 0, 1, {.seed = seed, .chunks = chunks});
}
Array integers(const Shape& shape, std::uint64_t seed, const Shape& chunks) {
  return random::integers(shape, 0, 5, {.seed = seed, .chunks = chunks});
}

// The rows that test_every_function checks, of small arrays in several chunks.
std::vector<Case> cases_of_functions() {
  const Shape shape{20, 18, 15};
  const Shape chunks{8, 18, 7};
  const cli::Names names = {{"x", numbers(shape, 1, chunks)},      {"y", numbers(shape, 2, {7, 9, 15})},
                            {"i", integers(shape, 3, chunks)},     {"j", integers(shape, 4, chunks)},
                            {"l", integers({20}, 6, {7})},         {"b", integers(shape, 5, chunks) > 2},
                            {"m", numbers({400, 24}, 7, {64, 24})}};
  std::vector<Case> cases;
  for (const FunctionRow& row : function_table())
    cases.push_back({row.expression, catalogue::to_array(cli::evaluate(row.expression, names))});
  return cases;
}

// What needs larger arrays, or a function of the program's own.
std::vector<Case> cases_of_kinds() {
  const Array x = numbers({90, 70}, 11, {20, 30});
  const Array z = astype(numbers({30, 10}, 12, {7, 4}), DType::complex128);
  const Array a = numbers({300, 300}, 13, {90, 90});
  const Array spread = rechunk(matmul(a, transpose(a)) + 300.0 * eye(300), {90, 90});
  const Array tall = numbers({70000, 3}, 17, {4000, 3});
  const QrResult factors = qr(tall);
  const Array large = astype(numbers({9000, 40}, 18, {3000, 40}), DType::complex128);
  const QrResult complex_factors = qr(large * std::complex<double>(1, 2));
  const Array stack = numbers({5, 6, 4}, 19, {2, 6, 4});
  const Array complex_stack = stack * std::complex<double>(1, -1);
  const Array squares = matmul(matrix_transpose(stack), stack) + eye(4);
  const Array complex_squares = squares * std::complex<double>(1, 0);
  const auto doubled = [](const auto& in, const StridedView& out) {
    for_each_element(
        [](const std::byte* from, std::byte* to) {
          const double value = 2 * *reinterpret_cast<const double*>(from);
          std::memcpy(to, &value, sizeof value);
        },
        in, out);
  };
  return {
      {"map_blocks",
       map_blocks({x}, [=](auto inputs, const StridedView& out, const Block&) { doubled(inputs[0], out); })},
      {"map_overlap", map_overlap(x,
                                  [=](const ConstStridedView& grown, const StridedView& out, const Box&) {
                                    Box inner(out.shape);
                                    for (std::int64_t axis = 0; axis < 2; ++axis) {
                                      ++inner.lo[axis];
                                      ++inner.hi[axis];
                                    }
                                    doubled(grown.sub(inner), out);
                                  })},
      {"quantiles in refining passes",
       Array(ops::quantiles(x.node(), {.axes = {0}, .q = {0.9, 0.2}, .gathered_row_bytes = 1}))},
      {"sort in runs", Array(ops::sort_rows(x.node(), {.axis = 0,
                                                       .gathered_bytes = 0,
                                                       .run_bytes = 100,
                                                       .part_bytes = 100,
                                                       .sample_step = 3,
                                                       .cut_stride = 4}))},
      {"argsort in runs", Array(ops::sort_rows(x.node(), {.axis = 1,
                                                          .descending = true,
                                                          .positions = true,
                                                          .gathered_bytes = 0,
                                                          .run_bytes = 100,
                                                          .part_bytes = 100,
                                                          .sample_step = 3,
                                                          .cut_stride = 4}))},
      {"cumulative_sum over many chunks", cumulative_sum(numbers({700, 3}, 14, {10, 2}), {.axis = 0})},
      {"round of complex numbers", round(z, 2)},
      {"complex matrices as real ones", Array(ops::unembedded(ops::embedded(z.node()), 2))},
      {"cholesky of panels", Array(ops::cholesky(spread.node()))},
      {"solve of panels", Array(ops::solve(spread.node(), numbers({300, 3}, 15, {50, 2}).node()))},
      {"qr of many blocks, Q", factors.q},
      {"qr of many blocks, R", factors.r},
      {"qr of one block", qr(numbers({90, 7}, 20, {20, 7})).q},
      {"qr of a large complex matrix, Q", complex_factors.q},
      {"qr of a large complex matrix, R", complex_factors.r},
      {"qr of a complex matrix", qr(z).q},
      {"lstsq of many blocks and panels", lstsq(tall, numbers({70000, 2}, 21, {4000, 2}))},
      {"qr of a stack, Q", qr(stack).q},
      {"qr of a stack, R", qr(stack).r},
      {"complete qr of a complex stack, Q", qr(complex_stack, {.mode = QrMode::complete}).q},
      {"complete qr of a complex stack, R", qr(complex_stack, {.mode = QrMode::complete}).r},
      {"cholesky of a stack", cholesky(squares)},
      {"cholesky of a complex stack", cholesky(complex_squares)},
      {"solve of a stack", solve(squares, numbers({4, 2}, 22, {4, 2}))},
      {"solve of a complex stack", solve(complex_squares, numbers({5, 4, 2}, 23, {1, 4, 2}))},
      {"unique_values", Array(ops::distinct_values(integers({500}, 16, {70}).node(), 1 << 20).array)},
  };
}

const std::vector<Case>& cases() {
  static const std::vector<Case> all = [] {
    std::vector<Case> made = cases_of_functions();
    for (const Case& one : cases_of_kinds()) made.push_back(one);
    return made;
  }();
  return all;
}

void visit_operators(const expr::NodePtr& root,
                     const std::function<void(const expr::Node&, const OperatorPtr&)>& visit) {
  expr::walk_inputs_first(*root, [&](const expr::Node& node) {
    const auto* operation = node.as<expr::Operation>();
    if (operation == nullptr) return;
    visit(node, operation->op);
    if (const OperatorPtr passes = operation->op->in_passes()) visit(node, passes);
    if (!operation->is_of_several()) return;
    if (const OperatorPtr alone = operation->op->only(operation->output)) visit(node, alone);
  });
}

OperatorPtr made_again(const BoxOperator& op) { return ops::make_operator(op.kind(), op.parameters()); }

// The same expression with other operators.
expr::NodePtr replaced(const expr::NodePtr& root,
                       const std::function<OperatorPtr(const OperatorPtr&)>& other) {
  std::map<const expr::Node*, expr::NodePtr> known;
  expr::walk_inputs_first(*root, [&](const expr::Node& node) {
    auto copy = std::make_shared<expr::Node>(node);
    for (expr::NodePtr& input : copy->inputs) input = known.at(input.get());
    if (const auto* operation = node.as<expr::Operation>())
      copy->payload = expr::Operation{other(operation->op), operation->output};
    known[&node] = std::move(copy);
  });
  return known.at(root.get());
}

std::vector<std::byte> bytes_of(const expr::NodePtr& node) {
  const Array values = compute(Array(node));
  const auto width = static_cast<std::size_t>(size_bytes(values.dtype()));
  std::vector<std::byte> bytes;
  for_each_element([&](const std::byte* element) { bytes.insert(bytes.end(), element, element + width); },
                   values.view());
  return bytes;
}

// All of the result, its corners, and a part in the middle.
std::vector<Box> boxes_of(const Shape& shape) {
  if (element_count(shape) == 0) return {};
  std::vector<Box> boxes(4, Box(shape));
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
    const std::int64_t n = shape[axis];
    boxes[1].hi[axis] = 1;
    boxes[2].lo[axis] = n - 1;
    boxes[3].lo[axis] = n / 3;
    boxes[3].hi[axis] = std::max(n / 3 + 1, 2 * n / 3);
  }
  return boxes;
}

void check_alike(const expr::Node& node, const BoxOperator& left, const BoxOperator& right) {
  CHECK(left.kind() == right.kind());
  CHECK(left.name() == right.name());
  CHECK(left.parameters() == right.parameters());
  CHECK(left.hash() == right.hash());
  CHECK(left.lasting() == right.lasting());
  CHECK(left.reading() == right.reading());
  CHECK((left.in_passes() == nullptr) == (right.in_passes() == nullptr));
  CHECK(left.outputs().size() == right.outputs().size());
  const bool is_of_several = !left.outputs().empty();
  for (const Box& box : boxes_of(is_of_several ? left.outputs().front().grid.shape() : node.shape)) {
    for (int input = 0; input < static_cast<int>(node.inputs.size()); ++input)
      CHECK(left.demand(input, box) == right.demand(input, box));
    for (const int workers : {1, 3})
      CHECK(left.workspace(box.shape(), workers).bytes() == right.workspace(box.shape(), workers).bytes());
  }
}

// One operator of each kind.
const std::map<std::string, OperatorPtr>& examples() {
  static const std::map<std::string, OperatorPtr> found = [] {
    std::map<std::string, OperatorPtr> of_kinds;
    for (const Case& one : cases()) {
      visit_operators(one.array.node(),
                      [&](const expr::Node&, const OperatorPtr& op) { of_kinds.emplace(op->kind(), op); });
    }
    return of_kinds;
  }();
  return found;
}

void require_refused(const BoxOperator& op, const expr::Parameters& parameters) {
  CHECK_THROWS_AS(ops::make_operator(op.kind(), parameters), ArgumentError);
  CHECK_THROWS_WITH(ops::make_operator(op.kind(), parameters), Catch::Contains(std::string(op.kind())));
}

expr::ParameterValue of_another_type(const expr::ParameterValue& value) {
  return std::holds_alternative<bool>(value) ? expr::ParameterValue(std::string("no"))
                                             : expr::ParameterValue(true);
}

expr::Parameters with(expr::Parameters parameters, std::size_t number, expr::ParameterValue value) {
  parameters.list[number].value = std::move(value);
  return parameters;
}

expr::Parameters with(const BoxOperator& op, const std::string& name, expr::ParameterValue value) {
  expr::Parameters parameters = op.parameters();
  const auto found = std::find_if(parameters.list.begin(), parameters.list.end(),
                                  [&](const expr::Parameter& parameter) { return parameter.name == name; });
  REQUIRE(found != parameters.list.end());
  found->value = std::move(value);
  return parameters;
}

}  // namespace

TEST_CASE("operators: one made again from kind and parameters is like the first", "[ops]") {
  for (const Case& one : cases()) {
    INFO(one.text);
    visit_operators(one.array.node(), [](const expr::Node& node, const OperatorPtr& op) {
      INFO(op->kind());
      check_alike(node, *op, *made_again(*op));
    });
  }
}

TEST_CASE("operators: made again they compute the same bits", "[ops]") {
  for (const Case& one : cases()) {
    INFO(one.text);
    bool has_operators = false;
    visit_operators(one.array.node(), [&](const expr::Node&, const OperatorPtr&) { has_operators = true; });
    if (!has_operators) continue;
    const std::vector<std::byte> bytes = bytes_of(one.array.node());
    CHECK(bytes_of(replaced(one.array.node(), [](const OperatorPtr& op) { return made_again(*op); })) ==
          bytes);
    // What reads the inputs several times gives the same as well.
    const auto by_passes = [](const OperatorPtr& op) {
      const OperatorPtr passes = op->in_passes();
      return made_again(passes ? *passes : *op);
    };
    CHECK(bytes_of(replaced(one.array.node(), by_passes)) == bytes);
  }
}

TEST_CASE("operators: every kind is met, and kinds are different words", "[ops]") {
  std::set<std::string_view> kinds;
  for (const expr::OperatorRow* row : ops::operator_rows()) {
    INFO(row->kind << " is not met by any expression");
    CHECK(examples().contains(std::string(row->kind)));
    CHECK(kinds.insert(row->kind).second);
    CHECK(row->kind.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos);
  }
}

TEST_CASE("operators: only functions of the program's own and a place for results are bound", "[ops]") {
  const std::set<std::string_view> bound = {"blocks", "map_overlap", "unique_values"};
  for (const Case& one : cases()) {
    INFO(one.text);
    visit_operators(one.array.node(), [&](const expr::Node&, const OperatorPtr& op) {
      INFO(op->kind());
      const expr::Parameters parameters = op->parameters();
      CHECK(bound.contains(op->kind()) ==
            std::any_of(parameters.list.begin(), parameters.list.end(), [](const expr::Parameter& parameter) {
              return std::holds_alternative<expr::Bound>(parameter.value);
            }));
    });
  }
  for (const Case& one : cases_of_functions()) {
    INFO(one.text);
    visit_operators(one.array.node(), [&](const expr::Node&, const OperatorPtr& op) {
      CHECK((op->kind() == "unique_values" || !bound.contains(op->kind())));
    });
  }
}

TEST_CASE("operators: the order of parameters does not matter", "[ops]") {
  for (const auto& [kind, op] : examples()) {
    INFO(kind);
    expr::Parameters parameters = op->parameters();
    std::reverse(parameters.list.begin(), parameters.list.end());
    CHECK(ops::make_operator(kind, parameters)->hash() == op->hash());
  }
}

TEST_CASE("operators: parameters that are missing, too many or of another type are refused", "[ops]") {
  for (const auto& [kind, op] : examples()) {
    const expr::Parameters parameters = op->parameters();
    expr::Parameters more = parameters;
    more.list.push_back({"unheard_of", true});
    require_refused(*op, more);
    for (std::size_t i = 0; i < parameters.list.size(); ++i) {
      INFO(kind << ", " << parameters.list[i].name);
      expr::Parameters fewer = parameters;
      fewer.list.erase(fewer.list.begin() + static_cast<std::ptrdiff_t>(i));
      require_refused(*op, fewer);
      require_refused(*op, with(parameters, i, of_another_type(parameters.list[i].value)));
    }
  }
}

TEST_CASE("operators: numbers that there cannot be are refused, or harmless", "[ops]") {
  for (const auto& [kind, op] : examples()) {
    const expr::Parameters parameters = op->parameters();
    for (std::size_t i = 0; i < parameters.list.size(); ++i) {
      INFO(kind << ", " << parameters.list[i].name);
      for (const std::int64_t number : {std::int64_t{-1}, std::int64_t{77}, INT64_MIN, INT64_MAX}) {
        expr::ParameterValue value = parameters.list[i].value;
        if (auto* scalar = std::get_if<std::int64_t>(&value)) *scalar = number;
        if (auto* list = std::get_if<std::vector<std::int64_t>>(&value); list != nullptr && !list->empty())
          list->back() = number;
        try {
          static_cast<void>(ops::make_operator(kind, with(parameters, i, value)));
        } catch (const ArgumentError&) {
          continue;
        }
      }
    }
  }
}

TEST_CASE("operators: each says what is wrong with its parameters", "[ops]") {
  const auto example = [](const std::string& kind) -> const BoxOperator& { return *examples().at(kind); };
  const auto ints = [](std::vector<std::int64_t> list) { return expr::ParameterValue(std::move(list)); };
  const auto number = [](std::int64_t value) { return expr::ParameterValue(value); };
  require_refused(example("concat"), with(example("concat"), "axis", number(-1)));
  require_refused(example("concat"), with(example("concat"), "starts", ints({0, 5, 3})));
  require_refused(example("scan"), with(example("scan"), "op", number(3)));
  require_refused(example("scan"), with(example("scan"), "dtype", std::string("float33")));
  require_refused(example("scan"), with(example("scan"), "blocks.size", number(0)));
  require_refused(example("reshape"), with(example("reshape"), "to", ints({1})));
  require_refused(example("sort"), with(example("sort"), "dtype", std::string("float16x")));
  for (const std::int64_t extent : {std::int64_t{-1}, std::int64_t{1}, std::int64_t{1} << 40})
    require_refused(example("sort"), with(example("sort"), "extent", number(extent)));
  require_refused(example("extend"), with(example("extend"), "extension.boundary", number(5)));
  require_refused(example("extend"), with(example("extend"), "origin", ints({})));
  require_refused(example("quantile"), with(example("quantile"), "of.wanted.q", std::vector<double>{2.0}));
  require_refused(example("quantile"), with(example("quantile"), "of.method", number(13)));
  require_refused(example("groupby_reduce"), with(example("groupby_reduce"), "groups.count", number(0)));
  require_refused(example("groupby_reduce"), with(example("groupby_reduce"), "op", number(200)));
  require_refused(example("take_true"), with(example("take_true"), "mask", ints({1, 1, 1, 1})));
  require_refused(example("factor_panel"), with(example("factor_panel"), "panel", number(1000)));
  const auto wrong = [&](const std::string& kind, const std::string& name, std::int64_t value) {
    INFO(kind << ", " << name << " = " << value);
    require_refused(example(kind), with(example(kind), name, number(value)));
  };
  const std::int64_t huge = std::int64_t{1} << 55;
  for (const std::string kind : {"qr_triangles", "qr_rows", "lstsq_triangles"}) {
    for (const std::int64_t height : {std::int64_t{0}, std::int64_t{2}, huge})
      wrong(kind, "a.height", height);
    for (const std::int64_t columns : {std::int64_t{0}, huge}) wrong(kind, "a.columns", columns);
    wrong(kind, "a.rows", 0);
  }
  for (const std::string kind : {"qr_level", "qr_factors"}) {
    wrong(kind, "count", 0);
    for (const std::int64_t n : {std::int64_t{0}, huge}) wrong(kind, "n", n);
  }
  for (const std::string kind : {"lstsq_level", "lstsq_solution"}) {
    for (const std::int64_t n : {std::int64_t{0}, huge}) wrong(kind, "panels.n", n);
    wrong(kind, "panels.k", 0);
  }
  for (const std::string kind : {"cholesky_head", "cholesky_rows", "qr_signs"}) {
    for (const std::int64_t n : {std::int64_t{0}, huge}) wrong(kind, "n", n);
  }
  wrong("cholesky_head", "parts", 0);
  wrong("cholesky_head", "first", -1);
  wrong("lstsq_level", "count", 0);
  for (const std::string kind :
       {"held_qr", "held_triangle", "held_orthogonal", "held_cholesky", "held_solve"}) {
    for (const std::string extent : {"rows", "columns"}) {
      for (const std::int64_t value : {std::int64_t{0}, std::int64_t{5}, huge}) wrong(kind, extent, value);
    }
    require_refused(example(kind), with(example(kind), "dtype", std::string("float32")));
    require_refused(example(kind), with(example(kind), "loops.core_axes", ints({1, 1})));
    require_refused(example(kind), with(example(kind), "loops.inputs[0]", ints({4})));
    require_refused(example(kind), with(example(kind), "loops.inputs[0]", ints({7, 4, 4})));
  }
  require_refused(example("blocks"), with(example("blocks"), "loops.core_axes", ints({3})));
  require_refused(example("blocks"), with(example("blocks"), "loops.cells.chunks", ints({90, 1})));
  require_refused(example("blocks"), with(example("blocks"), "loops.inputs[0]", ints({90, 70, 1})));
  require_refused(example("blocks"), with(example("blocks"), "workspace_bytes", number(-1)));
  CHECK_THROWS_WITH(ops::make_operator("conkat", {}), Catch::Contains("no operator conkat"));
}

TEST_CASE("operators: data and functions that are not bound are refused", "[ops]") {
  for (const auto& [kind, op] : examples()) {
    const expr::Parameters parameters = op->parameters();
    for (std::size_t i = 0; i < parameters.list.size(); ++i) {
      const expr::ParameterValue& value = parameters.list[i].value;
      INFO(kind << ", " << parameters.list[i].name);
      if (const auto* held = std::get_if<expr::Held>(&value))
        require_refused(*op, with(parameters, i, expr::Held(held->hash())));
      if (const auto* bound = std::get_if<expr::Bound>(&value)) {
        require_refused(*op, with(parameters, i, expr::Bound{bound->identity, bound->lasting}));
        require_refused(
            *op, with(parameters, i, expr::Bound{bound->identity, bound->lasting, std::make_shared<int>(1)}));
      }
    }
  }
}

TEST_CASE("operators: parameters are equal by their bits, held data by its contents", "[ops]") {
  const auto equal = [](expr::ParameterValue left, expr::ParameterValue right) {
    return expr::Parameter{"p", std::move(left)} == expr::Parameter{"p", std::move(right)};
  };
  const auto held = [](std::vector<std::int32_t> values) {
    auto owner = std::make_shared<std::vector<std::int32_t>>(std::move(values));
    return expr::Held(std::span<const std::int32_t>(*owner), owner);
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(equal(nan, nan));
  CHECK_FALSE(equal(0.0, -0.0));
  CHECK_FALSE(equal(std::vector<double>{0.0}, std::vector<double>{-0.0}));
  CHECK_FALSE(equal(std::int64_t{1}, true));
  CHECK(equal(held({1, 2}), held({1, 2})));
  CHECK_FALSE(equal(held({1, 2}), held({1, 3})));
  CHECK_FALSE(equal(held({1, 2}), held({1, 2, 0})));
  CHECK(equal(held({1, 2}), expr::Held(held({1, 2}).hash())));
}

}  // namespace varve::test

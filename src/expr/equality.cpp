#include "expr/equality.hpp"

#include <set>
#include <utility>

#include "expr/parameters.hpp"

namespace varve::expr {
namespace {

struct PayloadEquality {
  const Node& left;
  const Node& right;

  template <class Kind>
  bool operator()(const Kind& mine) const {
    const auto* other = right.as<Kind>();
    return other != nullptr && equal(mine, *other);
  }

  static bool equal(const DatasetSource& a, const DatasetSource& b) {
    const io::DatasetInfo &x = a.dataset->info(), &y = b.dataset->info();
    return a.dataset == b.dataset || (x.location == y.location && x.identity == y.identity);
  }
  static bool equal(const MemorySource& a, const MemorySource& b) {
    return a.view.data == b.view.data && a.view.byte_strides == b.view.byte_strides;
  }
  static bool equal(const GeneratorSource& a, const GeneratorSource& b) {
    return *a.generator == *b.generator;
  }
  static bool equal(const ConstantSource& a, const ConstantSource& b) { return a.element == b.element; }
  static bool equal(const View& a, const View& b) { return a.map == b.map; }
  static bool equal(const Elementwise& a, const Elementwise& b) {
    return a.op == b.op && a.compute_dtype == b.compute_dtype;
  }
  static bool equal(const Cast&, const Cast&) { return true; }
  // The order of additions follows from the chunks of what is folded.
  bool equal(const Reduce& a, const Reduce& b) const {
    return a.op == b.op && a.axes == b.axes && a.correction == b.correction &&
           left.inputs[0]->grid == right.inputs[0]->grid;
  }
  static bool equal(const Operation& a, const Operation& b) { return a.output == b.output && *a.op == *b.op; }
  static bool equal(const Materialised&, const Materialised&) { return true; }
};

bool are_alike(const Node& left, const Node& right) {
  return left.hash == right.hash && left.dtype == right.dtype && left.shape == right.shape &&
         left.inputs.size() == right.inputs.size() && std::visit(PayloadEquality{left, right}, left.payload);
}

}  // namespace

bool are_equal(const Node& left, const Node& right) {
  using Pair = std::pair<const Node*, const Node*>;
  std::vector<Pair> open = {{&left, &right}};
  std::set<Pair> seen;
  while (!open.empty()) {
    const Pair pair = open.back();
    open.pop_back();
    if (pair.first == pair.second || !seen.insert(pair).second) continue;
    if (!are_alike(*pair.first, *pair.second)) return false;
    for (std::size_t i = 0; i < pair.first->inputs.size(); ++i)
      open.emplace_back(pair.first->inputs[i].get(), pair.second->inputs[i].get());
  }
  return true;
}

}  // namespace varve::expr

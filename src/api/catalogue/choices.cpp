#include "api/catalogue/choices.hpp"

#include <algorithm>

#include "api/grouping.hpp"
#include "varve/factorizations.hpp"
#include "varve/grouping.hpp"
#include "varve/rearranging.hpp"
#include "varve/selection.hpp"
#include "varve/windows.hpp"

namespace varve::catalogue {
namespace {

template <class Enumeration>
struct Word {
  std::string_view word;
  Enumeration value;
  bool is_synonym = false;
};

// A kind, and its words.
struct Words {
  Kind kind;
  std::vector<Choice> choices;
};

template <class Enumeration>
Words words(std::initializer_list<Word<Enumeration>> list) {
  Words result{KindOf<Enumeration>::kind, {}};
  for (const Word<Enumeration>& each : list)
    result.choices.push_back({each.word, static_cast<int>(each.value), each.is_synonym});
  return result;
}

// scipy.ndimage has two names for most.
Words boundaries() {
  return words<Boundary>({{"reflect", Boundary::reflect},
                          {"constant", Boundary::constant},
                          {"nearest", Boundary::nearest},
                          {"mirror", Boundary::mirror},
                          {"wrap", Boundary::wrap},
                          {"grid-mirror", Boundary::reflect, true},
                          {"grid-constant", Boundary::constant, true},
                          {"grid-wrap", Boundary::wrap, true}});
}

Words pad_modes() {
  const auto mode = [](Boundary boundary) { return static_cast<PadMode>(boundary); };
  return words<PadMode>({{"constant", mode(Boundary::constant)},
                         {"edge", mode(Boundary::nearest)},
                         {"reflect", mode(Boundary::mirror)},
                         {"symmetric", mode(Boundary::reflect)},
                         {"wrap", mode(Boundary::wrap)}});
}

Words quantile_methods() {
  return words<QuantileMethod>({{"inverted_cdf", QuantileMethod::inverted_cdf},
                                {"averaged_inverted_cdf", QuantileMethod::averaged_inverted_cdf},
                                {"closest_observation", QuantileMethod::closest_observation},
                                {"interpolated_inverted_cdf", QuantileMethod::interpolated_inverted_cdf},
                                {"hazen", QuantileMethod::hazen},
                                {"weibull", QuantileMethod::weibull},
                                {"linear", QuantileMethod::linear},
                                {"median_unbiased", QuantileMethod::median_unbiased},
                                {"normal_unbiased", QuantileMethod::normal_unbiased},
                                {"lower", QuantileMethod::lower},
                                {"higher", QuantileMethod::higher},
                                {"midpoint", QuantileMethod::midpoint},
                                {"nearest", QuantileMethod::nearest}});
}

Words group_ops() {
  Words result{KindOf<GroupOp>::kind, {}};
  for (const api::GroupRow& row : api::group_rows())
    result.choices.push_back({row.name, static_cast<int>(row.op)});
  return result;
}

std::vector<Words> all_words() {
  return {
      boundaries(), pad_modes(), words<Order>({{"C", Order::c}, {"F", Order::f}}),
      // NumPy's "r" leaves Q out.
      words<QrMode>({{"reduced", QrMode::reduced}, {"complete", QrMode::complete}, {"r", QrMode::reduced}}),
      quantile_methods(), group_ops()};
}

}  // namespace

const std::vector<Choice>& choices_of(Kind kind) {
  static const std::vector<Words> all = all_words();
  static const std::vector<Choice> none;
  const auto found =
      std::find_if(all.begin(), all.end(), [kind](const Words& each) { return each.kind == kind; });
  return found == all.end() ? none : found->choices;
}

}  // namespace varve::catalogue

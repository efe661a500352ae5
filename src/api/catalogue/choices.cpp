#include "api/catalogue/function.hpp"
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

template <class Enumeration>
std::vector<Choice> choices(std::initializer_list<Word<Enumeration>> words) {
  std::vector<Choice> result;
  for (const Word<Enumeration>& each : words)
    result.push_back({each.word, static_cast<int>(each.value), each.is_synonym});
  return result;
}

// scipy.ndimage has two names for most.
std::vector<Choice> boundaries() {
  return choices<Boundary>({{"reflect", Boundary::reflect},
                            {"constant", Boundary::constant},
                            {"nearest", Boundary::nearest},
                            {"mirror", Boundary::mirror},
                            {"wrap", Boundary::wrap},
                            {"grid-mirror", Boundary::reflect, true},
                            {"grid-constant", Boundary::constant, true},
                            {"grid-wrap", Boundary::wrap, true}});
}

std::vector<Choice> pad_modes() {
  return choices<PadMode>({{"constant", PadMode::constant},
                           {"edge", PadMode::edge},
                           {"reflect", PadMode::reflect},
                           {"symmetric", PadMode::symmetric},
                           {"wrap", PadMode::wrap}});
}

std::vector<Choice> quantile_methods() {
  return choices<QuantileMethod>({{"inverted_cdf", QuantileMethod::inverted_cdf},
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

std::vector<Choice> group_ops() {
  return choices<GroupOp>({{"sum", GroupOp::sum},
                           {"mean", GroupOp::mean},
                           {"min", GroupOp::min},
                           {"max", GroupOp::max},
                           {"count", GroupOp::count},
                           {"var", GroupOp::var},
                           {"std", GroupOp::std},
                           {"first", GroupOp::first},
                           {"last", GroupOp::last},
                           {"prod", GroupOp::prod},
                           {"nansum", GroupOp::nansum},
                           {"nanmean", GroupOp::nanmean},
                           {"nanmin", GroupOp::nanmin},
                           {"nanmax", GroupOp::nanmax},
                           {"nanvar", GroupOp::nanvar},
                           {"nanstd", GroupOp::nanstd}});
}

}  // namespace

const std::vector<Choice>& choices_of(Kind kind) {
  static const std::vector<Choice> none;
  static const std::vector<Choice> kBoundaries = boundaries();
  static const std::vector<Choice> kPadModes = pad_modes();
  static const std::vector<Choice> kOrders = choices<Order>({{"C", Order::c}, {"F", Order::f}});
  // NumPy's "r" leaves Q out.
  static const std::vector<Choice> kQrModes =
      choices<QrMode>({{"reduced", QrMode::reduced}, {"complete", QrMode::complete}, {"r", QrMode::reduced}});
  static const std::vector<Choice> kMethods = quantile_methods();
  static const std::vector<Choice> kGroupOps = group_ops();
  switch (kind) {
    case Kind::boundary:
      return kBoundaries;
    case Kind::pad_mode:
      return kPadModes;
    case Kind::order:
      return kOrders;
    case Kind::qr_mode:
      return kQrModes;
    case Kind::quantile_method:
      return kMethods;
    case Kind::group_op:
      return kGroupOps;
    default:
      return none;
  }
}

}  // namespace varve::catalogue

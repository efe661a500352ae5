#include "cli/remedies.hpp"

#include <algorithm>

namespace varve::cli {
namespace {

struct Remedy {
  std::string_view wrong;
  std::string_view remedy;
};

// Names that people bring along. A name that becomes a function is found before anybody looks here.
constexpr Remedy kNames[] = {
    {"apply_along_axis", "write the function with axis="},
    {"average", "write sum(w * x) / sum(w), or mean(x)"},
    {"corrcoef", "write mean((x - mean(x)) * (y - mean(y))) / (std(x) * std(y))"},
    {"cov", "write mean((x - mean(x)) * (y - mean(y)))"},
    {"cross", "write it with the components: x[1] * y[2] - x[2] * y[1], ..."},
    {"det", "write prod(diagonal(r)) with the r of qr, which is right but for the sign"},
    {"diff", "write x[1:] - x[:-1]"},
    {"dot", "write x @ y, or vecdot(x, y)"},
    {"einsum", "write it with tensordot, matmul, vecdot, or sum(x * y, axis=...)"},
    {"gradient", "write (x[2:] - x[:-2]) / 2"},
    {"histogram", "count with sum((x >= a) & (x < b)) per bin, or groupby_reduce with func='count'"},
    {"inner", "write x @ y, or vecdot(x, y)"},
    {"inv", "write solve(a, eye(n)), or better solve(a, b) for what is to be multiplied with the inverse"},
    {"isin", "write (x == a) | (x == b)"},
    {"isnull", "write isnan(x)"},
    {"len", "varve info tells the shape of a file"},
    {"nonzero", "write arange(n)[x != 0] for an array of one axis"},
    {"norm", "write sqrt(sum(square(abs(x))))"},
    {"notnull", "write ~isnan(x)"},
    {"print", "results without -o are printed"},
    {"ptp", "write max(x) - min(x)"},
    {"range", "write arange(n)"},
    {"rolling", "write uniform_filter(x, n), or cumulative_sum"},
    {"split", "write slices: x[:n], x[n:]"},
    {"tile", "write concat([x, x], axis=0)"},
    {"trapz", "write sum((x[1:] + x[:-1]) / 2)"},
    {"tril", "write where(arange(n)[:, None] >= arange(n), x, 0)"},
    {"triu", "write where(arange(n)[:, None] <= arange(n), x, 0)"},
    {"shape", "varve info tells the shape of a file"},
};

constexpr std::string_view kTighter =
    " binds tighter than comparisons and takes integers and booleans: write (x > 1) ";

// Characters that look like operators, in UTF-8.
constexpr Remedy kCharacters[] = {
    {"\u2212", "-"},
    {"\u2013", "-"},
    {"\u2014", "-"},
    {"\u00d7", "*"},
    {"\u00b7", "*"},
    {"\u22c5", "*"},
    {"\u00f7", "/"},
    {"\u2264", "<="},
    {"\u2265", ">="},
    {"\u2260", "!="},
    {"\u00b2", "** 2"},
    {"\u00b3", "** 3"},
    {"\u221a", "sqrt()"},
    {"\u03c0", "pi"},
    {"\u201c", "' or \""},
    {"\u201d", "' or \""},
    {"\u2018", "'"},
    {"\u2019", "'"},
    {"\u00a0", "a plain space"},
};

}  // namespace

std::string remedy_for_name(std::string_view name) {
  name.remove_prefix(name.rfind('.') + 1);  // linalg.norm
  for (const Remedy& row : kNames) {
    if (row.wrong == name) return "; " + std::string(row.remedy);
  }
  return "";
}

std::string remedy_for_operator(std::string_view symbol) {
  if (symbol == "^") return "; ^ is the exclusive or of bits: write ** for a power";
  if (symbol == "&" || symbol == "|") {
    return "; " + std::string(symbol) + std::string(kTighter) + std::string(symbol) + " (y > 1)";
  }
  if (symbol == "~") return "; ~ is for integers and booleans: write ~(x > 0), or -x";
  return "";
}

std::string remedy_for_syntax(std::string_view before, std::string_view rest) {
  if (before.ends_with('&') && rest.starts_with('&')) return "; write & for arrays, as in (x > 1) & (y > 1)";
  if (before.ends_with('|') && rest.starts_with('|')) return "; write | for arrays, as in (x > 1) | (y > 1)";
  if (before.ends_with('<') && rest.starts_with('>')) return "; write != for not equal";
  if (rest.starts_with('!')) return "; write ~ for not, as in ~(x > 1)";
  if (rest.starts_with('?')) return "; write where(condition, x1, x2)";
  if (rest.starts_with(';')) return "; write a comma, or another argument, between two expressions";
  if (rest.starts_with('{')) return "; write [...] for a list";
  for (const Remedy& row : kCharacters) {
    if (rest.starts_with(row.wrong)) return "; write " + std::string(row.remedy) + " instead";
  }
  return "";
}

}  // namespace varve::cli

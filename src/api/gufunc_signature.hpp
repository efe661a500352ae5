#pragma once

#include <string>
#include <vector>

namespace varve::api {

/// The signature of a function along core axes: "(i,j),(j)->(i)".
struct GufuncSignature {
  using Names = std::vector<std::string>;
  std::vector<Names> inputs;
  Names result;
};

/// Errors: ExpressionError, quoting the signature, where it cannot be read or has several results.
[[nodiscard]] GufuncSignature parse_signature(const std::string& text);

}  // namespace varve::api

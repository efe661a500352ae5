#pragma once

#include "api/cf_encoding.hpp"
#include "expr/node.hpp"

namespace varve::api {

/// Returns the expression of the decoded numbers, `raw * scale + offset` with NaN where a value is missing;
/// `raw` itself where there is nothing to decode. It is elementwise throughout, so that it fuses with what
/// follows.
[[nodiscard]] expr::NodePtr decode_cf(const expr::NodePtr& raw, const CfEncoding& encoding);

}  // namespace varve::api

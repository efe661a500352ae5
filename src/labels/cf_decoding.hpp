#pragma once

#include "expr/node.hpp"
#include "labels/cf_encoding.hpp"

namespace varve::labels {

/// Returns the expression of the decoded numbers, `raw * scale + offset` with NaN where a value is missing;
/// `raw` itself where there is nothing to decode. It is elementwise throughout, so that it fuses with what
/// follows.
[[nodiscard]] expr::NodePtr decode_cf(const expr::NodePtr& raw, const CfEncoding& encoding);

}  // namespace varve::labels

#pragma once

#include <string>

namespace varve::api {

/// Says why q is no quantile where all elements are `whole`: 1, or 100 for percentiles. Empty if it is one.
[[nodiscard]] std::string refusal_of_quantile(double q, double whole);

}  // namespace varve::api

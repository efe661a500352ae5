#pragma once

#include <vector>

#include "plan/plan.hpp"

namespace varve::exec {

/// What the sources of a plan are in this process, by their ids: live datasets and memory.
class Bindings {
 public:
  /// Binds a plan that was made in this process to what it was made of.
  explicit Bindings(const plan::Plan& plan);
  /// Binds a plan to one node for each source; null for generators and operations, which are values. Errors:
  /// ArgumentError if one is missing, of another kind, shape or dtype, or a dataset whose chunks are others.
  Bindings(const plan::Plan& plan, std::vector<expr::NodePtr> nodes);

  /// Returns the dataset that a source is; null if it is none.
  [[nodiscard]] const io::Dataset* dataset(const plan::Source& source) const noexcept;
  [[nodiscard]] const ConstStridedView& memory(const plan::Source& source) const;
  [[nodiscard]] const expr::NodePtr& node(int source) const {
    return nodes_[static_cast<std::size_t>(source)];
  }

 private:
  std::vector<expr::NodePtr> nodes_;
};

}  // namespace varve::exec

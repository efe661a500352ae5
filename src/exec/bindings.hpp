#pragma once

#include <vector>

#include "plan/plan.hpp"

namespace varve::exec {

/// What the sources of a plan are in this process, by their ids: live datasets and memory.
class Bindings {
 public:
  /// Binds a plan that was made in this process to what it was made of. Errors: ArgumentError for one that
  /// came from another process.
  explicit Bindings(const plan::Plan& plan);
  /// Binds a plan to one node for each source; null for generators and operations, which are values. Errors:
  /// ArgumentError for another number of nodes, and if one is missing, of another kind, shape or dtype, or a
  /// dataset whose chunks are others, or which was changed since the plan was made.
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

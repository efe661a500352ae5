#pragma once

#include "expr/generator.hpp"

namespace varve::test {

/// A generator that is told from others by its identity alone; it fills nothing in.
class Numbers final : public expr::Generator {
 public:
  explicit Numbers(std::uint64_t identity) : identity_(identity) {}
  [[nodiscard]] std::string_view kind() const noexcept override { return "numbers"; }
  [[nodiscard]] expr::Parameters parameters() const override {
    return {{{"identity", static_cast<std::int64_t>(identity_)}}};
  }
  void fill(const Box&, const StridedView&) const override {}

 private:
  std::uint64_t identity_;
};

}  // namespace varve::test

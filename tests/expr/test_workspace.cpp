#include <catch2/catch.hpp>
#include <cstdint>
#include <vector>

#include "expr/workspace.hpp"
#include "varve/core/error.hpp"

namespace varve::expr {
namespace {

// Exactly as much memory as a workspace asks for, on cache lines.
class Exact {
 public:
  explicit Exact(const Workspace& workspace)
      : lines_(static_cast<std::size_t>(workspace.bytes() / 64 + 1)),
        bytes_(reinterpret_cast<std::byte*>(lines_.data()), static_cast<std::size_t>(workspace.bytes())) {}

  [[nodiscard]] WorkMemory memory() const { return WorkMemory(bytes_); }
  // Tells how many bytes some values lie behind the begin, which they lie within.
  template <class T>
  [[nodiscard]] std::int64_t place_of(std::span<T> values) const {
    const auto* first = reinterpret_cast<const std::byte*>(values.data());
    CHECK(first >= bytes_.data());
    CHECK(first + values.size_bytes() <= bytes_.data() + bytes_.size());
    return first - bytes_.data();
  }

 private:
  struct alignas(64) Line {
    std::byte bytes[64];
  };
  std::vector<Line> lines_;
  std::span<std::byte> bytes_;
};

TEST_CASE("workspace: regions lie one behind the other on lines of their own, and fill what is asked for",
          "[expr]") {
  Workspace workspace;
  const Region<double> first = workspace.add<double>(9);
  const Region<std::int32_t> of_workers = workspace.add<std::int32_t>(5, 3);
  const Elements last = workspace.add(DType::complex128, 4);
  CHECK(workspace.bytes() == 128 + 3 * 64 + 64);
  const Exact exact(workspace);
  CHECK(exact.place_of(first.in(exact.memory())) == 0);
  CHECK(first.in(exact.memory()).size() == 9);
  for (std::int64_t worker = 0; worker < 3; ++worker) {
    CHECK(exact.place_of(of_workers.in(exact.memory(), worker)) == 128 + worker * 64);
    CHECK(of_workers.in(exact.memory(), worker).size() == 5);
  }
  const StridedView view = last.view(exact.memory(), {2, 2});
  CHECK(exact.place_of(std::span(view.data, 64)) == 128 + 3 * 64);
  CHECK(view.dtype == DType::complex128);
}

TEST_CASE("workspace: regions by turns take the bytes of the largest turn", "[expr]") {
  Workspace workspace;
  const Region<std::byte> before = workspace.add<std::byte>(64);
  Region<std::byte> one;
  Region<std::byte> two;
  Region<std::byte> other;
  {
    Turns turns(workspace);
    one = workspace.add<std::byte>(100);
    two = workspace.add<std::byte>(10);
    turns.next();
    other = workspace.add<std::byte>(130);
  }
  const Region<std::byte> behind = workspace.add<std::byte>(1);
  CHECK(workspace.bytes() == 64 + 192 + 1);
  const Exact exact(workspace);
  CHECK(exact.place_of(before.in(exact.memory())) == 0);
  CHECK(exact.place_of(one.in(exact.memory())) == 64);
  CHECK(exact.place_of(two.in(exact.memory())) == 192);
  CHECK(exact.place_of(other.in(exact.memory())) == 64);
  CHECK(exact.place_of(behind.in(exact.memory())) == 256);
}

TEST_CASE("workspace: nothing is taken of memory that was asked for by a smaller one", "[expr]") {
  Workspace small;
  const Region<double> eight = small.add<double>(8);
  Workspace large = small;
  const Region<double> more = large.add<double>(1);
  const Elements none;
  const Exact exact(small);
  CHECK_NOTHROW(eight.in(exact.memory()));
  CHECK_THROWS_AS(more.in(exact.memory()), Error);
  CHECK_THROWS_AS(eight.in(exact.memory(), 1), Error);
  CHECK_THROWS_AS(none.in(exact.memory()), Error);
  const Elements floats = large.add(DType::float32, 10);
  const Exact enough(large);
  CHECK_NOTHROW(floats.view(enough.memory(), {2, 5}));
  CHECK_THROWS_AS(floats.view(enough.memory(), {11}), Error);
}

TEST_CASE("workspace: what no machine has is a number that can be added up", "[expr]") {
  Workspace workspace;
  static_cast<void>(workspace.add<double>(INT64_MAX, 1000));
  static_cast<void>(workspace.add(DType::float64, INT64_MAX / 2));
  CHECK(workspace.bytes() == std::int64_t{1} << 60);
}

}  // namespace
}  // namespace varve::expr

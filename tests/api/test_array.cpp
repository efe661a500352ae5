#include <catch2/catch.hpp>
#include <numeric>

#include "api/positions.hpp"
#include "varve/manipulation.hpp"

using namespace varve;

namespace {

std::vector<std::int32_t> values_of(const ConstStridedView& view) {
  std::vector<std::int32_t> result;
  Index index(view.ndim(), 0);
  if (element_count(view.shape) == 0) return result;
  do {
    std::int64_t offset = 0;
    for (std::int64_t axis = 0; axis < view.ndim(); ++axis) offset += index[axis] * view.byte_strides[axis];
    result.push_back(*reinterpret_cast<const std::int32_t*>(view.data + offset));
  } while (next_index(index, view.shape));
  return result;
}

Array counted(const Shape& shape) {
  std::vector<std::int32_t> values(static_cast<std::size_t>(element_count(shape)));
  std::iota(values.begin(), values.end(), 0);
  return from_values(values, shape);
}

}  // namespace

TEST_CASE("array: views of memory are views with strides", "[api]") {
  const Array x = counted({3, 4});
  const std::vector<Array> views = {x,
                                    x(1),
                                    x(Slice{{}, {}, -1}, Slice{1, {}, 2}),
                                    matrix_transpose(x),
                                    diagonal(x, 1),
                                    broadcast_to(x(Slice{}, 2), {2, 3}),
                                    x(Slice{3, 3}),
                                    x(newaxis, ellipsis, -1)};
  for (const Array& view : views) {
    REQUIRE(view.in_memory());
    REQUIRE(view.view().shape == view.shape());
    std::vector<std::int32_t> expected;
    for (const std::int64_t position : test::positions_in(x, view))
      expected.push_back(static_cast<std::int32_t>(position));
    CHECK(values_of(view.view()) == expected);
  }
}

TEST_CASE("array: what must be computed has no view", "[api]") {
  const Array x = counted({3, 4});
  CHECK_FALSE(x(std::vector<std::int64_t>{0, 2, 1}).in_memory());
  CHECK_FALSE(zeros({3}).in_memory());
  CHECK_THROWS_WITH(zeros({3}).view(), Catch::Contains("float64 array of shape (3,) is not in memory"));
}

TEST_CASE("array: memory lives as long as a handle on a view of it", "[api]") {
  std::weak_ptr<const void> watch;
  Array view;
  {
    auto owner = std::make_shared<std::vector<std::int32_t>>(6, 9);
    watch = owner;
    const ConstStridedView memory(reinterpret_cast<const std::byte*>(owner->data()), DType::int32, {2, 3});
    view = from_memory(memory, owner)(0);
  }
  CHECK_FALSE(watch.expired());
  CHECK(values_of(view.view()) == std::vector<std::int32_t>{9, 9, 9});
  view = Array();
  CHECK(watch.expired());
}

TEST_CASE("array: the default is one zero", "[api]") {
  const Array x;
  CHECK(x.shape() == Shape{});
  CHECK(x.dtype() == DType::float64);
  CHECK(x.size() == 1);
  CHECK(x.size_bytes() == 8);
}

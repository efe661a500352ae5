#include <catch2/catch.hpp>

#include "ops/declared_functions.hpp"
#include "support/require_matches.hpp"
#include "support/sources.hpp"
#include "support/values.hpp"
#include "varve/elementwise.hpp"
#include "varve/manipulation.hpp"

namespace varve::test {
namespace {

using dense::Dense;
using Positions = std::vector<std::int64_t>;

struct ViewCase {
  const char* name;  ///< of the public function
  Array (*call)(const Array& x);
  Dense (*reference)(const Dense& x);
};

#define VARVE_VIEW(name, ours, oracle)                                                \
  {                                                                                   \
    #name, [](const Array& x) { return ours; }, [](const Dense& x) { return oracle; } \
  }

// On an array of shape (3, 4, 5).
const ViewCase kViews[] = {
    VARVE_VIEW(permute_dims, permute_dims(x, {2, 0, 1}), dense::permute(x, {2, 0, 1})),
    VARVE_VIEW(permute_dims, permute_dims(x, {0, -1, 1}), dense::permute(x, {0, 2, 1})),
    VARVE_VIEW(transpose, transpose(x), dense::permute(x, {2, 1, 0})),
    VARVE_VIEW(matrix_transpose, matrix_transpose(x), dense::permute(x, {0, 2, 1})),
    VARVE_VIEW(moveaxis, moveaxis(x, {0}, {-1}), dense::permute(x, {1, 2, 0})),
    VARVE_VIEW(moveaxis, moveaxis(x, {2, 0}, {0, 1}), dense::permute(x, {2, 0, 1})),
    VARVE_VIEW(swapaxes, swapaxes(x, 0, -1), dense::permute(x, {2, 1, 0})),
    VARVE_VIEW(flip, flip(x), dense::flip(x, {0, 1, 2})),
    VARVE_VIEW(flip, flip(x, {0, -1}), dense::flip(x, {0, 2})),
    VARVE_VIEW(rot90, rot90(x), dense::rot90(x, 1, 0, 1)),
    VARVE_VIEW(rot90, rot90(x, -1, {1, 2}), dense::rot90(x, 3, 1, 2)),
    VARVE_VIEW(rot90, rot90(x, 2, {2, 0}), dense::rot90(x, 2, 2, 0)),
    VARVE_VIEW(rot90, rot90(x, 5, {-1, 0}), dense::rot90(x, 1, 2, 0)),
    VARVE_VIEW(rot90, rot90(x, 0), x),
    VARVE_VIEW(expand_dims, expand_dims(x), dense::reshape(x, {1, 3, 4, 5})),
    VARVE_VIEW(expand_dims, expand_dims(x, 2), dense::reshape(x, {3, 4, 1, 5})),
    VARVE_VIEW(expand_dims, expand_dims(x, -1), dense::reshape(x, {3, 4, 5, 1})),
    VARVE_VIEW(expand_dims, expand_dims(x, {0, 2}), dense::reshape(x, {1, 3, 1, 4, 5})),
    VARVE_VIEW(expand_dims, expand_dims(x, {-1, 3, -6}), dense::reshape(x, {1, 3, 4, 1, 5, 1})),
    VARVE_VIEW(squeeze, squeeze(x), x),
    VARVE_VIEW(squeeze, squeeze(expand_dims(expand_dims(x, 1), 0)), x),
    VARVE_VIEW(squeeze, squeeze(expand_dims(expand_dims(x, 1), 0), 0), dense::reshape(x, {3, 1, 4, 5})),
    VARVE_VIEW(squeeze, squeeze(expand_dims(expand_dims(x, 3), 0), {-1, 0}), x),
    VARVE_VIEW(broadcast_to, broadcast_to(x, {2, 3, 4, 5}), dense::broadcast_to(x, {2, 3, 4, 5})),
    VARVE_VIEW(broadcast_to, broadcast_to(x(Slice{}, Slice{1, 2}), {3, 7, 5}),
               dense::broadcast_to(dense::index(x, {Slice{}, Slice{1, 2}}), {3, 7, 5})),
    VARVE_VIEW(broadcast_arrays, broadcast_arrays({x, x(0, 0)})[1],
               dense::broadcast_to(dense::index(x, {0, 0}), {3, 4, 5})),
    VARVE_VIEW(diagonal, diagonal(x), dense::diagonal(x, 0, 0, 1)),
    VARVE_VIEW(diagonal, diagonal(x, 1, 1, 2), dense::diagonal(x, 1, 1, 2)),
    VARVE_VIEW(diagonal, diagonal(x, -2, 2, 0), dense::diagonal(x, -2, 2, 0)),
    VARVE_VIEW(diagonal, diagonal(x, 9, -1, 0), dense::diagonal(x, 9, 2, 0)),
    VARVE_VIEW(take, take(x, {3, 0, -1, 3}, 1), dense::take(x, {3, 0, -1, 3}, 1)),
    VARVE_VIEW(take, take(x, {}, -1), dense::take(x, {}, 2)),
    VARVE_VIEW(take, take(x, varve::Positions({7, -1, 0, 7}, {2, 2})),
               dense::reshape(dense::take(dense::reshape(x, {60}), {7, 59, 0, 7}, 0), {2, 2})),
    VARVE_VIEW(rechunk, rechunk(x, {2, -1, 3}), x),
};

TEST_CASE("views: every declared function has a row", "[ops]") {
  std::set<std::string> present;
  for (const ViewCase& row : kViews) present.emplace(row.name);
  CHECK(missing_names(declared_functions("manipulation.hpp"), present).empty());
  CHECK(missing_names(present, declared_functions("manipulation.hpp")).empty());
}

TEST_CASE("views: values are those of the oracle for any chunking", "[ops]") {
  std::mt19937_64 random(41);
  const Dense x = random_values(DType::int32, {3, 4, 5}, {.low = -1000, .high = 1000}, random);
  std::int64_t number = 0;
  for (const ViewCase& row : kViews) {
    DYNAMIC_SECTION(number++ << " " << row.name) {
      for (const Shape& chunks : {Shape{3, 4, 5}, Shape{2, 3, 2}, Shape{1, 1, 1}}) {
        INFO("chunks " << to_string(chunks));
        require_matches(row.call(chunked(x, chunks)), row.reference(x));
      }
    }
  }
}

TEST_CASE("views: every element size moves whole", "[ops]") {
  std::mt19937_64 random(42);
  for (const DType dtype : kAllDTypes) {
    DYNAMIC_SECTION(name_of(dtype)) {
      const Dense x = random_values(dtype, {6, 7}, {.specials = true}, random);
      require_matches(permute_dims(chunked(x, {4, 3}), {1, 0})(Slice{{}, {}, -2}),
                      dense::index(dense::permute(x, {1, 0}), {Slice{{}, {}, -2}}), {.any_zero = false});
    }
  }
}

TEST_CASE("views: compose with each other, with arithmetic and with reductions", "[ops]") {
  std::mt19937_64 random(43);
  const Dense x = random_values(DType::float32, {7, 11, 5}, {.quarters = true}, random);
  const Array lazy = chunked(x, {3, 4, 5});
  for (const ViewCase& outer : kViews) {
    INFO(outer.name);
    const IndexItem odd = Slice{1, 9, 2};
    const Array cut = (lazy + 1)(Slice{6, {}, -2}, odd, ellipsis);
    const Dense same = dense::index(dense::elementwise("add", {x, dense::scalar(DType::float32, 1)}),
                                    {Slice{6, {}, -2}, odd, ellipsis});
    // (4, 4, 5): one row less gives the shape of the table.
    const Array three = cut(Slice{1, {}});
    const Dense three_dense = dense::index(same, {Slice{1, {}}});
    require_matches(
        outer.call(three) * 2.0,
        dense::elementwise("multiply", {outer.reference(three_dense), dense::scalar(DType::float32, 2)}));
    if (outer.reference(three_dense).shape.size() < 2) continue;
    require_matches(sum(outer.call(three), {.axis = 1}),
                    dense::reduce("sum", outer.reference(three_dense), {.axes = {{1}}}));
  }
}

TEST_CASE("broadcast_arrays: all take the common shape", "[ops]") {
  const Array x = in_memory(Dense(DType::int8, {3, 1})), y = in_memory(Dense(DType::float32, {4}));
  const std::vector<Array> both = broadcast_arrays({x, y});
  CHECK(both[0].shape() == Shape{3, 4});
  CHECK(both[1].shape() == Shape{3, 4});
  CHECK(both[0].dtype() == DType::int8);
}

}  // namespace
}  // namespace varve::test

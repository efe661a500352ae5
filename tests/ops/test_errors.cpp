#include <atomic>
#include <catch2/catch.hpp>
#include <functional>

#include "support/sources.hpp"
#include "varve/varve.hpp"

namespace varve::test {
namespace {

enum class Kind { shape, dtype, index, other };

struct ErrorCase {
  const char* what;
  std::function<void()> build;
  Kind kind;
  std::vector<std::string> fragments;  ///< each must be in the message
};

Kind kind_of_error(const std::exception& error) {
  if (dynamic_cast<const ShapeError*>(&error) != nullptr) return Kind::shape;
  if (dynamic_cast<const DTypeError*>(&error) != nullptr) return Kind::dtype;
  if (dynamic_cast<const IndexError*>(&error) != nullptr) return Kind::index;
  return Kind::other;
}

Array of_shape(const Shape& shape, DType dtype = DType::float32) { return zeros(shape, {.dtype = dtype}); }

IndexItem list(std::vector<std::int64_t> positions) { return IndexItem(std::move(positions)); }

TEST_CASE("errors: wrong arguments are refused when the expression is built, by messages that name them",
          "[ops]") {
  const Array x = of_shape({3, 4});
  const Array y = of_shape({5, 4}, DType::int16);
  const ErrorCase cases[] = {
      {"add of other shapes", [&] { (void)add(x, y); }, Kind::shape, {"add", "(3, 4)", "(5, 4)"}},
      {"operator of other shapes", [&] { (void)(x * y); }, Kind::shape, {"multiply", "(3, 4)", "(5, 4)"}},
      {"where of other shapes",
       [&] { (void)where(x > 0, x, y); },
       Kind::shape,
       {"where", "(3, 4)", "(5, 4)"}},
      {"bits of floats", [&] { (void)bitwise_and(x, y); }, Kind::dtype, {"bitwise_and", "float32", "int16"}},
      {"shift by floats", [&] { (void)(y << x); }, Kind::dtype, {"bitwise_left_shift", "float32"}},
      {"condition not bool", [&] { (void)where(x, x, x); }, Kind::dtype, {"where", "float32", "bool"}},
      {"scalar too large", [&] { (void)(y + 40000); }, Kind::dtype, {"add", "40000", "int16"}},
      {"order of complex",
       [&] { (void)(astype(x, DType::complex64) < 1); },
       Kind::dtype,
       {"less", "complex64"}},
      {"axis out of range", [&] { (void)sum(x, {.axis = 2}); }, Kind::shape, {"sum", "2"}},
      {"axis below range", [&] { (void)mean(x, {.axis = -3}); }, Kind::shape, {"mean", "-3"}},
      {"axis repeated",
       [&] {
         (void)var(x, {.axis = {0, -2}});
       },
       Kind::shape,
       {"var", "(3, 4)"}},
      {"min of nothing",
       [&] {
         (void)min(of_shape({0, 3}), {.axis = 0});
       },
       Kind::shape,
       {"min", "(0, 3)"}},
      {"argmax of nothing", [&] { (void)argmax(of_shape({0})); }, Kind::shape, {"argmax", "(0,)"}},
      {"max of complex",
       [&] { (void)max(of_shape({2}, DType::complex64)); },
       Kind::dtype,
       {"max", "complex64"}},
      {"permutation repeats",
       [&] {
         (void)permute_dims(x, {0, 0});
       },
       Kind::shape,
       {"permute_dims"}},
      {"permutation too short", [&] { (void)permute_dims(x, {0}); }, Kind::shape, {"permute_dims", "(3, 4)"}},
      {"transpose of 1-d",
       [&] { (void)matrix_transpose(of_shape({3})); },
       Kind::shape,
       {"matrix_transpose", "(3,)"}},
      {"moveaxis counts",
       [&] {
         (void)moveaxis(x, {0}, {0, 1});
       },
       Kind::shape,
       {"moveaxis"}},
      {"swapaxes range", [&] { (void)swapaxes(x, 0, 5); }, Kind::shape, {"swapaxes", "5"}},
      {"flip range", [&] { (void)flip(x, 2); }, Kind::shape, {"flip", "2"}},
      {"rot90 same axis",
       [&] {
         (void)rot90(x, 1, {0, 0});
       },
       Kind::shape,
       {"rot90"}},
      {"squeeze wide axis", [&] { (void)squeeze(x, 0); }, Kind::shape, {"squeeze", "(3, 4)"}},
      {"broadcast refused",
       [&] {
         (void)broadcast_to(x, {3, 5});
       },
       Kind::shape,
       {"broadcast_to", "(3, 4)", "(3, 5)"}},
      {"broadcast shrinks",
       [&] { (void)broadcast_to(x, {4}); },
       Kind::shape,
       {"broadcast_to", "(3, 4)", "(4,)"}},
      {"diagonal same axis", [&] { (void)diagonal(x, 0, 1, -1); }, Kind::shape, {"diagonal"}},
      {"take out of range",
       [&] {
         (void)take(x, {0, 4}, 1);
       },
       Kind::index,
       {"take", "4"}},
      {"integer out of range", [&] { (void)x(3); }, Kind::index, {"3"}},
      {"negative out of range", [&] { (void)x(0, -5); }, Kind::index, {"-5"}},
      {"list out of range",
       [&] {
         (void)x(list({0, 3}));
       },
       Kind::index,
       {"3"}},
      {"lists of other lengths",
       [&] {
         (void)x(list({0, 1}), list({0, 1, 2}));
       },
       Kind::index,
       {"2", "3"}},
      {"too many items", [&] { (void)x(0, 0, 0); }, Kind::index, {"3", "(3, 4)"}},
      {"two ellipses", [&] { (void)x(ellipsis, ellipsis); }, Kind::index, {}},
      {"step of zero",
       [&] {
         (void)x(Slice{0, 3, 0});
       },
       Kind::index,
       {"step"}},
      {"view before computing", [&] { (void)(x + 1).view(); }, Kind::other, {"compute"}},
  };
  for (const ErrorCase& item : cases) {
    INFO(item.what);
    std::string message;
    Kind kind = Kind::other;
    try {
      item.build();
    } catch (const Error& error) {
      message = error.what();
      kind = kind_of_error(error);
    }
    INFO(message);
    CHECK_FALSE(message.empty());
    CHECK(static_cast<int>(kind) == static_cast<int>(item.kind));
    for (const std::string& fragment : item.fragments) CHECK_THAT(message, Catch::Contains(fragment));
  }
}

TEST_CASE("errors: a budget that cannot do is refused before anything runs, with the one that can", "[ops]") {
  std::atomic<int> calls{0};
  const auto fill = [&calls](const Box& box, const StridedView& out) {
    ++calls;
    Index index(box.ndim(), 0);
    do {
      *reinterpret_cast<double*>(out.data + index[0] * out.byte_strides[0]) = 1.0;
    } while (next_index(index, box.shape()));
  };
  const Array x = from_function({1 << 20}, DType::float64, fill, {.dtype = {}, .chunks = Shape{1 << 18}});
  const Array total = sum(x * 2.0);
  std::int64_t required = 0;
  {
    const Runtime runtime({.memory = 4096, .threads = 1});
    try {
      (void)compute(total);
    } catch (const BudgetError& error) {
      required = error.required_bytes();
      CHECK_THAT(std::string(error.what()),
                 Catch::Contains(std::to_string(required)) || Catch::Contains("iB"));
    }
  }
  CHECK(calls == 0);
  REQUIRE(required > 4096);
  const Runtime runtime({.memory = required, .threads = 2});
  CHECK(item<double>(total) == 2.0 * (1 << 20));
}

}  // namespace
}  // namespace varve::test

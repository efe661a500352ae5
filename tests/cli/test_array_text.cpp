#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "cli/array_json.hpp"
#include "cli/array_text.hpp"
#include "cli/element_text.hpp"
#include "cli/number_format.hpp"

using namespace varve;
using namespace varve::cli;

namespace {

template <class T>
ConstStridedView view_of(const std::vector<T>& values, const Shape& shape) {
  return {reinterpret_cast<const std::byte*>(values.data()), dtype_of<T>(), shape};
}

template <class T>
std::string text_of(const std::vector<T>& values, const Shape& shape) {
  return array_text(view_of(values, shape), shape);
}

template <class T>
std::string json_of(const std::vector<T>& values, const Shape& shape) {
  char* data = nullptr;
  std::size_t size = 0;
  std::FILE* file = open_memstream(&data, &size);
  write_json(file, view_of(values, shape));
  std::fclose(file);
  std::string text(data, size);
  std::free(data);
  return text;
}

const double kNan = std::nan("");

}  // namespace

// The expected texts are what NumPy 1.24 prints; the test of the command line compares many more with NumPy
// itself.
TEST_CASE("array text: as NumPy prints", "[cli]") {
  CHECK(text_of<double>({1, 2.5, -3}, {3}) == "[ 1.   2.5 -3. ]");
  CHECK(text_of<double>({1e9, 1}, {2}) == "[1.e+09 1.e+00]");
  CHECK(text_of<double>({0.1, kNan, -INFINITY}, {3}) == "[ 0.1  nan -inf]");
  CHECK(text_of<double>({1.0 / 3}, {1}) == "[0.33333333]");
  CHECK(text_of<float>({0.1F, 1234.5F}, {2}) == "[1.0000e-01 1.2345e+03]");
  CHECK(text_of<std::int64_t>({1, -20, 300, 4}, {2, 2}) == "[[  1 -20]\n [300   4]]");
  CHECK(text_of<std::uint8_t>({1, 2, 3, 4, 5, 6, 7, 8}, {2, 2, 2}) ==
        "[[[1 2]\n  [3 4]]\n\n [[5 6]\n  [7 8]]]");
  CHECK(text_of<std::complex<double>>({{1, -2}, {0.5, 3}}, {2}) == "[1. -2.j 0.5+3.j]");
  CHECK(text_of<double>({}, {0, 3}) == "[]");
  CHECK(text_of<double>({0.1}, {}) == "0.1");
}

TEST_CASE("array text: long rows wrap at 75 columns", "[cli]") {
  std::vector<std::int64_t> values(40);
  std::iota(values.begin(), values.end(), 0);
  CHECK(text_of(values, {40}) ==
        "[ 0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23\n"
        " 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39]");
}

TEST_CASE("array text: more than 1000 elements show their edges", "[cli]") {
  CHECK(printed_shape({1000}) == Shape{1000});
  CHECK(printed_shape({1001}) == Shape{6});
  CHECK(printed_shape({2, 7, 200}) == Shape{2, 6, 6});
  const std::vector<std::int64_t> edges = {0, 1, 2, 1998, 1999, 2000};
  CHECK(array_text(view_of(edges, {6}), {2001}) == "[   0    1    2 ... 1998 1999 2000]");
  std::vector<std::int64_t> corners(36);
  std::iota(corners.begin(), corners.end(), 0);
  CHECK(array_text(view_of(corners, {6, 6}), {100, 100}) ==
        "[[ 0  1  2 ...  3  4  5]\n [ 6  7  8 ...  9 10 11]\n [12 13 14 ... 15 16 17]\n ...\n"
        " [18 19 20 ... 21 22 23]\n [24 25 26 ... 27 28 29]\n [30 31 32 ... 33 34 35]]");
}

TEST_CASE("number format: shortest digits that read back, in Python's spelling", "[cli]") {
  CHECK(shortest(0.1, DType::float64) == "0.1");
  CHECK(shortest(0.1F, DType::float32) == "0.1");
  CHECK(shortest(0.1F, DType::float64) == "0.10000000149011612");
  CHECK(shortest(0.0999755859375, DType::float16) == "0.1");
  CHECK(shortest(3, DType::float64) == "3.0");
  CHECK(shortest(-0.0, DType::float64) == "-0.0");
  CHECK(shortest(1e16, DType::float64) == "1e+16");
  CHECK(shortest(123456789012345.0, DType::float64) == "123456789012345.0");
  CHECK(shortest(1e-5, DType::float64) == "1e-05");
  CHECK(shortest(kNan, DType::float64) == "nan");
}

TEST_CASE("json: whole, exact, and valid for numbers that are not finite", "[cli]") {
  CHECK(json_of<double>({0.1, kNan, INFINITY, -INFINITY}, {2, 2}) ==
        "{\"shape\": [2, 2], \"dtype\": \"float64\", \"data\": [[0.1, \"NaN\"], [\"Infinity\", "
        "\"-Infinity\"]]}\n");
  CHECK(json_of<std::complex<float>>({{1, -2}}, {}) ==
        "{\"shape\": [], \"dtype\": \"complex64\", \"data\": [1.0, -2.0]}\n");
  CHECK(json_of<std::int8_t>({}, {0}) == "{\"shape\": [0], \"dtype\": \"int8\", \"data\": []}\n");
}

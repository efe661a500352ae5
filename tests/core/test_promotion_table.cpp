#include <catch2/catch.hpp>
#include <sstream>

#include "varve/core/dtype.hpp"

namespace varve::test {
namespace {

// numpy.result_type of every pair in NumPy 2, written down: rows and columns in the order of the enumeration.
constexpr const char* kNumpy = R"(
?  b  h  i  q  B  H  I  Q  e  f  d  F  D
b  b  h  i  q  h  i  q  d  e  f  d  F  D
h  h  h  i  q  h  i  q  d  f  f  d  F  D
i  i  i  i  q  i  i  q  d  d  d  d  D  D
q  q  q  q  q  q  q  q  d  d  d  d  D  D
B  h  h  i  q  B  H  I  Q  e  f  d  F  D
H  i  i  i  q  H  H  I  Q  f  f  d  F  D
I  q  q  q  q  I  I  I  Q  d  d  d  D  D
Q  d  d  d  d  Q  Q  Q  Q  d  d  d  D  D
e  e  f  d  d  e  f  d  d  e  f  d  F  D
f  f  f  d  d  f  f  d  d  f  f  d  F  D
d  d  d  d  d  d  d  d  d  d  d  d  D  D
F  F  F  D  D  F  F  D  D  F  F  D  F  D
D  D  D  D  D  D  D  D  D  D  D  D  D  D
)";

DType dtype_of_letter(char letter) {
  constexpr std::string_view kLetters = "?bhiqBHIQefdFD";
  return kAllDTypes[kLetters.find(letter)];
}

TEST_CASE("promotion: every pair of dtypes gives what NumPy's table says", "[core]") {
  std::istringstream table(kNumpy);
  for (const DType left : kAllDTypes) {
    for (const DType right : kAllDTypes) {
      char letter = 0;
      table >> letter;
      INFO(name_of(left) << " with " << name_of(right));
      CHECK(name_of(promote_types(left, right)) == name_of(dtype_of_letter(letter)));
    }
  }
}

TEST_CASE("dtypes: names are read back, and so are NumPy's short ones", "[core]") {
  for (const DType dtype : kAllDTypes) CHECK(parse_dtype(name_of(dtype)) == dtype);
  CHECK(parse_dtype("<f4") == DType::float32);
  CHECK(parse_dtype("f8") == DType::float64);
  CHECK_FALSE(parse_dtype("float31"));
  CHECK_FALSE(parse_dtype(""));
}

}  // namespace
}  // namespace varve::test

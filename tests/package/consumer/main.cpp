// A program outside of Varve's tree: computes, writes, reads back. Its exit status is the test.
#include <varve/varve.hpp>

int main(int count, char** arguments) {
  if (count != 2) return 2;
  const varve::Array numbers = varve::arange(1000);
  varve::save(numbers * numbers, arguments[1]);
  const varve::Array squares = varve::open(arguments[1]);
  const bool right = varve::item<std::int64_t>(varve::sum(squares)) == 332833500;
  return right ? 0 : 1;
}

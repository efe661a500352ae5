// Does not compile: no dtype has strings as its elements.
#include <string>
#include <varve/varve.hpp>

int main() { return static_cast<int>(varve::to_vector<std::string>(varve::arange(3)).size()); }

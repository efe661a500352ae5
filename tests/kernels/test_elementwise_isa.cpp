#include <catch2/catch.hpp>
#include <string>

#include "kernels/elementwise.hpp"
#include "kernels/isa.hpp"

using varve::kernels::InstructionSet;

TEST_CASE("isa: the active level can run here", "[kernels]") {
  CHECK(varve::kernels::can_run(varve::kernels::active_instruction_set()));
  CHECK(std::string(varve::kernels::instruction_set()).size() > 0);
}

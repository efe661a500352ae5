#include <catch2/catch.hpp>

#include "kernels/isa.hpp"

using varve::kernels::InstructionSet;

TEST_CASE("isa: the active level can run here", "[kernels]") {
  CHECK(varve::kernels::can_run(varve::kernels::active_instruction_set()));
}

#include <catch2/catch.hpp>

#include "cli/dataset_name.hpp"
#include "varve/core/error.hpp"

using namespace varve::cli;

TEST_CASE("dataset name: an output has the format of its ending, and a variable behind the colon", "[cli]") {
  const Destination found = destination("a:b.zarr:t:2m", 2);
  CHECK(found.place.path == "a:b.zarr");
  CHECK(found.variable == "t:2m");
  CHECK(found.place.format->name == "zarr v2");
  CHECK_THROWS_AS(destination("a:b", 0), varve::ArgumentError);
}

TEST_CASE("dataset name: inputs need NAME=", "[cli]") {
  CHECK(named_input("x=a.npy").name == "x");
  CHECK(named_input("x=a=b.npy").dataset.path == "a=b.npy");
  CHECK_THROWS_AS(named_input("a.npy"), varve::ExpressionError);
  CHECK_THROWS_AS(named_input("1x=a.npy"), varve::ExpressionError);
  CHECK_THROWS_AS(named_input("None=a.npy"), varve::ExpressionError);
  CHECK_THROWS_AS(named_input("=a.npy"), varve::ExpressionError);
}

#include <catch2/catch.hpp>

#include "property/random_expression.hpp"
#include "support/require_matches.hpp"
#include "support/sources.hpp"
#include "support/values.hpp"
#include "varve/compute.hpp"
#include "varve/elementwise.hpp"

// What is written is what is read: any dtype, shape, chunks, format, codec, budget and number of threads.
namespace varve::test {
namespace {

using Bytes = std::vector<std::byte>;

std::optional<std::string> written_and_read(const PropertyCase& item) {
  const TemporaryDirectory directory;
  std::mt19937_64 random(item.seed ^ 5);
  const Sample sample =
      ExpressionGenerator({item.seed, item.max_extent, item.depth / 2}, item.seed ^ 2, directory).make();
  const Storage storage = random_storage(sample.dense.dtype, random);
  const Shape chunks = random_chunks(sample.dense.shape, random);
  const std::string text = sample.text + " to " + to_string(storage) + " chunks " + to_string(chunks);
  const Bytes expected = bytes_under({64_MiB, 2}, {sample.lazy}).front();
  const std::string path = directory / ("written" + storage.ending);
  const Output output{
      .array = sample.lazy,
      .path = path,
      .variable = "",
      .options = {.chunks = chunks, .codec = storage.codec, .zarr_format = storage.zarr_format}};
  std::int64_t least = 1;
  try {
    const Runtime tiny({.memory = 1, .threads = 1});
    (void)explain({output});
  } catch (const BudgetError& error) {
    least = error.required_bytes();
  }
  {
    const Runtime runtime({.memory = pick(random, 0, 1) == 0 ? least : 64_MiB,
                           .threads = static_cast<int>(pick(random, 1, 8))});
    (void)run({output});
  }
  const Array again = open(path, "", {.raw = true});
  if (again.dtype() != sample.lazy.dtype() || !(again.shape() == sample.lazy.shape())) {
    return text + ": read as " + std::string(name_of(again.dtype())) + to_string(again.shape());
  }
  if (bytes_under({64_MiB, 1}, {again}).front() != expected) return text + ": other bits after reading";
  return std::nullopt;
}

std::optional<std::string> rechunked_and_back(const PropertyCase& item) {
  const TemporaryDirectory directory;
  std::mt19937_64 random(item.seed);
  const Shape shape{pick(random, 1, 2 * item.max_extent), pick(random, 1, 2 * item.max_extent)};
  const dense::Dense x = random_values(DType::float32, shape, {}, random);
  Array array = chunked(x, random_chunks(shape, random));
  std::string text;
  for (int hop = 0; hop < 3; ++hop) {
    const std::string path = directory / (std::to_string(hop) + ".zarr");
    const Shape chunks = random_chunks(shape, random);
    text += " " + to_string(chunks);
    save(array, path, {.chunks = chunks, .codec = "none"});
    array = open(path);
    if (!(array.chunks().chunks() == chunks))
      return "chunks" + text + " became " + to_string(array.chunks().chunks());
  }
  if (bytes_under({64_MiB, 2}, {array}).front() != dense::to_bytes(x))
    return "other bits after chunks" + text;
  return std::nullopt;
}

void check_round_trips(int scale) {
  SECTION("written then read equals the input") {
    check_property("written and read", 120 * scale, written_and_read);
  }
  SECTION("other chunks and back changes nothing") {
    check_property("rechunked and back", 40 * scale, rechunked_and_back);
  }
}

TEST_CASE("round trips", "[property]") { check_round_trips(1); }

TEST_CASE("round trips, many", "[.slow][property]") { check_round_trips(25); }

}  // namespace
}  // namespace varve::test

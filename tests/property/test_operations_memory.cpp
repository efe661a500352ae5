#include <catch2/catch.hpp>
#include <cstdlib>
#include <functional>
#include <nlohmann/json.hpp>

#include "property/resident_memory.hpp"
#include "support/temporary_directory.hpp"
#include "varve/varve.hpp"

// Every kind of operation, on arrays eight times larger than the budget: the resident set stays below the budget and 64 MiB,
// and the bytes that move are those that the plan foretold.
namespace varve::test {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;  // shadow memory is resident too, and everything is slow
#else
constexpr bool kSanitized = false;
#endif

const Shape kShape = kSanitized ? Shape{32, 256, 256} : Shape{128, 512, 512};  // 128 MiB of float32
constexpr std::int64_t kBudget = kSanitized ? 2_MiB : 16_MiB;
const Shape kChunks = kSanitized ? Shape{4, 64, 128} : Shape{8, 128, 256};

struct Case {
  const char* name;
  std::function<Array(const Array&)> build;
  Shape chunks = {};  // of the output
  bool shares_chunks = false;
};

std::vector<Case> cases() {
  const std::int64_t rows = kShape[0] * kShape[1];
  const auto flat = [rows](const Array& x) { return reshape(x, {rows, kShape[2]}); };
  const Array labels = arange(kShape[0], {.dtype = DType::int64}) % 12;
  return {
      {"rechunk", [](const Array& x) { return x; }, {kShape[0], 16, 16}},
      {"transpose", [](const Array& x) { return x + permute_dims(x, {0, 2, 1}); }, {}, true},
      {"concat", [](const Array& x) { return concat({x, x}, 2); }},
      {"roll", [](const Array& x) { return roll(x, {5, -7}, {1, 2}); }, {}, true},
      {"pad", [](const Array& x) { return pad(x, std::vector<std::pair<std::int64_t, std::int64_t>>{{1, 1}, {0, 0}, {2, 3}}); }},
      {"reshape", flat},
      {"cumulative_sum", [](const Array& x) { return cumulative_sum(x, {.axis = 0}); }},
      {"gaussian_filter", [](const Array& x) { return gaussian_filter(x, {1.0}); }},
      {"median", [](const Array& x) { return median(x, {.axis = 0}); }},
      {"quantile", [](const Array& x) { return quantile(x, std::vector<double>{0.01, 0.5, 0.99}); }},
      {"sort", [](const Array& x) { return sort(x, {.axis = 0}); }},
      {"topk", [](const Array& x) { return topk(x, 3, {.axis = 0}); }},
      {"groupby_reduce", [labels](const Array& x) { return groupby_reduce(x, labels, GroupOp::mean); }},
      {"matmul", [flat](const Array& x) { return matmul(flat(x), ones({kShape[2], 64}, {.dtype = DType::float32})); }},
      {"mask", [](const Array& x) { return extract(x, x > 0.9F); }},
  };
}

// Within a twentieth; edges of chunks and metadata count little here.
bool is_near(std::int64_t measured, std::int64_t planned) {
  return std::abs(measured - planned) <= planned / 20 + (64 << 10);
}

}  // namespace

TEST_CASE("memory: every operation keeps to the budget, and moves the bytes that its plan says", "[memory]") {
  const TemporaryDirectory directory;
  {
    const Runtime runtime({.memory = 4 * kBudget, .threads = 2});
    save(astype(random::uniform(kShape, 0.0, 1.0, {.seed = 7, .chunks = kChunks}), DType::float32), directory / "x.h5",
         {.chunks = kChunks, .codec = "gzip:1"});
  }
  for (const Case& test : cases()) {
    INFO(test.name);
    const Runtime runtime({.memory = kBudget, .threads = 2, .scratch = directory.path().string()});
    reset_peak_resident_bytes();
    const Array result = test.build(open(directory / "x.h5"));
    const Shape chunks = test.chunks.empty() && result.shape() == kShape ? kChunks : test.chunks;
    const std::vector<Output> outputs = {{result,
                                          directory / "y.zarr",
                                          "",
                                          {.chunks = chunks, .codec = "none", .existing = Existing::overwrite}}};
    const nlohmann::json plan = nlohmann::json::parse(explain(outputs).json);
    const RunReport report = run(outputs).report;
    INFO(report.bytes_read << " bytes read, " << plan["bytes_read"] << " planned; " << report.bytes_written << " written, "
                           << plan["bytes_written"] << " planned");
    // Where pieces or views of one array share chunks, the plan does not know how often one finds them decoded.
    if (test.shares_chunks) {
      CHECK(report.bytes_read <= plan["bytes_read"]);
    } else {
      CHECK(is_near(report.bytes_read, plan["bytes_read"]));
    }
    CHECK(is_near(report.bytes_written, plan["bytes_written"]));
    CHECK(report.peak_leased_bytes <= kBudget);
    if (!kSanitized) CHECK(peak_resident_bytes() <= kBudget + 64_MiB);
  }
}

}  // namespace varve::test

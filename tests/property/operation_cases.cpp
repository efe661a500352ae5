#include "property/operation_cases.hpp"

#include <algorithm>
#include <cmath>

#include "support/temporary_directory.hpp"

namespace varve::test {
namespace {

const Shape kShape = kSanitized ? Shape{32, 256, 256} : Shape{64, 512, 512};  // 64 MiB of float32
const Shape kChunks = kSanitized ? Shape{4, 64, 128} : Shape{8, 128, 128};
const std::int64_t kSide = kSanitized ? 512 : 2048;
const std::int64_t kTall = kSanitized ? 16384 : 131072;

using Arrays = std::vector<Array>;
using In = OperationInputs;

Array flat(const Array& x) { return reshape(x, {kShape[0] * kShape[1], kShape[2]}); }

// Positions in an order that jumps about.
std::vector<std::int64_t> scattered(std::int64_t extent) {
  std::vector<std::int64_t> positions;
  for (std::int64_t i = 0; i < extent; ++i) positions.push_back(i * 37 % extent);
  return positions;
}

std::vector<std::int64_t> reversed(std::int64_t extent) {
  std::vector<std::int64_t> positions;
  for (std::int64_t i = extent; i-- > 0;) positions.push_back(i);
  return positions;
}

Array labels() { return arange(kShape[0], {.dtype = DType::int64}) % 12; }

// Calls `visit` for the first element of each row along the last axis.
template <class Visit>
void for_each_row(const Shape& extents, const Visit& visit) {
  const Shape shape{extents[0], extents[1], 1};
  Index at(3, 0);
  do {
    visit(at);
  } while (next_index(at, shape));
}

float value(const std::byte* element) { return *reinterpret_cast<const float*>(element); }
float& value(std::byte* element) { return *reinterpret_cast<float*>(element); }

void halve(std::span<const ConstStridedView> inputs, const StridedView& out, const Block&) {
  for_each_row(out.shape, [&](const Index& at) {
    const std::byte* from = element_at(inputs[0], at);
    std::byte* to = element_at(out, at);
    for (std::int64_t i = 0; i < out.shape[2]; ++i) {
      value(to + i * out.byte_strides[2]) = value(from + i * inputs[0].byte_strides[2]) / 2;
    }
  });
}

void spread_of_rows(std::span<const ConstStridedView> inputs, const StridedView& out, const Block&) {
  const ConstStridedView& x = inputs[0];
  for_each_row(x.shape, [&](const Index& at) {
    float least = INFINITY;
    float most = -INFINITY;
    for (std::int64_t i = 0; i < x.shape[2]; ++i) {
      least = std::min(least, value(element_at(x, at) + i * x.byte_strides[2]));
      most = std::max(most, value(element_at(x, at) + i * x.byte_strides[2]));
    }
    value(element_at(out, {at[0], at[1]})) = most - least;
  });
}

// The largest element along the first axis.
BlockReduction largest() {
  BlockReduction functions;
  functions.chunk = [](const ConstStridedView& x, const StridedView& state, const Block&) {
    for_each_element([](std::byte* to) { value(to) = -1; }, state);
    for_each_row(x.shape, [&](const Index& at) {
      std::byte* to = element_at(state, {at[1], 0, 0});
      for (std::int64_t i = 0; i < x.shape[2]; ++i, to += state.byte_strides[1]) {
        value(to) = std::max(value(to), value(element_at(x, at) + i * x.byte_strides[2]));
      }
    });
  };
  functions.combine = [](const ConstStridedView& later, const StridedView& state) {
    for_each_element(
        [](std::byte* to, const std::byte* from) { value(to) = std::max(value(to), value(from)); }, state,
        later);
  };
  return functions;
}

// The difference of the corners of a window.
void subtract_corners(const ConstStridedView& grown, const StridedView& out, const Box&) {
  for_each_row(out.shape, [&](const Index& at) {
    const std::byte* before = element_at(grown, at);
    const std::byte* behind = element_at(grown, {at[0] + 2, at[1] + 4, at[2] + 2});
    for (std::int64_t i = 0; i < out.shape[2]; ++i) {
      value(element_at(out, at) + i * out.byte_strides[2]) =
          value(behind + i * grown.byte_strides[2]) - value(before + i * grown.byte_strides[2]);
    }
  });
}

void add_rearrangements(std::vector<OperationCase>& cases) {
  using Widths = std::vector<std::pair<std::int64_t, std::int64_t>>;
  cases.insert(
      cases.end(),
      {{"rechunk", [](const In& in) { return Arrays{in.x}; }, {kShape[0], 16, 16}},
       {"transpose",
        [](const In& in) {
          return Arrays{in.x + permute_dims(in.x, {0, 2, 1})};
        },
        {},
        true},
       {"concat",
        [](const In& in) {
          return Arrays{concat({in.x, in.x}, 2)};
        }},
       {"stack",
        [](const In& in) {
          return Arrays{stack({in.x, in.x}, 1)};
        }},
       {"hstack",
        [](const In& in) {
          return Arrays{hstack({in.x, in.x})};
        }},
       {"vstack",
        [](const In& in) {
          return Arrays{vstack({in.x, in.x})};
        }},
       {"concat of 64",
        [](const In& in) {
          Arrays parts;
          for (std::int64_t i = 0; i < kShape[0]; ++i) parts.push_back(in.x(Slice{i, i + 1}));
          std::reverse(parts.begin(), parts.end());
          return Arrays{concat(parts, 0)};
        },
        {},
        true},
       {"roll",
        [](const In& in) {
          return Arrays{roll(in.x, {5, -7}, {1, 2})};
        },
        {},
        true},
       {"pad",
        [](const In& in) {
          return Arrays{pad(in.x, Widths{{1, 1}, {0, 0}, {2, 3}})};
        }},
       {"reshape", [](const In& in) { return Arrays{flat(in.x)}; }},
       {"take", [](const In& in) { return Arrays{take(in.x, scattered(kShape[1]), 1)}; }, {}, true},
       {"take pairs",
        [](const In& in) {
          return Arrays{take(take(in.x, reversed(kShape[0]), 0), scattered(kShape[2]), 2)};
        },
        {},
        true},
       {"mask", [](const In& in) { return Arrays{extract(in.x, in.x > 0.9F)}; }, {65536}, true, 10_MiB},
       {"mask of the first axis",
        [](const In& in) { return Arrays{extract(in.x, arange(kShape[0]) % 3 == 0)}; }},
       {"mask of two axes", [](const In& in) {
          return Arrays{extract(in.x, random::uniform({kShape[0], kShape[1]}, 0, 1, {.seed = 3}) < 0.2)};
        }}});
}

void add_windows(std::vector<OperationCase>& cases) {
  const std::vector<std::pair<std::string, Boundary>> boundaries = {{"constant", Boundary::constant},
                                                                    {"nearest", Boundary::nearest},
                                                                    {"reflect", Boundary::reflect},
                                                                    {"mirror", Boundary::mirror},
                                                                    {"wrap", Boundary::wrap}};
  for (const auto& [name, boundary] : boundaries) {
    cases.push_back(
        {"map_overlap, " + name, [boundary = boundary](const In& in) {
           return Arrays{map_overlap(in.x, subtract_corners, {.depth = {1, 2, 1}, .mode = boundary})};
         }});
  }
  const auto weights = [] { return random::uniform({3, 3, 3}, 0, 1, {.seed = 1, .dtype = DType::float32}); };
  cases.insert(
      cases.end(),
      {{"gaussian_filter", [](const In& in) { return Arrays{gaussian_filter(in.x, {1.0})}; }},
       {"uniform_filter",
        [](const In& in) {
          return Arrays{uniform_filter(in.x, {3, 5, 7})};
        }},
       {"correlate", [weights](const In& in) { return Arrays{correlate(in.x, weights())}; }},
       {"convolve",
        [weights](const In& in) { return Arrays{convolve(in.x, weights(), {.mode = Boundary::wrap})}; }},
       {"laplace", [](const In& in) { return Arrays{laplace(in.x)}; }}});
}

void add_selections(std::vector<OperationCase>& cases) {
  cases.insert(cases.end(),
               {{"cumulative_sum", [](const In& in) { return Arrays{cumulative_sum(in.x, {.axis = 0})}; }},
                {"cumulative_prod", [](const In& in) { return Arrays{cumulative_prod(in.x, {.axis = 1})}; }},
                {"cumulative_max", [](const In& in) { return Arrays{cumulative_max(in.x, {.axis = 2})}; }},
                {"median", [](const In& in) { return Arrays{median(in.x, {.axis = 0})}; }},
                {"median of planes",
                 [](const In& in) {
                   return Arrays{median(in.x, {.axis = {0, 1}})};
                 }},
                {"nanmedian", [](const In& in) { return Arrays{nanmedian(in.x, {.axis = 1})}; }},
                {"quantile",
                 [](const In& in) {
                   return Arrays{quantile(in.x, std::vector<double>{0.01, 0.5, 0.99})};
                 }},
                {"sort", [](const In& in) { return Arrays{sort(in.x, {.axis = 0})}; }},
                {"sort of complex",
                 [](const In& in) { return Arrays{sort(astype(in.x, DType::complex64), {.axis = 0})}; }},
                {"argsort", [](const In& in) { return Arrays{argsort(in.x, {.axis = 1})}; }},
                {"topk", [](const In& in) { return Arrays{topk(in.x, 3, {.axis = 0})}; }},
                {"unique_values",
                 [](const In& in) { return Arrays{unique_values(astype(in.x * 1000.0F, DType::int32))}; }}});
  for (const auto& [name, op] : std::vector<std::pair<std::string, GroupOp>>{{"sum", GroupOp::sum},
                                                                             {"mean", GroupOp::mean},
                                                                             {"min", GroupOp::min},
                                                                             {"max", GroupOp::max},
                                                                             {"count", GroupOp::count},
                                                                             {"var", GroupOp::var},
                                                                             {"std", GroupOp::std},
                                                                             {"first", GroupOp::first},
                                                                             {"last", GroupOp::last}}) {
    cases.push_back({"groupby_reduce, " + name,
                     [op = op](const In& in) { return Arrays{groupby_reduce(in.x, labels(), op)}; }});
  }
}

void add_products(std::vector<OperationCase>& cases) {
  cases.insert(
      cases.end(),
      {{"matmul",
        [](const In& in) {
          return Arrays{matmul(flat(in.x), ones({kShape[2], 64}, {.dtype = DType::float32}))};
        }},
       {"matmul of large matrices",
        [](const In& in) { return Arrays{matmul(in.square, in.square + 1.0)}; },
        {128, 128}},
       {"tensordot",
        [](const In& in) {
          const Array y = random::uniform({kShape[1], kShape[2], 8}, 0, 1, {.dtype = DType::float32});
          return Arrays{tensordot(in.x, y, 2)};
        }},
       {"vecdot", [](const In& in) { return Arrays{vecdot(in.x, in.x + 1.0F)}; }, {}, true},
       {"outer",
        [](const In&) {
          const Array vector = random::uniform({kSanitized ? 1024 : 4096}, 0, 1, {.dtype = DType::float32});
          return Arrays{outer(vector, vector + 1.0F)};
        },
        {512, 512}}});
}

void add_functions(std::vector<OperationCase>& cases) {
  cases.insert(
      cases.end(),
      {{"map_blocks",
        [](const In& in) { return Arrays{map_blocks({in.x}, halve, {.workspace_bytes = 64_KiB})}; }},
       {"apply_gufunc", [](const In& in) { return Arrays{apply_gufunc("(i)->()", {in.x}, spread_of_rows)}; }},
       {"reduction", [](const In& in) { return Arrays{reduction(in.x, largest(), {.axis = 0})}; }},
       {"uniform",
        [](const In&) { return Arrays{random::uniform(kShape, 0, 1, {.dtype = DType::float32})}; }},
       {"normal", [](const In&) { return Arrays{random::normal(kShape, 0, 1, {.dtype = DType::float32})}; }},
       {"integers",
        [](const In&) { return Arrays{random::integers(kShape, 0, 1000, {.dtype = DType::int32})}; }}});
}

void add_factorizations(std::vector<OperationCase>& cases) {
  cases.insert(
      cases.end(),
      {{"qr",
        [](const In& in) {
          const QrResult factors = qr(in.tall);
          return Arrays{factors.q, factors.r};
        },
        {1024, 64}},
       {"lstsq", [](const In& in) { return Arrays{lstsq(in.tall, in.tall(Slice{}, 0) + 1.0)}; }, {}, true},
       {"cholesky", [](const In& in) { return Arrays{cholesky(in.square)}; }, {256, 256}},
       {"cholesky of complex",
        [](const In& in) {
          const Slice half{0, kSide / 2};
          return Arrays{cholesky(astype(in.square(half, half), DType::complex128))};
        },
        {128, 128},
        true,
        12_MiB},
       {"qr of a stack",
        [](const In& in) {
          const QrResult factors = qr(in.x(Slice{}, Slice{}, Slice{0, 64}));
          return Arrays{factors.q, factors.r};
        }},
       {"solve of a stack",
        [](const In& in) {
          const Slice first{0, 128};
          return Arrays{
              solve(in.x(Slice{}, first, first) + 128.0F * eye(128), in.x(Slice{}, first, Slice{0, 3}))};
        }},
       {"solve", [](const In& in) {
          return Arrays{solve(in.square, random::normal({kSide, 3}, 0, 1, {.seed = 5}))};
        }}});
}

Array stored(const Array& x, const std::string& path, const Shape& chunks) {
  save(x, path, {.chunks = chunks, .codec = path.ends_with(".h5") ? "gzip:1" : "blosc:lz4:5"});
  return open(path);
}

OperationInputs make_inputs(const std::string& directory, const std::string& ending) {
  const Runtime runtime({.memory = 16 * kOperationsBudget, .threads = 2});
  const Array x = random::uniform(kShape, 0.0, 1.0, {.seed = 7, .dtype = DType::float32, .chunks = kChunks});
  const Array noise = random::uniform({kSide, kSide}, -1, 1, {.seed = 8});
  const Array square = noise + matrix_transpose(noise) + static_cast<double>(8 * kSide) * eye(kSide);
  const Array tall = random::normal({kTall, 64}, 0, 1, {.seed = 9});
  return {stored(x, directory + "/x" + ending, kChunks),
          stored(square, directory + "/square" + ending, {256, 256}),
          stored(tall, directory + "/tall" + ending, {1024, 64})};
}

}  // namespace

const OperationInputs& operation_inputs() {
  static const TemporaryDirectory directory;
  static const OperationInputs inputs = make_inputs(directory.path().string(), ".h5");
  return inputs;
}

const OperationInputs& blosc_operation_inputs() {
  static const TemporaryDirectory directory;
  static const OperationInputs inputs = make_inputs(directory.path().string(), ".zarr");
  return inputs;
}

std::vector<OperationCase> operation_cases() {
  std::vector<OperationCase> cases;
  add_rearrangements(cases);
  add_windows(cases);
  add_selections(cases);
  add_products(cases);
  add_functions(cases);
  add_factorizations(cases);
  for (OperationCase& test : cases) {
    if (test.chunks.empty()) test.chunks = kChunks;
  }
  return cases;
}

}  // namespace varve::test

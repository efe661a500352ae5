#include "property/random_source.hpp"

#include <atomic>

#include "support/sources.hpp"
#include "support/values.hpp"
#include "varve/compute.hpp"
#include "varve/storage.hpp"

namespace varve::test {
namespace {

std::string fresh_name(const std::string& ending) {
  static std::atomic<int> next{0};
  return "source" + std::to_string(next++) + ending;
}

// Doubles chunk extents until there are at most 128 chunks: each may be a file.
Shape few_files(const Shape& shape, Shape chunks) {
  for (std::int64_t axis = 0; ChunkGrid(shape, chunks).chunk_count() > 128;
       axis = (axis + 1) % shape.size()) {
    chunks[axis] *= 2;
  }
  return ChunkGrid(shape, chunks).chunks();
}

Source stored(const dense::Dense& x, const TemporaryDirectory& directory, std::mt19937_64& random) {
  const Storage storage = random_storage(x.dtype, random);
  const std::string path = directory / fresh_name(storage.ending);
  const Shape chunks = few_files(x.shape, random_chunks(x.shape, random));
  const Runtime runtime({.memory = 256_MiB, .threads = 2});
  save(in_memory(x), path, {.chunks = chunks, .codec = storage.codec, .zarr_format = storage.zarr_format});
  return {open(path, "", {.raw = true}), to_string(storage) + " chunks " + to_string(chunks)};
}

}  // namespace

Shape random_chunks(const Shape& shape, std::mt19937_64& random) {
  Shape chunks = shape;
  const std::int64_t kind = pick(random, 0, 3);
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
    const std::int64_t extent = std::max<std::int64_t>(shape[axis], 1);
    chunks[axis] = kind == 0 ? 1 : kind == 1 ? extent : pick(random, 1, extent);
  }
  return chunks;
}

bool can_hold(const std::string& ending, DType dtype) {
  return ending != ".nc" || (dtype != DType::float16 && dtype != DType::boolean);
}

Storage random_storage(DType dtype, std::mt19937_64& random) {
  static const std::vector<Storage> all = {
      {".zarr", 3, ""},     {".zarr", 3, "zstd:3"}, {".zarr", 3, "gzip:1"}, {".zarr", 3, "blosc:lz4:5"},
      {".zarr", 3, "none"}, {".zarr", 2, ""},       {".zarr", 2, "zstd:1"}, {".zarr", 2, "blosc:zstd:3"},
      {".zarr", 2, "none"}, {".h5", 3, ""},         {".h5", 3, "gzip:1"},   {".h5", 3, "none"},
      {".nc", 3, "gzip:1"}, {".npy", 3, ""},
  };
  while (true) {
    const Storage& storage = pick_one(random, all);
    if (can_hold(storage.ending, dtype)) return storage;
  }
}

std::string to_string(const Storage& storage) {
  return storage.ending + (storage.ending == ".zarr" ? " v" + std::to_string(storage.zarr_format) : "") +
         (storage.codec.empty() ? "" : " " + storage.codec);
}

Source random_source(const dense::Dense& x, const TemporaryDirectory& directory, std::mt19937_64& random) {
  switch (pick(random, 0, 3)) {
    case 0:
      return {in_memory(x), "memory"};
    case 1:
      return stored(x, directory, random);
    default: {
      const Shape chunks = random_chunks(x.shape, random);
      return {chunked(x, chunks), "function chunks " + to_string(chunks)};
    }
  }
}

}  // namespace varve::test

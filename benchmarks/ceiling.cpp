// How fast a workload could be if computing were free: reads and decodes the same chunks on all cores, and no
// more.
//
//   ceiling [--threads N] [--slice START:STOP:STEP,...] [--minus PLANE.npy --write OUT --codec SPEC]
//   PATH:VAR...
//
// With --write the program reads everything twice and writes it once, as `x - mean(x, axis=0)` must. The
// written bytes are the anomaly itself (one subtraction per element), because noise-like anomalies compress
// worse than the input. Prints one JSON line: seconds (without the start of the process), bytes_read,
// bytes_decoded, bytes_written.

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <exception>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "io/format.hpp"
#include "io/location.hpp"
#include "varve/core/error.hpp"

namespace {

using namespace varve;

struct Arguments {
  std::int64_t threads = 2;
  std::string slice;
  std::string minus;
  std::string write;
  std::string codec = "blosc:lz4:5";
  std::vector<std::string> inputs;
};

struct Totals {
  std::atomic<std::int64_t> read{0};
  std::atomic<std::int64_t> decoded{0};
  std::atomic<std::int64_t> written{0};
};

/// A page-aligned block, touched once so that no page fault falls into the measurement's loop more than
/// once.
class Block {
 public:
  explicit Block(std::int64_t bytes)
      : size_(static_cast<std::size_t>(std::max<std::int64_t>(bytes, 1))),
        data_(static_cast<std::byte*>(::operator new(size_, std::align_val_t{4096}))) {
    std::fill_n(data_, size_, std::byte{0});
  }
  ~Block() { ::operator delete(data_, std::align_val_t{4096}); }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  [[nodiscard]] std::span<std::byte> bytes() const noexcept { return {data_, size_}; }

 private:
  std::size_t size_;
  std::byte* data_;
};

/// What one axis keeps: `start, start + step, ...` below `stop`.
struct Range {
  std::int64_t start = 0;
  std::int64_t stop = 0;
  std::int64_t step = 1;
};

std::int64_t parse_integer(const std::string& text, std::int64_t fallback) {
  std::int64_t value = fallback;
  if (!text.empty()) std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Parses "::12,100:200,::3". Axes that are not named are kept whole.
std::vector<Range> parse_slice(const std::string& text, const Shape& shape) {
  std::vector<Range> ranges;
  for (const std::int64_t extent : shape) ranges.push_back({0, extent, 1});
  std::size_t axis = 0;
  for (std::size_t from = 0; from < text.size() && axis < ranges.size(); ++axis) {
    const std::size_t to = std::min(text.find(',', from), text.size());
    std::string field = text.substr(from, to - from) + "::";
    const std::size_t first = field.find(':');
    const std::size_t second = field.find(':', first + 1);
    Range& range = ranges[axis];
    range.start = parse_integer(field.substr(0, first), 0);
    range.stop = std::min(range.stop, parse_integer(field.substr(first + 1, second - first - 1), range.stop));
    range.step = std::max<std::int64_t>(parse_integer(field.substr(second + 1), 1), 1);
    from = to + 1;
  }
  return ranges;
}

ChunkIndex chunk_at(std::int64_t number, const Shape& counts) {
  ChunkIndex chunk(counts.size(), 0);
  for (std::int64_t axis = counts.size() - 1; axis >= 0; --axis) {
    chunk[axis] = number % counts[axis];
    number /= counts[axis];
  }
  return chunk;
}

/// Returns what the ranges keep of a box, per axis without regard to steps; empty if a step skips the box.
Box kept_part(const Box& box, const std::vector<Range>& ranges) {
  Box part = box;
  for (std::int64_t axis = 0; axis < box.ndim(); ++axis) {
    const Range& range = ranges[static_cast<std::size_t>(axis)];
    const std::int64_t low = std::max(box.lo[axis] - range.start, std::int64_t{0});
    part.lo[axis] = range.start + (low + range.step - 1) / range.step * range.step;
    part.hi[axis] = std::min(box.hi[axis], range.stop);
  }
  return part;
}

/// Runs `body(thread, item)` for every item below `count`; the first exception stops all threads and is
/// rethrown.
void for_each(std::int64_t count, std::int64_t threads,
              const std::function<void(std::int64_t, std::int64_t)>& body) {
  std::atomic<std::int64_t> next{0};
  std::exception_ptr failure;
  std::mutex mutex;
  const auto work = [&](std::int64_t thread) {
    try {
      for (std::int64_t item = next++; item < count; item = next++) body(thread, item);
    } catch (...) {
      next = count;
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  std::vector<std::thread> pool;
  for (std::int64_t thread = 0; thread < threads; ++thread) pool.emplace_back(work, thread);
  for (std::thread& thread : pool) thread.join();
  if (failure) std::rethrow_exception(failure);
}

using Blocks = std::vector<std::unique_ptr<Block>>;

Blocks make_blocks(std::int64_t threads, std::int64_t bytes) {
  Blocks blocks;
  for (std::int64_t thread = 0; thread < threads; ++thread) blocks.push_back(std::make_unique<Block>(bytes));
  return blocks;
}

/// Reads what `ranges` keeps of one chunk. Where parts can be read, skipped steps of the first axis are not
/// read.
void read_kept(const io::Dataset& dataset, const ChunkIndex& chunk, const std::vector<Range>& ranges,
               std::span<std::byte> out, std::span<std::byte> workspace, Totals& totals) {
  const Box box = dataset.info().grid.box_of(chunk);
  Box part = kept_part(box, ranges);
  if (part.empty()) return;
  if (part == box || !dataset.info().partial_reads) {
    totals.read += dataset.read_chunk(chunk, out, workspace);
    totals.decoded += dataset.info().chunk_bytes();
    return;
  }
  const std::int64_t stop = part.hi[0];
  for (std::int64_t& first = part.lo[0]; first < stop; first += ranges[0].step) {
    part.hi[0] = ranges[0].step == 1 ? stop : first + 1;
    const StridedView view(out.data(), dataset.info().dtype, part.shape());
    totals.read += dataset.read_part(chunk, part, view, workspace);
    totals.decoded += element_count(part.shape()) * size_bytes(dataset.info().dtype);
    if (ranges[0].step == 1) break;
  }
}

void read_all(const io::Dataset& dataset, const Arguments& arguments, Totals& totals) {
  const io::DatasetInfo& info = dataset.info();
  const std::vector<Range> ranges = parse_slice(arguments.slice, info.shape);
  const Blocks chunks = make_blocks(arguments.threads, info.chunk_bytes());
  const Blocks workspaces = make_blocks(arguments.threads, info.read_workspace_bytes);
  const Shape counts = info.grid.counts();
  for_each(info.grid.chunk_count(), arguments.threads, [&](std::int64_t thread, std::int64_t number) {
    const auto slot = static_cast<std::size_t>(thread);
    read_kept(dataset, chunk_at(number, counts), ranges, chunks[slot]->bytes(), workspaces[slot]->bytes(),
              totals);
  });
}

/// Subtracts `plane` from each step of a dense float32 chunk.
void subtract(std::span<std::byte> chunk, std::span<const std::byte> plane) noexcept {
  auto* values = reinterpret_cast<float*>(chunk.data());
  const auto* means = reinterpret_cast<const float*>(plane.data());
  const std::size_t count = plane.size() / sizeof(float);
  for (std::size_t first = 0; first + count <= chunk.size() / sizeof(float); first += count) {
    for (std::size_t i = 0; i < count; ++i) values[first + i] -= means[i];
  }
}

std::unique_ptr<Block> read_plane(const std::string& path) {
  const std::shared_ptr<io::Dataset> dataset = io::open_dataset(path);
  const io::DatasetInfo& info = dataset->info();
  if (info.dtype != DType::float32 || !info.partial_reads) throw Error("--minus: need a float32 .npy file");
  auto plane = std::make_unique<Block>(element_count(info.shape) * size_bytes(info.dtype));
  const Block workspace(info.read_workspace_bytes);
  const StridedView whole(plane->bytes().data(), info.dtype, info.shape);
  ChunkIndex chunk(info.shape.size(), 0);
  do {
    const Box box = info.grid.box_of(chunk);
    dataset->read_part(chunk, box, whole.sub(box), workspace.bytes());
  } while (next_index(chunk, info.grid.counts()));
  return plane;
}

/// Reads every chunk again and writes it, less the plane, to a new dataset of the same chunks.
void write_all(const io::Dataset& dataset, const Arguments& arguments, Totals& totals) {
  const io::DatasetInfo& info = dataset.info();
  const std::unique_ptr<Block> plane = read_plane(arguments.minus);
  io::OutputOptions options;
  options.existing = io::ExistingOutput::overwrite;
  const std::unique_ptr<io::OutputFile> output = io::create_output({arguments.write, 2}, options);
  io::DatasetSpec spec;
  spec.shape = info.shape;
  spec.dtype = info.dtype;
  spec.chunks = info.grid.chunks();
  spec.codec = io::parse_codec(arguments.codec);
  io::DatasetWriter& writer = output->add_dataset("", spec);
  const Blocks chunks = make_blocks(arguments.threads, info.chunk_bytes());
  const Blocks workspaces =
      make_blocks(arguments.threads, std::max(info.read_workspace_bytes, writer.write_workspace_bytes()));
  const Shape counts = info.grid.counts();
  for_each(info.grid.chunk_count(), arguments.threads, [&](std::int64_t thread, std::int64_t number) {
    const std::span<std::byte> bytes = chunks[static_cast<std::size_t>(thread)]->bytes();
    const std::span<std::byte> workspace = workspaces[static_cast<std::size_t>(thread)]->bytes();
    const ChunkIndex chunk = chunk_at(number, counts);
    totals.read += dataset.read_chunk(chunk, bytes, workspace);
    totals.decoded += info.chunk_bytes();
    subtract(bytes, plane->bytes());
    totals.written += writer.write_chunk(chunk, bytes, workspace);
  });
  output->commit();
}

Arguments parse_arguments(int count, char** texts) {
  Arguments result;
  for (int i = 1; i < count; ++i) {
    const std::string name = texts[i];
    if (name.rfind("--", 0) != 0) {
      result.inputs.push_back(name);
      continue;
    }
    if (++i == count) throw Error(name + ": value missing");
    const std::string value = texts[i];
    if (name == "--threads")
      result.threads = parse_integer(value, result.threads);
    else if (name == "--slice")
      result.slice = value;
    else if (name == "--minus")
      result.minus = value;
    else if (name == "--write")
      result.write = value;
    else if (name == "--codec")
      result.codec = value;
    else
      throw Error(name + ": unknown option");
  }
  if (result.inputs.empty()) throw Error("name at least one PATH:VAR");
  return result;
}

std::shared_ptr<io::Dataset> open_input(const std::string& text) {
  const io::Location location = io::input_location(text);
  return io::open_dataset(location.path, location.variable);
}

void run(const Arguments& arguments) {
  Totals totals;
  const auto start = std::chrono::steady_clock::now();
  for (const std::string& input : arguments.inputs) {
    const std::shared_ptr<io::Dataset> dataset = open_input(input);
    read_all(*dataset, arguments, totals);
    if (!arguments.write.empty()) write_all(*dataset, arguments, totals);
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  std::printf("{\"seconds\": %.6f, \"bytes_read\": %lld, \"bytes_decoded\": %lld, \"bytes_written\": %lld}\n",
              elapsed.count(), static_cast<long long>(totals.read), static_cast<long long>(totals.decoded),
              static_cast<long long>(totals.written));
}

}  // namespace

int main(int count, char** texts) {
  try {
    run(parse_arguments(count, texts));
  } catch (const std::exception& error) {
    std::cerr << "ceiling: " << error.what() << '\n';
    return 1;
  }
  return 0;
}

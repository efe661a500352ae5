#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <random>
#include <set>
#include <vector>

#include "io/scratch/scratch_array.hpp"
#include "support/temporary_directory.hpp"
#include "varve/core/error.hpp"

using namespace varve;
using namespace varve::io;

namespace {

struct Layout {
  Shape shape, writers, readers;
};

const std::vector<Layout> kLayouts = {
    {{40, 50, 60}, {7, 50, 60}, {40, 9, 13}},    // maps to columns
    {{40, 50, 60}, {40, 9, 13}, {7, 50, 60}},    // and back
    {{40, 50, 60}, {8, 25, 60}, {16, 5, 60}},    // boxes that refine each other
    {{40, 50, 60}, {40, 50, 60}, {40, 50, 60}},  // one piece of 480 kB: several blocks
    {{3, 200'000}, {2, 200'000}, {3, 150'000}},  // several strips
    {{1, 1, 5}, {1, 1, 2}, {1, 1, 3}},
};

enum class Kind { smooth, noise, mixed };

std::vector<double> values_of(const Shape& shape, Kind kind) {
  std::mt19937_64 random(7);
  std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool is_noise = kind == Kind::noise || (kind == Kind::mixed && i / 30'000 % 2 == 1);
    const std::uint64_t bits = random();
    values[i] = static_cast<double>(i / 16);
    if (is_noise) std::memcpy(&values[i], &bits, sizeof bits);
  }
  return values;
}

// The elements of a box of a dense array in C order, as bytes.
std::vector<double> part_of(const std::vector<double>& values, const Shape& shape, const Box& box) {
  std::vector<double> part;
  Index index(shape.size(), 0);
  const Shape extents = box.shape();
  if (element_count(extents) == 0) return part;
  do {
    std::int64_t at = 0;
    for (std::int64_t axis = 0; axis < shape.size(); ++axis)
      at = at * shape[axis] + box.lo[axis] + index[axis];
    part.push_back(values[static_cast<std::size_t>(at)]);
  } while (next_index(index, extents));
  return part;
}

bool same_bits(const std::vector<double>& left, const std::vector<double>& right) {
  return left.size() == right.size() &&
         std::memcmp(left.data(), right.data(), left.size() * sizeof(double)) == 0;
}

// A scratch array with all its elements, written tile by tile.
class Stored {
 public:
  Stored(const std::string& directory, const Layout& layout, Kind kind, const ScratchOptions& options)
      : values_(values_of(layout.shape, kind)),
        array_(
            directory, layout.shape, DType::float64,
            ScratchLayout(ChunkGrid(layout.shape, layout.readers), ChunkGrid(layout.shape, layout.writers)),
            options),
        workspace_(
            static_cast<std::size_t>(ScratchCoding::workspace_bytes(element_count(layout.shape) * 8))) {
    const ChunkGrid writers(layout.shape, layout.writers);
    for_each_chunk(writers, Box(layout.shape), [&](const ChunkIndex& chunk) {
      const std::vector<double> part = part_of(values_, layout.shape, writers.box_of(chunk));
      returned_ += array_.write_box(writers.box_of(chunk), reinterpret_cast<const std::byte*>(part.data()),
                                    workspace_);
    });
  }

  // The bytes that were read for the box, or -1 if its elements are wrong.
  std::int64_t read(const Box& box) {
    std::vector<double> out(static_cast<std::size_t>(element_count(box.shape())), -1.0);
    const StridedView view(reinterpret_cast<std::byte*>(out.data()), DType::float64, box.shape());
    const std::int64_t bytes = array_.read_part(ChunkIndex(box.ndim(), 0), box, view, workspace_);
    return same_bits(out, part_of(values_, array_.info().shape, box)) ? bytes : -1;
  }

  [[nodiscard]] const ScratchArray& array() const { return array_; }
  [[nodiscard]] std::int64_t returned_bytes() const { return returned_; }
  [[nodiscard]] std::int64_t raw_bytes() const {
    return static_cast<std::int64_t>(values_.size() * sizeof(double));
  }

 private:
  std::vector<double> values_;
  ScratchArray array_;
  std::vector<std::byte> workspace_;
  std::int64_t returned_ = 0;
};

Box random_box(const Shape& shape, std::mt19937& random) {
  Box box(shape);
  for (std::int64_t axis = 0; axis < shape.size(); ++axis) {
    box.lo[axis] = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(shape[axis]));
    box.hi[axis] =
        box.lo[axis] + 1 +
        static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(shape[axis] - box.lo[axis]));
  }
  return box;
}

}  // namespace

TEST_CASE("scratch: pieces have numbers of their own, and places that do not overlap", "[io]") {
  for (const Layout& layout : kLayouts) {
    INFO(to_string(layout.writers) << " to " << to_string(layout.readers));
    const ScratchLayout pieces(ChunkGrid(layout.shape, layout.readers),
                               ChunkGrid(layout.shape, layout.writers));
    std::set<std::int64_t> numbers;
    std::set<std::pair<std::int64_t, std::int64_t>> places;
    std::int64_t elements = 0;
    pieces.for_each_piece(Box(layout.shape), [&](const ScratchPiece& piece) {
      CHECK(piece.number < pieces.number_bound());
      CHECK(numbers.insert(piece.number).second);
      CHECK(piece.region < pieces.region_count());
      CHECK(places.insert({piece.region, piece.place}).second);
      CHECK(element_count(piece.box.shape()) <= pieces.largest_piece());
      elements += element_count(piece.box.shape());
    });
    CHECK(elements == element_count(layout.shape));
  }
}

TEST_CASE("scratch: any box of any layout comes back bit by bit, compressed or not, from one file or several",
          "[io]") {
  const test::TemporaryDirectory directory;
  std::mt19937 random(3);
  for (const Layout& layout : kLayouts) {
    for (const Kind kind : {Kind::smooth, Kind::noise, Kind::mixed}) {
      for (const ScratchCodec codec : {ScratchCodec::none, ScratchCodec::lz4}) {
        for (const int writers : {1, 3}) {
          INFO(to_string(layout.writers)
               << " to " << to_string(layout.readers) << ", kind " << static_cast<int>(kind) << ", codec "
               << name_of(codec) << ", writers " << writers);
          Stored stored(directory.path().string(), layout, kind, {codec, writers});
          CHECK(stored.read(Box(layout.shape)) == stored.array().stored_bytes());
          for (int i = 0; i < 12; ++i) CHECK(stored.read(random_box(layout.shape, random)) > 0);
        }
      }
    }
  }
}

TEST_CASE("scratch: what shrinks takes less room, what does not takes its own", "[io]") {
  const test::TemporaryDirectory directory;
  const Layout& layout = kLayouts[3];
  const Stored smooth(directory.path().string(), layout, Kind::smooth, {ScratchCodec::lz4, 1});
  CHECK(smooth.array().stored_bytes() < smooth.raw_bytes() / 4);
  CHECK(smooth.returned_bytes() == smooth.array().stored_bytes());
  const Stored noise(directory.path().string(), layout, Kind::noise, {ScratchCodec::lz4, 1});
  CHECK(noise.array().stored_bytes() == noise.raw_bytes());
  const Stored plain(directory.path().string(), layout, Kind::smooth, {ScratchCodec::none, 1});
  CHECK(plain.array().stored_bytes() == plain.raw_bytes());
}

TEST_CASE("scratch: a part of an encoded piece reads the blocks that hold it, not the piece", "[io]") {
  const test::TemporaryDirectory directory;
  const Layout layout{{1, 4'000'000}, {1, 4'000'000}, {1, 4'000'000}};
  Stored stored(directory.path().string(), layout, Kind::noise, {ScratchCodec::lz4, 1});
  CHECK(stored.read(Box(Index{0, 2'000'000}, Index{1, 2'000'100})) <= 2 * ScratchCoding::kBlockBytes);
}

TEST_CASE("scratch: with a codec, parts of pieces cannot be written", "[io]") {
  const test::TemporaryDirectory directory;
  const Layout& layout = kLayouts[0];
  ScratchArray array(
      directory.path().string(), layout.shape, DType::float64,
      ScratchLayout(ChunkGrid(layout.shape, layout.readers), ChunkGrid(layout.shape, layout.writers)),
      {ScratchCodec::lz4, 1});
  const std::vector<double> values(50 * 60, 1.0);
  std::vector<std::byte> workspace(1 << 20);
  CHECK_THROWS_AS(array.write_box(Box(Index{0, 0, 0}, Index{1, 50, 60}),
                                  reinterpret_cast<const std::byte*>(values.data()), workspace),
                  Error);
}

TEST_CASE("scratch: its files have no names, so that nothing remains of a process that is killed", "[io]") {
  const test::TemporaryDirectory directory;
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t child = fork();
  if (child == 0) {
    try {
      const Stored stored(directory.path().string(), kLayouts[0], Kind::smooth, {ScratchCodec::lz4, 2});
      const char done = stored.array().stored_bytes() > 0 ? 'y' : 'n';
      if (write(ready[1], &done, 1) == 1) pause();
    } catch (...) {
    }
    _exit(1);
  }
  REQUIRE(child > 0);
  close(ready[1]);
  char done = 'n';
  CHECK(read(ready[0], &done, 1) == 1);
  CHECK(done == 'y');
  CHECK(std::filesystem::is_empty(directory.path()));
  kill(child, SIGKILL);
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(std::filesystem::is_empty(directory.path()));
  close(ready[0]);
}

TEST_CASE("scratch: a write that the system refuses is an error that names the directory, and leaves nothing",
          "[io]") {
  const test::TemporaryDirectory directory;
  struct rlimit before {};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const struct rlimit small {
    1 << 16, before.rlim_max
  };
  REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
  std::string message;
  for (const ScratchCodec codec : {ScratchCodec::none, ScratchCodec::lz4}) {
    try {
      const Stored stored(directory.path().string(), kLayouts[0], Kind::noise, {codec, 1});
    } catch (const StorageError& error) {
      message += error.what();
    }
  }
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  const std::size_t first = message.find(directory.path().string());
  CHECK(first != std::string::npos);
  CHECK(message.find(directory.path().string(), first + 1) != std::string::npos);
  CHECK(std::filesystem::is_empty(directory.path()));
}

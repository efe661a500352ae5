#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <numeric>
#include <random>
#include <vector>

#include "io/format/box_reader.hpp"
#include "varve/core/error.hpp"

using namespace varve;
using namespace varve::io;

namespace {

using Bytes = std::vector<std::byte>;

// A dense stored array with its axes in some order, filled with noise behind a header of 10 bytes.
struct Stored {
  Stored(const Shape& extents, std::vector<std::int64_t> axes, DType type, unsigned seed)
      : shape(extents), dtype(type) {
    layout.byte_strides = ByteStrides(shape.size(), 0);
    std::int64_t step = size_bytes(dtype);
    for (std::size_t i = axes.size(); i-- > 0;) {
      layout.byte_strides[axes[i]] = step;
      step *= shape[axes[i]];
    }
    layout.offset_bytes = 10;
    bytes.resize(static_cast<std::size_t>(step + 10));
    std::mt19937 random(seed);
    for (std::byte& value : bytes) value = static_cast<std::byte>(random() & 0xffU);
  }

  ReadRange reader() {
    return [this](std::int64_t offset, std::span<std::byte> out) {
      REQUIRE(offset >= 10);
      REQUIRE(offset + static_cast<std::int64_t>(out.size()) <= static_cast<std::int64_t>(bytes.size()));
      std::memcpy(out.data(), bytes.data() + offset, out.size());
      ++reads;
    };
  }

  // Plain loops: the element at `index`, its words reversed if asked.
  Bytes element(const Index& index) const {
    std::int64_t at = layout.offset_bytes;
    for (std::int64_t axis = 0; axis < shape.size(); ++axis) at += index[axis] * layout.byte_strides[axis];
    Bytes value(bytes.begin() + at, bytes.begin() + at + size_bytes(dtype));
    const std::int64_t word = layout.swap_bytes;
    for (std::int64_t i = 0; word > 1 && i < size_bytes(dtype); i += word) {
      std::reverse(value.begin() + i, value.begin() + i + word);
    }
    return value;
  }

  Shape shape;
  DType dtype;
  StoredLayout layout;
  Bytes bytes;
  int reads = 0;
};

void require_box(Stored& stored, const Box& box, const StridedView& out, Bytes& memory) {
  Bytes workspace(kBoxWorkspaceBytes);
  const Bytes before = memory;
  const std::int64_t count = read_box(stored.reader(), stored.layout, box, out, workspace);
  REQUIRE(count >= element_count(box.shape()) * size_bytes(stored.dtype));
  Bytes expected = before;
  Index inside(box.ndim(), 0);
  do {
    Index global = inside;
    std::int64_t to = out.data - memory.data();
    for (std::int64_t axis = 0; axis < box.ndim(); ++axis) {
      global[axis] += box.lo[axis];
      to += inside[axis] * out.byte_strides[axis];
    }
    const Bytes value = stored.element(global);
    std::copy(value.begin(), value.end(), expected.begin() + to);
  } while (next_index(inside, box.shape()));
  REQUIRE(memory == expected);
}

}  // namespace

TEST_CASE("read_box: any box, axis order, dtype and output layout gives the elements of plain loops",
          "[io][box]") {
  std::mt19937 random(3);
  const DType dtypes[] = {DType::uint8, DType::int16, DType::float32, DType::complex64, DType::complex128};
  for (int trial = 0; trial < 200; ++trial) {
    INFO("trial " << trial);
    const auto ndim = static_cast<std::int64_t>(random() % 5);
    Shape shape(ndim, 1);
    for (std::int64_t axis = 0; axis < ndim; ++axis) shape[axis] = 1 + random() % 9;
    if (ndim > 0 && trial % 7 == 0) shape[static_cast<std::int64_t>(random()) % ndim] = 400;
    std::vector<std::int64_t> axes(static_cast<std::size_t>(ndim));
    std::iota(axes.begin(), axes.end(), 0);
    if (trial % 2 == 0) std::shuffle(axes.begin(), axes.end(), random);
    Stored stored(shape, axes, dtypes[trial % 5], static_cast<unsigned>(trial));
    if (trial % 3 == 0) stored.layout.swap_bytes = size_bytes(real_of(stored.dtype));

    Box box(shape);
    for (std::int64_t axis = 0; axis < ndim; ++axis) {
      box.lo[axis] = static_cast<std::int64_t>(random()) % shape[axis];
      box.hi[axis] = box.lo[axis] + 1 + static_cast<std::int64_t>(random()) % (shape[axis] - box.lo[axis]);
      if (trial % 4 == 0) box.lo[axis] = 0, box.hi[axis] = shape[axis];
    }
    const std::int64_t size = size_bytes(stored.dtype);
    Bytes memory(static_cast<std::size_t>(2 * element_count(box.shape()) * size));
    StridedView out(memory.data(), stored.dtype, box.shape());
    if (trial % 5 == 1) {  // spread out
      for (std::int64_t axis = 0; axis < ndim; ++axis) out.byte_strides[axis] *= 2;
    }
    if (trial % 5 == 2 && ndim > 0) {  // first axis backwards
      out.data += (out.shape[0] - 1) * out.byte_strides[0];
      out.byte_strides[0] = -out.byte_strides[0];
    }
    if (trial % 5 == 3) {  // laid out as it is stored
      std::int64_t step = size;
      for (std::size_t i = axes.size(); i-- > 0;) {
        out.byte_strides[axes[i]] = step;
        step *= out.shape[axes[i]];
      }
    }
    require_box(stored, box, out, memory);
  }
}

TEST_CASE("read_box: runs that touch are read at once", "[io][box]") {
  Stored stored({10, 20, 30}, {0, 1, 2}, DType::float32, 1);
  Bytes memory(10 * 20 * 30 * 4);
  require_box(stored, Box(Shape{10, 20, 30}), StridedView(memory.data(), DType::float32, Shape{10, 20, 30}),
              memory);
  REQUIRE(stored.reads == 1);
  stored.reads = 0;
  require_box(stored, Box({2, 0, 0}, {7, 20, 30}),
              StridedView(memory.data(), DType::float32, Shape{5, 20, 30}), memory);
  REQUIRE(stored.reads == 1);
}

TEST_CASE("read_box: gaps of a page and more are not read", "[io][box]") {
  Stored stored({50, 8192}, {0, 1}, DType::uint8, 1);
  Bytes memory(50 * 16);
  Bytes workspace(kBoxWorkspaceBytes);
  const StridedView out(memory.data(), DType::uint8, Shape{50, 16});
  REQUIRE(read_box(stored.reader(), stored.layout, Box({0, 100}, {50, 116}), out, workspace) == 50 * 16);
  REQUIRE(stored.reads == 50);
}

TEST_CASE("read_box: narrow gaps are read over in few reads", "[io][box]") {
  Stored stored({5000, 100}, {0, 1}, DType::uint8, 1);
  Bytes memory(5000);
  require_box(stored, Box({0, 7}, {5000, 8}), StridedView(memory.data(), DType::uint8, Shape{5000, 1}),
              memory);
  REQUIRE(stored.reads <= 3);
}

TEST_CASE("read_box: an empty box reads nothing; bools are 0 or 1", "[io][box]") {
  Stored stored({4, 4}, {0, 1}, DType::boolean, 1);
  Bytes workspace(kBoxWorkspaceBytes);
  Bytes memory(16);
  const StridedView none(memory.data(), DType::boolean, Shape{0, 4});
  REQUIRE(read_box(stored.reader(), stored.layout, Box({2, 0}, {2, 4}), none, workspace) == 0);
  const StridedView all(memory.data(), DType::boolean, Shape{4, 4});
  read_box(stored.reader(), stored.layout, Box(Shape{4, 4}), all, workspace);
  for (std::size_t i = 0; i < 16; ++i)
    REQUIRE((memory[i] == std::byte{1}) == (stored.bytes[10 + i] != std::byte{0}));
}

TEST_CASE("fill_view: writes the element to every place of the view and nowhere else", "[io][box]") {
  std::vector<std::int32_t> memory(24, 0);
  StridedView view(reinterpret_cast<std::byte*>(memory.data()), DType::int32, Shape{3, 2},
                   ByteStrides{32, 8});
  const std::int32_t seven = 7;
  fill_view(view, reinterpret_cast<const std::byte*>(&seven));
  for (std::size_t i = 0; i < 24; ++i) REQUIRE(memory[i] == (i % 8 < 4 && i % 2 == 0 ? 7 : 0));
}

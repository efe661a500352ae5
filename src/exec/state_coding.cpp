#include "exec/state_coding.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "io/codec/crc32c.hpp"
#include "varve/core/error.hpp"

namespace varve::exec {
namespace {

constexpr std::uint64_t kMagic = 0x3145544154535256;  // "VRSTATE1", and another number in other byte orders

/// What the bytes begin with; the planes follow, one behind the other.
struct Header {
  std::uint64_t magic = kMagic;
  std::uint64_t stage_hash = 0;
  std::uint32_t op = 0;
  std::uint32_t input_dtype = 0;
  std::int64_t elements = 0;
  std::int64_t count = 0;
  std::int64_t plane_bytes[kernels::kMaxPlanes] = {};  ///< 0 for planes that there are not
  std::uint32_t planes_sum = 0;
  std::uint32_t header_sum = 0;  ///< of all that is before it
};
static_assert(sizeof(Header) == 72 && std::has_unique_object_representations_v<Header>);

std::span<const std::byte> bytes_of(const Header& header) {
  return std::as_bytes(std::span(&header, 1)).first(offsetof(Header, header_sum));
}

const kernels::ReduceKernel& kernel_of(const StateKind& kind) {
  const kernels::ReduceKernel* kernel = kernels::find_reduce(kind.op, kind.input_dtype);
  if (kernel == nullptr) throw Error("state of a reduction: there is no such reduction of that dtype");
  return *kernel;
}

// What a state of that kind begins with, but for its count and the sums.
Header header_of(const StateKind& kind) {
  const kernels::ReduceKernel& kernel = kernel_of(kind);
  Header header;
  header.stage_hash = kind.stage_hash;
  header.op = static_cast<std::uint32_t>(kind.op);
  header.input_dtype = static_cast<std::uint32_t>(kind.input_dtype);
  header.elements = kind.elements;
  for (int plane = 0; plane < kernel.plane_count; ++plane)
    header.plane_bytes[plane] = kind.elements * kernel.plane_bytes[plane];
  return header;
}

std::int64_t total_bytes(const Header& header) {
  std::int64_t bytes = sizeof(Header);
  for (const std::int64_t plane : header.plane_bytes) bytes += plane;
  return bytes;
}

void require(bool holds, const char* what) {
  if (!holds) throw FormatError("state of a reduction: " + std::string(what));
}

Header read_header(std::span<const std::byte> bytes, const StateKind& kind) {
  Header header;
  require(bytes.size() >= sizeof header, "the header is cut off");
  std::memcpy(&header, bytes.data(), sizeof header);
  require(header.magic == kMagic, "these bytes are none, or of another version or kind of machine");
  require(header.header_sum == io::crc32c(bytes_of(header)), "the header is damaged");
  const Header expected = header_of(kind);
  require(header.stage_hash == expected.stage_hash, "it belongs to another plan or stage");
  require(header.op == expected.op && header.input_dtype == expected.input_dtype,
          "it belongs to another reduction");
  require(header.elements == expected.elements &&
              std::equal(std::begin(header.plane_bytes), std::end(header.plane_bytes), expected.plane_bytes),
          "it has another number of elements");
  require(header.count >= 0 && header.count <= kind.max_count, "it stands for more elements than there are");
  require(static_cast<std::int64_t>(bytes.size()) == total_bytes(header), "it has another length");
  require(header.planes_sum == io::crc32c(bytes.subspan(sizeof header)), "its values are damaged");
  return header;
}

// Where a result is bool, so is its state, and any byte but 0 and 1 would be no bool.
bool holds_bools(const kernels::ReduceKernel& kernel, std::span<const std::byte> plane) {
  return kernel.output_dtype != DType::boolean ||
         std::all_of(plane.begin(), plane.end(), [](std::byte byte) { return byte <= std::byte{1}; });
}

}  // namespace

std::int64_t encoded_state_bytes(const StateKind& kind) { return total_bytes(header_of(kind)); }

void encode_state(const State& state, const StateKind& kind, std::span<std::byte> out) {
  Header header = header_of(kind);
  if (state.elements() != kind.elements || static_cast<std::int64_t>(out.size()) != total_bytes(header))
    throw Error("state of a reduction: it is not of the kind that it is written as");
  header.count = state.count;
  std::byte* next = out.data() + sizeof header;
  for (int plane = 0; plane < kernels::kMaxPlanes; ++plane) {
    const auto bytes = static_cast<std::size_t>(header.plane_bytes[plane]);
    if (bytes > 0) std::memcpy(next, state.planes()[plane], bytes);
    next += bytes;
  }
  header.planes_sum = io::crc32c(out.subspan(sizeof header));
  header.header_sum = io::crc32c(bytes_of(header));
  std::memcpy(out.data(), &header, sizeof header);
}

State decode_state(std::span<const std::byte> bytes, const StateKind& kind, BufferPool& pool) {
  const Header header = read_header(bytes, kind);
  const kernels::ReduceKernel& kernel = kernel_of(kind);
  const auto first = static_cast<std::size_t>(header.plane_bytes[0]);
  require(holds_bools(kernel, bytes.subspan(sizeof header, first)), "a truth value is neither 0 nor 1");
  State state(kernel, header.elements, pool);
  state.count = header.count;
  const std::byte* next = bytes.data() + sizeof header;
  for (int plane = 0; plane < kernel.plane_count; ++plane) {
    const auto length = static_cast<std::size_t>(header.plane_bytes[plane]);
    std::memcpy(state.planes()[plane], next, length);
    next += length;
  }
  return state;
}

}  // namespace varve::exec

#include "support/sources.hpp"

#include <cstring>
#include <fstream>
#include <iterator>

#include "varve/creation.hpp"

namespace varve::test {
namespace {

std::shared_ptr<std::vector<std::byte>> shared_bytes(const dense::Dense& x) {
  return std::make_shared<std::vector<std::byte>>(dense::to_bytes(x));
}

void copy_box(const ConstStridedView& from, const Box& box, const StridedView& out) {
  const ConstStridedView part = from.sub(box);
  const auto width = static_cast<std::size_t>(size_bytes(from.dtype));
  dense::for_each_index(part.shape, [&](const Index& index) {
    std::int64_t source = 0, target = 0;
    for (std::int64_t axis = 0; axis < index.size(); ++axis) {
      source += index[axis] * part.byte_strides[axis];
      target += index[axis] * out.byte_strides[axis];
    }
    std::memcpy(out.data + target, part.data + source, width);
  });
}

// NumPy's code for a dtype: kind and bytes, little endian.
std::string descriptor_of(DType dtype) {
  constexpr const char* kKinds[] = {"|b", "<i", "<u", "<f", "<c"};
  return kKinds[static_cast<int>(kind_of(dtype))] + std::to_string(size_bytes(dtype));
}

DType dtype_of_descriptor(const std::string& descriptor, const std::filesystem::path& path) {
  for (const DType dtype : kAllDTypes) {
    const std::string known = descriptor_of(dtype);
    if (descriptor.substr(1) == known.substr(1) && descriptor[0] != '>') return dtype;
  }
  throw Error("read_npy: " + path.string() + " has the unexpected dtype " + descriptor);
}

}  // namespace

Array in_memory(const dense::Dense& x) {
  const auto bytes = shared_bytes(x);
  return from_memory({bytes->data(), x.dtype, x.shape}, bytes);
}

Array chunked(const dense::Dense& x, const Shape& chunks) {
  const auto bytes = shared_bytes(x);
  const ConstStridedView whole(bytes->data(), x.dtype, x.shape);
  const auto fill = [bytes, whole](const Box& box, const StridedView& out) { copy_box(whole, box, out); };
  return from_function(x.shape, x.dtype, fill, {.dtype = {}, .chunks = chunks});
}

dense::Dense read_npy(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error("read_npy: cannot open " + path.string());
  std::string bytes((std::istreambuf_iterator<char>(file)), {});
  const auto header_length = static_cast<std::size_t>(static_cast<unsigned char>(bytes.at(8))) +
                             256 * static_cast<std::size_t>(static_cast<unsigned char>(bytes.at(9)));
  const std::string header = bytes.substr(10, header_length);
  if (header.find("'fortran_order': False") == std::string::npos)
    throw Error("read_npy: not C order: " + path.string());
  const std::size_t dtype_at = header.find("'descr': '") + 10;
  const DType dtype =
      dtype_of_descriptor(header.substr(dtype_at, header.find('\'', dtype_at) - dtype_at), path);
  Shape shape;
  std::size_t at = header.find("'shape': (") + 10;
  while (header[at] != ')') {
    if (std::isdigit(static_cast<unsigned char>(header[at])) == 0) {
      ++at;
      continue;
    }
    std::size_t digits = 0;
    shape.push_back(std::stoll(header.substr(at), &digits));
    at += digits;
  }
  const auto* data = reinterpret_cast<const std::byte*>(bytes.data() + 10 + header_length);
  return dense::from_view({data, dtype, shape});
}

void write_npy(const dense::Dense& x, const std::filesystem::path& path) {
  std::string header = "{'descr': '" + descriptor_of(x.dtype) +
                       "', 'fortran_order': False, 'shape': " + to_string(x.shape) + ", }";
  header.resize((10 + header.size() + 64) / 64 * 64 - 11, ' ');
  header += '\n';
  const std::vector<std::byte> bytes = dense::to_bytes(x);
  std::ofstream file(path, std::ios::binary);
  file.write("\x93NUMPY\x01\x00", 8);
  file.put(static_cast<char>(header.size() & 255)).put(static_cast<char>(header.size() >> 8));
  file << header;
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace varve::test

#include "io/format/hdf5_dtype.hpp"

#include <complex>
#include <cstring>

#include "io/codec/byte_order.hpp"
#include "io/json_numbers.hpp"

namespace varve::io::hdf5 {
namespace {

/// Gives the bit fields of an IEEE 754 interchange format.
struct FloatFormat {
  DType dtype;
  std::size_t bytes;
  std::size_t exponent_position;
  std::size_t exponent_bits;
  std::size_t exponent_bias;
};
constexpr FloatFormat kFloats[] = {
    {DType::float16, 2, 10, 5, 15}, {DType::float32, 4, 23, 8, 127}, {DType::float64, 8, 52, 11, 1023}};

std::optional<std::int64_t> swap_width(hid_t type, std::size_t bytes) {
  if (bytes == 1) return 0;
  switch (H5Tget_order(type)) {
    case H5T_ORDER_LE:
      return 0;
    case H5T_ORDER_BE:
      return static_cast<std::int64_t>(bytes);
    default:
      return std::nullopt;  // VAX, mixed
  }
}

std::optional<ElementType> classify_integer(hid_t type) {
  const std::size_t bytes = H5Tget_size(type);
  if (H5Tget_precision(type) != 8 * bytes || H5Tget_offset(type) != 0) return std::nullopt;
  const bool is_signed = H5Tget_sign(type) == H5T_SGN_2;
  const auto swap = swap_width(type, bytes);
  if (!swap) return std::nullopt;
  switch (bytes) {
    case 1:
      return ElementType{is_signed ? DType::int8 : DType::uint8, *swap};
    case 2:
      return ElementType{is_signed ? DType::int16 : DType::uint16, *swap};
    case 4:
      return ElementType{is_signed ? DType::int32 : DType::uint32, *swap};
    case 8:
      return ElementType{is_signed ? DType::int64 : DType::uint64, *swap};
    default:
      return std::nullopt;
  }
}

std::optional<ElementType> classify_float(hid_t type) {
  const std::size_t bytes = H5Tget_size(type);
  std::size_t sign = 0, exponent = 0, exponent_bits = 0, mantissa = 0, mantissa_bits = 0;
  if (H5Tget_fields(type, &sign, &exponent, &exponent_bits, &mantissa, &mantissa_bits) < 0)
    return std::nullopt;
  if (H5Tget_norm(type) != H5T_NORM_IMPLIED || H5Tget_offset(type) != 0 || mantissa != 0) return std::nullopt;
  const auto swap = swap_width(type, bytes);
  if (!swap) return std::nullopt;
  for (const FloatFormat& format : kFloats) {
    if (bytes == format.bytes && H5Tget_precision(type) == 8 * bytes && sign == 8 * bytes - 1 &&
        exponent == format.exponent_position && exponent_bits == format.exponent_bits &&
        mantissa_bits == format.exponent_position && H5Tget_ebias(type) == format.exponent_bias) {
      return ElementType{format.dtype, *swap};
    }
  }
  return std::nullopt;
}

std::string member_name(hid_t type, unsigned member) {
  char* text = H5Tget_member_name(type, member);
  std::string name = text == nullptr ? "" : text;
  H5free_memory(text);
  return name;
}

bool is_bool_enumeration(hid_t type, const ElementType& base) {
  if (size_bytes(base.dtype) != 1 || H5Tget_nmembers(type) != 2) return false;
  for (unsigned member = 0; member < 2; ++member) {
    std::int8_t value = -1;
    if (H5Tget_member_value(type, member, &value) < 0) return false;
    if (member_name(type, member) != (value == 0 ? "FALSE" : "TRUE") || (value != 0 && value != 1))
      return false;
  }
  return true;
}

std::optional<ElementType> classify_enumeration(hid_t type) {
  const Handle super(H5Tget_super(type));
  if (!super) return std::nullopt;
  const auto base = classify_integer(super.get());
  if (base && is_bool_enumeration(type, *base)) return ElementType{DType::boolean, 0};
  return base;
}

std::optional<ElementType> classify_complex(hid_t type) {
  if (H5Tget_nmembers(type) != 2 || member_name(type, 0) != "r" || member_name(type, 1) != "i")
    return std::nullopt;
  const Handle real(H5Tget_member_type(type, 0));
  const Handle imaginary(H5Tget_member_type(type, 1));
  if (!real || !imaginary || H5Tequal(real.get(), imaginary.get()) <= 0) return std::nullopt;
  if (H5Tget_class(real.get()) != H5T_FLOAT) return std::nullopt;
  const auto part = classify_float(real.get());
  if (!part || part->dtype == DType::float16) return std::nullopt;
  const auto bytes = static_cast<std::size_t>(size_bytes(part->dtype));
  if (H5Tget_size(type) != 2 * bytes || H5Tget_member_offset(type, 0) != 0 ||
      H5Tget_member_offset(type, 1) != bytes) {
    return std::nullopt;
  }
  return ElementType{bytes == 4 ? DType::complex64 : DType::complex128, part->swap_bytes};
}

Handle make_compound(hid_t part) {
  const std::size_t bytes = H5Tget_size(part);
  Handle type = checked(H5Tcreate(H5T_COMPOUND, 2 * bytes), "HDF5", "cannot make a complex type");
  H5Tinsert(type.get(), "r", 0, part);
  H5Tinsert(type.get(), "i", bytes, part);
  return type;
}

Handle make_bool() {
  Handle type = checked(H5Tenum_create(H5T_STD_I8LE), "HDF5", "cannot make a bool type");
  for (const std::int8_t value : {std::int8_t{0}, std::int8_t{1}}) {
    H5Tenum_insert(type.get(), value == 0 ? "FALSE" : "TRUE", &value);
  }
  return type;
}

Handle make_float16() {
  Handle type = checked(H5Tcopy(H5T_IEEE_F32LE), "HDF5", "cannot make a float16 type");
  H5Tset_fields(type.get(), 15, 10, 5, 0, 10);
  H5Tset_size(type.get(), 2);
  H5Tset_ebias(type.get(), 15);
  return type;
}

hid_t simple_type(DType dtype) {
  switch (dtype) {
    case DType::int16:
      return H5T_STD_I16LE;
    case DType::int32:
      return H5T_STD_I32LE;
    case DType::int64:
      return H5T_STD_I64LE;
    case DType::uint8:
      return H5T_STD_U8LE;
    case DType::uint16:
      return H5T_STD_U16LE;
    case DType::uint32:
      return H5T_STD_U32LE;
    case DType::uint64:
      return H5T_STD_U64LE;
    case DType::float32:
      return H5T_IEEE_F32LE;
    case DType::float64:
      return H5T_IEEE_F64LE;
    default:
      return H5T_STD_I8LE;
  }
}

template <class T>
T load(const std::byte* element) {
  T value;
  std::memcpy(&value, element, sizeof(T));
  return value;
}

}  // namespace

std::optional<ElementType> classify_type(hid_t type) {
  const LibraryLock lock;
  switch (H5Tget_class(type)) {
    case H5T_INTEGER:
      return classify_integer(type);
    case H5T_FLOAT:
      return classify_float(type);
    case H5T_ENUM:
      return classify_enumeration(type);
    case H5T_COMPOUND:
      return classify_complex(type);
    default:
      return std::nullopt;
  }
}

std::string describe_type(hid_t type) {
  const LibraryLock lock;
  const std::string bits = std::to_string(8 * H5Tget_size(type)) + "-bit ";
  switch (H5Tget_class(type)) {
    case H5T_INTEGER:
      return bits + "integer of unusual layout";
    case H5T_FLOAT:
      return bits + "float of unusual layout";
    case H5T_STRING:
      return H5Tis_variable_str(type) > 0 ? "variable-length string" : "fixed-length string";
    case H5T_BITFIELD:
      return "bit field";
    case H5T_OPAQUE:
      return "opaque type";
    case H5T_COMPOUND:
      return "compound type";
    case H5T_REFERENCE:
      return "reference";
    case H5T_ENUM:
      return "enumeration of an unusual integer";
    case H5T_VLEN:
      return "variable-length sequence";
    case H5T_ARRAY:
      return "array type";
    case H5T_TIME:
      return "time type";
    default:
      return "unknown type";
  }
}

Handle make_file_type(DType dtype, BoolForm form) {
  const LibraryLock lock;
  switch (dtype) {
    case DType::boolean:
      if (form == BoolForm::enumeration) return make_bool();
      break;
    case DType::float16:
      return make_float16();
    case DType::complex64:
      return make_compound(H5T_IEEE_F32LE);
    case DType::complex128:
      return make_compound(H5T_IEEE_F64LE);
    default:
      break;
  }
  return checked(H5Tcopy(simple_type(dtype)), "HDF5", "cannot copy a type");
}

void normalize_elements(const ElementType& type, std::span<std::byte> elements) noexcept {
  if (type.swap_bytes > 1) reverse_words(elements, elements, type.swap_bytes);
  if (type.dtype != DType::boolean) return;
  for (std::byte& value : elements) value = std::byte{value != std::byte{0}};
}

Scalar load_scalar(DType dtype, const std::byte* element) {
  switch (dtype) {
    case DType::boolean:
      return Scalar(load<std::uint8_t>(element) != 0);
    case DType::int8:
      return Scalar(load<std::int8_t>(element));
    case DType::int16:
      return Scalar(load<std::int16_t>(element));
    case DType::int32:
      return Scalar(load<std::int32_t>(element));
    case DType::int64:
      return Scalar(load<std::int64_t>(element));
    case DType::uint8:
      return Scalar(load<std::uint8_t>(element));
    case DType::uint16:
      return Scalar(load<std::uint16_t>(element));
    case DType::uint32:
      return Scalar(load<std::uint32_t>(element));
    case DType::uint64:
      return Scalar(load<std::uint64_t>(element));
    case DType::float16:
      return Scalar(widen(to_float32(Float16{load<std::uint16_t>(element)})));
    case DType::float32:
      return Scalar(widen(load<float>(element)));
    case DType::float64:
      return Scalar(load<double>(element));
    case DType::complex64:
      return Scalar(load<std::complex<float>>(element));
    case DType::complex128:
      return Scalar(load<std::complex<double>>(element));
  }
  return Scalar(0);
}

}  // namespace varve::io::hdf5

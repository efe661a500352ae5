#include "expr/parameters.hpp"

#include <algorithm>
#include <bit>

#include "expr/byte_hash.hpp"

namespace varve::expr {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

bool are_equal(std::span<const std::byte> left, std::span<const std::byte> right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end());
}

std::uint64_t hash_bytes(std::span<const std::byte> bytes) {
  ByteHash hash;
  hash.add(bytes.data(), bytes.size());
  return mix_hash(hash.value(), bytes.size());
}

struct ValueHash {
  std::uint64_t operator()(const std::string& text) const { return hash_bytes(bytes_of(text)); }
  template <class T>
  std::uint64_t operator()(const std::vector<T>& list) const {
    return hash_bytes(std::as_bytes(std::span(list)));
  }
  std::uint64_t operator()(double number) const { return std::bit_cast<std::uint64_t>(number); }
  std::uint64_t operator()(std::int64_t number) const { return static_cast<std::uint64_t>(number); }
  std::uint64_t operator()(bool is_set) const { return is_set ? 1 : 0; }
  std::uint64_t operator()(const Held& held) const { return held.hash(); }
  std::uint64_t operator()(const Bound& bound) const {
    return mix_hash(bound.identity, bound.lasting ? 1 : 0);
  }
};

}  // namespace

Held::Held(DType dtype, std::span<const std::byte> bytes, std::shared_ptr<const void> owner)
    : hash_(mix_hash(hash_bytes(bytes), static_cast<std::uint64_t>(dtype))),
      is_bound_(true),
      dtype_(dtype),
      bytes_(bytes),
      owner_(std::move(owner)) {}

void Held::require_elements(DType dtype, std::size_t alignment) const {
  if (!is_bound_)
    throw ArgumentError("data of the hash " + std::to_string(hash_) + " is not bound to the plan");
  const bool is_aligned = std::bit_cast<std::uintptr_t>(bytes_.data()) % alignment == 0;
  if (dtype == dtype_ && is_aligned && bytes_.size() % static_cast<std::size_t>(size_bytes(dtype)) == 0)
    return;
  throw ArgumentError("data of the hash " + std::to_string(hash_) + " is not of dtype " +
                      std::string(name_of(dtype)));
}

bool operator==(const Held& left, const Held& right) {
  if (left.hash_ != right.hash_) return false;
  if (!left.is_bound_ || !right.is_bound_) return true;
  return left.dtype_ == right.dtype_ && left.bytes_.size() == right.bytes_.size() &&
         (left.bytes_.data() == right.bytes_.data() || are_equal(left.bytes_, right.bytes_));
}

bool operator==(const Parameter& left, const Parameter& right) {
  if (left.name != right.name || left.value.index() != right.value.index()) return false;
  return std::visit(
      [&]<class T>(const T& mine) {
        const T& other = std::get<T>(right.value);
        if constexpr (std::is_same_v<T, double>)
          return ValueHash()(mine) == ValueHash()(other);
        else if constexpr (std::is_same_v<T, std::vector<double>>)
          return are_equal(std::as_bytes(std::span(mine)), std::as_bytes(std::span(other)));
        else
          return mine == other;
      },
      left.value);
}

std::uint64_t hash_of(std::string_view kind, const Parameters& parameters) {
  std::uint64_t seed = hash_bytes(bytes_of(kind));
  for (const Parameter& parameter : parameters.list) {
    seed = mix_hash(seed, hash_bytes(bytes_of(parameter.name)));
    seed = mix_hash(seed, parameter.value.index());
    seed = mix_hash(seed, std::visit(ValueHash(), parameter.value));
  }
  return seed;
}

bool operator==(const Definition& left, const Definition& right) {
  return &left == &right || (left.kind() == right.kind() && left.parameters() == right.parameters());
}

std::uint64_t Definition::hash() const { return hash_of(kind(), parameters()); }

bool Definition::lasting() const {
  const Parameters all = parameters();
  return std::all_of(all.list.begin(), all.list.end(), [](const Parameter& parameter) {
    const auto* bound = std::get_if<Bound>(&parameter.value);
    return bound == nullptr || bound->lasting;
  });
}

}  // namespace varve::expr

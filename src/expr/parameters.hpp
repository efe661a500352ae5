#pragma once

#include <any>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "varve/core/dtype.hpp"
#include "varve/core/error.hpp"

namespace varve::expr {

/// Data as large as memory. Plans name it by the hash of its contents; where they are made from text, the
/// contents are bound to it before operators are made.
class Held {
 public:
  Held() = default;
  /// Names contents that are elsewhere.
  explicit Held(std::uint64_t hash) : hash_(hash) {}
  /// Looks at `bytes` once; they live as long as `owner`.
  Held(DType dtype, std::span<const std::byte> bytes, std::shared_ptr<const void> owner);
  template <class T>
  Held(std::span<const T> values, std::shared_ptr<const void> owner)
      : Held(dtype_of<T>(), std::as_bytes(values), std::move(owner)) {}

  [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }
  [[nodiscard]] bool is_bound() const noexcept { return is_bound_; }
  [[nodiscard]] DType dtype() const noexcept { return dtype_; }
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }
  /// Views the contents as elements. Errors: ArgumentError if they are not bound, or of another dtype.
  template <class T>
  [[nodiscard]] std::span<const T> as() const {
    require_elements(dtype_of<T>(), alignof(T));
    return {reinterpret_cast<const T*>(bytes_.data()), bytes_.size() / sizeof(T)};
  }

  /// Compares contents, where both sides have them.
  friend bool operator==(const Held& left, const Held& right);

 private:
  void require_elements(DType dtype, std::size_t alignment) const;

  std::uint64_t hash_ = 0;
  bool is_bound_ = false;
  DType dtype_ = DType::uint8;
  std::span<const std::byte> bytes_;
  std::shared_ptr<const void> owner_;
};

/// What only the running program has: a function, a place for results. Plans name it by its identity;
/// where they are made from text, the program binds its own before operators are made.
struct Bound {
  std::uint64_t identity = 0;  ///< equal identities, equal results
  bool lasting = true;         ///< whether the identity means the same in another run of the program
  std::any object = {};        ///< a std::shared_ptr<T>

  /// Errors: ArgumentError if nothing is bound, or something else.
  template <class T>
  [[nodiscard]] std::shared_ptr<T> as() const {
    const auto* found = std::any_cast<std::shared_ptr<T>>(&object);
    if (found == nullptr || *found == nullptr) {
      throw ArgumentError("what has the identity " + std::to_string(identity) + " is not bound to the plan");
    }
    return *found;
  }
  friend bool operator==(const Bound& left, const Bound& right) {
    return left.identity == right.identity && left.lasting == right.lasting;
  }
};

using ParameterValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::int64_t>,
                                    std::vector<double>, Held, Bound>;

struct Parameter {
  std::string name;
  ParameterValue value;

  /// Compares numbers by their bits.
  friend bool operator==(const Parameter& left, const Parameter& right);
};

/// What an operator is made from, in an order of its own.
struct Parameters {
  std::vector<Parameter> list;

  friend bool operator==(const Parameters&, const Parameters&) = default;
};

[[nodiscard]] std::uint64_t hash_of(std::string_view kind, const Parameters& parameters);

/// The base of what is a value by its kind and parameters, though it has a class of its own: those of one
/// kind with equal parameters do the same, and from both an equal one can be made again, in another process
/// too.
class Definition {
 public:
  virtual ~Definition() = default;

  /// Returns what tells its class from all others: a word.
  [[nodiscard]] virtual std::string_view kind() const noexcept = 0;
  /// Returns all that it is made from.
  [[nodiscard]] virtual Parameters parameters() const = 0;
  /// Returns its name in plans and messages.
  [[nodiscard]] virtual std::string_view name() const noexcept { return kind(); }
  /// Returns a hash of kind and parameters, which it goes over.
  [[nodiscard]] std::uint64_t hash() const;
  /// Tells whether the hash means the same in another run of the program.
  [[nodiscard]] bool lasting() const;

  /// Compares kinds and parameters.
  friend bool operator==(const Definition& left, const Definition& right);
};

/// Throws ArgumentError for parameters that no operator can be made from.
inline void require_parameter(bool is_valid, const char* rule) {
  if (!is_valid) throw ArgumentError(rule);
}

}  // namespace varve::expr

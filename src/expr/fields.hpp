#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <type_traits>
#include <utility>

#include "expr/box_operator.hpp"
#include "expr/parameters.hpp"
#include "varve/core/chunk_grid.hpp"

namespace varve::expr {

// A class says its fields once:
//
//   static void fields(auto& self, auto& visit) { visit("axis", self.axis_, "blocks", self.blocks_); }
//
// FieldWriter makes parameters of them, FieldReader takes them from parameters. Fields of fields and of the
// elements of lists get longer names: "blocks.size", "taps[2].weight". What follows from the fields, and what
// must hold of them, is the business of prepare(), which runs when they have been read.

template <class T, class Visit>
concept HasFields = requires(T& object, Visit& visit) { T::fields(object, visit); };

template <class T, class Variant>
inline constexpr bool kIsAlternative = false;
template <class T, class... Ts>
inline constexpr bool kIsAlternative<T, std::variant<Ts...>> = (std::is_same_v<T, Ts> || ...);

/// A field of 64 bits, any of which may be set: an integer of the whole range, signed or not.
template <class T>
  requires(sizeof(T) == 8 && std::is_integral_v<T>)
struct RawBits {
  T value = 0;
};

/// Visits fields to write them.
class FieldWriter {
 public:
  template <class T, class... Rest>
  void operator()(std::string_view name, const T& value, const Rest&... rest) {
    write(prefix_ + std::string(name), value);
    if constexpr (sizeof...(rest) > 0) (*this)(rest...);
  }
  [[nodiscard]] Parameters take() { return std::move(written_); }

 private:
  void add(const std::string& name, ParameterValue value) {
    written_.list.push_back({name, std::move(value)});
  }

  template <class T>
  void write(const std::string& name, const T& value) {
    if constexpr (HasFields<const T, FieldWriter>) {
      const std::string outer = std::exchange(prefix_, name + ".");
      T::fields(value, *this);
      prefix_ = outer;
    } else if constexpr (kIsAlternative<T, ParameterValue>) {
      add(name, value);
    } else {
      static_assert(std::is_enum_v<T> || std::is_integral_v<T>);
      add(name, static_cast<std::int64_t>(value));
    }
  }
  template <class T>
  void write(const std::string& name, const RawBits<T>& bits) {
    add(name, std::bit_cast<std::int64_t>(bits.value));
  }
  void write(const std::string& name, DType value) { add(name, std::string(name_of(value))); }
  template <class Tag>
  void write(const std::string& name, const Dims<Tag>& value) {
    add(name, std::vector<std::int64_t>(value.begin(), value.end()));
  }
  void write(const std::string& name, const std::vector<std::int64_t>& value) { add(name, value); }
  void write(const std::string& name, const std::vector<double>& value) { add(name, value); }
  template <class T>
  void write(const std::string& name, const std::vector<T>& list) {
    add(name, static_cast<std::int64_t>(list.size()));
    for (std::size_t i = 0; i < list.size(); ++i) write(name + "[" + std::to_string(i) + "]", list[i]);
  }
  template <class T>
  void write(const std::string& name, const std::shared_ptr<const T>& value) {
    write(name, *value);
  }
  void write(const std::string& name, const std::array<std::byte, 16>& value);
  void write(const std::string& name, const ChunkGrid& value);

  std::string prefix_;
  Parameters written_;
};

/// Visits fields to read them. Errors: ArgumentError for parameters that are missing, too many or of another
/// type, and for numbers, shapes and grids that there cannot be.
class FieldReader {
 public:
  explicit FieldReader(const Parameters& parameters) : list_(parameters.list) {}

  template <class T, class... Rest>
  void operator()(std::string_view name, T& value, Rest&... rest) {
    read(prefix_ + std::string(name), value);
    if constexpr (sizeof...(rest) > 0) (*this)(rest...);
  }
  /// Refuses parameters that nothing has read.
  void finish() const;

 private:
  [[nodiscard]] const ParameterValue& find(const std::string& name);
  [[noreturn]] static void refuse(const std::string& name, const char* what);

  template <class T>
  [[nodiscard]] const T& get(const std::string& name, const char* what) {
    const T* value = std::get_if<T>(&find(name));
    if (value == nullptr) refuse(name, what);
    return *value;
  }
  [[nodiscard]] std::int64_t integer(const std::string& name, std::int64_t min, std::int64_t max);
  [[nodiscard]] std::vector<std::int64_t> integers(const std::string& name);
  [[nodiscard]] std::vector<std::int64_t> axes(const std::string& name, std::int64_t min);

  template <class T>
  void read(const std::string& name, T& value) {
    if constexpr (HasFields<T, FieldReader>) {
      const std::string outer = std::exchange(prefix_, name + ".");
      T::fields(value, *this);
      prefix_ = outer;
      if constexpr (requires { value.prepare(); }) value.prepare();
    } else if constexpr (std::is_enum_v<T>) {
      using Number = std::underlying_type_t<T>;
      value = static_cast<T>(integer(name, 0, std::numeric_limits<Number>::max()));
    } else {
      constexpr std::int64_t kMax = std::min<std::int64_t>(std::numeric_limits<T>::max(), kMaxExtent);
      value = static_cast<T>(integer(name, -kMax, kMax));
    }
  }
  template <class T>
  void read(const std::string& name, RawBits<T>& bits) {
    bits.value = std::bit_cast<T>(get<std::int64_t>(name, "not an integer"));
  }
  void read(const std::string& name, bool& value) { value = get<bool>(name, "not true or false"); }
  void read(const std::string& name, std::string& value) { value = get<std::string>(name, "not a text"); }
  void read(const std::string& name, Held& value) { value = get<Held>(name, "not held data"); }
  void read(const std::string& name, Bound& value) { value = get<Bound>(name, "not bound by the program"); }
  void read(const std::string& name, double& value);
  void read(const std::string& name, DType& value);
  void read(const std::string& name, Shape& value);
  void read(const std::string& name, Index& value) { value = Index(axes(name, -kMaxExtent)); }
  void read(const std::string& name, std::vector<std::int64_t>& value);
  void read(const std::string& name, std::vector<double>& value);
  template <class T>
  void read(const std::string& name, std::vector<T>& list) {
    const std::int64_t count = integer(name, 0, kMaxExtent);
    list.clear();
    for (std::int64_t i = 0; i < count; ++i) read(name + "[" + std::to_string(i) + "]", list.emplace_back());
  }
  template <class T>
  void read(const std::string& name, std::shared_ptr<const T>& value) {
    auto made = std::make_shared<T>();
    read(name, *made);
    value = std::move(made);
  }
  void read(const std::string& name, std::array<std::byte, 16>& value);
  void read(const std::string& name, ChunkGrid& value);

  // Sums and products of a few of these, and of elements, still fit.
  static constexpr std::int64_t kMaxExtent = std::numeric_limits<std::int64_t>::max() / 64;

  const std::vector<Parameter>& list_;
  std::size_t next_ = 0;  ///< most are read in the order in which they were written
  std::size_t read_count_ = 0;
  std::string prefix_;
};

[[nodiscard]] inline bool is_axis(std::int64_t axis) noexcept { return axis >= 0 && axis < kMaxNdim; }

/// A row of the table of operators.
struct OperatorRow {
  std::string_view kind;
  std::shared_ptr<const BoxOperator> (*make)(const Parameters&);
};

/// Makes a value of a class that has `kKind`, and perhaps `fields` and `prepare`.
template <class Op, class Base = BoxOperator>
class Described : public Base {
 public:
  using Base::Base;
  Described() {
    if constexpr (requires { Op::kReading; }) this->reading_ = Op::kReading;
  }

  [[nodiscard]] std::string_view kind() const noexcept final { return Op::kKind; }
  [[nodiscard]] Parameters parameters() const final {
    FieldWriter writer;
    Op::fields(static_cast<const Op&>(*this), writer);
    return writer.take();
  }

  static void fields(auto& /*op*/, auto& /*visit*/) {}
  void prepare() {}

  [[nodiscard]] static std::shared_ptr<const Op> made(const Parameters& parameters) {
    auto op = std::make_shared<Op>();
    FieldReader reader(parameters);
    Op::fields(*op, reader);
    reader.finish();
    op->prepare();
    return op;
  }
  /// Returns the row of an operator.
  [[nodiscard]] static constexpr OperatorRow row() {
    return {Op::kKind, [](const Parameters& parameters) -> std::shared_ptr<const BoxOperator> {
              return made(parameters);
            }};
  }
};

}  // namespace varve::expr

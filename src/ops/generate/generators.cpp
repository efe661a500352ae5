#include "ops/generate/generators.hpp"

#include <algorithm>

#include "expr/fields.hpp"

namespace varve::ops {
namespace {

using expr::Described;
using expr::Generator;
using expr::RawBits;
using GeneratorPtr = std::shared_ptr<const Generator>;

class Progression final : public Described<Progression, Generator> {
 public:
  static constexpr std::string_view kKind = "progression";
  static void fields(auto& self, auto& visit) {
    visit("name", self.name_, "start", self.values_.start, "step", self.values_.step, "integer_start",
          self.integer_start_, "integer_step", self.integer_step_, "exact", self.exact_, "last", self.last_);
  }

  Progression() = default;
  Progression(std::string name, const kernels::Progression& values, std::int64_t exact, double last)
      : name_(std::move(name)),
        values_(values),
        integer_start_{values.integer_start},
        integer_step_{values.integer_step},
        exact_(exact),
        last_(last) {}

  [[nodiscard]] std::string_view name() const noexcept override { return name_; }
  [[nodiscard]] bool suits(const Shape& shape, DType /*dtype*/) const noexcept override {
    return shape.size() == 1;
  }
  void prepare() {
    values_.integer_start = integer_start_.value;
    values_.integer_step = integer_step_.value;
  }

  void fill(const Box& box, const StridedView& out) const override {
    kernels::fill_progression(values_, box.lo[0], out);
    if (box.lo[0] > exact_ || exact_ >= box.hi[0]) return;
    Scalar(last_).store(out.dtype, out.data + (exact_ - box.lo[0]) * out.byte_strides[0]);
  }

 private:
  std::string name_;
  kernels::Progression values_;
  RawBits<std::int64_t> integer_start_;
  RawBits<std::int64_t> integer_step_;
  std::int64_t exact_ = -1;
  double last_ = 0;
};

class Eye final : public Described<Eye, Generator> {
 public:
  static constexpr std::string_view kKind = "eye";
  static void fields(auto& self, auto& visit) { visit("diagonal", self.diagonal_); }

  Eye() = default;
  explicit Eye(std::int64_t diagonal) : diagonal_(diagonal) {}

  [[nodiscard]] bool suits(const Shape& shape, DType /*dtype*/) const noexcept override {
    return shape.size() == 2;
  }

  void fill(const Box& box, const StridedView& out) const override {
    kernels::fill_eye(diagonal_, box.lo[0], box.lo[1], out);
  }

 private:
  std::int64_t diagonal_ = 0;
};

class Random final : public Described<Random, Generator> {
 public:
  static constexpr std::string_view kKind = "random";
  static void fields(auto& self, auto& visit) {
    visit("name", self.name_, "distribution", self.distribution_, "seed", self.seed_, "location",
          self.values_.location, "scale", self.values_.scale, "low", self.low_, "count", self.count_, "shape",
          self.shape_);
  }

  Random() = default;
  Random(std::string name, const kernels::RandomValues& values, const Shape& shape)
      : name_(std::move(name)),
        values_(values),
        distribution_(values.distribution),
        seed_{values.seed},
        low_{values.low},
        count_{values.count},
        shape_(shape) {}

  [[nodiscard]] std::string_view name() const noexcept override { return name_; }
  [[nodiscard]] bool suits(const Shape& shape, DType dtype) const noexcept override {
    if (!(shape == shape_)) return false;
    return distribution_ == kernels::Distribution::integers
               ? is_integer(dtype) || dtype == DType::boolean
               : dtype == DType::float32 || dtype == DType::float64;
  }
  void prepare() {
    expr::require_parameter(distribution_ <= kernels::Distribution::integers,
                            "there is no such distribution");
    values_.distribution = distribution_;
    values_.seed = seed_.value;
    values_.low = low_.value;
    values_.count = count_.value;
  }

  // Row by row: positions follow each other along the last axis alone.
  void fill(const Box& box, const StridedView& out) const override {
    const std::int64_t last = shape_.size() - 1;
    if (last < 0) return kernels::fill_random(values_, 0, {out.data, out.dtype, Shape{1}});
    Shape outer = box.shape();
    outer[last] = 1;
    Index row(shape_.size(), 0);
    do {
      std::int64_t position = 0;
      for (std::int64_t axis = 0; axis <= last; ++axis)
        position = position * shape_[axis] + box.lo[axis] + row[axis];
      const StridedView line(element_at(out, row), out.dtype, Shape{box.extent(last)},
                             ByteStrides{out.byte_strides[last]});
      kernels::fill_random(values_, position, line);
    } while (next_index(row, outer));
  }

 private:
  std::string name_;
  kernels::RandomValues values_;
  kernels::Distribution distribution_ = kernels::Distribution::uniform;
  RawBits<std::uint64_t> seed_;
  RawBits<std::uint64_t> low_;
  RawBits<std::uint64_t> count_;
  Shape shape_;
};

class FromFunction final : public Described<FromFunction, Generator> {
 public:
  static constexpr std::string_view kKind = "from_function";
  static void fields(auto& self, auto& visit) { visit("function", self.bound_); }

  FromFunction() = default;
  FromFunction(BoxFunction function, std::uint64_t identity, bool lasting)
      : bound_{identity, lasting, std::make_shared<const BoxFunction>(std::move(function))} {
    prepare();
  }
  void prepare() { function_ = bound_.as<const BoxFunction>(); }

  void fill(const Box& box, const StridedView& out) const override { (*function_)(box, out); }

 private:
  expr::Bound bound_;
  std::shared_ptr<const BoxFunction> function_;
};

struct GeneratorRow {
  std::string_view kind;
  GeneratorPtr (*make)(const expr::Parameters&);
};

template <class Kind>
GeneratorPtr made(const expr::Parameters& parameters) {
  return Kind::made(parameters);
}

constexpr GeneratorRow kRows[] = {{Progression::kKind, made<Progression>},
                                  {Eye::kKind, made<Eye>},
                                  {Random::kKind, made<Random>},
                                  {FromFunction::kKind, made<FromFunction>}};

}  // namespace

GeneratorPtr progression(const std::string& name, const kernels::Progression& progression, std::int64_t exact,
                         double last) {
  return std::make_shared<Progression>(name, progression, exact, last);
}

GeneratorPtr eye(std::int64_t diagonal) { return std::make_shared<Eye>(diagonal); }

GeneratorPtr random_values(const std::string& name, const kernels::RandomValues& values, const Shape& shape) {
  return std::make_shared<Random>(name, values, shape);
}

GeneratorPtr from_function(BoxFunction function, std::uint64_t identity, bool lasting) {
  return std::make_shared<FromFunction>(std::move(function), identity, lasting);
}

GeneratorPtr make_generator(std::string_view kind, const expr::Parameters& parameters) {
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows),
                                 [&](const GeneratorRow& each) { return each.kind == kind; });
  if (row == std::end(kRows)) throw ArgumentError("there is no generator " + std::string(kind));
  try {
    return row->make(parameters);
  } catch (const Error& error) {
    throw ArgumentError("generator " + std::string(kind) + ": " + error.what());
  }
}

}  // namespace varve::ops

#pragma once

#include <random>
#include <string>

#include "property/property.hpp"
#include "property/random_source.hpp"

namespace varve::test {

/// A random expression, its values by the oracle, and how far from them a correct engine may be. The error
/// is zero as long as every step is exact or rounds in one way only; then the values do not depend on the
/// chunking either.
struct Sample {
  Array lazy;
  dense::Dense dense;
  double error = 0;
  std::string text;
};

/// Makes random expressions. Structure and values follow from one seed, places and chunks from another: the
/// same structure seed gives the same values wherever the sources lie.
class ExpressionGenerator {
 public:
  ExpressionGenerator(const PropertyCase& item, std::uint64_t source_seed,
                      const TemporaryDirectory& directory);

  /// Returns an expression of a random shape.
  Sample make();

 private:
  Sample make(const Shape& shape, int depth);
  Sample leaf(const Shape& shape);
  Sample unary(const Shape& shape, int depth);
  Sample binary(const Shape& shape, int depth);
  Sample with_scalar(const Shape& shape, int depth);
  Sample choice(const Shape& shape, int depth);
  Sample converted(const Shape& shape, int depth);
  Sample view(const Shape& shape, int depth);
  Sample sliced(const Shape& shape, int depth);
  Sample picked(const Shape& shape, int depth);
  Sample reduced(const Shape& shape, int depth);
  Sample centred(const Shape& shape, int depth);

  // Operations (random_operation.cpp). Where one does not suit shape or dtype, its input stands for it.
  Sample operation(const Shape& shape, int depth);
  Sample joined(const Shape& shape, int depth);
  Sample padded(const Shape& shape, int depth);
  Sample rolled(const Shape& shape, int depth);
  Sample reshaped(const Shape& shape, int depth);
  Sample rechunked(const Shape& shape, int depth);
  Sample scanned(const Shape& shape, int depth);
  Sample sorted(const Shape& shape, int depth);
  Sample masked(const Shape& shape, int depth);
  Sample middle(const Shape& shape, int depth);
  Sample windowed(const Shape& shape, int depth);
  Sample grouped(const Shape& shape, int depth);
  Sample multiplied(const Shape& shape, int depth);
  Sample fold_away(const Sample& x, std::int64_t axis);
  Sample part(const Sample& x, const Shape& shape);

  Shape random_shape();
  Shape part_of(const Shape& shape);
  [[nodiscard]] bool chance(std::int64_t one_in) { return next(1, one_in) == 1; }
  std::int64_t next(std::int64_t low, std::int64_t high);

  PropertyCase item_;
  std::mt19937_64 random_;
  std::mt19937_64 sources_;
  const TemporaryDirectory& directory_;
  std::int64_t leaf_elements_ = 6000;
};

}  // namespace varve::test

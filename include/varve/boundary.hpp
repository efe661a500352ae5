#pragma once

#include <cstdint>

namespace varve {

/// What stands beyond the ends of an axis a b c d, in the words of scipy.ndimage. Those of `numpy.pad`
/// differ: its `edge` is `nearest`, its `reflect` is `mirror`, its `symmetric` is `reflect`.
enum class Boundary : std::uint8_t {
  constant,  ///< k k k k | a b c d | k k k k
  nearest,   ///< a a a a | a b c d | d d d d
  reflect,   ///< d c b a | a b c d | d c b a
  mirror,    ///< d c b | a b c d | c b a
  wrap,      ///< a b c d | a b c d | a b c d
};

}  // namespace varve

#pragma once

#include "varve/core/strided_view.hpp"

namespace varve::kernels {

// Counter-based random numbers: Philox4x32 with 10 rounds (Salmon, Moraes, Dror, Shaw: "Parallel random
// numbers: as easy as 1, 2, 3", SC'11). Each value is a function of the seed and of its position alone, so
// that any part of an array can be made anywhere, in any order.

/// Encrypts a counter of four words under a key of two.
void philox4x32(const std::uint32_t counter[4], const std::uint32_t key[2], std::uint32_t output[4]) noexcept;

/// Says what values are made. The three kinds use different counters: they are independent for one seed.
enum class Distribution : std::uint32_t { uniform, normal, integers };

struct RandomValues {
  Distribution distribution = Distribution::uniform;
  std::uint64_t seed = 0;
  double location = 0;      ///< uniform: the lower bound; normal: the mean
  double scale = 1;         ///< uniform: the width; normal: the standard deviation
  std::uint64_t low = 0;    ///< integers: the lower bound, as the bits of int64 or uint64
  std::uint64_t count = 0;  ///< integers: how many values there are; 0 stands for 2^64
};

/// Fills a 1-d view with the values at positions first, first + 1, ... uniform and normal make float32 or
/// float64, integers any integer dtype or bool.
///
/// uniform: a multiple of 2^-53 (float32: 2^-24) in [0, 1), scaled; never the upper bound. normal:
/// Box-Muller, in float64. integers: unbiased (Lemire 2019, with rejection).
void fill_random(const RandomValues& values, std::int64_t first, const StridedView& target) noexcept;

}  // namespace varve::kernels
